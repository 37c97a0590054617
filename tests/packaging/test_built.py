"""What the wheel and the sdist hold: the package, its types and its entry points, and nothing else."""

from __future__ import annotations

import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from email import message_from_string
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from tests.packaging.building import ROOT, Built, modules

if TYPE_CHECKING:
    from email.message import Message

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INFO = f"streamkit_dynamodb-{PROJECT['version']}.dist-info"


@pytest.fixture(scope="module")
def held(built: Built) -> dict[str, str]:
    """What the wheel holds, as text, by name."""
    with zipfile.ZipFile(built.wheel) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(held: dict[str, str]) -> Message:
    return message_from_string(held[f"{INFO}/METADATA"])


def test_the_wheel_holds_every_module_and_its_own_description_and_nothing_else(held: dict[str, str]) -> None:
    described = {f"{INFO}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")}
    assert set(held) == modules() | described


def test_the_modules_of_the_wheel_are_those_of_the_sources(held: dict[str, str]) -> None:
    assert {name: held[name] for name in modules()} == {
        name: (ROOT / name).read_text(encoding="utf-8") for name in modules()
    }


def test_the_wheel_is_typed_and_holds_no_tests(held: dict[str, str]) -> None:
    assert "streamkit/py.typed" in held
    assert not [name for name in held if name.startswith("test") or "/test_" in name or "conftest" in name]


def test_the_wheel_is_for_every_python_and_every_system(held: dict[str, str], built: Built) -> None:
    assert built.wheel.name.endswith("-py3-none-any.whl")
    assert message_from_string(held[f"{INFO}/WHEEL"])["Root-Is-Purelib"] == "true"


def test_the_command_and_the_pytest_plugin_are_entry_points_that_lead_somewhere(held: dict[str, str]) -> None:
    points = ConfigParser()
    points.read_string(held[f"{INFO}/entry_points.txt"])
    assert {section: dict(points[section]) for section in points.sections()} == {
        "console_scripts": {"streamkit": "streamkit.cli:main"},
        "pytest11": {"streamkit": "streamkit.testing.plugin"},
    }
    for section in points.sections():
        for target in points[section].values():
            module, _, attribute = target.partition(":")
            assert f"{module.replace('.', '/')}.py" in held or f"{module.replace('.', '/')}/__init__.py" in held
            assert not attribute or callable(getattr(import_module(module), attribute))


def test_the_metadata_names_what_a_bundle_carries_and_the_extras_apart_from_it(metadata: Message) -> None:
    needed = metadata.get_all("Requires-Dist", [])
    core = [one for one in needed if "extra ==" not in one]
    assert sorted(core) == sorted(PROJECT["dependencies"])
    assert metadata.get_all("Provides-Extra") == sorted(PROJECT["optional-dependencies"])
    extras = PROJECT["optional-dependencies"]
    # An extra that has another one is written out.
    whole = {
        name: [*one, *extras["local"]] if "streamkit-dynamodb[local]" in one else one for name, one in extras.items()
    }
    listed = [needs for one in whole.values() for needs in one if not needs.startswith("streamkit-dynamodb")]
    assert len(needed) == len(core) + len(listed)
    assert (metadata["Name"], metadata["Version"]) == ("streamkit-dynamodb", PROJECT["version"])
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert metadata["Description-Content-Type"] == "text/markdown"


def test_no_file_that_is_published_names_a_machine_or_a_registry_of_ours(held: dict[str, str]) -> None:
    machine = (str(ROOT), str(ROOT.parent / "shared"), "/root/")
    assert not [(name, path) for name, text in held.items() for path in machine if path in text]


def test_the_sdist_holds_what_the_wheel_is_built_of_and_nothing_else(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    # hatchling itself adds the last two: what an sdist is described by, and what its own builds leave out.
    assert names == modules() | {"README.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
