import pathlib
import subprocess

import numpy as np
import pytest

PROGRAM = pathlib.Path(__file__).parents[2] / "build" / "release" / "reformer"


@pytest.fixture
def tensors():
    """Makes qk, v and dout of a shape [B, T, H, D]."""

    def make(*shape, seed=0):
        numbers = np.random.default_rng(seed)
        return tuple(numbers.standard_normal(shape, dtype=np.float32) for _ in range(3))

    return make


@pytest.fixture(scope="session")
def program():
    if not PROGRAM.exists():
        pytest.skip("needs the program: cmake --preset release && cmake --build --preset release")
    return PROGRAM


@pytest.fixture(scope="session")
def trained(program, tmp_path_factory):
    """The directory of a run that the program trained."""
    path = tmp_path_factory.mktemp("runs") / "a run % with ? marks"
    command = [program, "train", "--preset", "smoke", "--steps", "6", "--evaluate-every", "3"]
    subprocess.run([*command, "--quiet", "--run", path], check=True, capture_output=True)
    return path
