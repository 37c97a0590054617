"""The site is built without a warning, its links lead somewhere, and it asks nothing of any other host."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import DOCS, ROOT, blocks_of
from tests.docs.site import Html, build, read


# Some ten seconds: every docstring is read, every page written, once for all of these tests.
@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    said = build(folder)
    assert said == "", said
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Html]:
    return {page: read(page) for page in site.rglob("*.html")}


def test_every_page_of_the_docs_is_in_the_site_and_in_its_navigation(site: Path, pages: dict[Path, Html]) -> None:
    start = pages[site / "index.html"]
    wanted = {page.relative_to(DOCS).with_suffix(".html").as_posix() for page in DOCS.rglob("*.md")}
    assert wanted - {"index.html"} <= {link.partition("#")[0] for link in start.links}


def test_every_link_within_the_site_leads_to_a_page_and_to_a_place_in_it(pages: dict[Path, Html]) -> None:
    dead = []
    for page, html in pages.items():
        for link in html.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            there = target.is_file()
            if not there or (parts.fragment and target in pages and parts.fragment not in pages[target].anchors):
                dead.append(f"{page.name}: {link}")
    assert dead == []


def test_a_link_to_a_source_file_leads_to_a_copy_of_it(site: Path, pages: dict[Path, Html]) -> None:
    (link,) = {link for link in pages[site / "windows.html"].links if link.endswith("trail.py")}
    assert (site / link).read_text(encoding="utf-8") == (ROOT / "examples/windows/trail.py").read_text(encoding="utf-8")


def test_nothing_is_fetched_from_another_host(site: Path, pages: dict[Path, Html]) -> None:
    fetched = {address for html in pages.values() for address in html.fetched}
    styles = [text for sheet in site.rglob("*.css") for text in re.findall(r"url\(([^)]*)\)", sheet.read_text())]
    imports = [text for sheet in site.rglob("*.css") for text in re.findall(r"@import[^;]*", sheet.read_text())]
    hosts = [address for address in [*fetched, *styles, *imports] if re.search(r"^['\"]?(https?:)?//", address)]
    assert fetched
    assert hosts == []


def test_nothing_of_the_machine_is_in_the_site(site: Path) -> None:
    files = [path for path in site.rglob("*") if path.suffix in {".html", ".js", ".inv", ".txt"}]
    assert [path.name for path in files if str(ROOT).encode() in path.read_bytes()] == []


def test_a_file_that_a_page_shows_has_its_name_above_it(site: Path) -> None:
    (title,) = {block.title for block in blocks_of(DOCS / "handle-changes.md") if block.title}
    page = (site / "handle-changes.html").read_text(encoding="utf-8")
    assert re.search(rf'class="caption-text">{re.escape(title)}<', page)


def test_the_reference_shows_the_docstrings(site: Path) -> None:
    page = (site / "reference" / "local.html").read_text(encoding="utf-8")
    assert "Brings the records of a stream to a handler" in page
    assert "The document that Lambda sends to the on-failure destination." in page  # of an alias, which is a dict


def test_a_setting_of_the_mapping_has_its_type_in_the_reference(site: Path) -> None:
    page = (site / "reference" / "streamkit.html").read_text(encoding="utf-8")
    assert "Annotated[" not in re.sub(r"<[^>]*>", "", page)


def test_a_name_in_a_docstring_leads_to_its_place_on_another_page(site: Path, pages: dict[Path, Html]) -> None:
    assert "local.html#streamkit.local.LocalTable" in pages[site / "reference" / "testing.html"].links
