"""boto3 with its waiters and paginators, and every answer as AWS's own description of it has it."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.mapped import Mappings
from tests.api.outside.serving import FUNCTIONS
from tests.api.outside.shapes import misfits
from tests.api.outside.wire import Connection, request
from tests.parts.dynamodblocal import client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.api.outside.serving import Around, Server

NAMES = sorted({name.partition(":")[0] for name in FUNCTIONS})
WAITERS = (
    "function_active",
    "function_active_v2",
    "function_exists",
    "function_updated",
    "function_updated_v2",
    "published_version_active",
)


@pytest.fixture(scope="module")
def mappings(server: Server) -> Iterator[Mappings]:
    with Mappings(server) as mappings:
        yield mappings


@pytest.fixture
def client(mappings: Mappings) -> Any:
    return mappings.client


@pytest.mark.parametrize("name", WAITERS)
def test_a_waiter_sees_at_once_that_a_function_is_there(name: str, client: Any) -> None:
    # One look: none of them may have to come again.
    waiter = client.get_waiter(name)
    waiter.wait(FunctionName="my-function", WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    waiter.wait(FunctionName="my-function", Qualifier="live", WaiterConfig={"Delay": 0, "MaxAttempts": 1})


def test_the_waiters_are_all_that_boto3_has(client: Any) -> None:
    assert sorted(client.waiter_names) == sorted(WAITERS)


def test_a_waiter_waits_for_a_function_that_is_not_there(client: Any) -> None:
    from botocore.exceptions import WaiterError  # noqa: PLC0415  # slow

    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        client.get_waiter("function_exists").wait(FunctionName="nobody", WaiterConfig={"Delay": 0, "MaxAttempts": 2})


@pytest.mark.parametrize("size", [1, 2, 50])
def test_functions_come_page_by_page(size: int, client: Any) -> None:
    paginator = client.get_paginator("list_functions")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": size}))
    names = [function["FunctionName"] for page in pages for function in page["Functions"]]
    assert sorted(names) == NAMES
    assert [len(page["Functions"]) for page in pages[:-1]] == [size] * (len(pages) - 1)


def test_versions_and_aliases_of_a_function_come_page_by_page(client: Any) -> None:
    aliases = client.get_paginator("list_aliases").paginate(FunctionName="my-function").build_full_result()
    assert [alias["Name"] for alias in aliases["Aliases"]] == ["live"]
    paginator = client.get_paginator("list_versions_by_function")
    versions = paginator.paginate(FunctionName="my-function").build_full_result()
    assert "$LATEST" in [version["Version"] for version in versions["Versions"]]


def test_a_function_is_told_as_it_was_named(client: Any) -> None:
    arn = "arn:aws:lambda:us-east-2:123456789012:function:my-function"
    for name in ("my-function", "123456789012:function:my-function", arn):
        found = client.get_function_configuration(FunctionName=name)
        assert (found["FunctionName"], found["FunctionArn"], found["Version"]) == ("my-function", arn, "$LATEST")
    assert client.get_function_configuration(FunctionName=f"{arn}:live")["FunctionArn"] == f"{arn}:live"
    assert client.get_function(FunctionName="my-function")["Configuration"]["Handler"].endswith("app.writes_down")


def test_a_region_is_that_of_a_requests_signature(server: Server, client: Any) -> None:
    with closing(client_of("lambda", server.url, "AKID", region="eu-central-1")) as elsewhere:
        found = elsewhere.get_function_configuration(FunctionName="echo")
    assert found["FunctionArn"] == "arn:aws:lambda:eu-central-1:123456789012:function:echo"
    # One that is not signed is of the server's region.
    with Connection(server.port) as wire:
        answer = wire.ask(request("GET", b"/2015-03-31/functions/echo/configuration"))
    unsigned = json.loads(answer.body)["FunctionArn"]
    assert unsigned == client.get_function_configuration(FunctionName="echo")["FunctionArn"]


CALLS: dict[str, Callable[[Any, str], Any]] = {
    "GetFunction": lambda client, _: client.get_function(FunctionName="my-function"),
    "GetFunctionConfiguration": lambda client, _: client.get_function_configuration(FunctionName="my-function"),
    "ListFunctions": lambda client, _: client.list_functions(),
    "ListAliases": lambda client, _: client.list_aliases(FunctionName="my-function"),
    "GetAlias": lambda client, _: client.get_alias(FunctionName="my-function", Name="live"),
    "ListVersionsByFunction": lambda client, _: client.list_versions_by_function(FunctionName="my-function"),
    "GetFunctionConcurrency": lambda client, _: client.get_function_concurrency(FunctionName="my-function"),
    "Invoke": lambda client, _: payload(client.invoke(FunctionName="echo", LogType="Tail", Payload=b"{}")),
    "GetEventSourceMapping": lambda client, uuid: client.get_event_source_mapping(UUID=uuid),
    "ListEventSourceMappings": lambda client, _: client.list_event_source_mappings(),
    "UpdateEventSourceMapping": lambda client, uuid: client.update_event_source_mapping(UUID=uuid, BatchSize=2),
    "DeleteEventSourceMapping": lambda client, uuid: client.delete_event_source_mapping(UUID=uuid),
}


def test_every_answer_has_the_form_that_aws_describes(around: Around, mappings: Mappings) -> None:
    model, answers = mappings.client.meta.service_model, mappings.answers

    def held(name: str) -> list[str]:
        operation = model.operation_model(name)
        assert answers.statuses[-1] == operation.http["responseCode"]
        return misfits(operation, answers.bodies[-1], answers.headers[-1])

    created = mappings.create(
        around.table("forms"),
        BatchSize=3,
        FilterCriteria={"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MetricsConfig={"Metrics": ["EventCount"]},
    )
    assert held("CreateEventSourceMapping") == []
    mappings.settled(created["UUID"])
    mappings.client.list_tags(Resource=created["EventSourceMappingArn"])
    assert held("ListTags") == []
    for name, call in CALLS.items():
        mappings.settled(created["UUID"])
        call(mappings.client, created["UUID"])
        assert (name, held(name)) == (name, [])


# Invoke


def payload(answer: Any) -> Any:
    """Return what a function answered. Whoever does not read it keeps the connection open."""
    read = answer["Payload"].read()
    return json.loads(read) if read else None


def test_a_function_is_invoked_and_its_answer_and_log_come_back(client: Any) -> None:
    given = {"text": "Ä 東", "number": 1.5, "nothing": None}
    answer = client.invoke(FunctionName="echo", Payload=json.dumps(given), LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert payload(answer) == {
        "given": given,
        "function_name": "echo",
        "arn": "arn:aws:lambda:us-east-2:123456789012:function:echo",
    }
    log = base64.b64decode(answer["LogResult"]).decode()
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request_id}" in log
    assert "echo was given" in log
    assert "and complains" in log
    assert f"END RequestId: {request_id}" in log
    assert f"REPORT RequestId: {request_id}" in log


def test_without_a_word_there_is_no_log_and_without_a_payload_nothing_is_given(client: Any) -> None:
    answer = client.invoke(FunctionName="echo")
    assert "LogResult" not in answer
    assert payload(answer)["given"] in (None, {})


def test_a_function_that_fails_is_an_answer_too(client: Any) -> None:
    answer = client.invoke(FunctionName="fails", LogType="Tail", Payload=b"{}")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    error = payload(answer)
    assert (error["errorType"], error["errorMessage"]) == ("RuntimeError", "not today")
    assert "always_fails" in "".join(error["stackTrace"])
    assert "not today" in base64.b64decode(answer["LogResult"]).decode()


@pytest.mark.parametrize(("name", "kind"), [("ends", "Runtime.ExitError"), ("odd", "Runtime.MarshalError")])
def test_a_function_that_answers_nothing_is_an_answer_too(name: str, kind: str, client: Any) -> None:
    for _ in range(2):
        answer = client.invoke(FunctionName=name, Payload=b"{}")
        assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
        assert payload(answer)["errorType"] == kind


def test_a_dry_run_runs_nothing(client: Any, server: Server) -> None:
    before = server.noted()
    event = {"Records": [{"dynamodb": {"NewImage": {"n": {"N": "1"}}, "SequenceNumber": "1"}, "eventSourceARN": "a/b"}]}
    answer = client.invoke(FunctionName="my-function", InvocationType="DryRun", Payload=json.dumps(event))
    assert answer["StatusCode"] == 204
    assert answer["Payload"].read() == b""
    assert server.noted() == before
    # Which the same event without the word would have.
    assert payload(client.invoke(FunctionName="my-function", Payload=json.dumps(event))) is None
    assert len(server.noted()) == len(before) + 1


def test_an_alias_is_invoked_under_its_own_arn(client: Any) -> None:
    event: dict[str, list[Any]] = {"Records": []}
    answer = client.invoke(FunctionName="my-function", Qualifier="live", Payload=json.dumps(event))
    assert payload(answer) is None
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"]


@pytest.mark.parametrize("given", [b"{", b"\xff", b"NaN {", b""])
def test_a_payload_that_is_no_json_is_refused(given: bytes, client: Any) -> None:
    if not given:
        # No payload at all is one.
        assert payload(client.invoke(FunctionName="echo", Payload=given))["function_name"] == "echo"
        return
    with pytest.raises(client.exceptions.InvalidRequestContentException) as refused:
        client.invoke(FunctionName="echo", Payload=given)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_function_that_there_is_not_is_not_found(client: Any) -> None:
    arn = "arn:aws:lambda:us-east-2:123456789012:function:nobody"
    for call in (client.invoke, client.get_function, client.get_function_configuration):
        with pytest.raises(client.exceptions.ResourceNotFoundException) as refused:
            call(FunctionName="nobody")
        assert refused.value.response["Error"]["Message"] == f"Function not found: {arn}"


def test_what_the_server_does_not_do_is_refused_and_says_so(client: Any) -> None:
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.delete_function(FunctionName="echo")
    assert 400 <= refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    assert refused.value.response["Error"]["Message"]
    assert client.get_function(FunctionName="echo")["ResponseMetadata"]["HTTPStatusCode"] == 200
