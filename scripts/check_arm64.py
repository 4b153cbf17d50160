"""Compares a run of this machine with the same run on another instruction set: HERE THERE, directories of runs, each with an
eval.json that the machine got from the other's model."""

import json
import math
import sqlite3
import sys
from pathlib import Path

EPS = 2.0**-23  # of float
# Roundings decide these only where two numbers are all but equal, of which these runs have none.
EXACT = ["accuracy", "lost_pairs", "hash_recall"]
CLOSE = ["loss", "gradient_norm", "attention_entropy"]


def additions(model):
    """How many terms are added up, one sum after the other, on the way from a token to its loss."""
    width, heads = model["model_dim"], model["heads"] * model["head_dim"]
    attention = width + model["head_dim"] + 2 * model["length"] + heads  # projection, logits, softmax, its sum, output
    feed_forward = width + model["feed_forward_dim"]
    return model["layers"] * (attention + feed_forward) + width + model["vocabulary"]


def table(run, name, columns):
    """{column: numbers by step}"""
    rows = sqlite3.connect(run / "run.db").execute(f"SELECT {', '.join(columns)} FROM {name} ORDER BY step").fetchall()
    return dict(zip(columns, zip(*rows)))


def cells(run):
    found = json.loads((run / "eval.json").read_text())["cells"]
    names = ["loss", "accuracy", "lost_pairs"]
    return {f"{name} under {cell['evaluated']}": [cell[name]] for cell in found for name in names}


def apart(name, here, there):
    """The largest relative difference; infinite where one is missing or not finite."""
    largest = 0.0
    if len(here) != len(there):
        return math.inf
    for a, b in zip(here, there):
        if a is None and b is None or a == b:
            continue
        if None in (a, b) or not (math.isfinite(a) and math.isfinite(b)) or name.split()[0] in EXACT:
            return math.inf
        largest = max(largest, abs(a - b) / max(abs(a), abs(b)))
    return largest


def main():
    here, there = Path(sys.argv[1]), Path(sys.argv[2])
    simd = [table(run, "sessions", ["simd", "first_step AS step"])["simd"][0] for run in (here, there)]
    if simd[1] != "NEON":
        sys.exit(f"[arm64] expected a training on NEON, found {simd[1]}")
    model = json.loads((here / "config.json").read_text())["model"]
    # n additions in floats err by n EPS / 2 at worst, and by the root of n instead where roundings are as often up as down, as here;
    # two machines err by twice as much. Gradients go the same way back.
    bound = EPS * math.sqrt(2 * additions(model))

    parts = [(name, table(here, name, columns), table(there, name, columns))
             for name, columns in [("metrics", EXACT + CLOSE), ("evaluations", EXACT + ["loss", "attention_entropy"])]]
    parts.append(("the other's model", cells(here), cells(there)))
    worst, wrong, numbers = 0.0, [], 0
    for part, ours, theirs in parts:
        if ours.keys() != theirs.keys():
            wrong.append(f"{part}: other columns")
        for name in ours.keys() & theirs.keys():
            found = apart(name, ours[name], theirs[name])
            numbers += len(ours[name])
            worst = max(worst, found)
            if found > bound:
                wrong.append(f"{part}, {name}: {found:.1e} apart, expected at most {0 if math.isinf(found) else bound:.1e}")
    if wrong or numbers < 300:
        sys.exit(f"[arm64] expected {simd[1]} to give what {simd[0]} gives, found of {numbers} numbers:\n  " + "\n  ".join(sorted(wrong)))
    print(f"[arm64] {model['attention']}: {numbers} numbers of {simd[0]} and {simd[1]} are at most {worst:.1e} apart, "
          f"where rounding explains {bound:.1e}")


main()
