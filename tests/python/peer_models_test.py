"""Whole models against what the peers' own programs gave (python/peers/): their parameters, by their
names, must give their logits, loss and gradients."""

import importlib.util
import pathlib

import numpy as np
import pytest

import reformer

HERE = pathlib.Path(__file__).parent
SPEC = importlib.util.spec_from_file_location(
    "peer_model_cases", HERE.parents[1] / "python" / "peers" / "model_cases.py"
)
model_cases = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(model_cases)

CASES = [case for program in model_cases.SETTINGS for case in model_cases.model_cases(program)]
# float32 against their arithmetic in double precision, relative to the largest element.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def golden():
    """By program."""
    files = {}
    for program in model_cases.SETTINGS:
        with np.load(HERE / "peers" / f"model-{program}.npz") as file:
            files[program] = dict(file)
    return files


def settings_untold(case):
    names = {
        "reformer-fastai": ("heads", "causal", "attention", "hash_rounds", "chunk_length"),
        "reformer-pytorch": (
            *("length", "heads", "causal", "attention", "hash_rounds", "chunk_length"),
            "activation",
        ),
        "huggingface": (),
    }[case.program]
    return {name: case.settings[name] for name in names}


def model_of(case):
    """The peer's parameters, by its names, as a model of ours."""
    program = case.program
    initial = reformer.Model.initial(case.settings)
    names = initial.state_dict(program)
    tensors = {
        name: x if name.endswith("inv_freq") else model_cases.parameter(name, x.shape)
        for name, x in names.items()
    }
    if not case.pre_norm:
        tensors["proj.weight"] = tensors["emb.emb.weight"]  # tied
    for name in tensors:  # of reformer-pytorch, which has two names for all in a layer
        again = name.replace("irrev_blocks", "blocks").replace(".f.", ".f.net.")
        again = again.replace(".g.", ".g.net.")
        if "irrev_blocks" in name:
            tensors[name] = tensors[again]
    if program == "huggingface":
        tensors["lm_head.decoder.bias"] = tensors["lm_head.bias"]
    model = reformer.Model.from_state_dict(
        program, tensors, config=initial.peer_config(program), **settings_untold(case)
    )
    wanted = dict(initial.config)
    if program != "huggingface" or case.rounds:
        assert {k: model.config[k] for k in case.settings} == {k: wanted[k] for k in case.settings}
    again = model.state_dict(program)
    assert all((again[name] == tensors[name]).all() for name in tensors)
    assert again.keys() == names.keys()
    return model


def worst(actual, expected):
    return np.abs(actual - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.program} {case.name}")
def test_equals_the_peer(golden, case):
    expected = golden[case.program]
    model = model_of(case)
    tokens, targets = model_cases.tokens_and_targets(case.length)
    seed = dict(rotation_seed=model_cases.ROTATION_SEED)
    for layer in range(case.layers if case.rounds else 0):
        given = expected[f"{case.name} rotations"][layer]
        assert (
            np.broadcast_to(given, model.rotations(layer, **seed).shape)
            == model.rotations(layer, **seed)
        ).all(), "the goldens are of other rotations"
    errors = {"logits": worst(model.logits(tokens, **seed), expected[f"{case.name} logits"])}
    loss, gradients = model.loss_and_gradients(tokens, targets, **seed)
    errors["loss"] = worst(loss, expected[f"{case.name} loss"])
    # Gradients have names and shapes as parameters do, so they are converted as these are.
    by_their_names = reformer.Model.from_parameters(model.config, gradients).state_dict(
        case.program
    )
    compared = 0
    for name, gradient in by_their_names.items():
        if f"{case.name} d {name}" in expected:
            errors[name] = worst(gradient, expected[f"{case.name} d {name}"])
            compared += 1
    assert compared == len(gradients)
    too_far = {name: f"{error:.1e}" for name, error in errors.items() if error > TOLERANCE}
    assert not too_far


@pytest.mark.parametrize("program", model_cases.SETTINGS)
def test_the_semantics_matter(golden, program):
    """So that the tests above tell this peer from others."""
    cases = model_cases.model_cases(program)
    case = next(case for case in cases if case.rounds == 4 and case.causal)
    model, (tokens, _) = model_of(case), model_cases.tokens_and_targets(case.length)
    expected = golden[program][f"{case.name} logits"]
    for semantics in {"consistent", "seed", "lucidrains", "trax", "huggingface"} - {
        model.config["semantics"]
    }:
        logits = model.logits(tokens, semantics=semantics, rotation_seed=model_cases.ROTATION_SEED)
        if (program, semantics) != ("huggingface", "trax"):  # which differ in a constant only
            assert worst(logits, expected) > 100 * TOLERANCE
