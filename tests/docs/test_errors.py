"""docs/errors.md: each message is provoked and is what the page says, and none that the package has is missing.

For a new message: provoke it in tests/docs/errors/, under a heading that is a part of it, put the heading and what
helps on the page, and run `python -m tests.docs.rewriting`. Lines may be broken anywhere, and … may stand for what
differs.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.docs.provoking import PAGE, PROVOKED, Entry, Provocation, as_user, entries_of, provocations_of, provoke
from tests.docs.raising import exceptions, sites
from tests.docs.rewriting import rewritten

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES = {entry.heading: entry for entry in entries_of(PAGE.read_text(encoding="utf-8"))}
PROVOCATIONS = [one for path in sorted(PROVOKED.glob("*.md")) for one in provocations_of(path)]

# Messages that stand on the page inside of another one, or that nobody meets; by file and what they begin with.
INSIDE = {
    "api/delivering.py": "what follows 'its on-failure record is lost:' in the server's log",
    "compiling/": "reasons in the table of `streamkit explain`",
    "deployment/checking/driftrules.py": "what a report lists as not checked",
    "deployment/checking/filterrules.py": "the same",
    "deployment/checking/permissionrules.py": "the same",
    "deployment/checking/responserules.py": "the same",
    "deployment/checking/subject.py": "the same",
    "local/rolepolicies.py": "what a report lists as not checked",
    "local/invokers/httprequests.py": "answers to a function's process that speaks no HTTP",
    "local/streams/shardbuffer.py": "a guard of what the runner itself keeps",
    "states/": "what follows 'the new state is not a valid …:'",
    "testing/making/": "what follows 'no values of … can be made:'",
    "testing/simulation/interrupting.py": "what the story of a schedule says of a call that was interrupted",
}
ALONE = {
    "the API is HTTP, not …": "an ASGI server that is not ours",
    "module … has no attribute …": "Python's own words for a name that is not there",
    "--events - cannot be read: standard input is closed": "a shell with <&-",
    "no iterator of the shard is good for long: …": "a server whose iterators are old when they come",
    "GetRecords was answered without Records: …": "a proxy that answers in the place of DynamoDB",
    "… cannot be removed: …": "a disk that takes no change between two on-failure records",
    "item … of table … was written, and within … s no record of that came through …": "it takes as long as it says",
}
# Exceptions that are caught where they are raised, or whose text is in another one that is on the page.
UNSEEN = {
    "BadInput": "the command line's own: exit code 2",
    "BadRequestError": "answered to the process that asked",
    "DoubtError": "caught by the decoder",
    "ImpossibleStepError": "caught while a schedule is made smaller",
    "IteratorExpiredError": "the reader asks for another iterator",
    "LosslessError": "the reason in a WindowStateError",
    "NowhereError": "the server's log says that there is no on-failure destination",
    "NotCompiledError": "the reason in the table of `streamkit explain`",
    "SimulatedError": "what a handler's own call raises in a simulation; the story names the line",
    "SimulatedKill": "what ends a handler in a simulation; the story names the line",
    "SnapshotError": "the reason in a SimulationError",
    "TooDeepError": "caught where another value is made",
    "TrimmedError": "the reader goes on with what is left",
    "UnknownError": "caught by the check, whose report lists it",
    "UnnaturalError": "caught by the codec",
}


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The current directory is a user's project, and the AWS account is nobody's."""
    as_user(monkeypatch, tmp_path)


@pytest.mark.parametrize("provocation", PROVOCATIONS, ids=lambda one: one.heading)
def test_who_does_this_meets_the_messages_of_the_page(provocation: Provocation, tmp_path: Path) -> None:
    entry, met = ENTRIES[provocation.heading], provoke(provocation, tmp_path)
    missing = [one for one in met if entry.text_of(one.text) is None]
    assert missing == [], "docs/errors.md does not have these under this heading: python -m tests.docs.rewriting"
    unheard = set(entry.texts) - {entry.text_of(one.text) for one in met}
    assert unheard == set(), "docs/errors.md has these, and nothing says so any more: python -m tests.docs.rewriting"
    assert entry.kinds == {one.kind for one in met}
    assert entry.begins(met[0].text)


def test_what_is_rewritten_is_the_messages_and_nothing_else() -> None:
    page = PAGE.read_text(encoding="utf-8")
    heading, entry = next(iter(ENTRIES.items()))
    again = rewritten(page, heading, ["A", "B"], ["one", "two " * 60])
    (kept, *others), (_, *before) = entries_of(again), entries_of(page)
    assert kept == Entry(heading, frozenset({"A", "B"}), ["one", ("two " * 60).strip()])
    assert others == before
    assert max(map(len, again.splitlines())) <= 120
    assert rewritten(again, heading, sorted(entry.kinds), entry.texts) == page


def test_every_provocation_meets_something_and_every_entry_has_one() -> None:
    assert sorted(one.heading for one in PROVOCATIONS) == sorted(ENTRIES)
    assert [heading for heading, times in Counter(one.heading for one in PROVOCATIONS).items() if times > 1] == []
    assert [one.heading for one in PROVOCATIONS if not one.steps] == []


def test_every_exception_and_warning_of_the_package_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missing = {name for name in exceptions() if re.search(rf"\b{name}\b", page) is None}
    assert missing - set(UNSEEN) == set()
    assert set(UNSEEN) <= exceptions()


def test_every_message_in_the_sources_is_on_the_page() -> None:
    texts = [text for entry in ENTRIES.values() for text in entry.texts]
    missing = [site for site in sites() if not any(site.says(text) for text in texts)]
    alone = {begin for begin in ALONE for site in missing if site.text.startswith(begin)}
    assert alone == set(ALONE), "these are on the page, or are no more"
    unexplained = [
        str(site)
        for site in missing
        if not site.file.startswith(tuple(INSIDE)) and not site.text.startswith(tuple(ALONE))
    ]
    assert unexplained == [], "docs/errors.md lacks these messages"


def test_every_entry_says_what_helps() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for heading in ENTRIES:
        body = page.partition(f"### `{heading}`\n")[2].partition("\n##")[0]
        assert body.rpartition("```\n")[2].strip(), heading
