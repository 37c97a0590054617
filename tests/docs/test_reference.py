"""The reference names everything that is public, and the command line's page is what the commands say."""

import re
from importlib import import_module

import pytest

from tests.docs.commandline import PAGE, page
from tests.docs.pages import DOCS

DIRECTIVE = re.compile(r"^\.\. auto(?:class|data|exception|function):: (\w+)$", re.MULTILINE)


@pytest.mark.parametrize("name", ["streamkit", "streamkit.local", "streamkit.testing"])
def test_every_public_name_is_in_the_reference_and_nothing_else(name: str) -> None:
    module = import_module(name)
    text = (DOCS / "reference" / f"{name.rpartition('.')[2]}.md").read_text(encoding="utf-8")
    assert sorted(DIRECTIVE.findall(text)) == sorted(module.__all__)


def test_the_page_of_the_command_line_is_what_the_commands_make_of_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.docs.commandline"
