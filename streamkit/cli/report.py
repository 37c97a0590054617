"""What a run came to: a table on a terminal, plain lines without one, JSON for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streamkit.local.texts import counted, second
from streamkit.local.window import CAUSES

if TYPE_CHECKING:
    from streamkit.local.runner import LocalRunner
    from streamkit.local.summary import Loss, RunSummary
    from streamkit.local.windowlog import WindowRun

__all__ = ["json_report", "plain_report", "table_report"]

# What a count is called where it stands beside the invocations.
_LABELS = {"failed_invocations": "failed"}
_SHOWN_LOSSES = 10
_SHOWN_NUMBERS = 3


def table_report(summary: RunSummary, target: str, seed: int = 0) -> RenderableType:
    """Return the summary for a terminal: a column for each shard, so that it stays narrow."""
    table = Table(title=target, title_justify="left")
    table.add_column("")
    for shard_id in summary.shards:
        table.add_column(shard_id, justify="right", overflow="fold")
    shards = summary.shards.values()
    for name in _shown(summary):
        table.add_row(_LABELS.get(name, name), *(str(shard.counts()[name]) for shard in shards))
    table.add_row("checkpoint", *(shard.checkpoint or "-" for shard in shards))
    style = "bold green" if summary.ok else "bold red"
    lines = [*_window_lines(summary), *_troubles(summary)]
    return Group(table, *map(Text, lines), Text(_verdict(summary, seed), style=style))


def _shown(summary: RunSummary) -> list[str]:
    """Return which counts have a place: a run without filters says nothing of them."""
    return [name for name, count in summary.total.counts().items() if count or name != "filtered"]


def plain_report(summary: RunSummary, target: str, seed: int = 0) -> str:
    """Return the summary as lines of text."""
    lines = [target]
    for shard_id, shard in summary.shards.items():
        counts = ", ".join(f"{shard.counts()[name]} {_LABELS.get(name, name)}" for name in _shown(summary))
        lines.append(f"{shard_id}: {counts}; checkpoint {shard.checkpoint or '-'}")
    return "\n".join([*lines, *_window_lines(summary), *_troubles(summary), _verdict(summary, seed)])


def json_report(summary: RunSummary, runner: LocalRunner, target: str) -> str:
    """Return the summary as one JSON object."""
    report = {
        "handler": target,
        "ok": summary.ok,
        "seed": runner.seed,
        "mapping": runner.mapping.to_aws(),
        "total": summary.total.counts(),
        "shards": {name: shard.counts() | {"checkpoint": shard.checkpoint} for name, shard in summary.shards.items()},
        "metrics": dict(runner.metrics),
        "windows": {
            "closed": dict(summary.windows.closed),
            "open": [_open_window(window) for window in summary.windows.open],
        },
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
        "unread": summary.unread,
        "warnings": list(summary.warnings),
    }
    # Not orjson: it refuses the half characters that a setting may hold.
    return json.dumps(report, indent=2)


def _open_window(window: WindowRun) -> dict[str, Any]:
    return {
        "shard_id": window.shard_id,
        "start": second(window.start),
        "end": second(window.end),
        "records": window.records,
        "invocations": window.invocations,
        "waits_for": window.waits_for,
    }


def _troubles(summary: RunSummary) -> list[str]:
    lines = [f"warning ({counted(count, 'time')}): {text}" for text, count in summary.warnings.items()]
    lines += [_loss_line(loss) for loss in summary.losses[:_SHOWN_LOSSES]]
    lines += [f"lost unread: {text}" for text in summary.unread[:_SHOWN_LOSSES]]
    if len(summary.losses) > _SHOWN_LOSSES:
        lines.append(f"… and {len(summary.losses) - _SHOWN_LOSSES} more")
    return lines


def _window_lines(summary: RunSummary) -> list[str]:
    closed, opened = summary.windows.closed, summary.windows.open
    if not closed and not opened:
        return []
    causes = ", ".join(f"{count} since {CAUSES[cause]}" for cause, count in sorted(closed.items()))
    total = counted(closed.total() + len(opened), "window")
    return [f"{total}: {closed.total()} closed{causes and f' ({causes})'}, {len(opened)} open", *map(str, opened)]


def _loss_line(loss: Loss) -> str:
    if not loss.sequence_numbers:
        return f"lost: {loss.what}; last cause: {loss.cause}"
    numbers = ", ".join(loss.sequence_numbers[:_SHOWN_NUMBERS])
    if len(loss.sequence_numbers) > _SHOWN_NUMBERS:
        numbers += f" … {loss.sequence_numbers[-1]}"
    return f"lost: {counted(len(loss.sequence_numbers), 'record')} ({numbers}), {loss.what}; last cause: {loss.cause}"


def _verdict(summary: RunSummary, seed: int) -> str:
    total = summary.total
    taken = summary.brought - total.filtered
    left = taken - total.handled - total.discarded - total.expired
    rest = f"; {total.filtered} filtered out" if total.filtered else ""
    if summary.live and left:
        taken -= left
        rest += f"; {counted(left, 'record')} read and left for the next time"
        left = 0
    if summary.ok:
        how = f"in {counted(total.invocations, 'invocation')} with {counted(total.retries, 'retry', 'retries')}"
        return f"{_handled('all ' if taken > 1 else '', taken)}, {how}{rest}"
    if total.handled == taken and summary.doubtful:
        all_of_them = f"all {taken} records" if taken > 1 else "the record"
        return f"Lambda takes {all_of_them} for handled, although not every one succeeded: see the warning"
    lost = [f"{count} {what}" for count, what in ((total.discarded, "discarded"), (total.expired, "expired")) if count]
    lost += [f"{left} not reached"] if left else []
    results = sum(not loss.sequence_numbers for loss in summary.losses)
    lost += [f"the result of {counted(results, 'window')} lost"] if results else []
    unfinished = 0 if summary.live else len(summary.windows.open)
    lost += [f"{counted(unfinished, 'window')} not finished"] if unfinished else []
    lost += ["others were lost unread"] if summary.unread else []
    return f"{_handled(f'{total.handled} of ', taken)}: {', '.join(lost)}{rest} (seed {seed})"


def _handled(part: str, count: int) -> str:
    return f"{part}{count} records were handled" if count != 1 else f"{part}1 record was handled"
