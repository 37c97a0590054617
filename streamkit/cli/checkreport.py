"""A check's report for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from streamkit.deployment.checking.reporting import beside_lines, heading_of, verdict_of

if TYPE_CHECKING:
    from streamkit.deployment.checking.finding import Finding, Report

__all__ = ["rich_report"]

_STYLES = {"error": "bold red", "warning": "bold yellow"}


def rich_report(report: Report, *, strict: bool = False) -> RenderableType:
    """Return a report for a terminal."""
    parts: list[RenderableType] = [Text(line) for line in heading_of(report)]
    for finding in report.findings:
        parts += ["", *_parts(finding)]
    parts += [Text(line, style="dim") for line in beside_lines(report)]
    style = "bold green" if report.fits(strict=strict) else "bold red"
    return Group(*parts, "", Text(verdict_of(report, strict=strict), style=style))


def _parts(finding: Finding) -> list[RenderableType]:
    head = Text.assemble(
        (f"{finding.severity}[{finding.rule}]", _STYLES[finding.severity]), " ", (str(finding.place), "cyan")
    )
    why = Text.assemble(("why: ", "dim"), finding.why, (f" ({finding.source})", "dim"))
    change = Text(finding.change, style="green")
    return [head, *(Padding(part, (0, 0, 0, 2)) for part in (Text(finding.what), why)), Padding(change, (0, 0, 0, 4))]
