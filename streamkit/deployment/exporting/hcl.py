"""HCL as `terraform fmt` leaves it: two blanks a level, the equals signs of neighbouring lines in one column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Block", "Expression", "quoted", "written"]

_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}
_LINE = 110
Lines: TypeAlias = list[str]


@dataclass(frozen=True, slots=True)
class Expression:
    """HCL that is to stand as it is: ``var.stream_arn``."""

    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """``kind "label" { … }``: what is in it are attributes, by name, and further blocks."""

    kind: str
    labels: Sequence[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    blocks: Sequence[Block] = ()
    last: Mapping[str, Any] = field(default_factory=dict)
    """Attributes that stand after the blocks."""


def quoted(text: str) -> str:
    """Return a text as HCL writes it: nothing in it is a template.

    What would begin one has an escape. A doubled sign, which is HCL's other way, not every reader takes: python-hcl2
    misses the brace that closes it.
    """
    text = re.sub(r'[\n\r\t"\\]', lambda match: _ESCAPES[match[0]], text)
    text = re.sub(r"[$%](?=\{)", lambda match: _escaped(match[0]), text)
    return '"' + "".join(one if one.isprintable() else _escaped(one) for one in text) + '"'


def written(blocks: Sequence[Block], comment: str) -> str:
    """Return a file of these blocks, under a comment."""
    parts = ["\n".join(f"# {line}" for line in comment.splitlines())]
    parts += ["\n".join(_block(one)) for one in blocks]
    return "\n\n".join(parts) + "\n"


def _escaped(one: str) -> str:
    return f"\\u{ord(one):04x}" if ord(one) <= 0xFFFF else f"\\U{ord(one):08x}"  # noqa: PLR2004  # as many digits as \u has


def _block(block: Block) -> Lines:
    inner = [_attributes(block.attributes), *(_block(one) for one in block.blocks), _attributes(block.last)]
    head = " ".join([block.kind, *(quoted(label) for label in block.labels), "{"])
    lines: Lines = []
    for part in filter(None, inner):
        lines += [*([""] if lines else []), *(f"  {line}" if line else "" for line in part)]
    return [head, *lines, "}"]


def _attributes(attributes: Mapping[str, Any]) -> Lines:
    """Return the lines of attributes; a run of those that fit on a line has its equals signs in one column."""
    lines: Lines = []
    run: list[tuple[str, str]] = []
    for name, value in attributes.items():
        text = _value(value, len(name))
        if "\n" not in text:
            run.append((name, text))
            continue
        lines += [*_aligned(run), *f"{name} = {text}".split("\n")]
        run = []
    return lines + _aligned(run)


def _aligned(run: Sequence[tuple[str, str]]) -> Lines:
    width = max((len(name) for name, _ in run), default=0)
    return [f"{name:{width}} = {value}" for name, value in run]


def _value(value: Any, indent: int) -> str:
    if isinstance(value, Expression):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        # In ASCII: columns are counted in letters as people see them, which only Terraform knows how to count.
        members = {_ascii(quoted(name)): one for name, one in value.items()}
        return "\n".join(["{", *(f"  {line}" for line in _attributes(members)), "}"])
    parts = [_value(one, indent) for one in value]
    line = f"[{', '.join(parts)}]"
    if len(line) + indent <= _LINE:
        return line
    return "\n".join(["[", *(f"  {part}," for part in parts), "]"])


def _ascii(text: str) -> str:
    return "".join(one if one.isascii() else _escaped(one) for one in text)
