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

PROGRAM = "reformer-fastai"
# float32 against their arithmetic in double precision, relative to the largest element.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def golden():
    with np.load(HERE / "peers" / f"model-{PROGRAM}.npz") as file:
        return dict(file)


def settings_untold(case):
    names = ("heads", "causal", "attention", "hash_rounds", "chunk_length")
    return {name: case.settings[name] for name in names}


def model_of(case):
    """The peer's parameters, by its names, as a model of ours."""
    names = reformer.Model.initial(case.settings).state_dict(PROGRAM)
    tensors = {name: model_cases.parameter(name, x.shape) for name, x in names.items()}
    if not case.pre_norm:
        tensors["proj.weight"] = tensors["emb.emb.weight"]  # tied
    model = reformer.Model.from_state_dict(PROGRAM, tensors, **settings_untold(case))
    assert model.config["tied_output"] != case.pre_norm
    again = model.state_dict(PROGRAM)
    assert (
        all((again[name] == tensors[name]).all() for name in tensors)
        and again.keys() == names.keys()
    )
    return model


def worst(actual, expected):
    return np.abs(actual - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("case", model_cases.model_cases(), ids=lambda case: case.name)
def test_equals_the_peer(golden, case):
    model = model_of(case)
    tokens, targets = model_cases.tokens_and_targets(case.length)
    seed = dict(rotation_seed=model_cases.ROTATION_SEED)
    for layer in range(case.layers if case.rounds else 0):
        ours = model.rotations(layer, **seed)
        assert (
            ours == golden[f"{case.name} rotations"][layer]
        ).all(), "the goldens are of other rotations"
    errors = {"logits": worst(model.logits(tokens, **seed), golden[f"{case.name} logits"])}
    loss, gradients = model.loss_and_gradients(tokens, targets, **seed)
    errors["loss"] = worst(loss, golden[f"{case.name} loss"])
    # Gradients have names and shapes as parameters do, so they are converted as these are.
    by_their_names = reformer.Model.from_parameters(model.config, gradients).state_dict(PROGRAM)
    compared = 0
    for name, gradient in by_their_names.items():
        if f"{case.name} d {name}" in golden:
            errors[name] = worst(gradient, golden[f"{case.name} d {name}"])
            compared += 1
    assert compared == len(gradients)
    too_far = {name: f"{error:.1e}" for name, error in errors.items() if error > TOLERANCE}
    assert not too_far


def test_the_semantics_matter(golden):
    """So that the tests above tell this peer from others."""
    case = next(case for case in model_cases.model_cases() if case.rounds == 4 and case.causal)
    model, (tokens, _) = model_of(case), model_cases.tokens_and_targets(case.length)
    expected = golden[f"{case.name} logits"]
    for semantics in ("consistent", "lucidrains"):
        logits = model.logits(tokens, semantics=semantics, rotation_seed=model_cases.ROTATION_SEED)
        assert worst(logits, expected) > 100 * TOLERANCE
