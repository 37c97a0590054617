"""HTTP to operations and back: everything put together as `streamkit serve` does it, but for the socket."""

from __future__ import annotations

import base64
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamkit.api.functiondefinitions import function_option
from streamkit.api.functions import Functions
from streamkit.api.operations import MAX_BODY_BYTES
from streamkit.api.service import ServiceOptions, service
from streamkit.api.store import StateFileError
from tests.api.asgi import Asked, ask, asking
from tests.api.serverbuild import LONG, Handler, eventually
from tests.cli.streamserver import StreamServer, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamkit.api.application import Application

MAPPINGS = "/2015-03-31/event-source-mappings"
FUNCTIONS = "/2015-03-31/functions"
JSON = "application/json"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
QUICK = {"transition_seconds": 0.0, "poll_interval": 0.005}


class Whole:
    """An application with everything behind it, and a DynamoDB that answers over HTTP."""

    def __init__(self, server: StreamServer) -> None:
        self.server = server
        self.handler = Handler()
        self.during: Callable[[Any], Any] = str
        self.said: list[str] = []
        self.application: Application

    @contextmanager
    def running(self, **options: Any) -> Iterator[Whole]:
        """Start everything, and end it with the block."""
        definitions = [function_option(f"{name}=app:handler") for name in ("orders", "orders:live", "other")]
        given = ServiceOptions(**{**QUICK, **options})

        def code(event: Any, context: Any) -> Any:
            return self.handler(event, context) if "Records" in event else self.during(event)

        with (
            Functions(definitions, lambda _: code, in_process=True) as functions,
            service(functions, given, self.said.append) as application,
        ):
            self.application = application
            yield self

    def ask(self, method: str, path: str, body: Any = b"", **how: Any) -> Asked:
        return ask(self.application, method, path, body, **how)

    def create(self, table: str = "orders", function: str = "orders", **settings: Any) -> dict[str, Any]:
        stream = self.server.tables.get(table, [None])[0] or self.server.enable(table)
        body = {"FunctionName": function, "EventSourceArn": stream.arn, "StartingPosition": "TRIM_HORIZON", **settings}
        answer = self.ask("POST", f"{MAPPINGS}/", body)
        assert answer.status == 202, answer.body
        made: dict[str, Any] = answer.json()
        return made

    def settled(self, uuid: str) -> dict[str, Any]:
        return eventually(
            lambda: self.ask("GET", f"{MAPPINGS}/{uuid}").json(), lambda seen: seen["State"] in ("Enabled", "Disabled")
        )


@pytest.fixture
def parts(aws_environment: pytest.MonkeyPatch) -> Iterator[Whole]:
    with serving() as server:
        aws_environment.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", server.endpoint_url)
        yield Whole(server)


@pytest.fixture
def whole(parts: Whole) -> Iterator[Whole]:
    with parts.running():
        yield parts


@pytest.fixture(scope="module")
def lasting() -> Iterator[Whole]:
    """One for tests that change nothing."""
    with pytest.MonkeyPatch.context() as patch, serving() as server:
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", server.endpoint_url)
        with Whole(server).running() as running:
            yield running


def test_a_mapping_lives_from_its_creation_to_its_end(whole: Whole) -> None:
    made = whole.create(Tags={"a": "1"})
    uuid = made["UUID"]
    assert whole.settled(uuid)["State"] == "Enabled"
    numbers = whole.server.tables["orders"][0].fill(3)
    eventually(lambda: whole.handler.numbers, lambda seen: seen == numbers)

    updated = whole.ask("PUT", f"{MAPPINGS}/{uuid}", {"BatchSize": 5})
    assert (updated.status, updated.json()["State"]) == (202, "Updating")
    assert whole.settled(uuid)["BatchSize"] == 5

    listed = whole.ask("GET", MAPPINGS, query="FunctionName=orders&MaxItems=1&Marker=")
    assert [one["UUID"] for one in listed.json()["EventSourceMappings"]] == [uuid]
    assert whole.ask("GET", f"{MAPPINGS}/", query="EventSourceArn=other").json() == {"EventSourceMappings": []}

    assert whole.ask("DELETE", f"{MAPPINGS}/{uuid}/").status == 202
    gone = eventually(lambda: whole.ask("GET", f"{MAPPINGS}/{uuid}"), lambda seen: seen.status == 404)
    assert gone.json() == {"Type": "User", "Message": "The resource you requested does not exist."}
    assert gone.error == "ResourceNotFoundException"
    assert [line for line in whole.said if ": 202" in line] == [
        "CreateEventSourceMapping: 202",
        "UpdateEventSourceMapping: 202",
        "DeleteEventSourceMapping: 202",
    ]


