"""What every peer's whole model is asked: the same parameters, tokens, rotations and settings."""

from __future__ import annotations

import math
import zlib
from typing import Any, NamedTuple

import numpy as np

BATCH, VOCABULARY, WIDTH, HEADS, INNER, CHUNK = 2, 11, 8, 2, 12, 4
ROTATION_SEED = 5


class ModelCase(NamedTuple):
    length: int
    causal: bool
    rounds: int  # 0: full attention
    layers: int
    pre_norm: bool  # and a norm at the end, and an untied output
    axial: bool

    @property
    def name(self) -> str:
        kind = f"lsh-{self.rounds}" if self.rounds else "full"
        parts = [kind, "causal" if self.causal else "both-ways", str(self.length)]
        parts += [f"{self.layers} layers", "pre" if self.pre_norm else "post"]
        return " ".join([*parts, "axial"] if self.axial else parts)

    @property
    def settings(self) -> dict[str, Any]:
        """Of our model."""
        settings = dict(
            vocabulary=VOCABULARY, length=self.length, layers=self.layers, model_dim=WIDTH,
            heads=HEADS, head_dim=WIDTH // HEADS, feed_forward_dim=INNER, semantics="seed",
            embedding_scale=WIDTH**0.5, causal=self.causal, chunk_length=CHUNK,
            attention="lsh" if self.rounds else "full", hash_rounds=max(1, self.rounds),
            buckets=self.length // CHUNK, norm="pre" if self.pre_norm else "post",
            final_norm=self.pre_norm, tied_output=not self.pre_norm,
        )  # fmt: skip
        if self.axial:
            settings |= dict(position="axial", axial_rows=4, axial_first_dim=3)
        return settings


def model_cases() -> list[ModelCase]:
    cases = []
    for rounds in (0, 1, 2, 4, 8):
        cases.append(ModelCase(16, True, rounds, 2, True, True))
        cases.append(ModelCase(32, False, rounds, 2, False, False))
        cases.append(ModelCase(64, True, rounds, 1, False, True))
    return [
        *cases,
        ModelCase(64, False, 4, 1, True, False),
        ModelCase(32, True, 4, 2, False, False),
    ]


def parameter(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """float32 values for the parameter that a peer names so, of a size that keeps a model lively."""
    numbers = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if "norm.weight" in name:
        numbers = 1 + numbers / 5
    elif name.endswith("bias"):
        numbers = numbers / 5
    elif "pos_enc" not in name:
        numbers = numbers / math.sqrt(shape[-1])
    return numbers.astype(np.float32)


def tokens_and_targets(length: int) -> tuple[np.ndarray, np.ndarray]:
    """[B, T] each"""
    return tuple(np.random.default_rng(length).integers(0, VOCABULARY, (2, BATCH, length)))
