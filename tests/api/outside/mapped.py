"""A client of boto3's with what the tests from outside do with mappings again and again."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, Self

from tests.api.outside.serving import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.api.outside.serving import Server

__all__ = ["MEMBERS", "Answers", "Mappings"]

MEMBERS: Final = {
    "BatchSize": int,
    "BisectBatchOnFunctionError": bool,
    "DestinationConfig": dict,
    "EventSourceArn": str,
    "EventSourceMappingArn": str,
    "FunctionArn": str,
    "FunctionResponseTypes": list,
    "LastModified": float,
    "LastProcessingResult": str,
    "MaximumBatchingWindowInSeconds": int,
    "MaximumRecordAgeInSeconds": int,
    "MaximumRetryAttempts": int,
    "ParallelizationFactor": int,
    "StartingPosition": str,
    "State": str,
    "StateTransitionReason": str,
    "TumblingWindowInSeconds": int,
    "UUID": str,
}
"""What a mapping is answered with that has the three required settings only, and of which JSON type each member is."""


class Answers:
    """What came over the wire to a boto3 client, before boto3 made something of it."""

    def __init__(self, client: Any) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        self.statuses: list[int] = []
        client.meta.events.register("before-parse.lambda.*", self._keep)

    def _keep(self, response_dict: dict[str, Any], **_: Any) -> None:
        self.bodies.append(response_dict["body"])
        self.headers.append(response_dict["headers"])
        self.statuses.append(response_dict["status_code"])


class Mappings:
    """A context that closes the client. ``checked``: see `Server.client`."""

    def __init__(self, server: Server, *, checked: bool = True) -> None:
        self.client = server.client(checked=checked)
        self.answers = Answers(self.client)
        self.errors = self.client.exceptions

    def create(
        self, stream: str, function: str = "my-function", start: str = "TRIM_HORIZON", **settings: Any
    ) -> dict[str, Any]:
        made: dict[str, Any] = self.client.create_event_source_mapping(
            EventSourceArn=stream, FunctionName=function, StartingPosition=start, **settings
        )
        return made

    def made(self, stream: str, function: str = "my-function", start: str = "TRIM_HORIZON", **settings: Any) -> str:
        """Create a mapping, and return its UUID when it is done."""
        uuid: str = self.create(stream, function, start, **settings)["UUID"]
        self.settled(uuid)
        return uuid

    def get(self, uuid: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get_event_source_mapping(UUID=uuid)
        return found

    def update(self, uuid: str, **settings: Any) -> dict[str, Any]:
        """Change settings, and return the mapping when that is done."""
        self.client.update_event_source_mapping(UUID=uuid, **settings)
        return self.settled(uuid)

    def settled(self, uuid: str) -> dict[str, Any]:
        return eventually(lambda: self.get(uuid), lambda seen: seen["State"] in ("Enabled", "Disabled"))

    def deleted(self, uuid: str) -> None:
        """Delete a mapping, and return when it is not there any more."""
        self.client.delete_event_source_mapping(UUID=uuid)
        eventually(lambda: self._is_there(uuid), lambda seen: not seen)

    def _is_there(self, uuid: str) -> bool:
        try:
            self.get(uuid)
        except self.errors.ResourceNotFoundException:
            return False
        return True

    def listed(self, **which: Any) -> list[str]:
        """Return the UUIDs of what one call answers."""
        return [one["UUID"] for one in self.client.list_event_source_mappings(**which)["EventSourceMappings"]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with closing(self.client):
            pass
