"""A run as a story for people: what the function was called with, why, and what came of it.

3 records read, 1 handled, 2 discarded; 3 calls; +0s is 2026-01-01T00:00:00Z
call 1  +0s      INSERT id=1, id=2, id=3
                 reported INSERT id=2, the 2nd of 3: ValueError: no stock (app.py:14)
call 2  +0s      INSERT id=2, id=3 [INSERT id=2 is the lowest number in batchItemFailures (SEMANTICS §3)]
                 reported INSERT id=2, the 1st of 2: ValueError: no stock (app.py:14)
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, assert_never

from streamkit.local.journal import InvocationStarted
from streamkit.local.places import place_of
from streamkit.local.recordnames import RecordNames
from streamkit.local.runner import LocalRunner
from streamkit.local.storyentries import Call, Note, Repeated, Tale, told
from streamkit.local.texts import counted, described, printable, second

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from streamkit.local.journal import Fact, InvocationFinished
    from streamkit.local.storyentries import Entry

__all__ = ["named", "names_in", "story"]

_NEW_BATCH = "new batch: "
_MINUTE = 60
_TAB = "\t"
"""Between the parts of a line that Lambda's runtime logs: the level, the time, the request, the message."""
_LONGEST = 400
"""How many characters a line may have: a response that is wrong may be of any length."""
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_TEENS = range(11, 14)


def story(run: LocalRunner | Iterable[Fact], *, most: int = 30) -> str:
    """Return what happened in a run as lines of text, of any run in bounded length.

    ``run``: a runner, or the facts of a journal; only a runner knows what records are called that never reached the
    function. ``most``: how many calls and other events are told: at the beginning, where something goes wrong
    first, and at the end; those in between are counted. Calls that only repeat the one before are told once.

    Times are those of the runner's clock since the first fact. A call has the number that a plan of faults has for it,
    one more than its place in ``runner.invocations``. Raises ValueError for a ``most`` below 0.
    """
    if type(most) is not int or most < 0:
        raise ValueError(f"most takes a whole number from 0 on, not {most!r}")
    runner = run if isinstance(run, LocalRunner) else None
    facts = run.journal if isinstance(run, LocalRunner) else run
    return "\n".join(_Teller(told(facts), runner).lines(most))


def named(runner: LocalRunner) -> str:
    """Return which runner it is, in a few words: ``(handler) on orders, seed 7``."""
    name, source = runner._setup.invoker.function_name, runner._setup.source  # noqa: SLF001  # of the same package
    table = source.stream_arn.rpartition(":table/")[2].partition("/")[0]
    return f"({name}) on {table}, seed {runner.seed}"


def names_in(runner: LocalRunner) -> RecordNames:
    """Return what the records of a runner are called."""
    names = RecordNames(runner._setup.source, runner.clock.now())  # noqa: SLF001  # of the same package
    for fact in runner.journal:
        if isinstance(fact, InvocationStarted):
            names.learn(fact)
    return names


