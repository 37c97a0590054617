"""What to write: a line of SAM, CloudFormation, Terraform, a mapping's JSON, the AWS CLI, or of the decorator."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, Protocol

from pydantic.alias_generators import to_snake

from streamkit.deployment.found import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamkit.deployment.checking.handlerfacts import HandlerFacts
    from streamkit.deployment.found import FoundMapping

__all__ = ["Dialect", "dialect_of", "statement"]

_TERRAFORM = "aws_lambda_event_source_mapping"
# A table's stream is made with its view type, which stays.
_NEW_STREAM = "the table gets a new stream with it, of another ARN"


class Dialect(Protocol):
    """How the place of a mapping is written."""

    def setting(self, name: str, value: Any) -> str:
        """Return what gives the mapping a setting, under AWS's name."""
        ...

    def without(self, name: str) -> str:
        """Return what takes a setting away."""
        ...

    def view_type(self, value: str) -> str:
        """Return what gives the table a stream with this view type."""
        ...

    def function(self, name: str, value: Any) -> str:
        """Return what gives the function a property, Timeout or Handler."""
        ...


def statement(actions: Sequence[str], resource: str) -> str:
    """Return a policy's statement: JSON, which YAML takes as it stands."""
    return json.dumps({"Effect": "Allow", "Action": list(actions), "Resource": resource})


class _Yaml:
    """SAM and CloudFormation in YAML. What stands on the right is JSON, which YAML takes as it stands."""

    def setting(self, name: str, value: Any) -> str:
        return f"{name}: {_plain(value)}"

    def without(self, name: str) -> str:
        return f"(remove) {name}: …"

    def view_type(self, value: str) -> str:
        return f"StreamSpecification: {{StreamViewType: {value}}}  # {_NEW_STREAM}"

    def function(self, name: str, value: Any) -> str:
        return f"{name}: {_plain(value)}"


class _Json:
    """CloudFormation in JSON, and a mapping's own JSON."""

    def setting(self, name: str, value: Any) -> str:
        return f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"

    def without(self, name: str) -> str:
        return f"(remove) {json.dumps(name)}: …"

    def view_type(self, value: str) -> str:
        return f'"StreamSpecification": {{"StreamViewType": "{value}"}}  ({_NEW_STREAM})'

    def function(self, name: str, value: Any) -> str:
        return self.setting(name, value)


class _Terraform:
    """Terraform's provider has AWS's names in snake case, and blocks for objects."""

    def setting(self, name: str, value: Any) -> str:
        return "\n".join(_hcl(_attribute(name), value))

    def without(self, name: str) -> str:
        return f"(remove) {_attribute(name)} …"

    def view_type(self, value: str) -> str:
        return f'stream_enabled   = true\nstream_view_type = "{value}"  # {_NEW_STREAM}'

    def function(self, name: str, value: Any) -> str:
        return self.setting(name, value)


class _Cli:
    """A mapping that is deployed, through the AWS CLI."""

    def __init__(self, found: FoundMapping) -> None:
        self._uuid = str(found.settings["UUID"])
        function = found.function and found.function.function_name
        self._function = function if isinstance(function, str) else "FUNCTION"
        self._table = found.table.name if found.table else "TABLE"

    def setting(self, name: str, value: Any) -> str:
        option = _kebab(name)
        if isinstance(value, bool):
            shown = f"--{option}" if value else f"--no-{option}"
        elif isinstance(value, list):
            shown = f"--{option} {' '.join(map(str, value)) or '[]'}"
        else:
            shown = f"--{option} {shlex.quote(_plain(value))}"
        return f"aws lambda update-event-source-mapping --uuid {self._uuid} {shown}"

    def without(self, name: str) -> str:
        return f"aws lambda update-event-source-mapping --uuid {self._uuid} --{_kebab(name)} '{{}}'"

    def view_type(self, value: str) -> str:
        return (
            f"aws dynamodb update-table --table-name {self._table} --stream-specification StreamEnabled=false\n"
            f"aws dynamodb update-table --table-name {self._table} "
            f"--stream-specification StreamEnabled=true,StreamViewType={value}  # {_NEW_STREAM}"
        )

    def function(self, name: str, value: Any) -> str:
        return f"aws lambda update-function-configuration --function-name {self._function} --{_kebab(name)} {value}"


class _Decorator:
    """The arguments of the handler's decorator."""

    def setting(self, name: str, value: Any) -> str:
        return f"{to_snake(name)}={value!r}"

    def without(self, name: str) -> str:
        return f"(remove) {to_snake(name)}=…"

    def view_type(self, value: str) -> str:
        return f'LocalTable(…, view_type="{value}")'

    def function(self, name: str, value: Any) -> str:
        return f"{name}: {_plain(value)}"


def dialect_of(found: FoundMapping, handler: HandlerFacts) -> Dialect:
    """Return how the place of a mapping is written."""
    if found.place == handler.place:
        return _Decorator()
    if _TERRAFORM in found.place.path:
        return _Terraform()
    if "UUID" in found.settings:
        return _Cli(found)
    return _Json() if found.place.file.endswith(".json") else _Yaml()


def _plain(value: Any) -> str:
    """Return a value as YAML has it on one line, and as a shell's argument."""
    if isinstance(value, str | Unknown):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return f"[{', '.join(value)}]"
    return json.dumps(value, ensure_ascii=False)


def _hcl(name: str, value: Any, indent: str = "") -> list[str]:
    if isinstance(value, dict):
        inner = [line for key, part in value.items() for line in _hcl(_attribute(key), part, f"{indent}  ")]
        return [f"{indent}{name} {{", *inner, f"{indent}}}"]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [line for one in value for line in _hcl(name.removesuffix("s"), one, indent)]
    return [f"{indent}{name} = {json.dumps(value, ensure_ascii=False)}"]


def _attribute(name: str) -> str:
    return "destination_arn" if name == "Destination" else to_snake(name)


def _kebab(name: str) -> str:
    return re.sub("_", "-", to_snake(name))
