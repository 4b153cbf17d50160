import numpy as np
import pytest


@pytest.fixture
def tensors():
    """Makes qk, v and dout of a shape [B, T, H, D]."""

    def make(*shape, seed=0):
        numbers = np.random.default_rng(seed)
        return tuple(numbers.standard_normal(shape, dtype=np.float32) for _ in range(3))

    return make
