#!/usr/bin/env python3
"""Why do models that learned with one fixed set of rotations meet fewer keys with it than with others?

A vector is in the bucket whose direction it is projected on farthest. Here the vectors that a model hashes are compared with the
rotations that it was trained with and with others that it has never seen: how far they are projected on the direction of their
bucket and how much farther than on the next one, both as parts of what vectors in any direction would be under the same
rotations; and how many queries share a bucket with the key that holds their answer.

    bucket_margins.py MODELS    a directory with lsh-4.safetensors and so on; prints JSON. Needs the Python package `reformer`.
"""
import json
import sys
from pathlib import Path

import numpy as np
import reformer

SEQUENCES = 32
OTHERS = 6  # rotation seeds beside that of training
PROJECTION = "layers.0.attention.qk.weight"


def sequences(config: dict) -> np.ndarray:
    """[S, T]: a word twice, 0w0w, as the model was trained on."""
    half = config["length"] // 2
    words = np.random.default_rng(1).integers(1, config["vocabulary"], size=(SEQUENCES, half))
    words[:, 0] = 0
    return np.concatenate([words, words], axis=1)


def hashed_vectors(model: reformer.Model) -> np.ndarray:
    """[S, T, H, D]: the queries, which are the keys, of the one layer, of length 1."""
    config, parameters = model.config, model.parameters
    assert config["layers"] == 1 and config["norm"] == "post" and not config["attention_bias"] and not config["input_shift"]
    tokens = config["embedding_scale"] * parameters["embedding.token.weight"]
    inputs = tokens[sequences(config)] + parameters["embedding.position.weight"]
    vectors = (inputs @ parameters[PROJECTION].T).reshape(*inputs.shape[:2], config["heads"], config["head_dim"])
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def hashed(vectors: np.ndarray, rotations: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The bucket of each vector; how far they are projected on its direction, and how much farther than on the next, on average."""
    halves = np.einsum("sthd,hdn->sthn", vectors, rotations)
    projected = np.concatenate([halves, -halves], axis=-1)
    second, first = np.moveaxis(np.partition(projected, -2, axis=-1)[..., -2:], -1, 0)
    return projected.argmax(axis=-1), float(first.mean()), float((first - second).mean())


def any_vectors(shape: tuple[int, ...]) -> np.ndarray:
    """Of length 1, in directions that no training chose."""
    vectors = np.random.default_rng(2).standard_normal(shape, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def under(model: reformer.Model, vectors: np.ndarray, unchosen: np.ndarray, rotation_seed: int) -> dict:
    """What one round does with the vectors, beside what it does with any."""
    rotations = model.rotations(0, attention="lsh-1", rotation_seed=rotation_seed)[:, :, 0]  # [H, D, N/2]
    buckets, projection, margin = hashed(vectors, rotations)
    _, projection_of_any, margin_of_any = hashed(unchosen, rotations)
    queries, keys = pairs(vectors.shape[1])
    return {
        "rotation_seed": rotation_seed,
        "hash_recall": float((buckets[:, queries] == buckets[:, keys]).mean()),
        "projection": projection / projection_of_any,
        "margin": margin / margin_of_any,
    }


def pairs(length: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions that predict the second word, and those of the keys with their answers."""
    queries = np.arange(length // 2, length - 1)
    return queries, queries - length // 2 + 1


def study(path: Path) -> dict:
    model = reformer.Model.from_file(path)
    own = model.training["train"]["seed"]
    vectors = hashed_vectors(model)
    unchosen = any_vectors(vectors.shape)
    queries, keys = pairs(vectors.shape[1])
    return {
        "trained": path.stem,
        "cosine_of_pairs": float((vectors[:, queries] * vectors[:, keys]).sum(axis=-1).mean()),
        "own": under(model, vectors, unchosen, own),
        "others": [under(model, vectors, unchosen, own + 1 + i) for i in range(OTHERS)],
    }


if __name__ == "__main__":
    models = Path(sys.argv[1])
    found = [study(models / f"{name}.safetensors") for name in ("lsh-4", "lsh-2", "lsh-1")]
    print(json.dumps({"version": reformer.__version__, "commit": reformer.__commit__, "sequences": SEQUENCES, "models": found}, indent=2))
