"""The errors of docs/errors.md, provoked: tests/docs/errors/ has what is done for each, under the same headings."""

from __future__ import annotations

import logging
import re
import shlex
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from pydantic import ValidationError

from streamkit.cli.app import cli

if TYPE_CHECKING:
    import pytest

    from tests.cli.streamserver import StreamServer

__all__ = [
    "PAGE",
    "PROVOKED",
    "Entry",
    "Met",
    "Provocation",
    "as_user",
    "entries_of",
    "one_line",
    "provocations_of",
    "provoke",
    "told",
]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
PROVOKED = Path(__file__).parent / "errors"
_HEADING = re.compile(r"^(#{2,3}) `(.+)`$", re.MULTILINE)
_FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Met:
    """What a user meets: of which kind it is (an exception's class, an exit code, the log), and its text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Entry:
    """An entry of the page."""

    heading: str
    kinds: frozenset[str]
    texts: list[str]

    def begins(self, text: str) -> bool:
        """Whether a message has the heading in it, which may leave something out."""
        parts = [re.escape(one_line(part)) for part in self.heading.split("…")]
        return re.search(".*".join(parts), one_line(text)) is not None

    def text_of(self, message: str) -> str | None:
        """Return which of the texts is a message, None where none is."""
        return next((text for text in self.texts if _is_said(message, text)), None)


@dataclass(frozen=True)
class Provocation:
    """What is done to meet the errors of an entry: files that are written, then Python or commands."""

    heading: str
    prelude: str = ""
    files: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)


def entries_of(text: str) -> list[Entry]:
    """Read the entries of the page."""
    entries = []
    for heading, body in _parts(text):
        kinds, _, rest = body.strip().partition("\n")
        texts = [one for match in _FENCE.finditer(rest) if match[1] == "text" for one in match[3].split("\n\n")]
        entries.append(Entry(heading, frozenset(re.findall("`([^`]+)`", kinds)), [one_line(one) for one in texts]))
    return entries


def _is_said(message: str, text: str) -> bool:
    """Whether the page's text is the message: … stands for what differs, or is too long for a page."""
    parts = [re.escape(part) for part in text.split("…")]
    return re.fullmatch(".*".join(parts), one_line(message)) is not None


def provocations_of(path: Path) -> list[Provocation]:
    """Read a file of provocations. What stands before its first heading comes before each of them."""
    text = path.read_text(encoding="utf-8")
    before = text[: _HEADING.search(text).start()]  # type: ignore[union-attr]  # each file has a heading
    prelude = "".join(match[3] for match in _FENCE.finditer(before) if match[1] == "python" and not match[2])
    shared = {match[2]: match[3] for match in _FENCE.finditer(before) if match[2]}
    found = []
    for heading, body in _parts(text):
        one = Provocation(heading, prelude, dict(shared))
        for match in _FENCE.finditer(body):
            if match[2]:
                one.files[match[2]] = match[3]
            else:
                one.steps.append((match[1], match[3]))
        found.append(one)
    return found


def _parts(text: str) -> list[tuple[str, str]]:
    matches = list(_HEADING.finditer(text))
    ends = [match.start() for match in matches[1:]] + [len(text)]
    return [(match[2], text[match.end() : end]) for match, end in zip(matches, ends, strict=True)]


def one_line(text: str) -> str:
    """Return a text as the page may break it into lines: any space is one space."""
    return " ".join(text.split())


def as_user(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Make ``folder`` the current one, that of a user's project, and nobody's the AWS account."""
    for name in ("PROFILE", "DEFAULT_REGION", "ENDPOINT_URL", "ENDPOINT_URL_DYNAMODB", "ENDPOINT_URL_DYNAMODB_STREAMS"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)


def provoke(provocation: Provocation, folder: Path) -> list[Met]:
    """Do in ``folder``, which is the current one, what a user does; return what is met, in order."""
    for name, text in provocation.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    met = []
    for language, code in provocation.steps:
        if language == "console":
            met += [_command(line.removeprefix("$ streamkit "), folder) for line in code.splitlines()]
        else:
            met += _python(provocation.prelude, code)
    return [Met(one.kind, _alike(one.text, folder)) for one in met]


def _alike(text: str, folder: Path) -> str:
    """Return a message with what differs from run to run as the page has it: folders, ports, addresses in memory."""
    text = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:8000", text.replace(str(folder), "/project"))
    return re.sub(r" at 0x[0-9a-f]+", " at 0x7f2d5c1b80d0", text)


def _command(line: str, folder: Path) -> Met:
    """Run a command line; ``<`` FILE at its end is standard input."""
    arguments = shlex.split(line)
    given = None
    if "<" in arguments:
        given, arguments = (folder / arguments[-1]).read_bytes(), arguments[: arguments.index("<")]
    before = set(sys.modules)
    try:
        result = CliRunner().invoke(cli, arguments, input=given, catch_exceptions=False)
    finally:
        for name in set(sys.modules) - before:
            if (folder / f"{name}.py").exists():  # another test has another module of the name
                del sys.modules[name]
    return Met(f"exit code {result.exit_code}", _error_in(result.stderr))


def told(server: StreamServer, line: str) -> dict[str, str]:
    """Return what a command says that reads the live streams of ``server``."""
    result = CliRunner().invoke(cli, [*shlex.split(line), "--endpoint-url", server.endpoint_url])
    return {f"exit code {result.exit_code}": _error_in(result.stderr)}


def _error_in(stderr: str) -> str:
    """Return click's error without the usage before it."""
    return re.split("^Error: ", stderr, maxsplit=1, flags=re.MULTILINE)[-1]


def _python(prelude: str, code: str) -> list[Met]:
    """Run code as the module ``app``: what it raises, else what it warns of and logs, else what it puts into shown."""
    module = ModuleType("app")
    logged = _Kept()
    logger = logging.getLogger("streamkit")
    sys.modules["app"] = module
    logger.addHandler(logged)
    logger.propagate = False
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            exec(compile(prelude, "app.py", "exec", dont_inherit=True), vars(module))  # noqa: S102  # ours
            exec(compile(code, "app.py", "exec", dont_inherit=True), vars(module))  # noqa: S102  # ours
    except BaseException as error:  # noqa: BLE001  # whatever is raised is what is met
        return [Met(type(error).__name__, _told(error))]
    finally:
        logger.removeHandler(logged)
        logger.propagate = True
        del sys.modules["app"]
    shown: dict[str, Any] = vars(module).get("shown", {})
    return [
        *(Met(one.category.__name__, str(one.message)) for one in warned),
        *(Met("streamkit's log", text) for text in logged.texts),
        *(Met(kind, str(text)) for kind, text in shown.items()),
    ]


def _told(error: BaseException) -> str:
    if isinstance(error, ValidationError):  # pydantic's own words around ours have its version in them
        return "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
    return str(error)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
