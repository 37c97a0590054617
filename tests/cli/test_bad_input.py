"""Recordings that cannot be used: each exits with 2, says what is wrong and where, and calls no handler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.build import STREAM_ARN, event, record
from tests.cli.project import Project

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, THREE = (json.dumps(record(number)) for number in (1, 2, 3))
PRETTY = json.dumps(event(record(1), record(2)), indent=2).splitlines(keepends=True)
FORMS = 'a Lambda event ({"Records": […]}), a list of records, or JSON lines with one record or event each'
OTHER_ARN = STREAM_ARN.replace("table/orders", "table/customers")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def refusal(project: Project, content: object) -> str:
    """Return what is said of this recording, from a file named ``rec.json``."""
    project.write("rec.json", content)
    message = project.refusal("run", f"{project.module}:handler", "--events", "rec.json")
    assert message.startswith("Error: ")
    return message.removeprefix("Error: ")


def changed(number: int = 1, **data: Any) -> dict[str, Any]:
    """Return a record with these members of ``dynamodb``; those that are None are left out."""
    one = record(number)
    one["dynamodb"] = {name: value for name, value in (one["dynamodb"] | data).items() if value is not None}
    return one


def test_a_missing_file_is_named(project: Project) -> None:
    message = project.refusal("run", f"{project.module}:handler", "--events", "nowhere.json")
    assert message == "Error: --events nowhere.json cannot be read: No such file or directory\n"


def test_a_directory_is_no_recording(project: Project) -> None:
    message = project.refusal("run", f"{project.module}:handler", "--events", ".")
    assert message == "Error: --events . cannot be read: Is a directory\n"


def test_the_events_must_be_given(project: Project) -> None:
    assert "Missing option '--events'" in project.refusal("run", f"{project.module}:handler")


@pytest.mark.parametrize("content", ["", "\n", " \n\r\n\t\n\n"])
def test_an_empty_file_is_told_what_belongs_in_it(project: Project, content: str) -> None:
    assert refusal(project, content) == f"rec.json is empty: expected {FORMS}\n"


def test_an_empty_standard_input_is_named_as_such(project: Project) -> None:
    message = project.refusal("run", f"{project.module}:handler", "--events", "-", stdin="")
    assert message.startswith("Error: standard input is empty: expected a Lambda event")


@pytest.mark.parametrize(
    "content",
    ["hello\n", "id;status\n1;placed\n", "<events/>", b"\x00\x01\x02", json.dumps([record(1)]).encode("utf-16")],
    ids=["text", "csv", "xml", "binary", "utf-16"],
)
def test_what_is_not_json_is_refused_with_its_line_and_what_is_expected(project: Project, content: object) -> None:
    message = refusal(project, content)
    assert message.startswith("rec.json, line 1 is not JSON: ")
    assert FORMS in message


@pytest.mark.parametrize("length", [1, 5, len(PRETTY) - 1])
def test_a_document_that_is_cut_off_is_named_with_its_last_line(project: Project, length: int) -> None:
    message = refusal(project, "".join(PRETTY[:length]).rstrip("\n"))
    assert message.startswith(f"rec.json, line {length} is not JSON: ")
    assert f"; is the file cut off there? It begins {PRETTY[length - 1][:60].rstrip()!r}; expected {FORMS}\n" in message


def test_a_document_on_one_line_that_is_cut_off_is_named(project: Project) -> None:
    text = json.dumps(event(record(1), record(2)))[:-30]
    message = refusal(project, text)
    assert message.startswith("rec.json, line 1 is not JSON: ")
    assert f"is the file cut off there? It begins {text[:60]!r}; expected {FORMS}\n" in message


def test_the_line_of_a_flaw_counts_the_blank_lines_before_it(project: Project) -> None:
    flawed = [*PRETTY[:4], "\n", "\n", "      oops\n", *PRETTY[4:]]
    assert refusal(project, "".join(flawed)).startswith("rec.json, line 7 is not JSON: ")


@pytest.mark.parametrize("lines", [[*PRETTY[:6]], [ONE[:50] + "\n", TWO + "\n"]], ids=["document", "JSON lines"])
def test_a_flaw_below_blank_lines_is_named_by_its_line_in_the_file(project: Project, lines: list[str]) -> None:
    at = 2 + (6 if len(lines) == 6 else 1)
    assert refusal(project, "\n\n" + "".join(lines).rstrip("\n")).startswith(f"rec.json, line {at} is not JSON: ")


def test_a_document_cut_off_after_a_line_end_is_named_with_a_line_that_exists(project: Project) -> None:
    assert refusal(project, "".join(PRETTY[:5])).startswith("rec.json, line 5 is not JSON: ")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_truncated_line_is_named_by_its_number(project: Project, number: int) -> None:
    lines = [ONE, TWO, THREE]
    lines[number - 1] = lines[number - 1][:-40]
    message = refusal(project, "\n".join(lines) + "\n")
    assert message.startswith(f"rec.json, line {number} is not JSON: ")
    assert f"cut off{' there' if number == 1 else ''}? It begins {lines[number - 1][:60]!r}" in message


@pytest.mark.parametrize("number", [1, 2])
def test_a_truncated_line_of_two_is_named_by_its_number(project: Project, number: int) -> None:
    lines = [ONE, TWO]
    lines[number - 1] = lines[number - 1][:-40]
    assert refusal(project, "\n".join(lines)).startswith(f"rec.json, line {number} is not JSON: ")


def test_the_number_of_a_truncated_line_counts_blank_lines(project: Project) -> None:
    assert refusal(project, f"{ONE}\n\n\n{TWO[:-9]}\n").startswith("rec.json, line 4 is not JSON: ")


def test_a_truncated_line_of_standard_input_is_named_by_its_number(project: Project) -> None:
    message = project.refusal("run", f"{project.module}:handler", "--events", "-", stdin=f"{ONE}\n{TWO[:-9]}")
    assert message.startswith("Error: standard input, line 2 is not JSON: ")


def test_a_truncated_line_is_shown_as_it_stands_in_the_file(project: Project) -> None:
    cut = TWO[: TWO.index("INSERT") + 3]
    message = refusal(project, f"{ONE}\n{cut}\n")
    assert "control character" not in message, "there is none: the text ends"
    assert "b'" not in message
    assert cut[:60] in message


def test_a_truncated_first_line_is_not_said_to_hold_its_line_end(project: Project) -> None:
    message = refusal(project, f"{ONE[:-40]}\n{TWO}\n")
    assert message.startswith("rec.json, line 1 is not JSON: ")
    assert "control character" not in message, "there is none: the text ends"


def test_a_list_cut_off_after_a_record_is_named_with_its_last_line(project: Project) -> None:
    assert refusal(project, f"[\n{ONE}\n").startswith("rec.json, line 2 is not JSON: ")


FOREIGN = {
    "aws:s3": {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "responseElements": {"x-amz-request-id": "EXAMPLE123456789"},
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": "orders"}, "object": {"key": "o.json", "size": 1024}},
    },
    "aws:sqs": {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": json.dumps(record(1)),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
        "messageAttributes": {},
        "md5OfBody": "098f6bcd4621d373cade4e832627b4f6",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue",
        "awsRegion": "us-east-2",
    },
    "aws:kinesis": {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
            "data": "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
            "approximateArrivalTimestamp": 1545084650.987,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
        "eventName": "aws:kinesis:record",
        "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
    },
    "aws:sns": {
        "EventVersion": "1.0",
        "EventSubscriptionArn": "arn:aws:sns:us-east-1:123456789012:sns-lambda:21be56ed-a058-49f5-8c98-aedd2564c486",
        "EventSource": "aws:sns",
        "Sns": {"Type": "Notification", "Subject": "TestInvoke", "Message": "Hello from SNS!"},
    },
}


@pytest.mark.parametrize(("source", "foreign"), FOREIGN.items(), ids=FOREIGN.keys())
def test_an_event_of_another_source_is_refused_by_that_sources_name(
    project: Project, source: str, foreign: dict[str, Any]
) -> None:
    words = f"is from {source}, not from a DynamoDB stream (aws:dynamodb)"
    assert refusal(project, {"Records": [foreign]}) == f"rec.json, line 1, record 1 {words}\n"
    assert refusal(project, json.dumps({"Records": [foreign]}, indent=2)) == f"rec.json, record 1 {words}\n"
    assert refusal(project, f"{ONE}\n{json.dumps(event(foreign))}") == f"rec.json, line 2, record 1 {words}\n"


@pytest.mark.parametrize(
    ("foreign", "found"),
    [
        (
            {"resource": "/", "path": "/", "httpMethod": "GET", "headers": {"Accept": "*/*"}, "body": None, "more": 1},
            "it has resource, path, httpMethod, headers, body",
        ),
        (
            {"version": "0", "id": "53dc4d37-cffa", "detail-type": "EC2 Instance", "source": "aws.ec2", "detail": {}},
            "it has version, id, detail-type, source, detail",
        ),
        ({"Records": "many"}, "it has Records"),
        ({}, "it has nothing"),
    ],
    ids=["API Gateway", "EventBridge", "Records that are no list", "an empty object"],
)
def test_an_event_without_records_is_described_by_what_it_has(
    project: Project, foreign: dict[str, Any], found: str
) -> None:
    message = refusal(project, foreign)
    assert message == f"rec.json, line 1 is not a DynamoDB stream event or record ({found}): expected {FORMS}\n"


@pytest.mark.parametrize("content", ["5", '"records"'])
def test_a_scalar_is_no_recording(project: Project, content: str) -> None:
    assert refusal(project, content).startswith("rec.json, line 1 holds ")


@pytest.mark.parametrize("content", ["null", "true"])
def test_a_value_is_shown_as_the_file_has_it(project: Project, content: str) -> None:
    assert refusal(project, content).startswith(f"rec.json, line 1 holds {content}: ")


@pytest.mark.parametrize(("value", "kind"), [(5, "a number"), ("x", "text"), (None, "null"), ([], "a list")])
def test_a_list_of_other_things_than_records_is_refused(project: Project, value: object, kind: str) -> None:
    assert f"rec.json, line 1, record 1 is {kind}, not a stream record" in refusal(project, [value])


def test_records_of_several_streams_are_refused_with_both_arns_and_where_they_stand(project: Project) -> None:
    message = refusal(project, f"{ONE}\n{json.dumps(record(2) | {'eventSourceARN': OTHER_ARN})}\n")
    assert f"rec.json, line 1 is from {STREAM_ARN}," in message
    assert f"rec.json, line 2 from {OTHER_ARN};" in message
    assert "split them by eventSourceARN" in message


def test_a_record_without_a_streams_name_among_others_is_refused_in_words_of_the_file(project: Project) -> None:
    nameless = record(2)
    del nameless["eventSourceARN"]
    message = refusal(project, [record(1), nameless])
    assert "table/recording" not in message
    assert "eventSourceARN" in message


@pytest.mark.parametrize(
    ("flawed", "words"),
    [
        (changed(Keys=None), "(SequenceNumber 1) has no dynamodb.Keys: every view type carries them"),
        (changed(Keys={}), "(SequenceNumber 1) has no dynamodb.Keys: every view type carries them"),
        (changed(SequenceNumber=None), "has no dynamodb.SequenceNumber, which is how a failure is reported"),
        (changed(SequenceNumber="a1"), "has the SequenceNumber 'a1': expected digits as text"),
        (changed(SequenceNumber="-1"), "has the SequenceNumber '-1': expected digits as text"),
        (changed(SequenceNumber="²"), "has the SequenceNumber '²': expected digits as text"),
        (changed(SequenceNumber=100), "has the SequenceNumber 100: expected digits as text"),
        (record(1) | {"dynamodb": None}, 'is not a DynamoDB stream record: it has no "dynamodb" object'),
        (
            changed(ApproximateCreationDateTime=1_767_225_600_000),
            (
                "(SequenceNumber 1) has the ApproximateCreationDateTime 1767225600000, which is no time: "
                "are these milliseconds? Lambda sends seconds since 1970"
            ),
        ),
        (
            changed(ApproximateCreationDateTime="2026-01-01T00:00:00Z"),
            (
                "(SequenceNumber 1) has the ApproximateCreationDateTime '2026-01-01T00:00:00Z': "
                "Lambda sends seconds since 1970, as a number"
            ),
        ),
    ],
)
def test_a_record_that_no_stream_could_hold_is_refused_with_its_place(
    project: Project, flawed: dict[str, Any], words: str
) -> None:
    assert refusal(project, [record(9), flawed]) == f"rec.json, line 1, record 2 {words}\n"


def test_a_record_without_its_dynamodb_member_is_refused(project: Project) -> None:
    stripped = record(1)
    del stripped["dynamodb"]
    assert refusal(project, f"{TWO}\n{json.dumps(stripped)}") == (
        'rec.json, line 2 is not a DynamoDB stream record: it has no "dynamodb" object\n'
    )


def test_a_sequence_number_that_comes_twice_is_refused_with_both_places(project: Project) -> None:
    message = refusal(project, f"{ONE}\n{TWO}\n{json.dumps(changed(3, SequenceNumber='01'))}\n")
    assert message == (
        "rec.json, line 3 has the SequenceNumber 01 that rec.json, line 1 has already: "
        "a stream holds each number once; remove one of them\n"
    )
