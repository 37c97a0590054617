"""The weighing of a bundle: what counts, and whose it is. Installing streamkit is the benchmark's own business."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from benchmarks import install_size
from benchmarks.install_size import COMMANDS, OWN, UNUSED, Weight

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "streamkit/__init__.py": "x" * 100,
    "streamkit/local/runner.py": "y" * 200,
    "streamkit/locality.py": "z" * 10,
    "streamkit_dynamodb-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: streamkit-dynamodb\nVersion: 1\n",
    "other/core.so": "".join(chr(97 + number % 23 * number % 7) for number in range(1000)),
    "other-2.dist-info/METADATA": "Metadata-Version: 2.1\nName: other\nVersion: 2\n",
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder as ``pip install --target`` leaves it: two distributions, and a command of one of them."""
    for name, text in {**FILES, "bin/other": "#!"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for start, info in (("streamkit", "streamkit_dynamodb-1"), ("other", "other-2")):
        listed = [name for name in FILES if name.startswith(start)] + [f"{info}.dist-info/RECORD"]
        (tmp_path / f"{info}.dist-info/RECORD").write_text("".join(f"{name},,\n" for name in listed), encoding="utf-8")
    return tmp_path


def test_every_file_is_counted_once_and_as_that_of_its_distribution(bundle: Path) -> None:
    weights = install_size.weigh(bundle)
    assert list(weights) == ["other", OWN, UNUSED, COMMANDS]
    assert weights[UNUSED].installed == 200
    assert weights[COMMANDS].installed == 2
    whole = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
    assert sum(weight.installed for weight in weights.values()) == whole


def test_what_is_zipped_adds_up_to_a_zip_file(bundle: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in bundle.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(bundle))
    end_of_archive = 22
    weights = install_size.weigh(bundle)
    assert sum(weight.zipped for weight in weights.values()) == len(file.getvalue()) - end_of_archive


def test_the_report_compares_streamkit_with_what_it_needs_and_the_whole_with_lambdas_limit() -> None:
    megabyte = 1_000_000
    lines = install_size.report(
        {
            "pydantic": Weight(8 * megabyte, 4 * megabyte),
            OWN: Weight(megabyte, megabyte // 2),
            UNUSED: Weight(megabyte, megabyte // 2),
        }
    )
    assert [line.split() for line in lines[:2]] == [["installed", "zipped"], ["8.00", "MB", "4.00", "MB", "pydantic"]]
    assert lines[4].split() == ["10.00", "MB", "5.00", "MB", "the", "whole", "bundle"]
    assert lines[5:] == [
        "streamkit adds 0.25 x to what it needs, 0.25 x zipped",
        "the bundle is 3.8% of the 250 MB that Lambda allows",
    ]


def test_what_is_weighed_is_what_is_installed_of_the_wheel_that_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, ...]] = []

    def run(command: list[str]) -> None:
        asked.append(tuple(command))
        bundle.rename(command[command.index("--target") + 1])

    monkeypatch.setattr(install_size, "run", run)
    assert install_size.main(["--wheel", "made.whl", "--constraint", "pins.txt"]) == 0
    (command,) = asked
    assert command[:2] == ("pip", "install")
    assert command[-1] == "made.whl"
    assert command[command.index("--constraint") + 1] == "pins.txt"
    assert "the whole bundle" in capsys.readouterr().out
