"""Lambda's operations by method and path: which part of the server answers each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from streamkit.api.calls import Answer, Call
from streamkit.api.invoking import MAX_PAYLOAD_BYTES, InvokeRequest
from streamkit.api.model import Keyed, checked
from streamkit.api.refusals import Refusal, constraint, not_found, validation

if TYPE_CHECKING:
    from streamkit.api.functioncalls import FunctionCalls
    from streamkit.api.invoking import Invocations
    from streamkit.api.mappings import Mappings

__all__ = ["MAX_BODY_BYTES", "Operation", "Operations"]

MAX_BODY_BYTES = 1_048_576
"""The largest body of every operation but Invoke: ten filters and all tags take less than a tenth of it."""

_MAPPING_ARN = re.compile(r"arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:event-source-mapping:(.+)", re.ASCII)
_INVOKE_HEADERS = {
    "invocation_type": "x-amz-invocation-type",
    "log_type": "x-amz-log-type",
    "client_context": "x-amz-client-context",
    "tenant_id": "x-amz-tenant-id",
    "durable_execution_name": "x-amz-durable-execution-name",
}

Run: TypeAlias = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``path``: its variable parts are the groups; a slash at the end changes nothing."""

    name: str
    method: str
    path: re.Pattern[str]
    run: Run
    most: int = MAX_BODY_BYTES
    """Bytes that its body may have."""
    runs_function: bool = False
    """Whether it takes as long as a function does."""


