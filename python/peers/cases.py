"""What every peer is asked: the same inputs, rotations and settings."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

BATCH, HEADS, DIM, CHUNK = 2, 2, 4, 4


class Case(NamedTuple):
    length: int
    causal: bool
    rounds: int  # 0: full attention

    @property
    def name(self) -> str:
        kind = f"lsh-{self.rounds}" if self.rounds else "full"
        return f"{kind} {'causal' if self.causal else 'both-ways'} {self.length}"


def cases() -> list[Case]:
    return [Case(*c) for c in itertools.product((16, 32, 64), (True, False), (0, 1, 2, 4, 8))]


def inputs(length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """qk, v and the gradient of the output, float32 [B, T, H, D]."""
    numbers = np.random.default_rng(length)
    shape = (BATCH, length, HEADS, DIM)
    qk, v, dout = (numbers.standard_normal(shape).astype(np.float32) for _ in range(3))
    # transformers adds 1e-6 to the mean square that it divides keys by: no vector is so short that
    # this would be seen.
    mean_square = (qk**2).mean(-1, keepdims=True)
    return qk * np.sqrt(np.maximum(2, 2 / mean_square)), v, dout


def rotations(rounds: int, buckets: int, heads: bool) -> np.ndarray:
    """float32 [D, R, N/2], or [H, D, R, N/2] for a peer whose heads hash by their own."""
    shape = (HEADS,) * heads + (DIM, rounds, buckets // 2)
    return np.random.default_rng(1000 * rounds + buckets).standard_normal(shape).astype(np.float32)
