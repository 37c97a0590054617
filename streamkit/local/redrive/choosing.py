"""Which records of a range were the failed batch, by the mapping's filters and lanes (SEMANTICS §2, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamkit.local.routing import Router

if TYPE_CHECKING:
    from streamkit.local.recordlist import Records
    from streamkit.local.redrive.document import FailedBatch
    from streamkit.local.redrive.extent import Fetched
    from streamkit.mapping import EventSourceMapping

__all__ = ["choose"]


def choose(
    fetched: Fetched, batch: FailedBatch, mapping: EventSourceMapping, *, lanes_known: bool
) -> tuple[Records, str]:
    """Return the records to run, and a note where these may be more than the batch was.

    An on-failure record says how many records matched, and the first and the last of them. Where the mapping's filters,
    or one of its lanes, give just as many, these are they. Where nothing does, all are run that could be: a record that
    runs twice is what at-least-once delivery allows anyway, one that never runs is lost.

    ``lanes_known``: whether records are divided among lanes as the emulator does. How AWS does is not known (I), and
    a lane of ours with as many records by chance could be the wrong ones.
    """
    one_lane = mapping.model_copy(update={"parallelization_factor": 1})
    (matching,), _ = Router(one_lane).divide(fetched.records)
    if fetched.gone:
        return matching or fetched.records, ""
    if _bounded(matching, batch) and len(matching) == batch.size:
        return matching, ""
    if lanes_known and mapping.parallelization_factor > 1:
        lanes, _ = Router(mapping).divide(matching)
        for lane in lanes:
            if _bounded(lane, batch) and len(lane) == batch.size:
                return lane, ""
    if _bounded(matching, batch) and len(matching) > batch.size:
        return matching, (
            f"the batch was {batch.size} of the {len(matching)} records in its range that match: which ones is not "
            f"known{_advice(mapping, lanes_known)}, so that all {len(matching)} are run"
        )
    return fetched.records, (
        f"the batch had {batch.size} records, and the mapping's filters take other ones of its range "
        f"({len(matching)} of {len(fetched.records)}): they have changed since, so that all are run"
    )


def _bounded(records: Records, batch: FailedBatch) -> bool:
    return (records.numbers[:1], records.numbers[-1:]) == ((batch.start,), (batch.end,))


def _advice(mapping: EventSourceMapping, lanes_known: bool) -> str:
    if not lanes_known:
        return " (how AWS divides a shard for ParallelizationFactor is not)"
    if mapping.parallelization_factor == 1:
        return " (with the --parallelization-factor and the --filter-criteria of then they may be)"
    return ""