class _Teller:
    """Tells one tale."""

    def __init__(self, tale: Tale, runner: LocalRunner | None) -> None:
        self._tale = tale
        self._runner = runner
        if runner is None:
            self._names = RecordNames()
            for call in tale.calls:
                self._names.learn(call.start)
            known: Iterable[str] = tale.shard_ids
        else:
            self._names = names_in(runner)
            known = (*runner._setup.source.shard_ids, *tale.shard_ids)  # noqa: SLF001  # of the same package
        self._shards = {shard_id: f"shard {place}" for place, shard_id in enumerate(dict.fromkeys(known), 1)}
        self._width = len(f"call {len(tale.calls)}")

    def lines(self, most: int) -> Iterator[str]:
        """Yield the lines, of no more than so many entries."""
        entries, done = self._tale.entries, 0
        yield self._headline()
        for start, end in _chosen(entries, most):
            if start > done:
                yield f"… in between: {_counts(entries[done:start])} …"
            for entry in entries[start:end]:
                yield from self._entry(entry)
            done = end
        yield from list(self._open_ends())[:most]

    def _headline(self) -> str:
        tale, total = self._tale, self._tale.summary.total
        if tale.start is None:
            return f"nothing happened{self._why_nothing()}"
        left = total.read - total.filtered - total.handled - total.discarded - total.expired
        counts = {
            "handled": total.handled,
            "filtered out": total.filtered,
            "discarded": total.discarded,
            "expired": total.expired,
            "not done with": left,
        }
        parts = [
            f"{counted(total.read, 'record')} read",
            *(f"{count} {what}" for what, count in counts.items() if count > 0),
        ]
        return f"{', '.join(parts)}; {counted(len(tale.calls), 'call')}; +0s is {second(tale.start)}"

    def _why_nothing(self) -> str:
        if self._runner is None:
            return ""
        if not self._runner.journal.keep:
            return ", or is not known: the runner's journal holds nothing (Journal(keep=False))"
        if not self._runner.mapping.enabled:
            return ": the mapping is disabled"
        hint = ""
        if self._runner.mapping.starting_position == "LATEST":
            hint = "; StartingPosition is LATEST, so what was written before the runner was made is not read"
        return f": the runner was not run, or its stream has no record to be read{hint}"

    def _entry(self, entry: Entry) -> Iterator[str]:
        if isinstance(entry, Repeated):
            first, last = entry.calls[0], entry.calls[-1]
            span = f"{self._since(first.start.at)} to {self._since(last.start.at)}"
            yield f"… calls {first.number} to {last.number} ({span}): as call {first.number - 1} …"
        elif isinstance(entry, Note):
            names = self._names.of(entry.numbers, entry.shard_id) if entry.numbers else ""
            after = self._names.within(entry.after, entry.shard_id)
            yield self._line("", entry.at, entry.shard_id, f"{entry.before}{names}{after}")
        else:
            yield from self._call(entry)

    def _call(self, call: Call) -> Iterator[str]:
        start = call.start
        told = self._names.of(start.sequence_numbers, start.shard_id)
        reasons = [f"attempt {start.attempt}"] if start.attempt > 1 else []
        if not start.why.startswith(_NEW_BATCH):
            reasons.append(self._names.within(start.why, start.shard_id))
        if reasons:
            told += f" [{'; '.join(reasons)}]"
        outcome = self._outcome(call)
        lane = f", lane {start.lane}" if self._tale.lanes else ""
        if outcome == "success" and not reasons:
            yield self._line(f"call {call.number}", start.at, start.shard_id, f"{told}: success", lane)
        else:
            yield self._line(f"call {call.number}", start.at, start.shard_id, told, lane)
            yield self._line("", None, "", outcome)

    def _outcome(self, call: Call) -> str:
        end = call.end
        if end is None:
            return "no answer so far"
        match end.outcome:
            case "success":
                return "success"
            case "partial":
                return f"reported {self._reported(end)}"
            case "failure":
                return f"failed: {end.why if end.error is None else _told_error(end.error)}"
            case "throttled":
                return f"throttled: {end.why}"
        assert_never(end.outcome)

    def _reported(self, end: InvocationFinished) -> str:
        """Return which record a response reported, and why, where that is known."""
        numbers = end.sequence_numbers
        index = _lowest_reported(end)
        if index is None:
            return end.why
        which = self._names.of(numbers[index : index + 1], end.shard_id)
        which += f", the {_ordinal(index + 1)} of {len(numbers)}" if len(numbers) > 1 else ""
        errors = {failure.sequence_number: failure.error for failure in end.failures}
        error = errors.get(numbers[index]) or errors.get(None)
        if error is None:
            # Of a function in another process its log may know.
            logged = next((line for line in end.log.splitlines() if numbers[index] in line), "")
            return which + (f"; its log: {logged.rpartition(_TAB)[2]}" if logged else "")
        more = f" (and {counted(len(errors) - 1, 'other record')} failed)" if len(errors) > 1 else ""
        return f"{which}: {_told_error(error)}{more}"

    def _open_ends(self) -> Iterator[str]:
        """Yield what would go on if the run did."""
        for call, retry in self._tale.waiting.values():
            names = self._names.of(call.start.sequence_numbers, retry.shard_id)
            text = f"to be tried again at {self._since(retry.retry_at)}: {names}"
            yield self._line("then", None, retry.shard_id, text)
        for window in self._tale.windows.open:
            yield self._line("then", None, window.shard_id, str(window))

    def _line(self, label: str, at: datetime | None, shard_id: str, text: str, lane: str = "") -> str:
        since = "" if at is None else self._since(at)
        for known, name in self._shards.items():
            text = text.replace(known, name)
        shard = f"{self._shards[shard_id]}{lane}: " if shard_id and (len(self._shards) > 1 or lane) else ""
        line = " ".join(f"{shard}{text}".split())
        line = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
        return printable(f"{label:<{self._width}}  {since:<8} {line}")

    def _since(self, when: datetime) -> str:
        """Return a time as the time since the first fact: ``+1.25s``, ``+2m05s``, ``+23h59m``."""
        seconds = (when - (self._tale.start or when)).total_seconds()
        if seconds < _MINUTE:
            return f"+{int(seconds * 100) / 100:g}s"
        minutes, rest = divmod(int(seconds), _MINUTE)
        return f"+{minutes}m{rest:02}s" if minutes < _MINUTE else f"+{minutes // _MINUTE}h{minutes % _MINUTE:02}m"


