"""A CloudFormation or SAM template: its mappings, functions and tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import FoundFunction, FoundMapping, FoundTable, Place, TemplateError, Unknown
from streamkit.deployment.reading.cloudformation.evaluating import NO_VALUE, Evaluator
from streamkit.deployment.reading.cloudformation.foreach import expanded
from streamkit.deployment.reading.cloudformation.roles import role_statements
from streamkit.deployment.reading.cloudformation.serverless import (
    connector_statements,
    events_of,
    function_properties,
    generated_by,
    policy_statements,
)
from streamkit.deployment.reading.forms import form_of, function_in, table_in
from streamkit.deployment.reading.settings import as_api
from streamkit.deployment.reading.sources import reads_dynamodb
from streamkit.deployment.reading.texts.lined import LinedDict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Template"]

_TABLES = {"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"}
_FUNCTIONS = {"AWS::Lambda::Function", "AWS::Serverless::Function"}
_ATTRIBUTE = re.compile(r"\$\{(\w+)[.}]")


class Template:
    """What stands in a template, with what it refers to. ``parameters`` as `Evaluator` takes them."""

    def __init__(self, template: dict[str, Any], file: str, parameters: Mapping[str, str]) -> None:
        self._file = file
        self._globals = template.get("Globals")
        resources = template.get("Resources")
        if not isinstance(resources, LinedDict):
            raise TemplateError(f"{file}: Resources takes an object of resources, each with Type and Properties")
        self._evaluator = Evaluator({**template, "Resources": resources}, parameters)
        self._evaluator.resources = expanded(resources, self._evaluator.value, file)
        for logical_id, resource in self._evaluator.resources.items():
            if not isinstance(resource, dict):
                raise TemplateError(f"{self._place(logical_id)}: a resource is an object with Type and Properties")
        for logical_id in self._evaluator.resources:
            if self._evaluator.type_of(logical_id) == "AWS::Serverless::Function":
                self._evaluator.generated |= generated_by(self._evaluator, logical_id, self._globals)

    def mappings(self) -> list[FoundMapping]:
        """Return the mappings on DynamoDB streams, in the order of the template."""
        found = []
        for logical_id, resource in self._evaluator.resources.items():
            kind = self._evaluator.type_of(logical_id)
            there = self._evaluator.is_there(logical_id)
            if there is False:
                continue
            notes = [] if there else [f"whether {logical_id} is there is up to the condition {resource['Condition']}"]
            if kind == "AWS::Lambda::EventSourceMapping":
                properties = self._evaluator.properties(logical_id)
                found.append(self._mapping(logical_id, (logical_id, "Properties"), properties, None, notes))
            elif kind == "AWS::Serverless::Function":
                found += self._events(logical_id, notes)
        return [one for one in found if one is not None]

    def _events(self, logical_id: str, notes: list[str]) -> Iterator[FoundMapping | None]:
        for name, properties in events_of(self._evaluator.properties(logical_id).get("Events")):
            path = (logical_id, "Properties", "Events", name)
            yield self._mapping(f"{logical_id}.{name}", path, properties, logical_id, [*notes])

    def _mapping(
        self, name: str, path: tuple[str, ...], properties: dict[str, Any], function: str | None, notes: list[str]
    ) -> FoundMapping | None:
        """Return a mapping, with its function where SAM says whose event it is."""
        settings: dict[str, Any] = {}
        places: dict[str, Place] = {}
        inside = path if path[-1] == "Properties" else (*path, "Properties")
        for written, node in properties.items():
            self._evaluator.defaulted.clear()
            value = self._evaluator.value(node)
            if value is NO_VALUE or value is None:
                continue
            setting, value = as_api("EventSourceArn" if function and written == "Stream" else written, value)
            settings[setting] = value
            places[setting] = self._place(*inside, written)
            notes += [f"{written} is the default of the parameter {one}" for one in sorted(self._evaluator.defaulted)]
        if function is not None:
            settings["FunctionName"] = self._evaluator.generated.get(
                f"{function}.Alias", self._evaluator.attribute(function, None, f"!Ref {function}")
            )
            places["FunctionName"] = self._place(function)
        source = form_of(settings.get("EventSourceArn"))
        if self._is_other(source) or not reads_dynamodb(settings, notes):
            return None
        return FoundMapping(
            name,
            self._place(*(path[:-1] if path[-1] == "Properties" else path)),
            settings,
            self._function(function or self._named(_FUNCTIONS, function_in(form_of(settings.get("FunctionName"))))),
            self._table(self._named(_TABLES, table_in(source))),
            places,
            notes,
        )

    def _is_other(self, source: str) -> bool:
        """Whether a form is an attribute of a resource of a type that cannot be, or make, a table."""
        attribute = _ATTRIBUTE.match(source)
        kind = self._evaluator.type_of(attribute[1]) if attribute else ""
        return kind.startswith("AWS::") and not kind.startswith(("AWS::DynamoDB::", "AWS::CloudFormation::"))

    def _named(self, kinds: set[str], name: str | None) -> str | None:
        """Return the logical id of what has a name: of resources that exclude each other, one that is there."""
        for logical_id in self._evaluator.resources:
            if self._evaluator.type_of(logical_id) not in kinds or self._evaluator.is_there(logical_id) is False:
                continue
            if form_of(self._evaluator.name(logical_id)) == name:
                return logical_id
        return None

    def _function(self, logical_id: str | None) -> FoundFunction | None:
        if logical_id is None:
            return None
        evaluator = self._evaluator
        serverless = evaluator.type_of(logical_id) == "AWS::Serverless::Function"
        properties = evaluator.properties(logical_id)
        if serverless:
            properties = function_properties(evaluator, logical_id, self._globals)
        handler, folder, timeout, role, name = (
            None if (value := evaluator.value(properties.get(one))) is NO_VALUE else value
            for one in ("Handler", "CodeUri" if serverless else "Code", "Timeout", "Role", "FunctionName")
        )
        if role is not None or not serverless:
            statements = role_statements(evaluator, properties.get("Role"))
        else:
            statements = policy_statements(evaluator, logical_id, properties)
        if statements is not None:
            statements += connector_statements(evaluator, logical_id)
        _, seconds = as_api("BatchSize", timeout)
        return FoundFunction(
            logical_id,
            self._place(logical_id),
            _in_folder(handler, folder) if isinstance(handler, str | Unknown) else None,
            seconds if isinstance(seconds, int | Unknown) else None,
            statements,
            name if isinstance(name, str | Unknown) else None,
        )

    def _table(self, logical_id: str | None) -> FoundTable | None:
        if logical_id is None:
            return None
        properties = self._evaluator.properties(logical_id)
        stream, name = (self._evaluator.value(properties.get(one)) for one in ("StreamSpecification", "TableName"))
        view_type = stream.get("StreamViewType") if isinstance(stream, dict) else stream
        return FoundTable(
            logical_id,
            self._place(logical_id),
            view_type if isinstance(view_type, str | Unknown) else None,
            name if isinstance(name, str | Unknown) else None,
        )

    def _place(self, *path: str) -> Place:
        """Return where a resource stands, or what is in it."""
        node: Any = self._evaluator.resources
        line = None
        for name in path:
            line = node.lines.get(name, line) if isinstance(node, LinedDict) else line
            node = node.get(name) if isinstance(node, dict) else None
        return Place(self._file, ".".join(("Resources", *path)), line)


def _in_folder(handler: str | Unknown, folder: Any) -> str | Unknown:
    """Return ``src/app.handler`` for the handler ``app.handler`` of the code in ``src``."""
    if not isinstance(folder, str) or not isinstance(handler, str) or "://" in folder:
        return handler
    inside = folder.removeprefix("./").strip("/")
    return handler if inside in {"", "."} or inside.endswith((".zip", ".jar")) else f"{inside}/{handler}"
