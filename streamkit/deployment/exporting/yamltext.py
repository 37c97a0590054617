"""Templates as YAML that reads as if somebody had written it."""

from __future__ import annotations

import re
from typing import Any

import yaml

from streamkit.deployment.exporting.intrinsics import Intrinsic

__all__ = ["dumped"]

# What no reader of YAML, whatever its version, takes for anything but this text.
_PLAIN = re.compile(r"(?![yYnN]\Z)[A-Za-z][\w$.:/{}*+-]*(?: [\w$.:/{}()*+-][\w$.:/{}()*+,'-]*)*(?<!:)", re.ASCII)
_WIDEST = 2**31


def dumped(template: dict[str, Any]) -> str:
    """Return the text of a template."""
    return yaml.dump(template, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDEST)


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented, texts in single quotes on one line unless they are plain words."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # PyYAML's
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # as above
        return True

    def choose_scalar_style(self) -> str:
        event = self.event
        # A tag of one's own is enough: what follows need not be quoted to be a text.
        if isinstance(event, yaml.ScalarEvent) and (event.tag or "").startswith("!") and not event.style:
            return ""
        style: str = super().choose_scalar_style()
        return style


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # Of what is left to PyYAML it quotes what it would read as something else.
    style = None if _PLAIN.fullmatch(text) else "'" if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _intrinsic(dumper: _Dumper, one: Intrinsic) -> yaml.Node:
    tag = f"!{one.name}"
    if isinstance(one.value, str):
        return dumper.represent_scalar(tag, one.value, None if _PLAIN.fullmatch(one.value) else "'")
    # What computes is on one line; what is put together is read from top to bottom.
    return dumper.represent_sequence(tag, one.value, flow_style=one.name != "Sub")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Intrinsic, _intrinsic)
