"""Attention against what the peers' own programs gave (python/peers/), under the matching meaning:
the same buckets, outputs and gradients."""

import importlib.util
import json
import pathlib
import re

import numpy as np
import pytest

import reformer

HERE = pathlib.Path(__file__).parent
PEERS = HERE.parents[1] / "python" / "peers"
SPEC = importlib.util.spec_from_file_location("peer_cases", PEERS / "cases.py")
peer_cases = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(peer_cases)

# float32 against their arithmetic in double precision, relative to the largest element.
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=["seed", "lucidrains", "huggingface"])
def golden(request):
    with np.load(HERE / "peers" / f"{request.param}.npz") as file:
        return request.param, dict(file)


def ours(semantics, case):
    qk, v, dout = peer_cases.inputs(case.length)
    options = dict(causal=case.causal, semantics=semantics, return_plan=True)
    result = {}
    if case.rounds:
        buckets = case.length // peer_cases.CHUNK
        rotations = peer_cases.rotations(case.rounds, buckets, semantics == "huggingface")
        out, plan = reformer.lsh_attention(
            qk, v, hash_rounds=case.rounds, buckets=buckets, chunk=peer_cases.CHUNK,
            rotations=rotations, **options,
        )  # fmt: skip
        result["buckets"] = plan.buckets
        gradients = reformer.lsh_attention_backward(dout, qk, v, out, plan)
    else:
        out, plan = reformer.full_attention(qk, v, **options)
        gradients = reformer.full_attention_backward(dout, qk, v, out, plan)
    return result | dict(zip(("out", "dqk", "dv"), (out, *gradients)))


def test_the_peer_ran_in_the_pinned_versions(golden):
    pins = dict(re.findall(r"^([\w-]+)==(.+)$", (PEERS / "requirements.txt").read_text(), re.M))
    versions = json.loads(str(golden[1]["versions"]))
    assert "torch" in versions
    assert versions == {package: pins[package] for package in versions}


@pytest.mark.parametrize("case", peer_cases.cases(), ids=lambda case: case.name)
def test_equals_the_peer(golden, case):
    semantics, recorded = golden
    if f"{case.name} out" not in recorded:
        assert (semantics, case.rounds) == ("huggingface", 0)
        pytest.skip("this peer has no full attention")
    result = ours(semantics, case)
    if case.rounds:
        assert (result["buckets"] == recorded[f"{case.name} buckets"]).all()
    for name in ("out", "dqk", "dv"):
        expected = recorded[f"{case.name} {name}"]
        error = np.abs(result[name] - expected).max() / np.abs(expected).max()
        assert error <= TOLERANCE, f"{name} is off by {error:.1e}"


def test_the_meanings_differ(golden):
    """So that the tests above tell one peer from another."""
    semantics, recorded = golden
    case = peer_cases.Case(32, True, 2)
    for other in {"seed", "lucidrains", "huggingface"} - {semantics}:
        error = np.abs(ours(other, case)["out"] - recorded[f"{case.name} out"]).max()
        assert error > 100 * TOLERANCE
