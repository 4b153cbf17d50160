"""Writes what the peers' own models give: FOLDER/model-<program>.npz, by the rotations in FILE."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import torch
from model_cases import ModelCase, model_cases, parameter, tokens_and_targets
from models_of_peers import MODELS, given


def run(case: ModelCase, build, calls_per_layer: int, rotations) -> dict[str, np.ndarray]:
    """Logits, loss and the gradients of all parameters, one after the other, with their names."""
    # Reversible layers go backward in training mode only; nothing is dropped out.
    model = build(case).double().train(case.program != "reformer-fastai")
    for name, values in model.named_parameters():
        values.data = torch.from_numpy(parameter(name, tuple(values.shape))).double()
    if case.program == "reformer-fastai" and case.ties_output:
        assert model.proj.weight is model.emb.emb.weight
    tokens, targets = (torch.from_numpy(x) for x in tokens_and_targets(case.length))
    chunks = dict(case.options).get("attn_chunks", 1)
    with given(rotations, calls_per_layer, chunks) if case.rounds else contextlib.nullcontext():
        logits = model(tokens)
        logits = logits if torch.is_tensor(logits) else logits.logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
    result = {"logits": logits.detach(), "loss": loss.detach()}
    gradients = {name: values.grad for name, values in model.named_parameters()}
    # In one row: a small array takes more room for its header than for its values.
    result["gradients"] = torch.cat([values.flatten() for values in gradients.values()])
    arrays = {name: x.numpy().astype(np.float32) for name, x in result.items()}
    return arrays | {"names": np.array("\n".join(gradients))}


def main(folder: pathlib.Path, rotations_file: pathlib.Path) -> None:
    rotations = dict(np.load(rotations_file))
    for program, (build, package, calls_per_layer) in MODELS.items():
        arrays = {}
        for case in model_cases(program):
            drawn = rotations.get(f"{program} {case.name}")
            for name, values in run(case, build, calls_per_layer, drawn).items():
                arrays[f"{case.name} {name}"] = values
            if drawn is not None:
                arrays[f"{case.name} rotations"] = drawn if calls_per_layer == 0 else drawn[:, 0]
        versions = {p: importlib.metadata.version(p) for p in (package, "torch", "numpy")}
        arrays["versions"] = np.array(json.dumps(versions))
        np.savez_compressed(folder / f"model-{program}.npz", **arrays)
        print(f"model-{program}.npz: {versions}")


if __name__ == "__main__":
    torch.set_num_threads(1)  # of small arrays; and sums have one order
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
