"""Writes what the peers' own attention gives: tests/python/peers/<semantics>.npz."""

from __future__ import annotations

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import torch
from attention_of_peers import PEERS
from cases import CHUNK, Case, cases, inputs, rotations


def run(attention, case: Case, own_rotations: bool) -> dict[str, np.ndarray]:
    """Output, gradients and buckets of one case."""
    qk, v, dout = (torch.from_numpy(x).double() for x in inputs(case.length))
    qk.requires_grad_(), v.requires_grad_()
    given = None
    if case.rounds:
        given = torch.from_numpy(rotations(case.rounds, case.length // CHUNK, own_rotations))
    out, buckets = attention(qk, v, case, given)
    (out * dout).sum().backward()
    result = {"out": out.detach(), "dqk": qk.grad, "dv": v.grad}
    arrays = {name: x.numpy().astype(np.float32) for name, x in result.items()}
    if buckets is not None:
        arrays["buckets"] = buckets.numpy().astype(np.uint8)
    return arrays


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for semantics, (attention, package, own_rotations) in PEERS.items():
        arrays = {}
        for case in cases():
            if semantics == "huggingface" and not case.rounds:
                continue  # it has no full attention
            for name, values in run(attention, case, own_rotations).items():
                arrays[f"{case.name} {name}"] = values
        versions = {p: importlib.metadata.version(p) for p in (package, "torch", "numpy")}
        arrays["versions"] = np.array(json.dumps(versions))
        np.savez_compressed(folder / f"{semantics}.npz", **arrays)
        print(f"{semantics}.npz: {versions}")


if __name__ == "__main__":
    torch.set_num_threads(1)  # of small arrays; and sums have one order
    main(pathlib.Path(sys.argv[1]))
