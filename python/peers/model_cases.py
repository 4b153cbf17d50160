"""What every peer's whole model is asked: the same parameters, tokens, rotations and settings."""

from __future__ import annotations

import math
import zlib
from typing import Any, NamedTuple

import numpy as np

BATCH, VOCABULARY, WIDTH, HEADS, INNER, CHUNK = 2, 11, 8, 2, 12, 4
ROTATION_SEED = 5


class ModelCase(NamedTuple):
    program: str
    length: int
    causal: bool
    rounds: int  # 0: full attention
    layers: int
    position: str = "learned"
    pre_norm: bool = True  # reformer-fastai only: and a norm at the end, and an untied output
    activation: str = "gelu"
    factors: tuple[int, ...] = ()  # huggingface only: of a hash in two parts

    @property
    def name(self) -> str:
        kind = f"lsh-{self.rounds}" if self.rounds else "full"
        parts = [kind, "causal" if self.causal else "both-ways", str(self.length)]
        parts += [f"{self.layers} layers", "pre" if self.pre_norm else "post"]
        if self.position != "learned":
            parts.append(self.position)
        if self.factors:
            parts.append(" x ".join(map(str, self.factors)) + " buckets")
        return " ".join(parts + [self.activation] * (self.activation != "gelu"))

    @property
    def buckets(self) -> int:
        return math.prod(self.factors) if self.factors else self.length // CHUNK

    @property
    def settings(self) -> dict[str, Any]:
        """Of our model."""
        settings = dict(
            vocabulary=VOCABULARY, length=self.length, layers=self.layers, model_dim=WIDTH,
            heads=HEADS, head_dim=WIDTH // HEADS, feed_forward_dim=INNER, causal=self.causal,
            chunk_length=CHUNK, attention="lsh" if self.rounds else "full",
            hash_rounds=max(1, self.rounds), buckets=self.buckets, position=self.position,
            norm="pre" if self.pre_norm else "post", final_norm=self.pre_norm,
            tied_output=not self.pre_norm, activation=self.activation,
        )  # fmt: skip
        if self.factors:
            settings["bucket_factor"] = self.factors[0]
        if self.position == "axial":
            settings |= dict(axial_rows=4)
            if self.program != "reformer-pytorch":  # which sums two tables of full width
                settings |= dict(axial_first_dim=3)
        return settings | SETTINGS[self.program]


# What the programs do not vary.
SETTINGS: dict[str, dict[str, Any]] = {
    "reformer-fastai": dict(semantics="seed", embedding_scale=WIDTH**0.5),
    "reformer-pytorch": dict(
        semantics="lucidrains", embedding_scale=1, residual="two-streams", stream_merge="mean",
        attention_bias=True, axial_merge="sum", sinusoids="halves", feed_forward_dim=2 * WIDTH,
    ),
    "huggingface": dict(
        semantics="huggingface", embedding_scale=1, residual="two-streams",
        stream_merge="concatenate", norm_epsilon=1e-12,
    ),
}  # fmt: skip


def model_cases(program: str) -> list[ModelCase]:
    cases = []
    if program == "reformer-fastai":
        for rounds in (0, 1, 2, 4, 8):
            cases += [
                ModelCase(program, 16, True, rounds, 2, "axial"),
                ModelCase(program, 32, False, rounds, 2, pre_norm=False),
                ModelCase(program, 64, True, rounds, 1, "axial", pre_norm=False),
            ]
        return [
            *cases,
            ModelCase(program, 64, False, 4, 1),
            ModelCase(program, 32, True, 4, 2, pre_norm=False),
        ]
    if program == "reformer-pytorch":
        for rounds, positions in {
            0: ("none", "fixed"),
            1: ("rotary", "axial"),
            2: ("learned", "rotary"),
            4: ("fixed", "rotary"),
            8: ("axial", "rotary"),
        }.items():
            cases.append(ModelCase(program, 16, True, rounds, 2, positions[0]))
            cases.append(ModelCase(program, 32, False, rounds, 3, positions[1]))
        return cases
    for rounds in (1, 2, 4, 8):
        cases.append(ModelCase(program, 16, True, rounds, 2, "axial", activation="relu"))
        cases.append(ModelCase(program, 32, False, rounds, 3))
    return [
        *cases,
        ModelCase(program, 16, True, 0, 2, "axial"),
        ModelCase(program, 32, True, 2, 2, factors=(4, 2)),
    ]


def parameter(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """float32 values for the parameter that a peer names so, of a size that keeps a model lively."""
    numbers = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if "norm.weight" in name:
        numbers = 1 + numbers / 5
    elif name.endswith("bias"):
        numbers = numbers / 5
    elif not any(part in name for part in ("pos_enc", "pos_emb", "position_embeddings")):
        numbers = numbers / math.sqrt(shape[-1])
    if "query_key" in name:
        # transformers adds 1e-6 to the mean square of a key, which shows in short ones: these are long.
        numbers = 8 * numbers
    return numbers.astype(np.float32)


def tokens_and_targets(length: int) -> tuple[np.ndarray, np.ndarray]:
    """[B, T] each"""
    return tuple(np.random.default_rng(length).integers(0, VOCABULARY, (2, BATCH, length)))
