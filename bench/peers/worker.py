"""A peer in a process of its own: worker.py KIND NAME ROUNDS TOKENS BATCH THREADS SEED.

Says how many bytes it may take, and warms up; then reads words, one a line, and answers each with a line of JSON. `run` does a
step and gives its seconds; `memory` gives the largest resident set since the warm-up, and the one before the model was made, in
bytes.
"""

from __future__ import annotations

import json
import math
import pathlib
import resource
import sys
import time

EXIT_OUT_OF_MEMORY = 3


def status(path: str, field: str) -> int:
    """Bytes of a line like "VmHWM:  5120 kB"."""
    lines = pathlib.Path(path).read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(field))


def make(kind: str, name: str, rounds: int, tokens: int, batch: int):
    import task

    if kind == "step":
        import models as chosen

        return task.training_step((chosen.LSH if rounds else chosen.FULL)[name](rounds), batch)
    import attentions as chosen

    return task.attention_pass((chosen.LSH if rounds else chosen.FULL)[name](rounds, tokens), tokens)


def timed(step, name: str) -> float:
    begin = time.perf_counter()
    number = step()
    seconds = time.perf_counter() - begin
    if not math.isfinite(number):
        raise SystemExit(f"[{name}] expected a finite number, found {number}")
    return seconds


def serve(kind: str, name: str, rounds: int, tokens: int, batch: int, threads: int, seed: int) -> None:
    # What libraries print must not mix with the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    # A peer that needs more than there is shall fail, not push out everybody else.
    limit = status("/proc/meminfo", "MemAvailable") * 9 // 10
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    print(json.dumps({"limit_bytes": limit}), file=answers, flush=True)
    idle = status("/proc/self/status", "VmRSS")
    step = make(kind, name, rounds, tokens, batch)
    timed(step, name)  # Warms up and compiles.
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # The high-water mark begins anew; see proc(5).
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for word in sys.stdin:
        if word.strip() == "run":
            answer = {"seconds": timed(step, name)}
        else:
            answer = {"peak_bytes": status("/proc/self/status", "VmHWM"), "idle_bytes": idle}
        print(json.dumps(answer), file=answers, flush=True)


def main() -> None:
    kind, name, *numbers = sys.argv[1:]
    try:
        serve(kind, name, *map(int, numbers))
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        print(f"[{name}] {error}", file=sys.stderr)
        sys.exit(EXIT_OUT_OF_MEMORY)


if __name__ == "__main__":
    main()