def test_tags_come_and_go(whole: Whole) -> None:
    made = whole.create(Tags={"a": "1", "b": "2"})
    path = f"/2017-03-31/tags/{quote(made['EventSourceMappingArn'], safe='')}"
    assert whole.ask("GET", path).json() == {"Tags": {"a": "1", "b": "2"}}
    tagged = whole.ask("POST", path, {"Tags": {"b": "3", "c": "4"}})
    assert (tagged.status, tagged.body) == (204, b"")
    assert whole.ask("DELETE", path, query="tagKeys=a&tagKeys=c").status == 204
    assert whole.ask("GET", path).json() == {"Tags": {"b": "3"}}
    assert "'tagKeys'" in whole.ask("DELETE", path).json()["message"]
    assert "'tags'" in whole.ask("POST", path, {}).json()["message"]
    function = f"/2017-03-31/tags/{quote('arn:aws:lambda:us-east-1:123456789012:function:orders', safe='')}"
    assert whole.ask("GET", function).json() == {"Tags": {}}
    for method, more in (("POST", {"body": {"Tags": {}}}), ("DELETE", {"query": "tagKeys=a"})):
        refused = whole.ask(method, function, **more)
        assert refused.status == 404
        assert "changes the tags of event source mappings only" in refused.json()["Message"]


ORDERS = "arn:aws:lambda:us-east-1:123456789012:function:orders"


@pytest.mark.parametrize(
    ("path", "query", "member", "seen"),
    [
        (f"{FUNCTIONS}/", "MaxItems=1", "Functions", lambda told: [one["FunctionName"] for one in told] == ["orders"]),
        (FUNCTIONS, "FunctionVersion=ALL", "Functions", lambda told: len(told) > 1),
        (
            f"{FUNCTIONS}/orders",
            "Qualifier=live",
            "Configuration",
            lambda told: told["FunctionArn"] == f"{ORDERS}:live",
        ),
        (f"{FUNCTIONS}/orders/configuration", "", "FunctionArn", lambda told: told == ORDERS),
        (f"{FUNCTIONS}/{quote(ORDERS, safe='')}/configuration", "", "FunctionArn", lambda told: told == ORDERS),
        (f"{FUNCTIONS}/orders/versions", "MaxItems=9", "Versions", lambda told: len(told) >= 1),
        (f"{FUNCTIONS}/orders/aliases", "", "Aliases", lambda told: [one["Name"] for one in told] == ["live"]),
        (f"{FUNCTIONS}/orders/aliases/live", "", "Name", lambda told: told == "live"),
    ],
)
def test_functions_are_told(lasting: Whole, path: str, query: str, member: str, seen: Callable[[Any], bool]) -> None:
    answer = lasting.ask("GET", path, query=query)
    assert (answer.status, (answer.headers or {})["content-type"]) == (200, JSON)
    assert seen(answer.json()[member])


def test_a_function_without_a_limit_has_no_concurrency_to_tell(lasting: Whole) -> None:
    assert lasting.ask("GET", "/2019-09-30/functions/orders/concurrency").json() == {}


def test_invoke_runs_the_function_and_answers_what_it_returns(whole: Whole) -> None:
    whole.during = lambda event: {"got": event}
    headers = {"X-Amz-Invocation-Type": "RequestResponse", "X-Amz-Log-Type": "Tail"}
    answer = whole.ask("POST", f"{FUNCTIONS}/orders/invocations", {"a": 1}, headers=headers, query="Qualifier=live")
    assert (answer.status, answer.json()) == (200, {"got": {"a": 1}})
    told = answer.headers or {}
    assert base64.b64decode(told["x-amz-log-result"])
    assert UUID.fullmatch(told["x-amzn-requestid"])
    assert whole.ask("POST", f"{FUNCTIONS}/nobody/invocations").error == "ResourceNotFoundException"


