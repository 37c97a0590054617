"""The operations on the event source mappings of a server (SEMANTICS §1).

What an operation answers is what AWS does at that moment; what it asked for happens afterwards (`transitions`).
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from streamkit.api.advice import advice
from streamkit.api.answers import configuration
from streamkit.api.functionnames import parse_function_name
from streamkit.api.functionpages import page
from streamkit.api.keptmappings import KeptMappings
from streamkit.api.mappingrequests import check_settings, create_request, update_request
from streamkit.api.refusals import Refusal, invalid_parameter
from streamkit.api.streamlookup import check_stream
from streamkit.api.transitions import Transitions, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamkit.api.functions import Functions
    from streamkit.api.keptmappings import Kept
    from streamkit.api.mappedstream import Surroundings
    from streamkit.api.store import MappingStore
    from streamkit.mapping import EventSourceMapping

__all__ = ["Mappings"]

_SETTLED = ("Enabled", "Disabled")
_USER = "User action"
_MOST_TAGS = 50
_MOST_LISTED = 100
"""How many mappings one answer lists, whatever is asked for."""


class Mappings:
    """Every mapping, by UUID. ``transition_seconds``: how long Creating, Updating … last at the least.

    What a store knows from before goes on, each from its checkpoint; what was under way then is brought to its end.

    Raises StateFileError for a store that cannot be read.
    """

    def __init__(
        self,
        functions: Functions,
        store: MappingStore,
        surroundings: Surroundings,
        *,
        account: str,
        transition_seconds: float,
    ) -> None:
        self._functions = functions
        self._with = surroundings
        self._account = account
        self._mappings = KeptMappings(store, surroundings)
        self._lock = self._mappings.lock
        self._afterwards = Transitions(self._mappings, transition_seconds)
        with self._lock:
            for kept in self._mappings.all():
                self._afterwards.go_on(kept)

    def create(self, body: Any, region: str, unknown: Callable[[str], object]) -> dict[str, Any]:
        """CreateEventSourceMapping. Raises Refusal."""
        given = create_request(body, unknown)
        mapping = check_settings(given)
        function_arn = self._function_arn(given["FunctionName"], region)
        check_stream(mapping.event_source_arn or "", self._with.access)
        made = uuid.uuid4()
        answered = {
            "uuid": str(made),
            "event_source_mapping_arn": f"arn:aws:lambda:{region}:{self._account}:event-source-mapping:{made}",
            "function_name": function_arn,
            "function_arn": function_arn,
            "last_modified": now(),
            "last_processing_result": "No records processed",
            "state": "Creating",
            "state_transition_reason": _USER,
        }
        mapping = mapping.model_copy(update=answered)
        with self._lock:
            self._refuse_second(mapping)
            self._advise(mapping)
            kept = self._mappings.add(mapping)
            kept.stream.start()
            self._afterwards.create(kept)
            return configuration(mapping)

    def get(self, uuid_: str) -> dict[str, Any]:
        """GetEventSourceMapping. Raises Refusal."""
        with self._lock:
            return configuration(self._mappings.find(uuid_).stored.mapping)

    def list(
        self,
        event_source_arn: str | None = None,
        function_name: str | None = None,
        marker: str | None = None,
        max_items: str | None = None,
    ) -> dict[str, Any]:
        """ListEventSourceMappings. Raises Refusal.

        A function is exactly the one that is named: its alias is another (O). One that is not there has no mappings.
        """
        wanted = None if function_name is None else self._identity(function_name)
        with self._lock:
            found = [
                (f"{one.stored.number:012d}", configuration(one.stored.mapping))
                for one in self._mappings.all()
                if event_source_arn in (None, one.stored.mapping.event_source_arn)
                and wanted in (None, self._identity(one.stored.mapping.function_arn or ""))
            ]
        return page("EventSourceMappings", found, marker, max_items, _MOST_LISTED)

    def update(self, uuid_: str, body: Any, region: str, unknown: Callable[[str], object]) -> dict[str, Any]:
        """UpdateEventSourceMapping: answers with the old settings, which hold until the new ones do. Raises Refusal."""
        given = update_request(body, unknown)
        with self._lock:
            kept = self._mappings.find(uuid_)
            before = kept.stored.mapping
            after = _changed(before, given)
            if "FunctionName" in given:
                arn = self._function_arn(given["FunctionName"], region)
                after = after.model_copy(update={"function_name": arn, "function_arn": arn})
                self._refuse_second(after)
            self._refuse_unsettled(kept, "update")
            self._advise(after, before)
            state = "Updating" if after.enabled == before.enabled else "Enabling" if after.enabled else "Disabling"
            kept.stored.pending = after.to_aws()
            self._mappings.become(kept, before.model_copy(update={"state": state, "last_modified": now()}))
            self._afterwards.update(kept)
            return configuration(kept.stored.mapping)

    def delete(self, uuid_: str) -> dict[str, Any]:
        """DeleteEventSourceMapping. What is in flight is finished. Raises Refusal."""
        with self._lock:
            kept = self._mappings.find(uuid_)
            self._refuse_unsettled(kept, "delete")
            deleting = {"state": "Deleting", "last_modified": now()}
            self._mappings.become(kept, kept.stored.mapping.model_copy(update=deleting))
            self._afterwards.delete(kept)
            return configuration(kept.stored.mapping)

    def tags(self, uuid_: str) -> dict[str, str]:
        """ListTags. Raises Refusal."""
        with self._lock:
            return dict(self._mappings.find(uuid_).stored.mapping.tags or {})

    def change_tags(self, uuid_: str, change: Callable[[dict[str, str]], Mapping[str, str]]) -> None:
        """TagResource and UntagResource. Raises Refusal."""
        with self._lock:
            kept = self._mappings.find(uuid_)
            tags = dict(change(dict(kept.stored.mapping.tags or {})))
            if len(tags) > _MOST_TAGS:
                raise invalid_parameter(f"a resource has at most {_MOST_TAGS} tags, and these would make {len(tags)}")
            self._mappings.become(kept, kept.stored.mapping.model_copy(update={"tags": tags or None}))

    def close(self, seconds: float) -> bool:
        """End every mapping's work, finishing what is in flight within so many seconds; return whether it was."""
        self._afterwards.close()
        with self._lock:
            streams = [one.stream for one in self._mappings.all()]
        for stream in streams:
            stream.stop()
        until = time.monotonic() + seconds
        return all(stream.join(max(0.0, until - time.monotonic())) for stream in streams)

    def _function_arn(self, name: str, region: str) -> str:
        """Return the ARN of the function that a mapping is to have, with the qualifier that it is named by."""
        found = self._functions.find(parse_function_name(name), region)
        if found is None:
            raise invalid_parameter("Function does not exist")
        return found.arn

    def _identity(self, name: str) -> tuple[str, str, str | None]:
        """Return what says whether two names are of the same function: the region does not."""
        named = parse_function_name(name)
        return named.account or self._account, named.name, named.qualifier

    def _refuse_second(self, mapping: EventSourceMapping) -> None:
        mine = self._identity(mapping.function_arn or "")
        for one in self._mappings.all():
            other = one.stored.mapping
            same = other.event_source_arn == mapping.event_source_arn and other.uuid != mapping.uuid
            if same and mine in map(self._identity, one.function_arns):
                name = mine[1] if mine[2] is None else f"{mine[1]}:{mine[2]}"
                raise Refusal(
                    "ResourceConflictException",
                    f'The event source arn (" {mapping.event_source_arn} ") and function (" {name} ") provided mapping '
                    f"already exists. Please update or delete the existing mapping with UUID {other.uuid}",
                    409,
                )

    def _refuse_unsettled(self, kept: Kept, what: str) -> None:
        if kept.stored.mapping.state not in _SETTLED:
            raise Refusal(
                "ResourceInUseException", f"Cannot {what} the event source mapping because it is in use.", 400
            )

    def _advise(self, mapping: EventSourceMapping, before: EventSourceMapping | None = None) -> None:
        """Say what does not fit the function's code, and was not said of the mapping as it was before."""
        named = parse_function_name(mapping.function_arn or "")
        function = self._functions.find(named, named.region or "")
        if function is not None:
            said = set() if before is None else set(advice(before, function.handler, function.timeout))
            for line in advice(mapping, function.handler, function.timeout):
                if line not in said:
                    self._with.say(f"note: mapping {mapping.uuid}: {line}")


def _changed(mapping: EventSourceMapping, given: Mapping[str, Any]) -> EventSourceMapping:
    """Return the mapping with these settings changed. Raises Refusal for what does not go together."""
    cleared = {"KMSKeyArn"} & {name for name, value in given.items() if value == ""}
    after = check_settings(mapping.to_aws() | {name: value for name, value in given.items() if name not in cleared})
    return after.model_copy(update={"kms_key_arn": None}) if cleared else after
