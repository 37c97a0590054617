"""Ten thousand requests that are wrong in some way: each gets an answer, none of them 5xx, and the mappings go on."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.api.outside.malformed import Malformed, Target, malformed
from tests.api.outside.mapped import MEMBERS, Mappings
from tests.api.outside.serving import eventually
from tests.api.outside.wire import Connection, WireAnswer, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.outside.serving import Around, Server

REQUESTS = int(os.environ.get("STREAMKIT_MALFORMED", "10000"))
"""A run by hand may send more, or others: STREAMKIT_MALFORMED=100000 STREAMKIT_MALFORMED_SEED=1 pytest -s …"""
AT_ONCE = 20
"""So many are sent for a number that Hypothesis chooses; it shows the number of those that fail."""
SEED = int(os.environ.get("STREAMKIT_MALFORMED_SEED", "20261124"))
LAMBDAS = (b"/2015-03-31/event-source-mappings", b"/2015-03-31/functions", b"/2017-03-31/tags")


class Bystander:
    """A mapping that is there meanwhile, and delivers."""

    def __init__(self, around: Around, server: Server, mappings: Mappings) -> None:
        self._around, self._server = around, server
        stream = around.table("bystander")
        uuid = mappings.made(stream, "my-function", BatchSize=9, Tags={"team": "orders"})
        model = mappings.client.meta.service_model
        names = ("CreateEventSourceMapping", "UpdateEventSourceMapping")
        self.target = Target(
            uuid,
            mappings.get(uuid)["EventSourceMappingArn"],
            stream,
            "my-function",
            {name: model.operation_model(name).input_shape for name in names},
        )
        self._written = 0
        self.delivers()
        eventually(lambda: mappings.get(uuid)["LastProcessingResult"], lambda seen: seen == "OK")

    def state(self, connection: Connection) -> tuple[bytes, bytes]:
        """Return what ListEventSourceMappings and ListTags answer, as it comes."""
        tags = b"%s/%s" % (LAMBDAS[2], quote(self.target.arn, safe="").encode())
        listed, tagged = (connection.ask(request("GET", path)) for path in (LAMBDAS[0], tags))
        assert (listed.status, tagged.status) == (200, 200)
        return listed.body, tagged.body

    def delivers(self) -> None:
        """Write something, and hold that it is delivered, once and in order."""
        self._around.put("bystander", self._written)
        self._written += 1
        eventually(lambda: self._server.numbers("my-function"), lambda seen: seen == list(range(self._written)))


@pytest.fixture(scope="module")
def mappings(server: Server) -> Iterator[Mappings]:
    with Mappings(server) as mappings:
        yield mappings


@pytest.fixture(scope="module")
def bystander(around: Around, server: Server, mappings: Mappings) -> Bystander:
    return Bystander(around, server, mappings)


def flaw(one: Malformed, answer: WireAnswer) -> str | None:
    """Return what is wrong with an answer, None where nothing is."""
    if answer.status >= 500:
        return f"status {answer.status}"
    if not one.framed:
        return None
    if answer.status == 0:
        return "no answer"
    method, target, _ = one.sent.split(b" ", 2)
    if method == b"HEAD" or answer.status == 204:
        return None if not answer.body else "a body where there can be none"
    if not target.startswith(LAMBDAS):
        return None
    try:
        told = json.loads(answer.body)
    except ValueError:
        return f"no JSON: {answer.body[:200]!r}"
    if answer.status < 300:
        return None
    if told.get("Type") != "User" or not isinstance(told.get("message", told.get("Message")), str):
        return f"not AWS's form: {told}"
    return None if answer.headers.get("x-amzn-errortype") else "no x-amzn-ErrorType"


def refused_or_harmless(one: Malformed, connection: Connection, seen: Counter[tuple[str, int]]) -> float:
    """Send a request, hold that its answer is as it should be, and return how long it took."""
    asked = time.monotonic()
    answer = connection.ask(one.sent, last=not one.framed)
    seen[one.kind, answer.status] += 1
    assert (one.sent[:2000], flaw(one, answer)) == (one.sent[:2000], None)
    return time.monotonic() - asked


def test_ten_thousand_malformed_requests_harm_nothing(server: Server, bystander: Bystander) -> None:
    descriptors = server.descriptors()
    began = time.monotonic()
    seen: Counter[tuple[str, int]] = Counter()
    times = [0.0]

    @seed(SEED)
    @settings(max_examples=REQUESTS // AT_ONCE, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(chance=st.integers(0, 2**64))
    def some_of_them(chance: int) -> None:
        one_after_the_other = random.Random(chance)  # noqa: S311  # nothing that anybody may not guess
        times.extend(
            refused_or_harmless(malformed(one_after_the_other, bystander.target), connection, seen)
            for _ in range(AT_ONCE)
        )
        assert bystander.state(connection) == before

    with Connection(server.port) as connection:
        before = bystander.state(connection)
        some_of_them()
    took = time.monotonic() - began
    # What a run by hand shows with -s: the figures that are told of it.
    print(f"{sum(seen.values())} malformed requests, seed {SEED}: {took:.1f} s, the longest {max(times):.2f} s")  # noqa: T201
    for (kind, status), often in sorted(seen.items()):
        print(f"  {often:6} {status or 'closed'} {kind}")  # noqa: T201  # as above
    assert sum(seen.values()) >= REQUESTS
    assert "streamkit serve itself failed" not in server.log()
    # None is left open; a few belong to connections that come and go.
    assert server.descriptors() <= descriptors + 20
    bystander.delivers()


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(list(MEMBERS)), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(value=ANY_JSON, escaped=st.booleans())
def test_any_json_is_no_mapping(value: Any, escaped: bool, server: Server, bystander: Bystander) -> None:
    # Half of a surrogate pair is no text, but JSON can say it.
    body = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    seen: Counter[tuple[str, int]] = Counter()
    with Connection(server.port) as connection:
        for method, target in (("POST", LAMBDAS[0]), ("PUT", LAMBDAS[0] + b"/nothing")):
            one = Malformed("any JSON", request(method, target, body), framed=True)
            refused_or_harmless(one, connection, seen)
    assert {status for _, status in seen} <= {400, 404}
