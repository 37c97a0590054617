"""What a run came to: a table on a terminal, plain lines without one, JSON for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from streamkit.local.runner import LocalRunner
    from streamkit.local.summary import Loss, RunSummary, ShardSummary

__all__ = ["json_report", "plain_report", "table_report"]

_COLUMNS = ("read", "handled", "invocations", "failed", "retries", "discarded", "expired")
_SHOWN_LOSSES = 10
_SHOWN_NUMBERS = 3


def table_report(summary: RunSummary, target: str) -> RenderableType:
    """Return the summary for a terminal."""
    table = Table(title=target, title_justify="left")
    table.add_column("shard")
    for column in (*_COLUMNS,):
        table.add_column(column, justify="right")
    table.add_column("checkpoint")
    for shard_id, shard in summary.shards.items():
        table.add_row(shard_id, *(str(count) for count in _counts(shard)), shard.checkpoint or "-")
    style = "bold green" if summary.ok else "bold red"
    return Group(table, *(Text(line) for line in _troubles(summary)), Text(_verdict(summary), style=style))


def plain_report(summary: RunSummary, target: str) -> str:
    """Return the summary as lines of text."""
    lines = [target]
    for shard_id, shard in summary.shards.items():
        counts = ", ".join(f"{count} {column}" for column, count in zip(_COLUMNS, _counts(shard), strict=True))
        lines.append(f"{shard_id}: {counts}; checkpoint {shard.checkpoint or '-'}")
    return "\n".join([*lines, *_troubles(summary), _verdict(summary)])


def json_report(summary: RunSummary, runner: LocalRunner, target: str) -> str:
    """Return the summary as one JSON object."""
    report = {
        "handler": target,
        "ok": summary.ok,
        "mapping": runner.mapping.to_aws(),
        "total": _totals(summary.total),
        "shards": {name: _totals(shard) | {"checkpoint": shard.checkpoint} for name, shard in summary.shards.items()},
        "metrics": dict(runner.metrics),
        "discarded": [loss.on_failure_record for loss in summary.losses if loss.on_failure_record is not None],
        "losses": [
            {
                "shard_id": loss.shard_id,
                "sequence_numbers": loss.sequence_numbers,
                "what": loss.what,
                "cause": loss.cause,
            }
            for loss in summary.losses
        ],
        "warnings": list(summary.warnings),
    }
    return orjson.dumps(report, option=orjson.OPT_INDENT_2).decode()


def _totals(shard: ShardSummary) -> dict[str, object]:
    return {name: value for name, value in asdict(shard).items() if name not in ("checkpoint", "last_cause")}


def _counts(shard: ShardSummary) -> tuple[int, ...]:
    return (
        shard.read,
        shard.handled,
        shard.invocations,
        shard.failed_invocations,
        shard.retries,
        shard.discarded,
        shard.expired,
    )


def _troubles(summary: RunSummary) -> list[str]:
    lines = [f"warning ({count} times): {text}" for text, count in summary.warnings.items()]
    lines += [_loss_line(loss) for loss in summary.losses[:_SHOWN_LOSSES]]
    if len(summary.losses) > _SHOWN_LOSSES:
        lines.append(f"… and {len(summary.losses) - _SHOWN_LOSSES} more")
    return lines


def _loss_line(loss: Loss) -> str:
    numbers = ", ".join(loss.sequence_numbers[:_SHOWN_NUMBERS])
    if len(loss.sequence_numbers) > _SHOWN_NUMBERS:
        numbers += f" … {loss.sequence_numbers[-1]}"
    plural = "s" if len(loss.sequence_numbers) > 1 else ""
    return f"lost: {len(loss.sequence_numbers)} record{plural} ({numbers}), {loss.what}; last cause: {loss.cause}"


def _verdict(summary: RunSummary) -> str:
    total = summary.total
    if summary.ok:
        return f"all {total.read} records were handled, in {total.invocations} invocations with {total.retries} retries"
    parts = [
        f"{count} {what}"
        for count, what in (
            (total.discarded, "discarded"),
            (total.expired, "expired"),
            (len(summary.warnings), "warnings"),
        )
        if count
    ]
    tail = f": {', '.join(parts)}" if parts else ""
    return f"{total.handled} of {total.read} records were handled{tail}"
