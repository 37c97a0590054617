"""How Sphinx makes the site of these pages: `make docs` writes it to build/site.

Sphinx, since it reads the reference from the docstrings and checks every link, and is released several times a year by
a team (MkDocs' last release is of 2024, and its best-known theme takes no new features). MyST reads the Markdown that
GitHub shows. furo brings its styles and scripts along, so that the site asks nothing of any other host.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from sphinx.pycode import ModuleAnalyzer
from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# A page that is in none of these is a warning, and so an error.
NAVIGATION = {
    "Start": ["In five minutes <self>"],
    "Tasks": [
        "handle-changes",
        "failures",
        "quarantine",
        "filters",
        "windows",
        "testing",
        "factories",
        "Find what tests do not: simulate <simulation>",
        "dynamodb-local",
        "serve",
        "deploy",
        "SAM, CloudFormation, Terraform, CDK <export>",
        "check",
        "Migrate from Powertools <powertools>",
        "errors",
    ],
    "In depth": [
        "decoding",
        "mapping",
        "local-runner",
        "running",
        "live",
        "invokers",
        "On-failure records <destinations>",
        "fidelity",
        "The rules (SEMANTICS) <semantics>",
    ],
    "Reference": ["reference/streamkit", "reference/local", "reference/testing", "command-line"],
}

project = html_title = "streamkit"
html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False

# Quotes stay as they are written: many of them are JSON's.
smartquotes = False
extensions = ["myst_parser", "sphinx.ext.autodoc"]
# As GitHub makes them, so that a link to a section works in both places.
myst_heading_anchors = 3

# A single-backticked name in a docstring is a link where the reference has it, and code where not.
default_role = "py:obj"
add_module_names = False
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True, "undoc-members": True, "exclude-members": "model_config"}

_TITLED = re.compile(r'^```(\w+) title="([^"]+)"$', re.MULTILINE)


def _read(app: Sphinx, document: str, source: list[str]) -> None:
    """Give the start page the site's contents, and a fence with a title a caption that says which file it is.

    Neither has a place in Markdown as GitHub shows it.
    """
    source[0] = _TITLED.sub(r"```{code-block} \1\n:caption: \2\n", source[0])
    if document == "index":
        source[0] += "".join(
            f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```\n"
            for caption, pages in NAVIGATION.items()
        )


def _describe(app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Give a type alias the text that stands under it where it is defined, not that of the dict or union that it is."""
    if what == "data":
        short = name.rpartition(".")[2]
        modules = [one for one in sorted(sys.modules) if one.startswith("streamkit.")]
        places = [one for one in modules if short in getattr(sys.modules[one], "__all__", ())]
        texts = (ModuleAnalyzer.for_module(place).find_attr_docs().get(("", short)) for place in places)
        lines[:] = next((text for text in texts if text), [])


def _sign(app: Sphinx, what: str, name: str, obj: Any, *rest: object) -> tuple[str, None] | None:
    """Leave out how a Protocol is made, which nobody does, and how pydantic writes down what a model takes."""
    if what != "class":
        return None
    if getattr(obj, "_is_protocol", False):
        return "", None
    return ("(**settings)", None) if hasattr(obj, "model_fields") else None


def _annotate(app: Sphinx, document: Any, name: str) -> None:
    """Show the type of a setting, and not who checks it: Annotated[int, …] is an int."""
    for node in document.findall(lambda node: node.tagname == "desc_annotation"):
        if written := re.fullmatch(r": Annotated\[(.+), _\w+\('\w+'\)\]", node.astext()):
            plain = type(node)("", f": {written[1]}")
            node.clear()
            node.extend(plain.children)


def _find(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Lead a name to its place in the reference, whichever page it is on and wherever it is defined."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not re.fullmatch(r"streamkit\..+|[A-Z]\w+(\.\w+)?|[a-z_]+", target):
        return None
    name = target.rpartition(".")[2] if target.startswith("streamkit.") else target
    objects = env.domains["py"].objects
    for place in ("streamkit", "streamkit.local", "streamkit.testing"):
        if found := objects.get(f"{place}.{name}"):
            return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, content)
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect what is our own."""
    app.connect("source-read", _read)
    app.connect("autodoc-process-docstring", _describe)
    app.connect("autodoc-process-signature", _sign)
    app.connect("doctree-resolved", _annotate)
    app.connect("missing-reference", _find)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
