#!/usr/bin/env python3
"""Why does LSH-4, and not LSH-2 or LSH-1, lose accuracy under the paper's full attention without own positions?

That attention divides logits by sqrt(D) and leaves keys as long as they are, so that a logit is |k| / sqrt(D) of what LSH
attention makes of the same query and key. Multiplying the projection of queries and keys by sqrt(c) makes logits c times as
large.

    key_lengths.py STUDY [MODEL...]    a directory with seed-42/models and so on, and further models; prints JSON. Needs the
                                       Python package `reformer`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import reformer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from one_layer import key_lengths, scaled  # noqa: E402  (its folder is known only now)

WITHOUT_OWN = reformer.semantics_preset("paper") | {"full_own": "replace", "full_own_value": -10000}
SEQUENCES = 1280
FACTORS = (0.5, 1, 2)


def accuracy(model: reformer.Model, factor: float) -> float:
    louder = scaled(model, np.full(model.config["heads"], factor**0.5))
    seed = model.training["train"]["seed"]
    result = louder.evaluate(attention="full", semantics=WITHOUT_OWN, form="paper", sequences=SEQUENCES, data_seed=seed)
    return result["accuracy"]


def study(path: Path) -> dict:
    model = reformer.Model.from_file(path)
    lengths = key_lengths(model)
    return {
        "model": str(path),
        "steps": model.training["steps_done"],
        "heads": [{"mean": float(of_head.mean()), "deviation": float(of_head.std())} for of_head in lengths.T],
        "accuracy_by_factor_of_logits": {str(factor): accuracy(model, factor) for factor in FACTORS},
    }


if __name__ == "__main__":
    directory, *further = map(Path, sys.argv[1:])
    names = [f"seed-{seed}/models/{trained}.safetensors" for trained in ("lsh-4", "lsh-2", "lsh-1") for seed in (42, 43, 44)]
    found = [study(path) for path in [*(directory / name for name in names), *further]]
    print(json.dumps({"version": reformer.__version__, "commit": reformer.__commit__, "sequences": SEQUENCES, "models": found}, indent=2))
