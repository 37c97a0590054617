"""A new user's path: docs/index.md as it is written, where nothing but the built wheel and what it needs is installed.

It needs a package index, as `make test` itself does where there is no environment yet: without one these tests are
skipped, or fail with STREAMKIT_REQUIRE_PARTS=1. What pip has in its cache is not fetched again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import DOCS, ROOT
from tests.packaging.newuser import NewUser, NoIndexError
from tests.parts.needs import missing

if TYPE_CHECKING:
    from tests.packaging.building import Built

USER_PROJECT = ROOT / "tests" / "typing" / "userproject"


@pytest.fixture(scope="module")
def path(built: Built, tmp_path_factory: pytest.TempPathFactory) -> tuple[NewUser, list[str]]:
    """A user who has followed the start page, and the commands of it."""
    user = NewUser(tmp_path_factory.mktemp("newuser"), built.wheel)
    user.begin()
    try:
        return user, user.follow(DOCS / "index.md")
    except NoIndexError as error:
        missing(error)


# Some 20 s: an environment is made, thirty packages are installed, and the page's tests and simulations run.
def test_the_start_page_works_as_written_from_the_installation_to_the_first_simulation(
    path: tuple[NewUser, list[str]],
) -> None:
    _, commands = path
    begins = [command.split()[0] for command in commands]
    assert begins[0] == "python"
    assert "install 'streamkit-dynamodb[local,test]'" in commands[0]
    assert begins.count("pytest") == 3
    assert begins.count("streamkit") == 2


def test_what_is_installed_there_is_the_built_wheel(path: tuple[NewUser, list[str]]) -> None:
    user, _ = path
    (package,) = user.folder.glob("venv/lib/python*/site-packages")
    with zipfile.ZipFile(user.wheel) as archive:
        ours = {name: archive.read(name) for name in archive.namelist() if name.startswith("streamkit/")}
    assert {name: (package / name).read_bytes() for name in ours} == ours
    assert user.output("streamkit --version").split()[-1] == user.wheel.name.split("-")[1]


def test_the_readme_states_what_a_bundle_weighs(path: tuple[NewUser, list[str]]) -> None:
    user, _ = path
    (package,) = user.folder.glob("venv/lib/python*/site-packages")
    installed = {canonical(one.name): one for one in distributions(path=[str(package)])}
    core, waiting = set[str](), ["streamkit-dynamodb"]
    while waiting:
        name = waiting.pop()
        core.add(name)
        needed = [one for one in installed[name].requires or [] if "extra ==" not in one]
        waiting += {canonical(re.split("[^A-Za-z0-9_.-]", one)[0]) for one in needed} - core
    files = [Path(str(file.locate())) for name in core for file in installed[name].files or []]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    stated = re.search(r"with streamkit is ([\d.]+) MB of files", readme)
    assert stated is not None
    # Bytecode, which Python makes when it imports a module, is in no bundle; other platforms' libraries weigh others.
    weight = sum(file.stat().st_size for file in files if file.suffix != ".pyc" and file.parent.name != "bin") / 1e6
    assert weight == pytest.approx(float(stated[1]), rel=0.1)


def canonical(name: str) -> str:
    """Return a distribution's name as an index knows it."""
    return re.sub("[-_.]+", "-", name).lower()


@pytest.fixture
def user(path: tuple[NewUser, list[str]], tmp_path: Path) -> NewUser:
    """The same user, who now has the project that the type checkers are to judge."""
    user, _ = path
    shutil.copy(USER_PROJECT / "app.py", user.project / "typed.py")
    return user


def test_mypy_strict_judges_a_users_project_by_the_installed_types(user: NewUser, tmp_path: Path) -> None:
    checker = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", str(tmp_path)]
    judged(user, *checker, "--python-executable", str(user.programs / "python"))


def test_pyright_judges_a_users_project_by_the_installed_types(user: NewUser) -> None:
    judged(user, sys.executable, "-m", "pyright", "--pythonpath", str(user.programs / "python"))


def judged(user: NewUser, *checker: str) -> None:
    ran = subprocess.run([*checker, "typed.py"], cwd=user.project, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    assert ran.returncode == 0, ran.stdout + ran.stderr
