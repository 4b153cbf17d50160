"""One peer and ours in turn: contest.py CONTEST, where CONTEST is JSON. Prints what was measured, as JSON."""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import sys
import time
from typing import Any

from worker import EXIT_OUT_OF_MEMORY


class OutOfMemory(Exception):
    """Its argument: how many bytes there were."""


class Peer:
    """A worker, which has warmed up and waits without work between its turns."""

    def __init__(self, contest: dict[str, Any], batch: int):
        names = ("kind", "peer", "rounds", "tokens")
        arguments = [contest[name] for name in names] + [batch, contest["threads"], contest["seed"]]
        worker = str(pathlib.Path(__file__).with_name("worker.py"))
        command = [sys.executable, "-Wignore", worker, *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.limit = 0  # before it has said how much it may take
        self.limit = self.answer()["limit_bytes"]
        self.answer()

    def answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        code = self.process.wait()
        if code == EXIT_OUT_OF_MEMORY:
            raise OutOfMemory(self.limit)
        raise SystemExit(f"[contest] expected an answer of the peer, found its end with code {code}")

    def ask(self, word: str) -> dict[str, Any]:
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def ours(contest: dict[str, Any], batch: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `reformer bench` says of the machine, and its one measurement."""
    attention = f"lsh-{contest['rounds']}" if contest["rounds"] else "full"
    command = [contest["program"], "bench", "--size", "seed", "--attention", attention, "--json", "--quiet"]
    command += ["--lengths", contest["tokens"], "--threads", contest["threads"], "--repeats", 3]
    if contest["kind"] == "step":
        command += ["--only", "train-step", "--batch", batch, "--precision", "fp32"]
    else:
        command += ["--only", "attention", "--full-up-to", contest["tokens"]]
    report = json.loads(subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True).stdout)
    rows = report.pop("train_step") + report.pop("attention")
    return report, rows[0]


def described(contest: dict[str, Any], batch: int, report: dict[str, Any]) -> dict[str, Any]:
    machine = {key: report[key] for key in ("version", "commit", "cpu", "simd", "threads")}
    names = ("kind", "peer", "rounds", "tokens", "seed")
    return {key: contest[key] for key in names} | {"batch": batch, "machine": machine}


def ours_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "seconds": statistics.median(row["seconds"] for row in rows),
        "peak_bytes": max(row["peak_bytes"] for row in rows),
        "fraction_of_peak": statistics.median(row["fraction_of_peak"] for row in rows),
    }


def walkover(contest: dict[str, Any], limit: int) -> dict[str, Any]:
    """Of a peer that cannot hold one sequence in `limit` bytes."""
    report, row = ours(contest, 1)
    return described(contest, 1, report) | {"turns": 1, "limit_bytes": limit, "ours": ours_of([row])}


def compete(contest: dict[str, Any], batch: int) -> dict[str, Any]:
    """Throws OutOfMemory when the peer cannot hold `batch`."""
    peer = Peer(contest, batch)
    seconds, rows, begin = [], [], time.monotonic()
    # One turn at least; no further one that would not end in time.
    while len(seconds) < contest["turns"]:
        elapsed = time.monotonic() - begin
        if seconds and elapsed * (1 + 1 / len(seconds)) > contest["seconds"]:
            break
        report, row = ours(contest, batch)
        rows.append(row)
        seconds.append(peer.ask("run")["seconds"])
    memory = peer.ask("memory")
    peer.end()
    result = described(contest, batch, report) | {"turns": len(seconds), "seconds": statistics.median(seconds), **memory}
    result["ours"] = ours_of(rows)
    result["times_slower"] = result["seconds"] / result["ours"]["seconds"]
    result["times_memory"] = result["peak_bytes"] / result["ours"]["peak_bytes"]
    return result


def main() -> None:
    contest = json.loads(sys.argv[1])
    batch = contest["batch"]
    while True:
        try:
            result = compete(contest, batch)
        except OutOfMemory as error:
            if batch > 1:
                batch //= 2  # Ours takes the same.
                continue
            result = walkover(contest, error.args[0])
        print(json.dumps(result))
        return


if __name__ == "__main__":
    main()
