"""`EventSourceMapping`: one object for Python's names and AWS's."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from streamkit import EventSourceMapping
from streamkit.settingchecks import flaws_of
from streamkit.settings import INTEGERS, NOT_FOR_DYNAMODB, READ_ONLY, MappingOptions

DATA = Path(__file__).parent / "data"
QUEUE = "arn:aws:sqs:us-east-2:123456789012:dlq"
STREAM = "arn:aws:dynamodb:us-east-2:123456789012:table/my-table/stream/2019-06-10T19:26:16.525"
PATTERN = '{"eventName": ["INSERT"]}'
ANSWERS = ["create-event-source-mapping.json", "get-event-source-mapping.json"]

# What create answers today for the three required settings: exactly these members (SEMANTICS §1).
EIGHTEEN = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "EventSourceArn": STREAM,
    "EventSourceMappingArn": "arn:aws:lambda:us-east-2:123456789012:event-source-mapping:14e0db71",
    "FunctionArn": "arn:aws:lambda:us-east-2:123456789012:function:my-function",
    "FunctionResponseTypes": [],
    "LastModified": 1560209851.963,
    "LastProcessingResult": "No records processed",
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StartingPosition": "TRIM_HORIZON",
    "State": "Creating",
    "StateTransitionReason": "User action",
    "TumblingWindowInSeconds": 0,
    "UUID": "14e0db71-5d35-4eb5-b481-8945cf9d10c2",
}

# Every setting with a value that is not its default.
SETTINGS: dict[str, Any] = {
    "batch_size": 10,
    "bisect_batch_on_function_error": True,
    "destination_config": {"OnFailure": {"Destination": QUEUE}},
    "enabled": False,
    "event_source_arn": STREAM,
    "filter_criteria": {"Filters": [{"Pattern": PATTERN}]},
    "function_name": "my-function",
    "function_response_types": ["ReportBatchItemFailures"],
    "kms_key_arn": "arn:aws:kms:us-east-2:123456789012:key/1",
    "maximum_batching_window_in_seconds": 5,
    "maximum_record_age_in_seconds": 3600,
    "maximum_retry_attempts": 2,
    "metrics_config": {"Metrics": ["EventCount"]},
    "parallelization_factor": 2,
    "starting_position": "LATEST",
    "tags": {"team": "orders"},
}
AWS_SETTINGS = {
    "BatchSize": 10,
    "BisectBatchOnFunctionError": True,
    "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    "Enabled": False,
    "EventSourceArn": STREAM,
    "FilterCriteria": {"Filters": [{"Pattern": PATTERN}]},
    "FunctionName": "my-function",
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "KMSKeyArn": "arn:aws:kms:us-east-2:123456789012:key/1",
    "MaximumBatchingWindowInSeconds": 5,
    "MaximumRecordAgeInSeconds": 3600,
    "MaximumRetryAttempts": 2,
    "MetricsConfig": {"Metrics": ["EventCount"]},
    "ParallelizationFactor": 2,
    "StartingPosition": "LATEST",
    "Tags": {"team": "orders"},
}


def answer(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / name).read_text())
    return loaded


def refusal_of(make: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as caught:
        make()
    return str(caught.value)


# --- names and defaults --------------------------------------------------------------------------------------------


def test_the_defaults_are_lambdas() -> None:
    mapping = EventSourceMapping()
    assert {name: getattr(mapping, name) for name in INTEGERS} == {
        "batch_size": 100,
        "maximum_batching_window_in_seconds": 0,
        "parallelization_factor": 1,
        "maximum_record_age_in_seconds": -1,
        "maximum_retry_attempts": -1,
        "tumbling_window_in_seconds": 0,
    }
    assert mapping.enabled is True
    assert mapping.bisect_batch_on_function_error is False
    assert mapping.function_response_types == []
    assert mapping.destination_config == {"OnFailure": {}}
    assert mapping.starting_position is None
    assert mapping.to_aws() == {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "Enabled": True,
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "TumblingWindowInSeconds": 0,
    }


def test_defaults_are_never_shared() -> None:
    first, second = EventSourceMapping(), EventSourceMapping()
    first.function_response_types.append("x")
    first.destination_config["OnFailure"]["Destination"] = "x"
    assert second.function_response_types == []
    assert second.destination_config == {"OnFailure": {}}


def test_every_setting_has_awss_name_and_pythons() -> None:
    by_python = EventSourceMapping(**SETTINGS)
    by_aws = EventSourceMapping.model_validate(AWS_SETTINGS)
    assert by_python == by_aws
    assert by_aws.settings().items() >= SETTINGS.items()
    assert by_python.to_aws().items() >= AWS_SETTINGS.items()
    assert set(SETTINGS) | {"tumbling_window_in_seconds"} == set(EventSourceMapping.model_fields) - set(
        READ_ONLY.values()
    )


def test_every_option_of_a_decorator_is_a_setting() -> None:
    assert set(MappingOptions.__annotations__) <= set(EventSourceMapping.model_fields)


@pytest.mark.parametrize("shape", ["CreateEventSourceMappingRequest", "EventSourceMappingConfiguration"])
def test_every_member_of_awss_api_is_known_as_a_setting_an_answer_or_another_sources(shape: str) -> None:
    members = set(Loader().load_service_model("lambda", "service-2")["shapes"][shape]["members"])
    known = {field.alias for field in EventSourceMapping.model_fields.values()}
    assert members - known - set(NOT_FOR_DYNAMODB) == set()


# --- AWS's answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ANSWERS)
def test_awss_answers_are_read_as_they_stand(name: str) -> None:
    given = answer(name)
    mapping = EventSourceMapping.model_validate(given)
    assert mapping.to_aws().items() >= (given | {"DestinationConfig": mapping.destination_config}).items()
    assert mapping.enabled


def test_awss_answer_to_get_means_what_it_says() -> None:
    mapping = EventSourceMapping.model_validate(answer("get-event-source-mapping.json"))
    assert mapping.batch_size == 100
    assert mapping.event_source_arn == STREAM
    assert mapping.on_failure_destination == QUEUE
    assert mapping.maximum_record_age_in_seconds == 3600
    assert mapping.maximum_retry_attempts == 2
    assert mapping.uuid == "f89f8514-cdd9-4602-9e1f-01a5b77d449b"
    assert mapping.last_modified == 1573244760.0
    assert mapping.last_processing_result == "PROBLEM: Function call failed"
    assert not mapping.reports_batch_item_failures


def test_todays_answer_of_18_members_is_read_as_it_stands() -> None:
    mapping = EventSourceMapping.model_validate(EIGHTEEN)
    assert mapping.to_aws() == {**EIGHTEEN, "Enabled": True}


def test_boto3s_answer_is_read_with_its_datetime_and_without_the_http_call() -> None:
    modified = datetime(2026, 1, 1, tzinfo=UTC)
    mapping = EventSourceMapping.model_validate(
        {**EIGHTEEN, "LastModified": modified, "ResponseMetadata": {"HTTPStatusCode": 200}}
    )
    assert mapping.last_modified is modified
    assert "ResponseMetadata" not in mapping.to_aws()


def test_reading_an_answer_leaves_it_alone() -> None:
    given = {**EIGHTEEN, "State": "Disabled", "ResponseMetadata": {}, "Topics": []}
    before = json.dumps(given)
    EventSourceMapping.model_validate(given)
    assert json.dumps(given) == before


@pytest.mark.parametrize(
    ("state", "enabled"),
    [("Disabled", False), ("Disabling", False), ("Enabled", True), ("Enabling", True), ("Creating", True)],
)
def test_an_answers_state_says_whether_the_mapping_is_enabled(state: str, enabled: bool) -> None:
    assert EventSourceMapping.model_validate({"State": state}).enabled is enabled
    assert EventSourceMapping(state=state).enabled is enabled


@pytest.mark.parametrize("name", ["Enabled", "enabled"])
def test_whoever_says_enabled_is_believed_over_the_state(name: str) -> None:
    assert EventSourceMapping.model_validate({"State": "Disabled", name: True}).enabled is True


def test_settings_are_what_somebody_set_and_not_what_aws_answered() -> None:
    settings = EventSourceMapping.model_validate(EIGHTEEN).settings()
    assert not set(settings) & set(READ_ONLY.values())
    assert settings["starting_position"] == "TRIM_HORIZON"
    assert "function_name" not in settings


# --- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NOT_FOR_DYNAMODB)
def test_a_setting_of_another_source_is_refused_by_whose_it_is(name: str) -> None:
    text = refusal_of(lambda: EventSourceMapping.model_validate({name: {"some": "thing"}}))
    owner = NOT_FOR_DYNAMODB[name]
    assert f"{name} belongs to mappings on {owner}: a mapping on a DynamoDB stream has no such setting" in text
    assert EventSourceMapping.model_validate({name: None}) == EventSourceMapping()


@pytest.mark.parametrize("name", ["batchSize", "BatchSizes", "Uuid", "KmsKeyArn", "response_metadata"])
def test_an_unknown_setting_is_refused_and_never_ignored(name: str) -> None:
    text = refusal_of(lambda: EventSourceMapping.model_validate({name: 1}))
    assert name in text
    assert "Extra inputs are not permitted" in text


@pytest.mark.parametrize(
    ("settings", "where", "message"),
    [
        ({"batch_size": 10_001}, "batch_size", "BatchSize takes 1 to 10000 (default 100), not 10001"),
        ({"BatchSize": 0}, "BatchSize", "BatchSize takes 1 to 10000 (default 100), not 0"),
        ({"BatchSize": True}, "BatchSize", "BatchSize takes a whole number from 1 to 10000, not True"),
        ({"BatchSize": "10"}, "BatchSize", "BatchSize takes a whole number from 1 to 10000, not '10'"),
        (
            {"MaximumRecordAgeInSeconds": 59},
            "MaximumRecordAgeInSeconds",
            "must be either -1 (forever) or between 60 and 604800 (inclusive), not 59",
        ),
        ({"Enabled": "yes"}, "Enabled", "takes true or false, not 'yes'"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "StartingPosition", "is not for DynamoDB streams"),
        ({"KMSKeyArn": ""}, "KMSKeyArn", "takes text, not ''"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "x"}}}, "DestinationConfig", "takes the ARN of"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "x"}]}}, "FilterCriteria", "Invalid filter pattern definition"),
    ],
)
def test_a_value_that_lambda_would_refuse_says_which_setting_and_what_is_allowed(
    settings: dict[str, Any], where: str, message: str
) -> None:
    text = refusal_of(lambda: EventSourceMapping.model_validate(settings))
    assert text.splitlines()[1].casefold().replace("_", "") == where.casefold().replace("_", "")
    assert message in text


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2},
            "Parallelization factor must be equal to 1 when tumbling window period is configured",
        ),
        (
            {"TumblingWindowInSeconds": 60, "FilterCriteria": {"Filters": [{"Pattern": PATTERN}]}},
            "FilterCriteria and TumblingWindowInSeconds do not go together",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, Any], message: str) -> None:
    assert message in refusal_of(lambda: EventSourceMapping.model_validate(settings))
    assert accepts({**settings, "TumblingWindowInSeconds": 0})


def test_what_is_no_object_is_refused() -> None:
    assert "input_value='BatchSize'" in refusal_of(lambda: EventSourceMapping.model_validate("BatchSize"))
    assert "input_value=[('BatchSize', 1)]" in refusal_of(lambda: EventSourceMapping.model_validate([("BatchSize", 1)]))


def test_a_mapping_is_not_changed_but_replaced() -> None:
    mapping = EventSourceMapping(batch_size=10)
    with pytest.raises(ValidationError, match="frozen"):
        mapping.batch_size = 20  # type: ignore[misc]  # what is refused
    assert mapping.model_copy(update={"batch_size": 20}).batch_size == 20
    assert mapping.batch_size == 10


# --- what is read off ----------------------------------------------------------------------------------------------


def test_the_destination_and_the_reporting_are_read_off() -> None:
    assert EventSourceMapping(**SETTINGS).on_failure_destination == QUEUE
    assert EventSourceMapping().on_failure_destination is None
    assert EventSourceMapping(**SETTINGS).reports_batch_item_failures is True
    assert EventSourceMapping().reports_batch_item_failures is False


# --- the laws ------------------------------------------------------------------------------------------------------

INTEGER_VALUES = st.sampled_from(
    [-2, -1, 0, 1, 2, 10, 11, 59, 60, 300, 301, 900, 901, 10_000, 10_001, 604_800, 604_801]
)
ANY_JSON = st.sampled_from([None, True, False, 0, 1.0, "", "text", [], ["text"], {}, {"text": "text"}, {"Filters": 1}])
STRUCTURES: dict[str, st.SearchStrategy[Any]] = {
    "bisect_batch_on_function_error": st.booleans(),
    "destination_config": st.fixed_dictionaries(
        {},
        optional={
            "OnFailure": st.fixed_dictionaries(
                {}, optional={"Destination": st.sampled_from([QUEUE, f"{QUEUE}.fifo", "arn:aws:s3:::b", "", None, "x"])}
            )
            | st.none(),
            "OnSuccess": st.sampled_from([{}, None, {"Destination": QUEUE}]),
        },
    ),
    "enabled": st.booleans(),
    "event_source_arn": st.sampled_from([STREAM, None]),
    "filter_criteria": st.fixed_dictionaries(
        {},
        optional={
            "Filters": st.lists(
                st.sampled_from([{"Pattern": PATTERN}, {"Pattern": "{}"}, {"Pattern": "x"}, {}]), max_size=2
            )
        },
    ),
    "function_name": st.sampled_from(["f", "", "x" * 256, "x" * 257, None]),
    "function_response_types": st.sampled_from([[], ["ReportBatchItemFailures"], ["Other"], None]),
    "kms_key_arn": st.sampled_from(["arn", "", None]),
    "metrics_config": st.sampled_from([{}, {"Metrics": ["EventCount"]}, {"Metrics": ["Other"]}, {"Metrics": []}]),
    "starting_position": st.sampled_from(["LATEST", "TRIM_HORIZON", "AT_TIMESTAMP", None]),
    "tags": st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2) | st.none(),
}
SETTING_VALUES = {**dict.fromkeys(INTEGERS, INTEGER_VALUES), **STRUCTURES}
SOME_SETTINGS = st.dictionaries(st.sampled_from(sorted(SETTING_VALUES)), st.none(), max_size=4).flatmap(
    lambda chosen: st.fixed_dictionaries({name: SETTING_VALUES[name] | ANY_JSON for name in chosen})
)
SOUND_SETTINGS = st.fixed_dictionaries({}, optional=SETTING_VALUES).map(
    lambda settings: {name: value for name, value in settings.items() if not flaws_of({name: value})}
)


def accepts(settings: dict[str, Any]) -> bool:
    try:
        EventSourceMapping(**settings)
    except ValidationError:
        return False
    return True


@given(settings=SOME_SETTINGS)
def test_settings_have_no_flaw_exactly_if_a_mapping_can_be_made_of_them(settings: dict[str, Any]) -> None:
    assert (flaws_of(settings) == []) == accepts(settings)


@given(settings=SOUND_SETTINGS)
def test_settings_that_are_sound_one_by_one_fail_only_together(settings: dict[str, Any]) -> None:
    flaws = flaws_of(settings)
    assert (flaws == []) == accepts(settings)
    window = settings.get("tumbling_window_in_seconds", 0) > 0
    lanes = settings.get("parallelization_factor", 1) > 1
    filters = bool((settings.get("filter_criteria") or {}).get("Filters"))
    assert bool(flaws) == (window and (lanes or filters))


SOUND_MAPPINGS = SOUND_SETTINGS.filter(lambda settings: not flaws_of(settings)).map(
    lambda settings: EventSourceMapping(**settings)
)


@given(mapping=SOUND_MAPPINGS)
def test_a_mapping_reads_back_what_it_writes(mapping: EventSourceMapping) -> None:
    assert EventSourceMapping.model_validate(mapping.to_aws()) == mapping
    assert EventSourceMapping.model_validate(json.loads(json.dumps(mapping.to_aws()))) == mapping
    assert EventSourceMapping(**mapping.settings()) == mapping
    assert EventSourceMapping.model_validate(mapping) == mapping


@given(mapping=SOUND_MAPPINGS)
def test_a_mappings_settings_are_without_flaw(mapping: EventSourceMapping) -> None:
    assert flaws_of(mapping.settings()) == []
    assert all(name[0].isupper() for name in mapping.to_aws())
