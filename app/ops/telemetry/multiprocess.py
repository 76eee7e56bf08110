"""Where the workers of one server keep their measurements together.

prometheus_client reads the variable when it is first imported, so this file must not import it.
"""

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def prepare_multiprocess_directory(path: Path) -> None:
    """Make `path` the common directory of the workers started from here on, and empty it.

    Call it in the parent before any worker starts: what a former server left there would be counted again,
    and what a living worker holds open would be lost.
    """
    path.mkdir(parents=True, exist_ok=True)
    for leftover in path.glob("*.db"):
        leftover.unlink()
    os.environ[VARIABLE] = str(path)
