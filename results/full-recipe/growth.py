#!/usr/bin/env python3
"""How the sequences that learning takes grow with length and with fewer rounds: Markdown of what growth/ and curves/ hold."""

import functools
import json
import math
import pathlib
import statistics

HERE = pathlib.Path(__file__).parent
LENGTHS = (128, 256, 512, 1024)
MODELS = ("full", "lsh-4", "lsh-2", "lsh-1")
ROUNDS = {"lsh-4": 4, "lsh-2": 2, "lsh-1": 1}


@functools.cache
def read(path: pathlib.Path) -> dict:
    return json.loads(path.read_text())


def sweep_of(model: str, length: int) -> dict:
    kind = model.split("-")[0]
    return read(HERE / "growth" / f"{kind}-{length}.json")


def steps_of(model: str, length: int) -> list[int]:
    """Until the target was reached, by training seed. Throws ValueError when a run did not reach it."""
    prefix = f"hash_rounds={ROUNDS[model]}," if model in ROUNDS else ""
    runs = [run for run in sweep_of(model, length)["runs"] if run["name"].startswith(prefix + "seed=")]
    if len(runs) != 3 or not all(run["target_reached"] for run in runs):
        raise ValueError(f"{model} with {length} tokens: expected three runs that reached their target, found {runs}")
    return [run["step"] for run in runs]


def sum_of_rates(steps: int, warmup: int) -> float:
    """Of so many steps, as a part of the highest rate, which is reached after `warmup` steps."""
    return sum(min(1.0, (step + 1) / warmup) for step in range(steps))


def exponent(x: list[float], y: list[float]) -> float:
    """The slope of log y by log x, by least squares."""
    lx, ly = [math.log(v) for v in x], [math.log(v) for v in y]
    return statistics.linear_regression(lx, ly).slope


def spread(numbers: list[float], digits: int) -> str:
    low, high = min(numbers), max(numbers)
    mean = f"{statistics.mean(numbers):.{digits}f}"
    return mean if low == high else f"{mean} [{low:.{digits}f}, {high:.{digits}f}]"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def first_and_last(path: pathlib.Path, name: str) -> tuple[float, float]:
    """What a run has of `name`."""
    values = [row[name] for row in read(path)["metrics"] if row[name] is not None]
    return values[0], values[-1]


def measured(model: str, length: int, name: str) -> tuple[float, float]:
    """Of training seed 1."""
    return first_and_last(HERE / "curves" / f"{model}-{length}.run.json", name)


def recall(pair: tuple[float, float]) -> str:
    return f"{100 * pair[0]:.0f} % -> {100 * pair[1]:.0f} %"


def first_half_right(path: pathlib.Path) -> int:
    """The first step in which half of the symbols of a training batch were right."""
    return next(row["step"] for row in read(path)["metrics"] if row["accuracy"] >= 0.5)


def main() -> None:
    steps = {(model, length): steps_of(model, length) for model in MODELS for length in LENGTHS}
    first = sweep_of("full", LENGTHS[0])
    warmup = first["sweep"]["config"]["train"]["warmup_steps"]
    batch = first["sweep"]["config"]["train"]["batch"]
    origins = {(s["commit"], s["machine"]["cpu"], s["machine"]["simd"]) for s in (sweep_of(m, n) for m in MODELS for n in LENGTHS)}
    print("# How many sequences learning takes\n")
    print("Written by `growth.py`. " + "; ".join(f"Commit {c}, {cpu} ({simd})" for c, cpu, simd in sorted(origins)) + ".\n")
    print(f"Steps of {batch} sequences until half of the symbols of 16 unseen sequences are right; looked at every 5 steps; 16 buckets")
    print("at every length; mean [lowest, highest] of training seeds 1, 2 and 3. The exponent is that of a power of the length, by least")
    print("squares for each training seed; in the last column of the sum of rates instead of steps.\n")
    rows = []
    for model in MODELS:
        powers, of_rates = [], []
        for seed in range(3):
            y = [steps[model, length][seed] for length in LENGTHS]
            powers.append(exponent(LENGTHS, y))
            of_rates.append(exponent(LENGTHS, [sum_of_rates(v, warmup) for v in y]))
        cells = [spread(steps[model, length], 0) for length in LENGTHS]
        rows.append([model, *cells, spread(powers, 2), spread(of_rates, 2)])
    print(table(["attention", *(f"{n:,} tokens" for n in LENGTHS), "exponent of length", "of the sum of rates"], rows))

    print("With rounds, at each length: the exponent of a power of the number of rounds.\n")
    cells = []
    for length in LENGTHS:
        powers = [exponent(ROUNDS.values(), [steps[model, length][seed] for model in ROUNDS]) for seed in range(3)]
        cells.append(spread(powers, 2))
    print(table(["", *(f"{n:,} tokens" for n in LENGTHS)], [["exponent of rounds", *cells]]))

    print("Queries that meet their key, and the entropy of attention in nats: first and last measurement of training seed 1.\n")
    rows = []
    for model in ROUNDS:
        pairs = [measured(model, length, "hash_recall") for length in LENGTHS]
        rows.append([f"{model}, hash recall", *map(recall, pairs)])
    for model in MODELS:
        pairs = [measured(model, length, "attention_entropy") for length in LENGTHS]
        rows.append([f"{model}, entropy", *(f"{a:.2f} -> {b:.2f}" for a, b in pairs)])
    print(table(["", *(f"{n:,} tokens" for n in LENGTHS)], rows))

    print("The published forms, 1,024 tokens, trained to the end with training seed 42: steps until half of a training batch is right.\n")
    rows = []
    for form in ("paper", "seed"):
        paths = {model: HERE.parent / f"table2-full-{form}" / "curves" / f"{model}.run.json" for model in MODELS}
        rows.append([f"full-{form}, steps", *(str(first_half_right(path)) for path in paths.values())])
        recalls = [recall(first_and_last(paths[model], "hash_recall")) for model in ROUNDS]
        rows.append([f"full-{form}, hash recall", "", *recalls])
    print(table(["", *MODELS], rows), end="")


if __name__ == "__main__":
    main()
