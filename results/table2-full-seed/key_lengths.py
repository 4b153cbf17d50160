#!/usr/bin/env python3
"""Why does full attention with keys of their own length lose what LSH attention with unit keys has learned?

The two differ in two ways at once: logits get larger by the mean length of the keys, and they differ by how long each
key is. Here each is changed without the other. Multiplying the projection of queries and keys by c makes logits c^2 times as
large where keys keep their length, and c times as large where they are scaled to 1; it changes no ratio of lengths.

    key_lengths.py MODELS    a directory with lsh-4.safetensors and so on; prints JSON. Needs the Python package `reformer`.
"""
import json
import sys
from pathlib import Path

import numpy as np
import reformer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from one_layer import key_lengths, scaled  # noqa: E402  (its folder is known only now)

UNIT = reformer.semantics_preset("seed") | {"full_key_norm": "unit"}
SEQUENCES = 1280


def accuracy(model: reformer.Model, semantics, seed: int) -> float:
    return model.evaluate(attention="full", semantics=semantics, sequences=SEQUENCES, data_seed=seed)["accuracy"]


def study(path: Path) -> dict:
    model = reformer.Model.from_file(path)
    seed = model.training["train"]["seed"]
    lengths = key_lengths(model)
    mean = lengths.mean(axis=0)
    return {
        "trained": path.stem,
        "heads": [
            {"mean": float(of_head.mean()), "deviation": float(of_head.std()), "shortest": float(of_head.min()), "longest": float(of_head.max())}
            for of_head in lengths.T
        ],
        # Logits as large as keys of their own length make them on average, or as unit keys make them.
        "own_lengths_large": accuracy(model, "seed", seed),
        "own_lengths_small": accuracy(scaled(model, 1 / np.sqrt(mean)), "seed", seed),
        "one_length_large": accuracy(scaled(model, mean), UNIT, seed),
        "one_length_small": accuracy(model, UNIT, seed),
    }


if __name__ == "__main__":
    models = Path(sys.argv[1])
    found = [study(models / f"{name}.safetensors") for name in ("lsh-4", "lsh-2", "lsh-1")]
    print(json.dumps({"version": reformer.__version__, "commit": reformer.__commit__, "sequences": SEQUENCES, "models": found}, indent=2))
