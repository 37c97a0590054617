"""``python -m streamkit``: the command line, where its script is not on the PATH."""

from __future__ import annotations

from streamkit.cli import main

main()
