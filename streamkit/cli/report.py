"""What a run came to: a table on a terminal, plain lines without one, JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

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
    """Return the summary for a terminal: a column for each shard, so that it stays narrow."""
    table = Table(title=target, title_justify="left")
    table.add_column("")
    for shard_id in summary.shards:
        table.add_column(shard_id, justify="right", overflow="fold")
    shards = list(summary.shards.values())
    for index, name in enumerate(_COLUMNS):
        table.add_row(name, *(str(_counts(shard)[index]) for shard in shards))
    table.add_row("checkpoint", *(shard.checkpoint or "-" for shard in shards))
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
    # Not orjson: it refuses the half characters that a setting may hold.
    return json.dumps(report, indent=2)


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
    lines = [f"warning ({_counted(count, 'time')}): {text}" for text, count in summary.warnings.items()]
    lines += [_loss_line(loss) for loss in summary.losses[:_SHOWN_LOSSES]]
    if len(summary.losses) > _SHOWN_LOSSES:
        lines.append(f"… and {len(summary.losses) - _SHOWN_LOSSES} more")
    return lines


def _loss_line(loss: Loss) -> str:
    numbers = ", ".join(loss.sequence_numbers[:_SHOWN_NUMBERS])
    if len(loss.sequence_numbers) > _SHOWN_NUMBERS:
        numbers += f" … {loss.sequence_numbers[-1]}"
    return f"lost: {_counted(len(loss.sequence_numbers), 'record')} ({numbers}), {loss.what}; last cause: {loss.cause}"


def _verdict(summary: RunSummary) -> str:
    total = summary.total
    if summary.ok:
        how = f"in {_counted(total.invocations, 'invocation')} with {_counted(total.retries, 'retry', 'retries')}"
        return f"{_handled('all ' if total.read > 1 else '', total.read)}, {how}"
    if total.handled == summary.records and summary.warnings:
        taken = f"all {total.read} records" if total.read > 1 else "the record"
        return f"Lambda takes {taken} for handled, although not every one succeeded: see the warning"
    lost = [f"{count} {what}" for count, what in ((total.discarded, "discarded"), (total.expired, "expired")) if count]
    left = summary.records - total.handled - total.discarded - total.expired
    lost += [f"{left} not reached"] if left else []
    return f"{_handled(f'{total.handled} of ', summary.records)}: {', '.join(lost)}"


def _handled(part: str, count: int) -> str:
    return f"{part}{count} records were handled" if count != 1 else f"{part}1 record was handled"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
