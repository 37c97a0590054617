"""Web pages are kept out; AWS's clients are not."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.api.browsers import refuse_browsers
from tests.api.serverbuild import refused

OWN = ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "orders.localhost", "a-b.c.localhost", "[::1]", "localhost."]
FOREIGN = [
    "example.com",
    "localhost.example.com",
    "127.0.0.1.example.com",
    "localhost@example.com",
    "example.com#localhost",
    "notlocalhost",
    ".localhost",
    "10.0.0.1",
    "0.0.0.0",  # noqa: S104  # what a page may try
    "[::2]",
    "127.0.0.1:80:80",
    "localhost:",
    "localhost:http",
    "localhost:123456",
    "localhost..",
    "127.0.0",
    "lоcalhost",  # noqa: RUF001  # a Cyrillic letter, on purpose
    "١٢٧.0.0.1",
]


def host_refused(host: str) -> tuple[str, int, str]:
    return refused(lambda: refuse_browsers({"host": host}, loopback=True))


@pytest.mark.parametrize("host", OWN)
@pytest.mark.parametrize("port", ["", ":9301", ":1", ":65535"])
def test_this_machine_s_own_names_pass(host: str, port: str) -> None:
    refuse_browsers({"host": host + port}, loopback=True)
    refuse_browsers({"host": host + port, "origin": f"http://{host}{port}"}, loopback=True)
    refuse_browsers(
        {"host": host + port, "origin": f"https://{host}:1", "sec-fetch-site": "same-origin"}, loopback=True
    )


@pytest.mark.parametrize("host", FOREIGN)
def test_every_other_name_is_denied(host: str) -> None:
    kind, status, message = host_refused(host)
    assert (kind, status) == ("AccessDeniedException", 403)
    assert repr(host) in message
    assert "127.0.0.1, localhost, *.localhost, [::1]" in message


@given(st.text(min_size=1))
def test_a_name_that_does_not_end_as_ours_do_is_denied(name: str) -> None:
    if not name.lower().rstrip(".").endswith(("localhost", "1", "2")):
        assert host_refused(f"{name}.example.com")[1] == 403
        assert host_refused(f"localhost.{name}x")[1] == 403


def test_who_sends_no_host_is_no_browser() -> None:
    refuse_browsers({}, loopback=True)
    refuse_browsers({"host": ""}, loopback=True)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://example.com",
        "file://",
        "ftp://localhost",
        "http://",
        "//localhost",
        "localhost",
        "http://[",
        "http://u@localhost",
    ],
)
@pytest.mark.parametrize("loopback", [True, False])
def test_a_page_of_another_site_is_denied(origin: str, loopback: bool) -> None:
    headers = {"host": "127.0.0.1:9301", "origin": origin}
    kind, status, message = refused(lambda: refuse_browsers(headers, loopback=loopback))
    assert (kind, status) == ("AccessDeniedException", 403)
    assert repr(origin) in message


def test_so_is_one_that_the_browser_itself_calls_cross_site() -> None:
    headers = {"host": "127.0.0.1", "sec-fetch-site": "Cross-Site"}
    for loopback in (True, False):
        assert refused(partial(refuse_browsers, headers, loopback=loopback))[1] == 403


def test_elsewhere_every_name_passes_and_a_page_only_under_the_same() -> None:
    refuse_browsers({"host": "build.example.com:9301"}, loopback=False)
    refuse_browsers({"host": "Build:9301", "origin": "http://build:9301"}, loopback=False)
    headers = {"host": "build:9301", "origin": "http://localhost:9301"}
    assert refused(lambda: refuse_browsers(headers, loopback=False))[1] == 403
