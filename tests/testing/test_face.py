"""What `streamkit.testing` gives, and that it costs nothing until it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import streamkit.testing


def test_every_name_is_there_and_the_names_are_sorted() -> None:
    names = streamkit.testing.__all__
    assert names == sorted(set(names))
    assert [name for name in names if getattr(streamkit.testing, name, None) is None] == []
    assert set(names) <= set(dir(streamkit.testing))


def test_another_name_is_refused_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match=r"module .* has no attribute 'runner_factory'"):
        streamkit.testing.runner_factory  # noqa: B018  # it raises


def test_importing_it_imports_none_of_what_it_gives() -> None:
    script = (
        "import sys, streamkit.testing\n"
        "print([name for name in sys.modules if name.startswith('streamkit.testing.')"
        " or name in ('hypothesis', 'pydantic', 'pytest', 'streamkit.local')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # our own script
    assert done.stdout == "[]\n"
