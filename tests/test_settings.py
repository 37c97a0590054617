"""The settings of a mapping as data, and which values they take (SEMANTICS §1)."""

import functools
import json
from typing import Any, get_type_hints

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from streamkit.settingchecks import check_integer, check_relations, check_structure, flaws_of
from streamkit.settings import INTEGERS, NOT_FOR_DYNAMODB, READ_ONLY, MappingOptions

QUEUE = "arn:aws:sqs:us-east-2:123456789012:dlq"
PATTERN = '{"eventName": ["INSERT"]}'

# Integers: AWS's name, range, default, as SEMANTICS §1 has them.
RANGES = {
    "batch_size": ("BatchSize", 1, 10_000, 100),
    "maximum_batching_window_in_seconds": ("MaximumBatchingWindowInSeconds", 0, 300, 0),
    "parallelization_factor": ("ParallelizationFactor", 1, 10, 1),
    "maximum_record_age_in_seconds": ("MaximumRecordAgeInSeconds", -1, 604_800, -1),
    "maximum_retry_attempts": ("MaximumRetryAttempts", -1, 10_000, -1),
    "tumbling_window_in_seconds": ("TumblingWindowInSeconds", 0, 900, 0),
}
BOUNDS = [(name, low, high) for name, (_, low, high, _) in RANGES.items()]


@functools.cache
def aws_shapes() -> dict[str, Any]:
    """Return the shapes of Lambda's API as AWS itself publishes them with botocore."""
    shapes: dict[str, Any] = Loader().load_service_model("lambda", "service-2")["shapes"]
    return shapes


# --- the table of settings -----------------------------------------------------------------------------------------


def test_the_whole_numbers_have_awss_names_ranges_and_defaults() -> None:
    assert {name: (one.aws_name, one.low, one.high, one.default) for name, one in INTEGERS.items()} == RANGES


@pytest.mark.parametrize("name", INTEGERS)
def test_the_ranges_are_those_of_awss_own_api_model(name: str) -> None:
    setting = INTEGERS[name]
    shape = aws_shapes()[aws_shapes()["CreateEventSourceMappingRequest"]["members"][setting.aws_name]["shape"]]
    assert (setting.low, setting.high) == (shape["min"], shape["max"])


def test_a_range_is_told_in_words() -> None:
    assert INTEGERS["maximum_retry_attempts"].allowed() == "-1 to 10000"


def test_every_setting_says_what_it_means() -> None:
    assert all(setting.means and not setting.means.endswith(".") for setting in INTEGERS.values())


def test_what_belongs_to_other_sources_is_awss_and_is_neither_a_setting_nor_an_answer() -> None:
    assert set(NOT_FOR_DYNAMODB) <= set(aws_shapes()["EventSourceMappingConfiguration"]["members"])
    assert not set(NOT_FOR_DYNAMODB) & set(READ_ONLY)
    assert not set(NOT_FOR_DYNAMODB) & {one.aws_name for one in INTEGERS.values()}


def test_a_decorator_takes_every_setting_but_the_two_that_it_sets_itself() -> None:
    settings = {*get_type_hints(MappingOptions), "tumbling_window_in_seconds", "function_response_types"}
    assert "tumbling_window_in_seconds" not in get_type_hints(MappingOptions)
    assert "function_response_types" not in get_type_hints(MappingOptions)
    assert flaws_of(dict.fromkeys(settings, object())) != []
    assert not any("is not a setting" in flaw for flaw in flaws_of(dict.fromkeys(settings, object())))
    assert set(INTEGERS) < settings


# --- whole numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "low", "high"), BOUNDS)
def test_both_ends_of_a_range_are_taken(name: str, low: int, high: int) -> None:
    assert (check_integer(name, low), check_integer(name, high)) == (low, high)


@pytest.mark.parametrize(("name", "low", "high"), BOUNDS)
@pytest.mark.parametrize("end", ["below", "above"])
def test_a_number_out_of_range_is_refused_with_the_range_and_the_default(
    name: str, low: int, high: int, end: str
) -> None:
    value = low - 1 if end == "below" else high + 1
    aws_name, _, _, default = RANGES[name]
    with pytest.raises(ValueError, match=rf"^{aws_name} takes {low} to {high} \(default {default}\), not {value}$"):
        check_integer(name, value)


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("value", [True, "10", 10.0, None, [10]])
def test_what_is_no_whole_number_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"takes a whole number from -?\d+ to \d+, not ") as caught:
        check_integer(name, value)
    assert str(caught.value).startswith(INTEGERS[name].aws_name)
    assert str(caught.value).endswith(f"not {value!r}")


