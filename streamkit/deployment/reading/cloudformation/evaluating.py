"""The intrinsic functions of a template, evaluated as far as the template tells."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from streamkit.deployment.found import Unknown
from streamkit.deployment.reading.cloudformation.conditions import Conditions
from streamkit.deployment.reading.cloudformation.names import KINDS
from streamkit.deployment.reading.cloudformation.writing import written
from streamkit.deployment.reading.forms import form_of, joined, known_or, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NO_VALUE", "Evaluator"]


class _NoValue:
    """``AWS::NoValue``: the property or the element is not there."""


NO_VALUE: Final = _NoValue()
_SUBSTITUTED = re.compile(r"\$\{([^}]*)\}")
_DYNAMIC = "{{resolve:"


class Evaluator:
    """A template's sections, and what its values come to.

    ``parameters`` are values for the template's parameters, and for ``AWS::Region`` and its like; what is not given has
    its default. ``defaulted`` collects the names of the parameters whose default was used. ``generated`` is to
    have what Ref gives of resources that SAM will make.
    """

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        self.resources: dict[str, Any] = _object(template.get("Resources"))
        self.conditions = Conditions(_object(template.get("Conditions")), self.value)
        self.defaulted: set[str] = set()
        self.generated: dict[str, str | Unknown] = {}
        self._parameters = _object(template.get("Parameters"))
        self._mappings = _object(template.get("Mappings"))
        self._given = parameters
        self._names: dict[str, str | Unknown] = {}
        self._functions: dict[str, Callable[[Any, Any], Any]] = {
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Length": self._length,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
            "Fn::ToJsonString": self._to_json,
            "Ref": self._ref,
        }

    def value(self, node: Any) -> Any:
        """Return what a node comes to: what is unknown of it is Unknown, and NO_VALUE is left out of what it is in."""
        if isinstance(node, dict):
            if len(node) == 1:
                ((name, argument),) = node.items()
                if name in self._functions:
                    return self._functions[name](argument, node)
                if name.startswith("Fn::"):
                    return Unknown(written(node))
            found = {name: self.value(member) for name, member in node.items()}
            return {name: member for name, member in found.items() if member is not NO_VALUE}
        if isinstance(node, list):
            return [one for one in map(self.value, node) if one is not NO_VALUE]
        if isinstance(node, str) and _DYNAMIC in node:
            return Unknown(node)
        return node

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Return the properties of a resource, not evaluated."""
        return _object(_object(self.resources.get(logical_id)).get("Properties"))

    def type_of(self, logical_id: str) -> str:
        """Return the type of a resource."""
        kind = _object(self.resources.get(logical_id)).get("Type")
        return kind if isinstance(kind, str) else ""

    def is_there(self, logical_id: str) -> bool | None:
        """Whether a resource's condition holds; None where only a deployment knows."""
        resource = _object(self.resources[logical_id])
        return self.conditions.holds(resource["Condition"]) if "Condition" in resource else True

    def pseudo(self, form: str, text: str) -> str | Unknown:
        """Return a form with the pseudo-parameters that were given in their places."""
        return known_or(_SUBSTITUTED.sub(lambda part: self._given.get(part[1], part[0]), form), text)

    def name(self, logical_id: str) -> str | Unknown:
        """Return the name of a resource on AWS: unknown where CloudFormation makes one up."""
        unknown = Unknown(f"the name of {logical_id}", f"${{{logical_id}}}")
        kind = KINDS.get(self.type_of(logical_id))
        given = None if kind is None else self.properties(logical_id).get(kind.name)
        if logical_id not in self._names:
            self._names[logical_id] = unknown  # what a name gets that is made of itself
            name = self.value(given)
            self._names[logical_id] = name if isinstance(name, str | Unknown) else unknown
        return self._names[logical_id]

    def attribute(self, logical_id: str, attribute: str | None, text: str) -> str | Unknown:
        """Return an attribute of a resource, or (None) what Ref gives."""
        kind_name = self.type_of(logical_id)
        if kind_name in {"AWS::Lambda::Alias", "AWS::Lambda::Version"} and attribute in {None, "AliasArn"}:
            return self._qualified(logical_id, text)
        kind = KINDS.get(kind_name)
        if kind is None:
            return Unknown(text, f"${{{logical_id}}}" if attribute is None else f"${{{logical_id}.{attribute}}}")
        attributes: dict[str | None, str] = {None: kind.ref, "Arn": kind.arn, **dict(kind.attributes)}
        form = attributes.get(attribute, f"${{ID.{attribute}}}")
        form = form.replace("${ID", f"${{{logical_id}").replace("NAME", form_of(self.name(logical_id)))
        return self.pseudo(form, text)

    def _qualified(self, logical_id: str, text: str) -> str | Unknown:
        """Return the ARN of an alias or a version."""
        properties = self.properties(logical_id)
        function = form_of(self.value(properties.get("FunctionName", "")))
        qualifier = form_of(self.value(properties.get("Name", Unknown(f"{logical_id}.Version"))))
        if not function.startswith("arn:"):
            function = KINDS["AWS::Lambda::Function"].arn.replace("NAME", function)
        return self.pseudo(f"{function}:{qualifier}", text)

    def _ref(self, name: Any, node: Any) -> Any:
        text = written(node)
        if name == "AWS::NoValue":
            return NO_VALUE
        if not isinstance(name, str):
            return Unknown(text)
        if name in self._parameters:
            return self._parameter(name, text)
        if name in self._given:
            return self._given[name]
        if name in self.resources:
            return self.attribute(name, None, text)
        return self.generated.get(name, Unknown(text, f"${{{name}}}"))

    def _parameter(self, name: str, text: str) -> Any:
        declared = _object(self._parameters[name])
        kind = str(declared.get("Type", "String"))
        value = self._given.get(name, declared.get("Default"))
        if value is None or kind.startswith("AWS::SSM::"):
            return Unknown(text, f"${{{name}}}")
        if name not in self._given:
            self.defaulted.add(name)
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        return value if isinstance(value, list | dict) else _as_text(value)

    def _get_att(self, argument: Any, node: Any) -> Any:
        text = written(node)
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2 or not isinstance(parts[0], str):  # noqa: PLR2004  # id, name
            return Unknown(text)
        attribute = self.value(parts[1])
        return self.attribute(parts[0], attribute, text) if isinstance(attribute, str) else Unknown(text)

    def _sub(self, argument: Any, node: Any) -> Any:
        template, variables = (argument, {}) if isinstance(argument, str) else _pair(argument)
        if not isinstance(template, str) or not isinstance(variables, dict):
            return Unknown(written(node))
        values: list[Any] = []
        at = 0
        for match in _SUBSTITUTED.finditer(template):
            values += [template[at : match.start()], self._substituted(match[1], variables)]
            at = match.end()
        text = joined([*values, template[at:]], written(node))
        return Unknown(written(node)) if isinstance(text, str) and _DYNAMIC in text else text

    def _substituted(self, name: str, variables: dict[str, Any]) -> Any:
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        name = name.strip()
        if name in variables:
            value = self.value(variables[name])
        elif "." in name:
            value = self._get_att(name, {"Fn::GetAtt": name})
        else:
            value = self._ref(name, {"Ref": name})
        return value if isinstance(value, Unknown) else _as_text(value)

    def _join(self, argument: Any, node: Any) -> Any:
        between, listed = _pair(argument)
        values = self.value(listed)
        if not isinstance(between, str) or not isinstance(values, list):
            return Unknown(written(node))
        return joined([one if isinstance(one, Unknown) else _as_text(one) for one in values], written(node), between)

    def _split(self, argument: Any, node: Any) -> Any:
        separator, whole = _pair(argument)
        value = self.value(whole)
        # What a name of a resource stands in is an ARN; a parameter may hold any number of separators.
        cut = isinstance(value, str) or (isinstance(value, Unknown) and value.form.startswith("arn:"))
        if not isinstance(separator, str) or not separator or not cut:
            return Unknown(written(node))
        return split(value, separator)

    def _select(self, argument: Any, node: Any) -> Any:
        index, listed = map(self.value, _pair(argument))
        elements = {str(at): one for at, one in enumerate(listed if isinstance(listed, list) else ())}
        chosen = elements.get(_as_text(index), Unknown(written(node)))
        return Unknown(written(node), chosen.form) if isinstance(chosen, Unknown) else chosen

    def _length(self, argument: Any, node: Any) -> Any:
        value = self.value(argument)
        return len(value) if isinstance(value, list) else Unknown(written(node))

    def _to_json(self, argument: Any, node: Any) -> Any:
        try:
            return json.dumps(self.value(argument), separators=(",", ":"))
        except TypeError:
            return Unknown(written(node))

    def _if(self, argument: Any, node: Any) -> Any:
        if not isinstance(argument, list) or len(argument) != 3:  # noqa: PLR2004  # the condition and its two values
            return Unknown(written(node))
        name, *branches = argument
        decided = self.conditions.holds(name)
        if decided is not None:
            return self.value(branches[0 if decided else 1])
        yes, no = map(self.value, branches)
        return yes if yes == no else Unknown(written(node))

    def _find_in_map(self, argument: Any, node: Any) -> Any:
        if not isinstance(argument, list):
            return Unknown(written(node))
        found: Any = self._mappings
        for key in map(self.value, argument[:3]):
            if isinstance(key, Unknown):
                return Unknown(written(node))
            found = _object(found).get(_as_text(key))
        default = _object(argument[3] if len(argument) > 3 else None)  # noqa: PLR2004  # what is looked for comes first
        if found is None and "DefaultValue" in default:
            return self.value(default["DefaultValue"])
        return Unknown(written(node)) if found is None else found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _pair(value: Any) -> tuple[Any, Any]:
    return (value[0], value[1]) if isinstance(value, list) and len(value) == 2 else (None, None)  # noqa: PLR2004


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
