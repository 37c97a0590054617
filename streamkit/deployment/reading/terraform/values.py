"""Attributes of a plan's resources: known, unknown with what they refer to, or not said."""

from __future__ import annotations

from typing import Any, NamedTuple

from streamkit.deployment.found import Unknown
from streamkit.deployment.reading.forms import ACCOUNT, form_of, known_or
from streamkit.deployment.reading.terraform.addresses import Reference, config_path, index_of, module_of, reference
from streamkit.deployment.reading.terraform.instances import Instance, configured, instances_of

__all__ = ["Plan"]

_TABLE = f"arn:${{AWS::Partition}}:dynamodb:{ACCOUNT}:table/NAME"
_FUNCTION = f"arn:${{AWS::Partition}}:lambda:{ACCOUNT}:function:NAME"
_QUEUE = f"arn:${{AWS::Partition}}:sqs:{ACCOUNT}:NAME"
_TOPIC = f"arn:${{AWS::Partition}}:sns:{ACCOUNT}:NAME"
_POLICY = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/NAME"
_FORMS: dict[str, dict[str, str]] = {
    "aws_dynamodb_table": {
        "arn": _TABLE,
        "id": "NAME",
        "name": "NAME",
        "stream_arn": f"{_TABLE}/stream/${{ADDRESS.stream_label}}",
    },
    "aws_iam_policy": {"arn": _POLICY, "id": _POLICY},
    "aws_iam_role": {"arn": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/NAME", "id": "NAME", "name": "NAME"},
    "aws_kinesis_stream": {"arn": f"arn:${{AWS::Partition}}:kinesis:{ACCOUNT}:stream/NAME"},
    "aws_lambda_function": {
        "arn": _FUNCTION,
        "function_name": "NAME",
        "id": "NAME",
        "qualified_arn": f"{_FUNCTION}:${{ADDRESS.version}}",
    },
    "aws_s3_bucket": {"arn": "arn:${AWS::Partition}:s3:::NAME", "bucket": "NAME", "id": "NAME"},
    "aws_sns_topic": {"arn": _TOPIC, "id": _TOPIC},
    "aws_sqs_queue": {"arn": _QUEUE, "name": "NAME"},
}
_NAMES = {"aws_lambda_function": "function_name", "aws_s3_bucket": "bucket"}
_MAX_STEPS = 50
"""Variables and outputs that an expression leads through."""


class _At(NamedTuple):
    """A place inside of a resource: its value, what is unknown of it, and the expression that it comes from."""

    path: tuple[str | int, ...]
    value: Any
    unknown: Any
    expression: Any

    def inside(self, step: str | int) -> _At:
        unknown = True if self.unknown is True else _inside(self.unknown, step)
        return _At((*self.path, step), _inside(self.value, step), unknown, _expression(self.expression, step))

    def elements(self) -> list[_At]:
        """Return the places in a list.

        Of a list that is one expression a plan tells what it refers to in the order of its text: where that is as much
        as is unknown of it, each is one's.
        """
        found = [self.inside(step) for step in range(len(self.value))]
        references = _longest(_references(self.expression))
        unknown = [one for one in found if one.unknown is True]
        if not references or len(references) != len(unknown):
            return found
        own = iter(references)
        return [one._replace(expression={"references": [next(own)]}) if one.unknown is True else one for one in found]


class Plan:
    """A plan (or a state), and what its attributes are."""

    def __init__(self, plan: dict[str, Any], file: str) -> None:
        self._plan = plan
        self.instances = instances_of(plan, file)

    def of_kind(self, *kinds: str) -> list[Instance]:
        """Return the instances of some types, in the order of the plan."""
        return [one for one in self.instances.values() if one.kind in kinds]

    def value(self, instance: Instance, path: tuple[str | int, ...], wanted: str = "arn") -> Any:
        """Return an attribute, or what is inside of one: None for what the configuration does not say.

        Where an expression says which resource and not which of its attributes, it is ``wanted``.
        """
        at = _At((), instance.values, instance.unknown, instance.expressions)
        for step in path:
            at = at.inside(step)
        return self._complete(instance, at, wanted)

    def _complete(self, instance: Instance, at: _At, wanted: str) -> Any:
        """Return a value with Unknown for each part that is unknown."""
        if at.unknown is True:
            if instance.expressions is not None and at.expression is None:
                return None
            return self._unknown(instance, at, wanted)
        if isinstance(at.value, dict) or isinstance(at.unknown, dict):
            names = dict.fromkeys([*_keys(at.value), *_keys(at.unknown)])
            return {name: self._complete(instance, at.inside(name), wanted) for name in names}
        if isinstance(at.value, list):
            return [self._complete(instance, one, wanted) for one in at.elements()]
        return at.value

    def name(self, instance: Instance) -> str:
        """Return the form of a resource's name on AWS."""
        name = instance.values.get(_NAMES.get(instance.kind.removeprefix("data."), "name"))
        return name if isinstance(name, str) and name else f"${{{_inside_atom(instance.address)}}}"

    def arn(self, instance: Instance) -> str:
        """Return the form of a resource's ARN."""
        return form_of(self._attribute(instance, "arn", ""))

    def _attribute(self, instance: Instance, attribute: str, text: str) -> str | Unknown:
        known = instance.values.get(attribute)
        if isinstance(known, str) and known:
            return known
        address = _inside_atom(instance.address)
        if instance.kind == "aws_lambda_alias" and attribute in {"arn", "id"}:
            function = form_of(self.value(instance, ("function_name",)))
            if not function.startswith("arn:"):
                function = _FUNCTION.replace("NAME", function)
            return known_or(f"{function}:{self.name(instance)}", text)
        form = _FORMS.get(instance.kind.removeprefix("data."), {}).get(attribute, f"${{ADDRESS.{attribute}}}")
        return known_or(form.replace("ADDRESS", address).replace("NAME", self.name(instance)), text)

    def _unknown(self, instance: Instance, at: _At, wanted: str) -> str | Unknown:
        references = _references(at.expression)
        text = ", ".join(_longest(references)) or f"{instance.address}.{'.'.join(map(str, at.path))}"
        targets = self._of(instance, references)
        if len(targets) != 1:
            return Unknown(text)
        ((address, attribute),) = targets
        return self._attribute(self.instances[address], attribute or wanted, text)

    def targets(self, instance: Instance, path: tuple[str | int, ...]) -> set[str]:
        """Return the addresses of all resources that an attribute's expression refers to."""
        expression: Any = instance.expressions
        for step in path:
            expression = _expression(expression, step)
        return {address for address, _ in self._of(instance, _references(expression))}

    def _of(self, instance: Instance, references: list[str]) -> set[tuple[str, str | None]]:
        """Return what the references of a resource lead to, what its loop goes through included."""
        found = self._targets(instance.module, instance.index, references)
        if any(one.startswith("each.value") for one in references):
            # Which part of it is this instance's a plan does not tell: it is known if it leads to one thing alone.
            found |= self._targets(instance.module, instance.index, _references(instance.loop))
        return found

    def _targets(self, modules: str, index: str, references: list[str], steps: int = 0) -> set[tuple[str, str | None]]:
        """Return the instances, each with the attribute, that references lead to.

        The references are those of a module, and go through its variables and the outputs of others.
        """
        found: set[tuple[str, str | None]] = set()
        looped = any(one.startswith(("each.key", "count.index")) for one in references)
        for one in _longest(references) if steps < _MAX_STEPS else ():
            target = reference(one)
            if target is None:
                continue
            if target.name == "var":
                found |= self._given(modules, target, steps)
            elif target.name.startswith("module."):
                inner = f"{modules}{target.name}{target.instance or (index if looped else '')}."
                outputs = _inside(configured(self._plan, inner), "outputs")
                output = _inside(_inside(outputs, target.attribute or ""), "expression")
                found |= self._targets(inner, "", _references(output), steps + 1)
            else:
                address = f"{modules}{target.name}"
                wanted = target.instance or (index if looped else "")
                found |= {(found_at, target.attribute) for found_at in self._at(address, wanted)}
        return found

    def _given(self, modules: str, variable: Reference, steps: int) -> set[tuple[str, str | None]]:
        """Return what a module's variable is given by who calls the module."""
        if not modules:
            return set()
        name = config_path(modules)[-1]
        outer = module_of(modules[: modules.rindex(f"module.{name}")])
        call = _inside(_inside(configured(self._plan, outer), "module_calls"), name)
        expression = _inside(_inside(call, "expressions"), variable.attribute or "")
        return self._targets(outer, index_of(modules.rstrip(".")), _references(expression), steps + 1)

    def _at(self, address: str, index: str) -> list[str]:
        """Return the instances that a reference without index may mean: all of them."""
        if f"{address}{index}" in self.instances:
            return [f"{address}{index}"]
        return [] if index else [one for one in self.instances if one.startswith(f"{address}[")]


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def _expression(expression: Any, step: str | int) -> Any:
    """Return what is inside of an expression; the expression itself, where it is of the whole."""
    if isinstance(expression, dict) and ("references" in expression or "constant_value" in expression):
        return expression
    # A block that is there once at most stands without a list in some versions of the format.
    if isinstance(step, int) and isinstance(expression, dict):
        return expression
    return _inside(expression, step)


def _references(expression: Any) -> list[str]:
    listed = _inside(expression, "references")
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _longest(references: list[str]) -> list[str]:
    """Return references without those that name the resource of another one again."""
    return [
        one
        for at, one in enumerate(references)
        if not any(before.startswith((f"{one}.", f"{one}[")) for before in references[:at])
    ]


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _inside_atom(address: str) -> str:
    return address.replace("{", "(").replace("}", ")")