def test_functions_that_run_long_keep_nobody_from_being_answered(whole: Whole) -> None:
    let_go = threading.Event()
    whole.during = lambda _: let_go.wait(LONG)
    answers: list[Asked] = []

    async def invoke() -> None:
        answers.append(await asking(whole.application, "POST", f"{FUNCTIONS}/orders/invocations", {}))

    async def many() -> None:
        with anyio.fail_after(LONG):
            async with anyio.create_task_group() as group:
                try:
                    # More than anyio has threads by default.
                    for _ in range(60):
                        group.start_soon(invoke)
                    await anyio.wait_all_tasks_blocked()
                    assert (await asking(whole.application, "GET", FUNCTIONS)).status == 200
                    assert answers == []
                finally:
                    let_go.set()

    anyio.run(many)
    assert [one.body for one in answers] == [b"true"] * 60


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("PATCH", MAPPINGS),
        ("OPTIONS", MAPPINGS),
        ("POST", FUNCTIONS),
        ("DELETE", f"{FUNCTIONS}/orders"),
        ("GET", f"{MAPPINGS}/a/b"),
        ("GET", f"{MAPPINGS}//"),
        ("GET", "/2015-03-31/event-source-mappingsx"),
        ("G" * 100, "/" + "x" * 5000),
    ],
)
def test_what_is_no_operation_is_told_with_those_that_there_are(lasting: Whole, method: str, path: str) -> None:
    answer = lasting.ask(method, path)
    assert (answer.status, answer.error) == (404, "UnknownOperationException")
    assert "CreateEventSourceMapping, ListEventSourceMappings" in answer.json()["message"]
    assert len(answer.body) < 1000


def test_a_path_may_come_without_its_raw_form(lasting: Whole) -> None:
    assert lasting.ask("GET", MAPPINGS, raw=False).status == 200


def test_the_region_is_that_of_the_signature_else_the_server_s(parts: Whole) -> None:
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-3/lambda/aws4_request, Signature=0"}
    with parts.running(region="eu-north-1"):
        arns = [
            parts.ask("GET", f"{FUNCTIONS}/orders/configuration", headers=headers).json()["FunctionArn"]
            for headers in ({}, signed)
        ]
    assert [arn.split(":")[3] for arn in arns] == ["eu-north-1", "eu-west-3"]


@pytest.mark.parametrize("loopback", [True, False])
def test_web_pages_are_kept_out(parts: Whole, loopback: bool) -> None:
    with parts.running(loopback=loopback):
        foreign = parts.ask("GET", MAPPINGS, headers={"Host": "example.com"})
        assert foreign.status == (403 if loopback else 200)
        page = parts.ask("POST", f"{FUNCTIONS}/orders/invocations", {}, headers={"Host": "localhost", "Origin": "null"})
        assert (page.status, page.error) == (403, "AccessDeniedException")
        assert not any(name.startswith("access-control") for name in page.headers or {})
        assert parts.handler.calls == []


