"""A service in a module of its own, as a project has it: what a handler calls, with what it remembers."""

from __future__ import annotations

sent: list[int] = []
confirmed: set[int] = set()


def confirm(number: int) -> None:
    """Confirm an order once: what is sent before it is written down is sent again where that fails."""
    if number in confirmed:
        return
    sent.append(number)
    confirmed.add(number)


def confirm_once(number: int) -> None:
    """Confirm an order once: the mail has a key by which it is dropped the second time."""
    if number not in sent:
        sent.append(number)
    confirmed.add(number)


def all_sent() -> list[int]:
    """Return what was sent."""
    return sent
