"""A home as the first version left it."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

OLD = Path(__file__).parent / "data" / "home-0.1"


@pytest.fixture(scope="session")
def unpack_old():
    """A function that unpacks the old home into a folder and returns it."""

    def unpack(folder: Path) -> Path:
        with tarfile.open(OLD / "home.tar.gz") as archive:
            # Python 3.11.2 and 3.11.3 know no filter, and warn of none.
            archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        return folder / "home"

    return unpack
