"""Every piece of code in README.md and docs/ is run, and every command's output is what the page says."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, alike, blocks_of, name_of

SCRIPTS = Path(sys.executable).parent
# Fixtures of parts without which a page's code has nothing to run on.
PARTS = {"docs/dynamodb-local.md": "dynamodb", "docs/serve.md": "dynamodb"}
# What tests/packaging/test_new_user.py follows where only the wheel is installed.
FOLLOWED = {"docs/index.md"}


# Several seconds where a page has commands and tests: each is a process of its own, as it is for who reads the page.
@pytest.mark.parametrize("page", [page for page in PAGES if name_of(page) not in FOLLOWED], ids=name_of)
def test_the_code_of_a_page_runs_as_it_stands(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fresh_module: ModuleType,
    request: pytest.FixtureRequest,
) -> None:
    if part := PARTS.get(name_of(page)):
        request.getfixturevalue(part)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for block in blocks_of(page):
        if block.title:
            (tmp_path / block.title).write_text(block.code, encoding="utf-8")
        elif block.language == "python":
            # Blank lines in front, so that a traceback names the page's own line.
            code = compile("\n" * (block.line - 1) + block.code, str(page), "exec", dont_inherit=True)
            exec(code, vars(fresh_module))  # noqa: S102  # our own pages
        elif block.language == "console":
            output = output_of(block.code, tmp_path)
            assert alike(block.code, output), output
    commands = "\n".join(block.code for block in blocks_of(page) if block.language == "console")
    if list(tmp_path.glob("test_*.py")) and not re.search(r"^\$ pytest(?!.*\.py)", commands, re.MULTILINE):
        run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "."]
        result = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603  # ours
        assert result.returncode == 0, result.stdout


@pytest.fixture
def fresh_module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return the module that a page's code runs in. What it imports from the page's files is forgotten at the end."""
    module = ModuleType("a_page")
    monkeypatch.setitem(sys.modules, "a_page", module)
    before = set(sys.modules)
    yield module
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and Path(file).parent == Path.cwd():
            del sys.modules[name]


def output_of(console: str, folder: Path) -> str:
    """Run the ``$`` lines of a console block and return the block as it should be."""
    lines = []
    for line in console.splitlines():
        if line.startswith("$ "):
            lines.append(line + "\n")
            program, *arguments = shlex.split(line[2:])
            assert program in {"streamkit", "python", "pytest"}
            result = subprocess.run(  # noqa: S603  # our own pages
                [str(SCRIPTS / program), *arguments],
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
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (page.parent / target).exists(), f"{name_of(page)}: {target}"


def test_every_page_is_linked_from_the_readme_or_from_a_page_that_is() -> None:
    def targets(page: Path) -> set[Path]:
        links = re.findall(r"\]\(([^)#:]+\.md)", page.read_text(encoding="utf-8"))
        return {(page.parent / link).resolve() for link in links}

    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += sorted(targets(page) - reached)
    assert [name_of(page) for page in PAGES if page not in reached] == []


def test_the_pages_have_code() -> None:
    assert sum(block.language == "python" for page in DOCS.glob("*.md") for block in blocks_of(page)) > 40
