"""What Lambda's API refuses, refused by the server in Lambda's words: the table of tests.conformance, through boto3."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.outside.mapped import Answers
from tests.api.outside.serving import Around, Server, settled
from tests.conformance.refusals import REFUSALS
from tests.conformance.rules import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.refusals import RefusalRule

OPERATIONS = {
    "create": "create_event_source_mapping",
    "update": "update_event_source_mapping",
    "get": "get_event_source_mapping",
    "delete": "delete_event_source_mapping",
}


class Desk:
    """A client, and the names that the table uses."""

    def __init__(self, server: Server, around: Around) -> None:
        # boto3 would itself refuse some of what the service is to refuse.
        self.client = server.client(checked=False)
        self.answers = Answers(self.client)
        self.names = {
            "stream": around.table("orders"),
            "taken": around.table("taken"),
            "unknown": "00000000-0000-4000-8000-000000000000",
        }
        self.names["uuid"] = self._mapped(server, self.names["taken"])
        self.names["windowed"] = self._mapped(server, around.table("windowed"), TumblingWindowInSeconds=60)
        self.names["lanes"] = self._mapped(server, around.table("lanes"), ParallelizationFactor=2)

    def _mapped(self, server: Server, stream: str, **settings: Any) -> str:
        made = self.client.create_event_source_mapping(
            EventSourceArn=stream, FunctionName="my-function", StartingPosition="LATEST", Enabled=False, **settings
        )
        uuid: str = made["UUID"]
        settled(server, uuid, "Disabled")
        return uuid

    def named(self, value: Any) -> Any:
        """Return it with the names in the places of their signs."""
        match value:
            case str():
                for name, meant in self.names.items():
                    value = value.replace(f"<{name}>", meant)
            case dict():
                return {key: self.named(member) for key, member in value.items()}
            case list():
                return [self.named(member) for member in value]
        return value

    def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.list_event_source_mappings()["EventSourceMappings"]
        return found


@pytest.fixture(scope="module")
def desk(server: Server, around: Around) -> Iterator[Desk]:
    desk = Desk(server, around)
    with closing(desk.client):
        yield desk


def test_every_rule_is_told_apart_by_what_it_says() -> None:
    assert [rule for rule, times in Counter(map(str, REFUSALS)).items() if times > 1] == []
    assert [rule.says for rule in REFUSALS if rule.grade in "UIC" and not rule.choice] == []


@pytest.mark.parametrize("rule", REFUSALS, ids=str)
def test_a_request_is_refused_as_lambda_refuses_it(rule: RefusalRule, desk: Desk) -> None:
    base: dict[str, Any] = {"UUID": "<uuid>"}
    if rule.call == "create":
        base = {"EventSourceArn": "<stream>", "FunctionName": "my-function", "StartingPosition": "TRIM_HORIZON"}
    parameters = {name: value for name, value in desk.named(base | rule.given).items() if value != ABSENT}
    before = desk.listed()
    with pytest.raises(desk.client.exceptions.ClientError) as refused:
        getattr(desk.client, OPERATIONS[rule.call])(**parameters)
    error = refused.value.response["Error"]
    body, headers = json.loads(desk.answers.bodies[-1]), desk.answers.headers[-1]
    assert error["Code"] == rule.error, error["Message"]
    assert desk.answers.statuses[-1] == rule.status
    assert headers["x-amzn-errortype"] == rule.error
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-requestid"]
    key = "Message" if rule.error == "ResourceNotFoundException" else "message"
    assert set(body) == {"Type", key}
    assert body["Type"] == "User"
    assert body[key]
    if rule.message is not None:
        expected = desk.named(rule.message)
        assert (body[key][: len(expected)] if rule.begins else body[key]) == expected
    assert desk.listed() == before
