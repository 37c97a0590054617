"""A report as text, and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamkit.deployment.checking.finding import Report

__all__ = ["beside_lines", "heading_of", "report_data", "report_text", "verdict_of"]

_VERSION = 1


def report_text(report: Report, *, strict: bool = False) -> str:
    """Return a report as it is read without a terminal: a block for each finding, and the verdict."""
    return "\n".join(
        [
            *heading_of(report),
            *(f"\n{finding}" for finding in report.findings),
            *beside_lines(report),
            f"\n{verdict_of(report, strict=strict)}",
        ]
    )


def heading_of(report: Report) -> list[str]:
    """Return what was looked at."""
    return [f"{report.handler} against {found.place}" for found in report.mappings]


def beside_lines(report: Report) -> list[str]:
    """Return what was not looked at, and why, and what was assumed."""
    several = len(report.mappings) > 1
    lines = [f"  {one.mapping}: {one}" if several else f"  {one}" for one in report.not_checked]
    if report.ignored:
        lines.append(f"  {', '.join(report.ignored)}: ignored")
    notes = [f"  {note}" for note in dict.fromkeys(note for found in report.mappings for note in found.notes)]
    return [*(["\nnot checked:", *lines] if lines else []), *(["\nassumed:", *notes] if notes else [])]


def verdict_of(report: Report, *, strict: bool = False) -> str:
    """Return what it comes to."""
    counts = [_counted(report.count("error"), "error"), _counted(report.count("warning"), "warning")]
    if not report.findings:
        return "nothing was found: what is deployed fits the code, as far as it was checked"
    fits = "what is deployed fits the code" if report.fits(strict=strict) else "what is deployed does not fit the code"
    return f"{', '.join(counts)}: {fits}"


def report_data(report: Report, *, strict: bool = False) -> dict[str, Any]:
    """Return a report as JSON has it; members are added, and none is taken away or changes its meaning."""
    return {
        "version": _VERSION,
        "handler": report.handler,
        "ok": report.fits(strict=strict),
        "errors": report.count("error"),
        "warnings": report.count("warning"),
        "mappings": [{"name": found.name, "place": asdict(found.place)} for found in report.mappings],
        "findings": [asdict(finding) for finding in report.findings],
        "not_checked": [
            {"mapping": one.mapping, "rules": list(one.rules), "why": one.why} for one in report.not_checked
        ],
        "assumed": list(dict.fromkeys(note for found in report.mappings for note in found.notes)),
        "ignored": list(report.ignored),
    }


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
