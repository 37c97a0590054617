"""YAML text to objects and lists with lines; CloudFormation's tags to its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from streamkit.deployment.found import TemplateError
from streamkit.deployment.reading.texts.lined import Event, built

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_BYTES", "yaml_value"]

MAX_BYTES = 4_194_304
"""The largest YAML file that is read. CloudFormation takes templates of 1 MB."""

TAGS = frozenset(
    """
    And Base64 Cidr Condition Equals FindInMap GetAZs GetAtt If ImportValue Join Length Not Or Ref Select Split Sub
    ToJsonString Transform
    """.split()  # noqa: SIM905  # twenty names in two lines
)
"""CloudFormation's functions that have a short form."""

_STANDARD = "tag:yaml.org,2002:"
_CONSTRUCTED = {"bool", "float", "int", "null"}
_TYPES = {*_CONSTRUCTED, "map", "seq", "str", "timestamp"}
# libyaml reads ten times as fast, and is not in every installation of PyYAML.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_value(text: str, file: str) -> Any:
    """Return what a YAML text holds. Raises TemplateError with the line of what is wrong.

    Dates stay text (``Version: 2012-10-17``), and so do names (``on:``); the other plain words are YAML 1.1's, as AWS
    reads them: ``yes`` and ``on`` are true.
    """
    if len(text) > MAX_BYTES:
        raise TemplateError(f"{file} is larger than {MAX_BYTES >> 20} MB: CloudFormation takes templates of 1 MB")
    try:
        return built(_events(text, file), file, merges=True)
    except yaml.YAMLError as error:
        raise TemplateError(f"{file}{_where(error)}: this is not YAML: {_problem(error)}") from None


def _events(text: str, file: str) -> Iterator[Event]:
    resolver = yaml.SafeLoader("")
    documents = 0
    event: Any
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise TemplateError(f"{file}:{line}: a second YAML document begins here: a template is one document")
        elif isinstance(event, yaml.AliasEvent):
            yield Event("alias", line, event.anchor)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            kind = "object" if isinstance(event, yaml.MappingStartEvent) else "list"
            yield Event("object" if kind == "object" else "list", line, tag=_tag(event, file), anchor=event.anchor)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            yield Event("end", line)
        elif isinstance(event, yaml.ScalarEvent):
            tag = _tag(event, file)
            value = event.value if tag is not None else _scalar(event, resolver, file)
            yield Event("value", line, value, event.value, tag, event.anchor)


def _tag(event: Any, file: str) -> str | None:
    tag: str = event.tag or "!"
    if tag == "!" or (tag.startswith(_STANDARD) and tag.removeprefix(_STANDARD) in _TYPES):
        return None
    if tag.removeprefix("!") not in TAGS:
        raise TemplateError(
            f"{file}:{event.start_mark.line + 1}: CloudFormation has no function {tag}: it has "
            f"{', '.join(f'!{name}' for name in sorted(TAGS))}"
        )
    return tag


def _scalar(event: Any, resolver: Any, file: str) -> Any:
    if event.tag == "!":
        return event.value
    tag = event.tag or resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag.removeprefix(_STANDARD) not in _CONSTRUCTED:
        return event.value
    try:
        return resolver.yaml_constructors[tag](resolver, yaml.ScalarNode(tag, event.value))
    except (ValueError, KeyError, IndexError):
        raise TemplateError(
            f"{file}:{event.start_mark.line + 1}: {event.value[:40]!r} is no value of YAML's type "
            f"{tag.removeprefix(_STANDARD)}"
        ) from None


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return "" if mark is None else f":{mark.line + 1}"


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return ", ".join(part for part in (error.context, error.problem) if part)
    return " ".join(str(error).split())