def _chosen(entries: Sequence[Entry], most: int) -> list[tuple[int, int]]:
    """Return from where to where entries are told: the beginning, what goes wrong first, and the end."""
    if len(entries) <= most:
        return [(0, len(entries))]
    part = most // 3
    tail = len(entries) - part
    wrong = next((place for place, entry in enumerate(entries) if _is_wrong(entry)), 0)
    # One before it: what came in between may be the reason.
    middle = min(max(wrong - 1, 0), tail - part)
    head = most - 2 * part
    if not part or middle <= head:
        return [(0, most - part), (tail, len(entries))]
    return [(0, head), (middle, middle + part), (tail, len(entries))]


def _is_wrong(entry: Entry) -> bool:
    if isinstance(entry, Note):
        return entry.kind in ("loss", "warning")
    call = entry.calls[0] if isinstance(entry, Repeated) else entry
    return call.outcome not in ("success", "throttled")


def _told_error(error: BaseException) -> str:
    place = place_of(error)
    return f"{described(error)} ({place})" if place else described(error)


def _lowest_reported(end: InvocationFinished) -> int | None:
    """Return the place of the first record that the response names; None for a response that was not read by us."""
    entries = end.response.get("batchItemFailures") if isinstance(end.response, dict) else None
    entries = entries if isinstance(entries, list) else []
    named = [entry.get("itemIdentifier") for entry in entries if isinstance(entry, dict)]
    return next((place for place, number in enumerate(end.sequence_numbers) if number in named), None)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in _TEENS else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"


def _counts(entries: Sequence[Entry]) -> str:
    """Return how many of what there are: ``3970 calls (3960 success, 10 failure), 2 losses``."""
    outcomes: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    for entry in entries:
        if isinstance(entry, Note):
            notes[entry.kind] += 1
        else:
            outcomes.update(call.outcome for call in (entry.calls if isinstance(entry, Repeated) else (entry,)))
    calls = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    told = [f"{counted(outcomes.total(), 'call')} ({calls})"] if outcomes else []
    told += [counted(count, kind, "losses" if kind == "loss" else "") for kind, count in notes.items()]
    return ", ".join(told)
