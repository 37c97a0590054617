"""Every piece of code in README.md and docs/ is run, and every command's output is what the page says."""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
SCRIPT = str(Path(sys.executable).with_name("streamkit"))


@dataclass(frozen=True)
class Block:
    language: str
    title: str
    code: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(match[1], match[2] or "", match[3], text.count("\n", 0, match.start(3)) + 1)
        for match in FENCE.finditer(text)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs_as_it_stands(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_module: ModuleType
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks_of(page):
        if block.title:
            (tmp_path / block.title).write_text(block.code, encoding="utf-8")
        elif block.language == "python":
            # Blank lines in front, so that a traceback names the page's own line.
            code = compile("\n" * (block.line - 1) + block.code, str(page), "exec", dont_inherit=True)
            exec(code, vars(fresh_module))  # noqa: S102  # our own pages
        elif block.language == "console":
            assert output_of(block.code, tmp_path) == block.code
    if list(tmp_path.glob("test_*.py")):
        run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "."]
        result = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603  # ours
        assert result.returncode == 0, result.stdout


@pytest.fixture
def fresh_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("a_page")
    monkeypatch.setitem(sys.modules, "a_page", module)
    return module


def output_of(console: str, folder: Path) -> str:
    """Run the ``$`` lines of a console block and return the block as it should be."""
    lines = []
    for line in console.splitlines():
        if line.startswith("$ "):
            lines.append(line + "\n")
            program, *arguments = shlex.split(line[2:])
            assert program == "streamkit"
            result = subprocess.run(  # noqa: S603  # our own pages
                [SCRIPT, *arguments],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            lines.append(result.stdout)
    return "".join(lines)


def test_every_link_to_a_file_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_pages_have_code() -> None:
    assert sum(block.language == "python" for page in PAGES for block in blocks_of(page)) > 15
