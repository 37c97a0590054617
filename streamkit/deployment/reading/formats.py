"""The file of a deployment to the mappings in it: which format it is, its content tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamkit.deployment.found import TemplateError
from streamkit.deployment.reading import otherfiles
from streamkit.deployment.reading.answers import answered, is_answer
from streamkit.deployment.reading.cloudformation.template import Template
from streamkit.deployment.reading.terraform.plan import is_plan, planned
from streamkit.deployment.reading.texts.files import text_of
from streamkit.deployment.reading.texts.jsontext import json_value, with_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamkit.deployment.found import FoundMapping

__all__ = ["read_template"]


def read_template(path: str | Path, parameters: Mapping[str, str] | None = None) -> list[FoundMapping]:
    """Return the mappings on DynamoDB streams that a file deploys, in its order; none if it has none.

    Read are SAM and CloudFormation templates (YAML, JSON), Terraform plans as JSON, and the JSON of Lambda's own
    commands; the content tells which it is. ``parameters`` are values for a template's parameters (``{"Stage":
    "prod"}``) and for ``AWS::Region`` and its like: a parameter that is not given has its default, and is unknown
    without one. Raises TemplateError for every other file.
    """
    file = str(path)
    text = text_of(path)
    try:
        return _read(text, file, parameters or {})
    except RecursionError:
        raise TemplateError(f"{file}: objects and lists stand too deep inside of one another to be read") from None


def _read(text: str, file: str, parameters: Mapping[str, str]) -> list[FoundMapping]:
    if text.lstrip().startswith(("{", "[")):
        value = json_value(text, file)
        if isinstance(value, dict) and is_plan(value):
            return planned(value, file)
        value = with_lines(text, file)
    else:
        other = otherfiles.of_text(text, file)
        if other is not None:
            raise TemplateError(other)
        value = _yaml(text, file)
    return _mappings(value, file, parameters)


def _yaml(text: str, file: str) -> Any:
    try:
        from streamkit.deployment.reading.texts.yamltext import yaml_value  # noqa: PLC0415  # JSON is read without it
    except ImportError:
        raise TemplateError(
            f"{file} is YAML, which is read with PyYAML, and that is not installed: "
            f"pip install 'streamkit-dynamodb[local]'"
        ) from None
    return yaml_value(text, file)


def _mappings(value: Any, file: str, parameters: Mapping[str, str]) -> list[FoundMapping]:
    if isinstance(value, dict) and "Resources" in value:
        return Template(value, file, parameters).mappings()
    if is_answer(value):
        return answered(value, file)
    raise TemplateError(otherfiles.of_value(value, file))
