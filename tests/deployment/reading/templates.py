"""Templates in small, for tests: texts to files, and files to the one mapping in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.deployment.found import TemplateError
from streamkit.deployment.reading import read_template

if TYPE_CHECKING:
    from streamkit.deployment.found import FoundMapping

DATA = Path(__file__).parents[2] / "data" / "templates"
STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
HERE = "arn:${AWS::Partition}:SERVICE:${AWS::Region}:${AWS::AccountId}:"


def here(service: str, resource: str) -> str:
    """Return the form of an ARN in the account and region that a template is deployed to."""
    return f"{HERE.replace('SERVICE', service)}{resource}"


def read(folder: Path, template: Any, **parameters: str) -> list[FoundMapping]:
    """Write a template, given as text or as what its JSON holds, and read it."""
    file = folder / "template"
    file.write_text(template if isinstance(template, str) else json.dumps(template), encoding="utf-8")
    return read_template(file, parameters)


def the(found: list[FoundMapping]) -> FoundMapping:
    """Return the one mapping that was found."""
    (mapping,) = found
    return mapping


def refused(folder: Path, template: Any) -> str:
    """Return what is said of a template that cannot be read, without the file's name."""
    with pytest.raises(TemplateError) as caught:
        read(folder, template)
    return str(caught.value).replace(str(folder / "template"), "FILE")


def mapping(**properties: Any) -> dict[str, Any]:
    """Return a CloudFormation mapping, read from a stream by name where nothing else is said."""
    required = {"EventSourceArn": STREAM, "FunctionName": "orders", "StartingPosition": "LATEST"}
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": required | properties}


def stack(resources: dict[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
    """Return a template with a mapping M, more resources and other sections."""
    return {**sections, "Resources": {"M": mapping(), **(resources or {})}}


def evaluated(folder: Path, node: Any, resources: dict[str, Any] | None = None, **sections: Any) -> Any:
    """Return what a node comes to in the place of a tag of a mapping: None where it is left out."""
    tagged = {"M": mapping(Tags={"tag": node}), **(resources or {})}
    return the(read(folder, stack(tagged, **sections))).settings["Tags"].get("tag")
