"""On-failure records in files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from streamkit.local.redrive.places.place import MAX_DOCUMENT_BYTES, Entry, PlaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Folder"]


class Folder:
    """A folder, with the folders in it, or a single file; files whose names begin with a dot are none of its.

    Those of `DirectoryDestination` are named by time, and so are those of a bucket that was copied here.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        if not path or not self._path.exists():
            raise PlaceError(
                f"there is no file or folder {path!r}: give the folder of --on-failure, or the ARN of a queue or bucket"
            )

    def entries(self) -> Iterator[Sequence[Entry]]:
        """See `Place`."""
        for path in [self._path] if not self._path.is_dir() else self._files():
            entry = _read(path)
            if entry is not None:
                yield [entry]

    def hold(self, entry: Entry) -> bool:
        """See `Place`."""
        return Path(entry.handle).exists()

    def remove(self, entry: Entry) -> None:
        """See `Place`."""
        try:
            Path(entry.handle).unlink(missing_ok=True)
        except OSError as error:
            raise PlaceError(f"{entry.name} cannot be removed: {error.strerror or error}") from None

    def close(self) -> None:
        """See `Place`: nothing is held."""

    def _files(self) -> list[Path]:
        found: list[Path] = []
        for folder, folders, names in os.walk(self._path, onerror=_unreadable):
            folders[:] = [name for name in folders if not name.startswith(".")]
            found += [Path(folder, name) for name in names if not name.startswith(".")]
        return sorted(found)


def _read(path: Path) -> Entry | None:
    try:
        if not path.is_file():
            problem = "it is no regular file"
        elif path.stat().st_size > MAX_DOCUMENT_BYTES:
            problem = f"it has more than {MAX_DOCUMENT_BYTES:,} bytes: no on-failure record is so large"
        else:
            return Entry(str(path), path.read_bytes(), handle=str(path))
    except FileNotFoundError:  # somebody else took it meanwhile
        return None
    except OSError as error:
        problem = f"it cannot be read: {error.strerror or error}"
    return Entry(str(path), b"", problem, str(path))


def _unreadable(error: OSError) -> None:
    raise PlaceError(f"{error.filename} cannot be read: {error.strerror}")