@pytest.mark.parametrize("age", [-1, 60, 61, 604_800])
def test_a_record_age_is_forever_or_a_minute_and_more(age: int) -> None:
    assert check_integer("maximum_record_age_in_seconds", age) == age


@pytest.mark.parametrize("age", [0, 1, 59])
def test_a_record_age_under_a_minute_is_refused_in_awss_words(age: int) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text is compared below
        check_integer("maximum_record_age_in_seconds", age)
    assert str(caught.value) == (
        f"MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive), not {age}"
    )


NO_DESTINATION = "OnFailure.Destination takes the ARN of a standard SQS queue, a standard SNS topic or an S3 bucket"


# --- other settings ------------------------------------------------------------------------------------------------


def pattern(length: int) -> str:
    """Return a pattern of exactly this length."""
    return json.dumps({"a": ["x" * (length - len('{"a": [""]}'))]})


@pytest.mark.parametrize(
    ("name", "value", "normal"),
    [
        ("enabled", True, True),
        ("enabled", False, False),
        ("bisect_batch_on_function_error", True, True),
        ("starting_position", "TRIM_HORIZON", "TRIM_HORIZON"),
        ("starting_position", "LATEST", "LATEST"),
        ("starting_position", None, None),
        ("function_name", "f", "f"),
        ("function_name", "x" * 256, "x" * 256),
        ("function_name", None, None),
        ("event_source_arn", "arn:aws:dynamodb:…", "arn:aws:dynamodb:…"),
        ("event_source_arn", None, None),
        ("kms_key_arn", "arn:aws:kms:…", "arn:aws:kms:…"),
        ("function_response_types", None, []),
        ("function_response_types", [], []),
        ("function_response_types", ["ReportBatchItemFailures"], ["ReportBatchItemFailures"]),
        ("destination_config", None, {"OnFailure": {}}),
        ("destination_config", {}, {"OnFailure": {}}),
        ("destination_config", {"OnFailure": {}}, {"OnFailure": {}}),
        ("destination_config", {"OnFailure": None, "OnSuccess": {}}, {"OnFailure": {}}),
        ("destination_config", {"OnFailure": {"Destination": ""}}, {"OnFailure": {}}),
        ("destination_config", {"OnFailure": {"Destination": QUEUE}}, {"OnFailure": {"Destination": QUEUE}}),
        (
            "destination_config",
            {"OnFailure": {"Destination": "arn:aws:sns:us-east-2:1:topic"}},
            {"OnFailure": {"Destination": "arn:aws:sns:us-east-2:1:topic"}},
        ),
        (
            "destination_config",
            {"OnFailure": {"Destination": "arn:aws-cn:s3:::bucket"}},
            {"OnFailure": {"Destination": "arn:aws-cn:s3:::bucket"}},
        ),
        ("filter_criteria", None, None),
        ("filter_criteria", {}, None),
        ("filter_criteria", {"Filters": []}, None),
        ("filter_criteria", {"Filters": [{"Pattern": PATTERN}]}, {"Filters": [{"Pattern": PATTERN}]}),
        ("filter_criteria", {"Filters": [{"Pattern": PATTERN}] * 10}, {"Filters": [{"Pattern": PATTERN}] * 10}),
        (
            "filter_criteria",
            {"Filters": [{"Pattern": pattern(4096)}]},
            {"Filters": [{"Pattern": pattern(4096)}]},
        ),
        ("metrics_config", None, None),
        ("metrics_config", {}, None),
        ("metrics_config", {"Metrics": []}, None),
        ("metrics_config", {"Metrics": ["EventCount"]}, {"Metrics": ["EventCount"]}),
        ("tags", None, None),
        ("tags", {}, {}),
        ("tags", {"team": "orders"}, {"team": "orders"}),
    ],
)
def test_a_setting_is_taken_in_its_normal_form(name: str, value: Any, normal: Any) -> None:
    assert check_structure(name, value) == normal
    assert flaws_of({name: value}) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("enabled", None, "takes true or false, not None"),
        ("enabled", 1, "takes true or false, not 1"),
        ("bisect_batch_on_function_error", "true", "takes true or false, not 'true'"),
        (
            "starting_position",
            "AT_TIMESTAMP",
            "StartingPosition AT_TIMESTAMP is not for DynamoDB streams: use TRIM_HORIZON or LATEST",
        ),
        ("starting_position", "latest", "StartingPosition takes TRIM_HORIZON or LATEST, not 'latest'"),
        ("starting_position", ["LATEST"], "StartingPosition takes TRIM_HORIZON or LATEST, not ['LATEST']"),
        (
            "function_name",
            "",
            "FunctionName takes 1 to 256 characters (a name, a partial or a full ARN), not ''",
        ),
        (
            "function_name",
            "x" * 257,
            f"FunctionName takes 1 to 256 characters (a name, a partial or a full ARN), not {'x' * 257!r}",
        ),
        ("function_name", 7, "FunctionName takes 1 to 256 characters (a name, a partial or a full ARN), not 7"),
        ("event_source_arn", "", "takes text, not ''"),
        ("event_source_arn", 7, "takes text, not 7"),
        ("kms_key_arn", b"arn", "takes text, not b'arn'"),
        (
            "function_response_types",
            ["Other"],
            "FunctionResponseTypes takes [] or [\"ReportBatchItemFailures\"], not ['Other']",
        ),
        (
            "function_response_types",
            "ReportBatchItemFailures",
            "FunctionResponseTypes takes [] or [\"ReportBatchItemFailures\"], not 'ReportBatchItemFailures'",
        ),
        (
            "destination_config",
            {"OnSuccess": {"Destination": QUEUE}},
            "OnSuccess configuration is not supported for event source mappings: use OnFailure",
        ),
        ("destination_config", QUEUE, f"DestinationConfig takes an object with OnFailure or OnSuccess, not {QUEUE!r}"),
        (
            "destination_config",
            {"on_failure": {}},
            "DestinationConfig has no member 'on_failure': it takes OnFailure or OnSuccess",
        ),
        ("destination_config", {"OnFailure": QUEUE}, f"OnFailure takes an object with Destination, not {QUEUE!r}"),
        ("destination_config", {"OnFailure": {"Arn": QUEUE}}, "OnFailure has no member 'Arn': it takes Destination"),
        ("destination_config", {"OnFailure": {"Destination": 7}}, "OnFailure.Destination takes an ARN, not 7"),
        *(
            (
                "destination_config",
                {"OnFailure": {"Destination": destination}},
                f"{NO_DESTINATION}, not {destination!r}",
            )
            for destination in ("dlq", "arn:aws", "arn:aws:lambda:us-east-2:1:function:f", "https://sqs:sqs:sqs")
        ),
        (
            "destination_config",
            {"OnFailure": {"Destination": f"{QUEUE}.fifo"}},
            f"OnFailure.Destination takes a standard queue or topic, not the FIFO one '{QUEUE}.fifo'",
        ),
        (
            "filter_criteria",
            [{"Pattern": "{}"}],
            "FilterCriteria takes an object with Filters, not [{'Pattern': '{}'}]",
        ),
        ("filter_criteria", {"filters": []}, "FilterCriteria has no member 'filters': it takes Filters"),
        (
            "filter_criteria",
            {"Filters": {"Pattern": "{}"}},
            "FilterCriteria takes a list of at most 5 filters (10 by quota), not {'Pattern': '{}'}",
        ),
        (
            "filter_criteria",
            {"Filters": [{"Pattern": "{}"}] * 11},
            f"FilterCriteria takes a list of at most 5 filters (10 by quota), not {[{'Pattern': '{}'}] * 11!r}",
        ),
        ("filter_criteria", {"Filters": ["{}"]}, "Filter takes an object with Pattern, not '{}'"),
        ("filter_criteria", {"Filters": [{"pattern": "{}"}]}, "Filter has no member 'pattern': it takes Pattern"),
        ("filter_criteria", {"Filters": [{}]}, "Pattern takes JSON text of at most 4096 characters, not None"),
        (
            "filter_criteria",
            {"Filters": [{"Pattern": {"a": [1]}}]},
            "Pattern takes JSON text of at most 4096 characters, not {'a': [1]}",
        ),
        (
            "filter_criteria",
            {"Filters": [{"Pattern": PATTERN}, {"Pattern": pattern(4097)}]},
            f"Pattern takes JSON text of at most 4096 characters, not {pattern(4097)!r}",
        ),
        (
            "filter_criteria",
            {"Filters": [{"Pattern": "[1]"}]},
            "Invalid filter pattern definition: '[1]' is not a JSON object",
        ),
        (
            "filter_criteria",
            {"Filters": [{"Pattern": PATTERN}, {"Pattern": '{"a": 1}'}]},
            "Invalid filter pattern definition: a: 1 must be a list of the values to match: put it in a list: [1]",
        ),
        (
            "metrics_config",
            {"Metrics": ["Other"]},
            """MetricsConfig takes {"Metrics": ["EventCount"]}, not {'Metrics': ['Other']}""",
        ),
        ("metrics_config", ["EventCount"], "MetricsConfig takes an object with Metrics, not ['EventCount']"),
        ("tags", ["team"], "Tags takes an object of texts, not ['team']"),
        ("tags", {"team": 7}, "Tags takes an object of texts, not {'team': 7}"),
        ("tags", {7: "team"}, "Tags takes an object of texts, not {7: 'team'}"),
    ],
)
def test_a_setting_that_lambda_would_refuse_is_refused_with_what_is_allowed(
    name: str, value: Any, message: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text is compared below
        check_structure(name, value)
    assert str(caught.value) == message
    assert flaws_of({name: value}) == [f"{name}: {message}"]


@pytest.mark.parametrize("text", ["", "{", "{'eventName': []}", "eventName"])
def test_a_pattern_that_is_no_json_is_refused_in_awss_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Invalid filter pattern definition: .* is not JSON \(.+\)$") as caught:
        check_structure("filter_criteria", {"Filters": [{"Pattern": text}]})
    assert repr(text) in str(caught.value)


def test_a_pattern_that_nests_without_end_is_refused_like_any_other() -> None:
    with pytest.raises(ValueError, match=r"^Invalid filter pattern definition"):
        check_structure("filter_criteria", {"Filters": [{"Pattern": "[" * 4096}]})


@pytest.mark.parametrize("name", ["destination_config", "filter_criteria", "metrics_config"])
@pytest.mark.parametrize("value", [0, False, "", []])
def test_what_is_empty_but_no_object_is_refused_where_an_object_is_wanted(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"takes an object with"):
        check_structure(name, value)


# --- all together --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"parallelization_factor": 10},
        {"tumbling_window_in_seconds": 60},
        {"tumbling_window_in_seconds": 60, "parallelization_factor": 1, "filter_criteria": None},
        {"tumbling_window_in_seconds": 60, "filter_criteria": {"Filters": []}},
        {
            "tumbling_window_in_seconds": 0,
            "parallelization_factor": 10,
            "filter_criteria": {"Filters": [{"Pattern": PATTERN}]},
        },
    ],
)
def test_settings_that_go_together_are_taken(settings: dict[str, Any]) -> None:
    check_relations(settings)
    assert flaws_of(settings) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"tumbling_window_in_seconds": 1, "parallelization_factor": 2},
            "Parallelization factor must be equal to 1 when tumbling window period is configured",
        ),
        (
            {"tumbling_window_in_seconds": 900, "filter_criteria": {"Filters": [{"Pattern": PATTERN}]}},
            "FilterCriteria and TumblingWindowInSeconds do not go together: Lambda refuses the pair",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text is compared below
        check_relations(settings)
    assert str(caught.value) == message
    assert flaws_of(settings) == [message]


def test_all_flaws_are_told_each_under_its_name_in_the_order_given() -> None:
    flaws = flaws_of({"enabled": 7, "batch_size": 0, "maximum_retry_attempts": 1, "batchSize": 1, "uuid": "x"})
    assert flaws == [
        "enabled: takes true or false, not 7",
        "batch_size: BatchSize takes 1 to 10000 (default 100), not 0",
        "batchSize is not a setting of a mapping on a DynamoDB stream",
        "uuid is not a setting of a mapping on a DynamoDB stream",
    ]


def test_relations_are_looked_at_only_once_every_setting_is_sound() -> None:
    flaws = flaws_of({"tumbling_window_in_seconds": 60, "parallelization_factor": 11})
    assert flaws == ["parallelization_factor: ParallelizationFactor takes 1 to 10 (default 1), not 11"]
    assert len(flaws_of({"tumbling_window_in_seconds": 60, "filter_criteria": "text"})) == 1


@given(name=st.sampled_from(sorted(INTEGERS)), value=st.integers(-10, 700_000))
def test_a_whole_number_is_taken_exactly_if_it_lies_in_its_range(name: str, value: int) -> None:
    _, low, high, _ = RANGES[name]
    sound = low <= value <= high and not (name == "maximum_record_age_in_seconds" and 0 <= value < 60)
    assert (flaws_of({name: value}) == []) == sound


def test_checking_leaves_the_settings_alone() -> None:
    settings = {"destination_config": {"OnFailure": {"Destination": ""}}, "filter_criteria": {"Filters": []}}
    before = json.dumps(settings)
    flaws_of(settings)
    assert json.dumps(settings) == before
