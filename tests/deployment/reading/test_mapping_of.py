"""What was found to an `EventSourceMapping`, and what Lambda would refuse of it, with its place."""

from pathlib import Path
from typing import Any

import pytest

from streamkit.deployment.found import FoundMapping, TemplateError
from streamkit.deployment.reading import mapping_of
from tests.deployment.reading.templates import STREAM, mapping, read, stack, the

TEMPLATE = """
Resources:
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000
      FunctionName: orders
      StartingPosition: LATEST
"""


def found(folder: Path, **settings: Any) -> FoundMapping:
    return the(read(folder, stack({"M": mapping(**settings)})))


def test_what_is_known_is_made_of_it_and_defaults_of_the_rest(tmp_path: Path) -> None:
    made = mapping_of(
        found(
            tmp_path,
            BatchSize=10,
            MaximumRetryAttempts={"Ref": "Retries"},
            KmsKeyArn="arn:aws:kms:eu-west-1:123456789012:key/1",
            DestinationConfig={"OnFailure": {"Destination": {"Ref": "Queue"}}},
        )
    )
    assert made.settings() == {
        "batch_size": 10,
        "bisect_batch_on_function_error": False,
        "destination_config": {"OnFailure": {}},
        "enabled": True,
        "event_source_arn": STREAM,
        "function_name": "orders",
        "function_response_types": [],
        "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/1",
        "maximum_batching_window_in_seconds": 0,
        "maximum_record_age_in_seconds": -1,
        "maximum_retry_attempts": -1,
        "parallelization_factor": 1,
        "starting_position": "LATEST",
        "tumbling_window_in_seconds": 0,
    }


def test_filters_that_match_nothing_are_made_without_a_warning(tmp_path: Path) -> None:
    pattern = '{"dynamodb":{"NewImage":{"total":{"N":[{"numeric":[">",5]}]}}}}'
    made = mapping_of(found(tmp_path, FilterCriteria={"Filters": [{"Pattern": pattern}]}))
    assert made.filter_criteria == {"Filters": [{"Pattern": pattern}]}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("BatchSize: 0", "t:9 Resources.M.Properties.BatchSize: BatchSize takes 1 to 10000 (default 100), not 0"),
        ("BatchSize: many", "t:9 Resources.M.Properties.BatchSize: BatchSize takes a whole number from 1 to 10000"),
        ("MaximumRecordAgeInSeconds: 30", "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and"),
        ("Enabled: perhaps", "t:9 Resources.M.Properties.Enabled: Enabled: takes true or false, not 'perhaps'"),
        (
            "Batchsize: 5",
            "t:9 Resources.M.Properties.Batchsize: a mapping on a DynamoDB stream has no setting Batchsize",
        ),
        ("Batchsize: 5", ": is BatchSize meant?"),
        ("Anything: 5", "t:9 Resources.M.Properties.Anything: a mapping on a DynamoDB stream has no setting Anything"),
        ("Topics: [a]", "t:3 Resources.M: Topics belongs to mappings on Kafka"),
        ("FunctionResponseTypes: ReportBatchItemFailures", "FunctionResponseTypes takes [] or ["),
        ('FilterCriteria: {Filters: [{Pattern: "{"}]}', "t:9 Resources.M.Properties.FilterCriteria: "),
        ("KmsKeyArn: 5", "t:9 Resources.M.Properties.KmsKeyArn: KMSKeyArn: takes text, not 5"),
    ],
)
def test_what_lambda_would_refuse_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "t").mkdir()
    with pytest.raises(TemplateError) as caught:
        mapping_of(the(read(tmp_path / "t", f"{TEMPLATE}      {line}\n")))
    assert said in str(caught.value).replace(str(tmp_path / "t" / "template"), "t")


def test_every_flaw_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        mapping_of(found(tmp_path, BatchSize=0, ParallelizationFactor=11))
    assert len(str(caught.value).splitlines()) == 2


def test_settings_that_do_not_go_together_are_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Parallelization factor must be equal to 1 when tumbling window"):
        mapping_of(found(tmp_path, ParallelizationFactor=2, TumblingWindowInSeconds=60))


@pytest.mark.parametrize("name", ["EventSourceArn", "FunctionName", "StartingPosition"])
def test_what_every_mapping_must_have_is_asked_for(tmp_path: Path, name: str) -> None:
    with pytest.raises(TemplateError, match=f"Resources.M: M has no {name}, without which Lambda makes no mapping"):
        mapping_of(found(tmp_path, **{name: None}))


def test_what_updates_a_mapping_needs_nothing_but_its_uuid(tmp_path: Path) -> None:
    update = the(read(tmp_path, {"UUID": "14e0db71", "BatchSize": 5}))
    assert (mapping_of(update).batch_size, update.name, update.place.path) == (5, "14e0db71", "")


@pytest.mark.parametrize("source", ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "orders"])
def test_a_table_is_no_stream(tmp_path: Path, source: str) -> None:
    with pytest.raises(TemplateError, match="EventSourceArn takes the ARN of a table's stream"):
        mapping_of(found(tmp_path, EventSourceArn=source))


def test_lists_of_mappings_are_read_without_those_on_other_sources(tmp_path: Path) -> None:
    other = {"UUID": "2", "EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:jobs", "FunctionArn": "a"}
    ours = {
        "UUID": "1",
        "EventSourceArn": STREAM,
        "FunctionArn": "arn:f",
        "State": "Disabled",
        "StartingPosition": "LATEST",
    }
    for answer in ({"EventSourceMappings": [other, ours], "ResponseMetadata": {}}, [other, ours]):
        one = the(read(tmp_path, answer))
        assert (one.name, one.settings["Enabled"], one.settings["FunctionName"]) == ("1", False, "arn:f")
        assert one.place.path in {"EventSourceMappings[1]", "[1]"}
        assert one.place_of("Enabled").path == f"{one.place.path}.State"
        assert mapping_of(one).enabled is False
    assert read(tmp_path, {"EventSourceMappings": []}) == []


def test_a_state_of_no_form_is_no_reason_to_stop(tmp_path: Path) -> None:
    one = the(read(tmp_path, {"EventSourceArn": STREAM, "State": [], "StartingPosition": []}))
    assert one.settings["Enabled"] is True


def test_input_of_the_command_line_is_read_as_yaml_too(tmp_path: Path) -> None:
    text = f"EventSourceArn: {STREAM}\nFunctionName: orders\nStartingPosition: LATEST\nBatchSize: 7\n"
    one = the(read(tmp_path, text))
    assert (one.name, mapping_of(one).batch_size, one.place_of("BatchSize").line) == ("orders", 7, 4)
    assert str(one.place_of("BatchSize")).endswith("template:4 BatchSize")
