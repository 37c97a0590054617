"""``--faults throttle=0.1,crash=0.05`` to fault rates."""

from __future__ import annotations

from dataclasses import fields

from streamkit.cli.errors import BadInput
from streamkit.local.invokers.faults import FaultRates

__all__ = ["fault_rates"]


def fault_rates(text: str | None) -> FaultRates | None:
    """Read the rates of an option. Raises BadInput for an unknown fault, or a rate that is no share of the calls."""
    if text is None:
        return None
    known = [field.name for field in fields(FaultRates)]
    rates: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.strip().partition("=")
        if name in rates:
            raise BadInput(f"--faults {text}: {name} is there twice; name each fault once")
        try:
            rates[name] = float(share)
        except ValueError:
            raise BadInput(
                f"--faults {text}: {part.strip()!r} is not of the form NAME=SHARE, like crash=0.05"
            ) from None
        if name not in known:
            raise BadInput(f"--faults {text}: there is no fault {name!r}; there are {', '.join(known)}")
    try:
        return FaultRates(**rates)
    except ValueError as error:
        raise BadInput(f"--faults {text}: {error}") from None