@pytest.mark.parametrize("chunks", [1, 2, 10])
def test_a_body_that_is_too_large_is_refused_without_reading_it_all(lasting: Whole, chunks: int) -> None:
    answer = lasting.ask("POST", MAPPINGS, [b" " * (MAX_BODY_BYTES // chunks + 1)] * chunks, leaves=True)
    assert (answer.status, answer.error) == (413, "RequestEntityTooLargeException")
    assert answer.json()["message"] == (
        f"Request must be smaller than {MAX_BODY_BYTES} bytes for the CreateEventSourceMapping operation"
    )


def test_a_payload_has_a_limit_of_its_own(lasting: Whole) -> None:
    answer = lasting.ask("POST", f"{FUNCTIONS}/orders/invocations", b" " * 6_291_557)
    assert (answer.status, answer.error) == (413, "RequestEntityTooLargeException")
    assert answer.json()["message"] == "Request must be smaller than 6291456 bytes for the InvokeFunction operation"


def test_a_client_that_leaves_in_the_middle_is_answered_nothing(lasting: Whole) -> None:
    before = len(lasting.said)
    assert lasting.ask("POST", MAPPINGS, b'{"Fun', leaves=True).status == 0
    assert lasting.said[before:] == []


def test_what_is_no_http_is_our_own_mistake(lasting: Whole) -> None:
    async def nothing(*_: Any) -> Any: ...

    with pytest.raises(RuntimeError, match="the API is HTTP, not websocket"):
        anyio.run(lasting.application, {"type": "websocket"}, nothing, nothing)


def test_a_mistake_of_ours_is_told_in_the_log_and_not_to_the_client(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("streamkit.api.mappings.configuration", fail)
    made = whole.ask(
        "POST",
        MAPPINGS,
        {"FunctionName": "orders", "EventSourceArn": whole.server.enable().arn, "StartingPosition": "LATEST"},
    )
    assert (made.status, made.error) == (500, "ServiceException")
    assert made.json() == {"Type": "Service", "message": "streamkit serve itself failed; its log says where"}
    assert "ZeroDivisionError: secret" in whole.said[-1]


def test_refusals_are_told_in_one_line_of_the_log(lasting: Whole) -> None:
    answer = lasting.ask("GET", f"{MAPPINGS}/x%0Ay")
    assert answer.status == 404
    assert lasting.said[-1].startswith("GetEventSourceMapping: 404 ResourceNotFoundException: ")
    lasting.ask("PUT", f"{MAPPINGS}/x", {"KMSKeyArn": "two\nlines"})
    assert "two\\nlines" in lasting.said[-1]
    assert "\n" not in lasting.said[-1]


def test_members_that_no_operation_has_are_told_once_each(whole: Whole) -> None:
    whole.create(Colour="red")
    assert (
        "note: CreateEventSourceMapping: 'Colour' is no member of this operation, and ignored, as by AWS" in whole.said
    )
    whole.ask("PUT", f"{MAPPINGS}/x", {"Size\n": 1})
    assert [line for line in whole.said if "note: UpdateEventSourceMapping: 'Size\\n' is no member" in line]


PATHS = st.sampled_from(
    [
        MAPPINGS,
        f"{MAPPINGS}/",
        f"{MAPPINGS}/x",
        f"{FUNCTIONS}/orders",
        "/2017-03-31/tags/x",
        f"{FUNCTIONS}/%FF/aliases/x",
    ]
) | st.text(st.characters(max_codepoint=255)).map("/".__add__)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
MEMBERS = st.sampled_from(
    [
        "FunctionName",
        "EventSourceArn",
        "StartingPosition",
        "BatchSize",
        "FilterCriteria",
        "DestinationConfig",
        "Tags",
        "Enabled",
    ]
)
GOOD = {"FunctionName": "orders", "StartingPosition": "LATEST"}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    path=PATHS,
    body=st.binary(max_size=30)
    | st.dictionaries(MEMBERS, VALUES | st.dictionaries(st.sampled_from(["Filters", "OnFailure"]), VALUES)).map(
        GOOD.__or__
    ),
    query=st.text("abcMarkerxItems=&%1", max_size=30),
)
def test_whatever_is_asked_the_answer_is_one_of_aws_s(
    lasting: Whole, method: str, path: str, body: Any, query: str
) -> None:
    arn = (lasting.server.tables.get("orders") or [lasting.server.enable()])[0].arn + "x"
    given = {"EventSourceArn": arn, **body} if isinstance(body, dict) else body
    answer = lasting.ask(method, path, given, query=query)
    assert 200 <= answer.status < 500, answer.body
    if answer.status >= 400:
        told = answer.json()
        assert told["Type"] == "User"
        assert answer.error
        assert isinstance(told.get("message", told.get("Message")), str)


def test_without_a_state_file_everything_is_gone_with_the_server(parts: Whole) -> None:
    with parts.running():
        parts.create()
    with parts.running():
        assert parts.ask("GET", MAPPINGS).json() == {"EventSourceMappings": []}


def test_with_one_mappings_and_checkpoints_go_on(parts: Whole, tmp_path: Path) -> None:
    stream = parts.server.enable()
    first = stream.fill(2)
    with parts.running(state=tmp_path / "state.db"):
        made = parts.create()
        eventually(lambda: parts.handler.numbers, lambda seen: seen == first)
        before = eventually(lambda: parts.settled(made["UUID"]), lambda seen: seen["LastProcessingResult"] == "OK")
    later = stream.fill(2)
    with parts.running(state=tmp_path / "state.db"):
        assert parts.ask("GET", f"{MAPPINGS}/{made['UUID']}").json() == before
        eventually(lambda: parts.handler.numbers, lambda seen: seen == first + later)


def test_a_state_file_that_cannot_be_used_starts_nothing(parts: Whole, tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("no database " * 100, encoding="utf-8")
    with pytest.raises(StateFileError, match="file is not a database"), parts.running(state=tmp_path / "state.db"):
        raise AssertionError("it started")


def test_a_call_that_does_not_end_is_waited_for_a_while_and_told(parts: Whole) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def wait(_: list[str]) -> None:
        begun.set()
        assert let_go.wait(LONG)

    parts.handler.during = wait
    with parts.running(grace_seconds=0.01):
        parts.server.enable().fill(1)
        uuid = parts.create()["UUID"]
        assert begun.wait(LONG)
    assert parts.said[-1].startswith("a function is still running: what it was given is delivered again")
    let_go.set()
    for thread in threading.enumerate():
        if thread.name == f"mapping-{uuid}":
            thread.join(LONG)


def test_a_call_that_ends_in_time_is_no_trouble(parts: Whole) -> None:
    begun = threading.Event()
    with parts.running(grace_seconds=LONG):
        parts.handler.during = lambda _: begun.set()
        parts.server.enable().fill(1)
        parts.create()
        assert begun.wait(LONG)
    assert not [line for line in parts.said if "still running" in line]
