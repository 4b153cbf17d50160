"""The directory of a run as tables. Reads its SQLite database and nothing else of this package."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._native import Error

if TYPE_CHECKING:
    import pandas

APPLICATION = 0x52464D52
VERSION = 1


@dataclass(frozen=True)
class Run:
    """What a run has recorded so far. docs/run-format.md explains each column."""

    path: pathlib.Path
    config: dict[str, Any]  # {"model": {...}, "task": {...}, "train": {...}}
    state: dict[str, Any]  # name, seed, steps, step, status, reason, seconds, ...
    metrics: pandas.DataFrame  # by step
    evaluations: pandas.DataFrame
    events: pandas.DataFrame
    sessions: pandas.DataFrame


def read_run(path: str | os.PathLike[str]) -> Run:
    """The run in directory `path`, also while it trains: one consistent look.

    Needs pandas. Writes nothing.

    Raises:
        Error: no run is there, it is of another version, or it is damaged.
    """
    import pandas

    root = pathlib.Path(path)
    database = root / "run.db"
    if not database.is_file():
        raise Error(f"[{root}] expected the directory of a run, found no run.db; try runs/NAME")
    try:
        config = json.loads((root / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Error(f"[{root / 'config.json'}] expected the settings of a run: {error}") from None
    connection = None
    try:
        connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        connection.execute("BEGIN")
        _check_version(connection, database)
        rows = connection.execute("SELECT * FROM run")
        names = [column[0] for column in rows.description]
        state = dict(zip(names, rows.fetchone()))

        def table(sql: str, index: str | None = None) -> pandas.DataFrame:
            return pandas.read_sql_query(sql, connection, index_col=index)

        return Run(
            root,
            config,
            state,
            table("SELECT * FROM metrics ORDER BY step", "step"),
            table("SELECT * FROM evaluations ORDER BY step, attention, semantics"),
            table("SELECT * FROM events ORDER BY id", "id"),
            table("SELECT * FROM sessions ORDER BY id", "id"),
        )
    except (sqlite3.Error, pandas.errors.DatabaseError, TypeError) as error:
        raise Error(f"[{database}] expected the database of a run: {error}") from None
    finally:
        if connection is not None:
            connection.close()


def _check_version(connection: sqlite3.Connection, database: pathlib.Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (application, version) != (APPLICATION, VERSION):
        raise Error(
            f"[{database}] expected the database of a run of version {VERSION}, "
            f"found application {application:#x} of version {version}"
        )
