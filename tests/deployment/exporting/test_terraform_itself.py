"""Terraform's configuration before Terraform itself, where it is there."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from streamkit.deployment.exporting import export
from streamkit.deployment.exporting.hcl import quoted
from tests.deployment.exporting.mappings import EVERY_SETTING, HOSTILE, made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamkit import EventSourceMapping

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="needs the terraform program")


def _terraform(folder: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(  # noqa: S603  # the machine's own
        ["terraform", *arguments],  # noqa: S607  # as above
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def generated() -> list[EventSourceMapping]:
    """Mappings with every hostile text, for programs that take a while to start."""
    return [*_all_texts()]


def _all_texts() -> Iterator[EventSourceMapping]:
    texts = [unicodedata.normalize("NFC", text) for text in HOSTILE]
    doubled = [f"{one}{text}" for one in ("$", "%", "\\", "$$", "x") for text in texts]
    for start in range(0, len(doubled), 40):
        some = doubled[start : start + 40]
        patterns = [{"Pattern": json.dumps({"a": some}, ensure_ascii=escaped)} for escaped in (False, True)]
        yield made({"filter_criteria": {"Filters": patterns}, "tags": {f"t{one}": one for one in some}})


@needs_terraform
def test_terraform_fmt_would_change_nothing(generated: list[EventSourceMapping], tmp_path: Path) -> None:
    for number, mapping in enumerate([made(EVERY_SETTING), made({}), *generated]):
        (tmp_path / f"{number}.tf").write_text(export("terraform", mapping, everything=True), encoding="utf-8")
        (tmp_path / f"{number}-table.tf").write_text(
            export("terraform", mapping, table_name="orders"), encoding="utf-8"
        )
    assert _terraform(tmp_path, "fmt", "-check", "-diff", "-no-color") == ""


@needs_terraform
def test_terraform_reads_every_text_as_it_was_meant(generated: list[EventSourceMapping], tmp_path: Path) -> None:
    texts = [
        text
        for one in generated
        for text in (*(one.tags or {}).values(), *(each["Pattern"] for each in (one.filter_criteria or {})["Filters"]))
    ]
    expression = f"base64encode(jsonencode([{', '.join(map(quoted, texts))}]))\n"
    answer = _terraform(tmp_path, "console", given=expression)
    assert json.loads(b64decode(answer)) == [unicodedata.normalize("NFC", text) for text in texts]