class Operations:
    """All of them. ``say`` gets a line where a request holds what AWS would ignore."""

    def __init__(
        self, mappings: Mappings, calls: FunctionCalls, invocations: Invocations, say: Callable[[str], object]
    ) -> None:
        self._mappings = mappings
        self._calls = calls
        self._invocations = invocations
        self._say = say
        mapping, function = "/2015-03-31/event-source-mappings", "/2015-03-31/functions"
        self._all = [
            _operation("CreateEventSourceMapping", "POST", mapping, self._create),
            _operation("ListEventSourceMappings", "GET", mapping, self._list),
            _operation("GetEventSourceMapping", "GET", f"{mapping}/*", self._get),
            _operation("UpdateEventSourceMapping", "PUT", f"{mapping}/*", self._update),
            _operation("DeleteEventSourceMapping", "DELETE", f"{mapping}/*", self._delete),
            _operation("ListTags", "GET", "/2017-03-31/tags/*", self._list_tags),
            _operation("TagResource", "POST", "/2017-03-31/tags/*", self._tag),
            _operation("UntagResource", "DELETE", "/2017-03-31/tags/*", self._untag),
            _operation("ListFunctions", "GET", function, self._list_functions),
            _operation("GetFunction", "GET", f"{function}/*", self._get_function),
            _operation("GetFunctionConfiguration", "GET", f"{function}/*/configuration", self._get_configuration),
            _operation("GetFunctionConcurrency", "GET", "/2019-09-30/functions/*/concurrency", self._get_concurrency),
            _operation("ListVersionsByFunction", "GET", f"{function}/*/versions", self._list_versions),
            _operation("ListAliases", "GET", f"{function}/*/aliases", self._list_aliases),
            _operation("GetAlias", "GET", f"{function}/*/aliases/*", self._get_alias),
            Operation(
                "Invoke",
                "POST",
                _path(f"{function}/*/invocations"),
                self._invoke,
                MAX_PAYLOAD_BYTES,
                runs_function=True,
            ),
        ]

    def find(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]]:
        """Return the operation of a request, and the variable parts of its path, still quoted. Raises Refusal."""
        for one in self._all:
            match = one.path.fullmatch(path) if one.method == method else None
            if match is not None:
                return one, match.groups()
        names = ", ".join(one.name for one in self._all)
        raise Refusal(
            "UnknownOperationException",
            f"{method:.20} {path:.200} is no operation of streamkit serve: it has {names}",
            404,
        )

    # --- mappings ------------------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Answer:
        return Answer.of(
            202, self._mappings.create(call.json(), call.region, self._ignored("CreateEventSourceMapping"))
        )

    def _list(self, call: Call) -> Answer:
        names = ("EventSourceArn", "FunctionName", "Marker", "MaxItems")
        return Answer.of(200, self._mappings.list(*(call.parameter(name) or None for name in names)))

    def _get(self, call: Call) -> Answer:
        return Answer.of(200, self._mappings.get(call.name()))

    def _update(self, call: Call) -> Answer:
        ignored = self._ignored("UpdateEventSourceMapping")
        return Answer.of(202, self._mappings.update(call.name(), call.json(), call.region, ignored))

    def _delete(self, call: Call) -> Answer:
        return Answer.of(202, self._mappings.delete(call.name()))

    def _ignored(self, operation: str) -> Callable[[str], object]:
        return lambda member: self._say(
            f"note: {operation}: {member!r:.80} is no member of this operation, and ignored, as by AWS"
        )

    # --- tags ----------------------------------------------------------------------------------------------------

    def _list_tags(self, call: Call) -> Answer:
        arn = call.name()
        match = _MAPPING_ARN.fullmatch(arn)
        if match is None:
            return Answer.of(200, self._calls.list_tags(call.region, arn))
        return Answer.of(200, {"Tags": self._mappings.tags(match[1])})

    def _tag(self, call: Call) -> Answer:
        given = checked(call.json(), {"Tags": Keyed()}, ("Tags",), self._ignored("TagResource"))["Tags"]
        self._mappings.change_tags(_mapping_in(call.name()), lambda tags: {**tags, **given})
        return Answer(204)

    def _untag(self, call: Call) -> Answer:
        keys = call.query.get("tagKeys")
        if not keys:
            raise validation(constraint(None, "tagKeys", "not be null"))
        self._mappings.change_tags(
            _mapping_in(call.name()), lambda tags: {key: value for key, value in tags.items() if key not in keys}
        )
        return Answer(204)

    # --- functions -----------------------------------------------------------------------------------------------

    def _list_functions(self, call: Call) -> Answer:
        version, marker, most = (call.parameter(name) for name in ("FunctionVersion", "Marker", "MaxItems"))
        found = self._calls.list_functions(call.region, function_version=version, marker=marker, max_items=most)
        return Answer.of(200, found)

    def _get_function(self, call: Call) -> Answer:
        return Answer.of(200, self._calls.get_function(call.region, call.name(), call.parameter("Qualifier")))

    def _get_configuration(self, call: Call) -> Answer:
        qualifier = call.parameter("Qualifier")
        return Answer.of(200, self._calls.get_function_configuration(call.region, call.name(), qualifier))

    def _get_concurrency(self, call: Call) -> Answer:
        return Answer.of(200, self._calls.get_function_concurrency(call.region, call.name()))

    def _list_versions(self, call: Call) -> Answer:
        marker, most = call.parameter("Marker"), call.parameter("MaxItems")
        found = self._calls.list_versions_by_function(call.region, call.name(), marker=marker, max_items=most)
        return Answer.of(200, found)

    def _list_aliases(self, call: Call) -> Answer:
        version, marker, most = (call.parameter(name) for name in ("FunctionVersion", "Marker", "MaxItems"))
        found = self._calls.list_aliases(
            call.region, call.name(), function_version=version, marker=marker, max_items=most
        )
        return Answer.of(200, found)

    def _get_alias(self, call: Call) -> Answer:
        return Answer.of(200, self._calls.get_alias(call.region, call.name(), call.name(1)))

    def _invoke(self, call: Call) -> Answer:
        given = {member: call.headers.get(header) for member, header in _INVOKE_HEADERS.items()}
        request = InvokeRequest(
            region=call.region,
            function_name=call.name(),
            payload=call.body,
            qualifier=call.parameter("Qualifier"),
            **given,
        )
        return Answer(*self._invocations.invoke(request, call.request_id))


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile("([^/]+)".join(map(re.escape, pattern.split("*"))) + "/?", re.ASCII)


def _operation(name: str, method: str, pattern: str, run: Run) -> Operation:
    return Operation(name, method, _path(pattern), run)


def _mapping_in(arn: str) -> str:
    """Return the UUID in a mapping's ARN. Raises Refusal: the tags of functions are set where they are defined."""
    match = _MAPPING_ARN.fullmatch(arn)
    if match is None:
        raise not_found(
            f"Resource not found: {arn:.300}: streamkit serve changes the tags of event source mappings only"
        )
    return match[1]
