"""Whole models against what the peers' own programs gave (python/peers/): their parameters, by their
names, must give their logits, loss and gradients."""

import importlib.util
import json
import pathlib
import re

import numpy as np
import pytest

import reformer

HERE = pathlib.Path(__file__).parent
PEERS = HERE.parents[1] / "python" / "peers"
SPEC = importlib.util.spec_from_file_location("peer_model_cases", PEERS / "model_cases.py")
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


def tied(case, name):
    """The first of the names that one parameter of the peer has."""
    if case.program == "reformer-fastai" and case.ties_output:
        name = {"proj.weight": "emb.emb.weight"}.get(name, name)
    if dict(case.options).get("weight_tie"):  # which does not tie norms
        name = re.sub(r"(?<=blocks\.)\d+(?=.*\.fn\.)", "0", name)
    if case.program == "reformer-pytorch":  # which has two names for all in a layer
        name = name.replace("irrev_blocks", "blocks")
        name = re.sub(r"(?<=\.[fg]\.)(?!net\.)", "net.", name)
    if case.program == "huggingface":
        name = {"lm_head.decoder.bias": "lm_head.bias"}.get(name, name)
    return name


def model_of(case):
    """The peer's parameters, by its names, as a model of ours."""
    program = case.program
    initial = reformer.Model.initial(case.settings)
    names = initial.state_dict(program)
    tensors = {
        name: x if name.endswith("inv_freq") else model_cases.parameter(tied(case, name), x.shape)
        for name, x in names.items()
    }
    config = initial.peer_config(program)
    if program == "huggingface":
        config |= dict(case.options)
    model = reformer.Model.from_state_dict(
        program, tensors, config=config, **settings_untold(case)
    )
    wanted = dict(initial.config)
    if program != "huggingface" or case.rounds:
        assert {k: model.config[k] for k in case.settings} == {k: wanted[k] for k in case.settings}
    again = model.state_dict(program)
    assert all((again[name] == tensors[name]).all() for name in tensors)
    assert again.keys() == names.keys()
    return model


def summed(case, gradients):
    """One gradient for each parameter of the peer: what it uses twice gets the sum over ours."""
    found = {}
    for name, gradient in gradients.items():
        first = tied(case, name)
        if first == name:
            found[name] = gradient.copy()
        elif name.startswith("reformer.layers.blocks."):  # another layer's, of tied ones
            found[first] += gradient
    return found


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
    found = summed(case, by_their_names)
    names = str(expected[f"{case.name} names"]).split("\n")
    sizes = [found[name].size for name in names]
    wanted = np.split(expected[f"{case.name} gradients"], np.cumsum(sizes)[:-1])
    assert wanted[-1].size == sizes[-1]
    assert sorted(names) == sorted(name for name in found if not name.endswith("inv_freq"))
    errors |= {name: worst(found[name].ravel(), d) for name, d in zip(names, wanted)}
    too_far = {name: f"{error:.1e}" for name, error in errors.items() if error > TOLERANCE}
    assert not too_far


@pytest.mark.parametrize("program", model_cases.SETTINGS)
def test_the_peer_ran_in_the_pinned_versions(golden, program):
    pins = dict(re.findall(r"^([\w-]+)==(.+)$", (PEERS / "requirements.txt").read_text(), re.M))
    versions = json.loads(str(golden[program]["versions"]))
    assert "torch" in versions
    assert versions == {package: pins[package] for package in versions}


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
