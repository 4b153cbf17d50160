"""Measures every contest and writes the table; bench/peers/run makes its environment and calls it."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys
from typing import Any

from table import markdown

PACKAGES = ("torch", "transformers", "reformer-pytorch", "reformer-fastai", "fastai", "numpy")


def contests() -> list[dict[str, Any]]:
    """Training steps at full size, then attention alone."""
    import attentions
    import models

    found = []
    for kind, module, lengths in (("step", models, [1024]), ("attention", attentions, [1024, 16384])):
        for rounds in (0, 1, 4):
            for tokens in lengths:
                for peer in module.LSH if rounds else module.FULL:
                    batch = 64 if kind == "step" else 1
                    found.append({"kind": kind, "peer": peer, "rounds": rounds, "tokens": tokens, "batch": batch})
    return found


def name_of(row: dict[str, Any]) -> str:
    attention = f"lsh-{row['rounds']}" if row["rounds"] else "full"
    return f"{row['kind']} {attention} {row['tokens']} {row['peer']}"


def measure(contest: dict[str, Any], through: list[str]) -> dict[str, Any]:
    script = str(pathlib.Path(__file__).with_name("contest.py"))
    command = [*through, sys.executable, script, json.dumps(contest)]
    row = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    row["date"] = datetime.date.today().isoformat()
    return row


def write(path: pathlib.Path, rows: list[dict[str, Any]]) -> None:
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    versions["python"] = platform.python_version()
    document = {"format": "reformer peers", "versions": versions, "rows": rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")
    path.with_suffix(".md").write_text(markdown(document))


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/peers/run", description="Public programs beside this one.")
    parser.add_argument("--only", default="", help='contests that contain this: "step lsh-4" [all]')
    parser.add_argument("--through", default="", help="command that runs each contest, like 'chrt -r 5' [none]")
    parser.add_argument("--turns", type=int, default=3, help="runs of each in turn; medians are shown [3]")
    parser.add_argument("--seconds", type=float, default=90, help="after which a contest takes no further turn [90]")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of everybody [all]")
    parser.add_argument("--seed", type=int, default=1, help="of the peers' numbers [1]")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("results/bench/peers.json"))
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()

    known = json.loads(options.out.read_text())["rows"] if options.out.exists() else []
    rows = {name_of(row): row for row in known}
    common = {key: getattr(options, key) for key in ("turns", "seconds", "threads", "seed", "program")}
    everything = contests()
    chosen = [contest for contest in everything if options.only in name_of(contest)]
    if not chosen:
        parser.error(f"--only: expected a part of {', '.join(map(name_of, everything))}, found {options.only!r}")
    for contest in chosen:
        print(name_of(contest), file=sys.stderr, flush=True)
        rows[name_of(contest)] = measure(contest | common, shlex.split(options.through))
        # Each at once, so that nothing is lost when a later one fails.
        write(options.out, [rows[name_of(c)] for c in everything if name_of(c) in rows])


if __name__ == "__main__":
    main()
