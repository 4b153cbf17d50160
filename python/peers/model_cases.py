"""What every peer's whole model is asked: the same parameters, tokens, rotations and settings."""

from __future__ import annotations

import itertools
import math
import zlib
from typing import Any, NamedTuple, Optional

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
    pre_norm: bool = True  # reformer-fastai only: and a norm at the end
    activation: str = "gelu"
    factors: tuple[int, ...] = ()  # huggingface only: of the buckets, where not T / S in one
    tied: Optional[bool] = None  # reformer-fastai only: the output; where the norm is last if None
    head_dim: int = WIDTH // HEADS
    options: tuple[tuple[str, Any], ...] = ()  # of the peer, beside those that follow from ours

    @property
    def name(self) -> str:
        kind = f"lsh-{self.rounds}" if self.rounds else "full"
        parts = [kind, "causal" if self.causal else "both-ways", str(self.length)]
        parts += [f"{self.layers} layers", "pre" if self.pre_norm else "post"]
        if self.position != "learned":
            parts.append(self.position)
        if self.factors:
            parts.append(" x ".join(map(str, self.factors)) + " buckets")
        if self.tied is not None:
            parts.append("tied" if self.tied else "untied")
        if self.head_dim != WIDTH // HEADS:
            parts.append(f"heads of {self.head_dim}")
        parts += [f"{name}={value}" for name, value in self.options]
        return " ".join(parts + [self.activation] * (self.activation != "gelu"))

    @property
    def ties_output(self) -> bool:
        return self.tied if self.tied is not None else not self.pre_norm

    @property
    def buckets(self) -> int:
        return math.prod(self.factors) if self.factors else self.length // CHUNK

    @property
    def settings(self) -> dict[str, Any]:
        """Of our model."""
        settings = dict(
            vocabulary=VOCABULARY, length=self.length, layers=self.layers, model_dim=WIDTH,
            heads=HEADS, head_dim=self.head_dim, feed_forward_dim=INNER, causal=self.causal,
            chunk_length=CHUNK, attention="lsh" if self.rounds else "full",
            hash_rounds=max(1, self.rounds), buckets=self.buckets, position=self.position,
            norm="pre" if self.pre_norm else "post", final_norm=self.pre_norm,
            tied_output=self.ties_output, activation=self.activation,
        )  # fmt: skip
        if len(self.factors) > 1:
            settings["bucket_factor"] = self.factors[0]
        if self.position == "axial":
            settings |= dict(axial_rows=4)
            if self.program != "reformer-pytorch":  # which sums two tables of full width
                settings |= dict(axial_first_dim=3)
        settings |= SETTINGS[self.program]
        if "layer_norm_eps" in dict(self.options):
            settings |= dict(norm_epsilon=dict(self.options)["layer_norm_eps"])
        return settings


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


# Lengths at which every kind of attention is asked for, with everything else in turn.
LONG = [
    (rounds, length, causal)
    for length, causal, rounds in itertools.product((64, 128), (True, False), (1, 2, 4, 8))
]


def model_cases(program: str) -> list[ModelCase]:
    return {
        "reformer-fastai": fastai_cases,
        "reformer-pytorch": pytorch_cases,
        "huggingface": huggingface_cases,
    }[program]()


def fastai_cases() -> list[ModelCase]:
    program, cases = "reformer-fastai", []
    for rounds in (0, 1, 2, 4, 8):
        cases += [
            ModelCase(program, 16, True, rounds, 2, "axial"),
            ModelCase(program, 32, False, rounds, 2, pre_norm=False),
            ModelCase(program, 64, True, rounds, 1, "axial", pre_norm=False),
            ModelCase(program, 128, True, rounds, 1, pre_norm=False, tied=False),
            ModelCase(program, 128, False, rounds, 1, "axial", tied=True),
        ]
    return [
        *cases,
        ModelCase(program, 64, False, 4, 1),
        ModelCase(program, 32, True, 4, 2, pre_norm=False),
    ]


def pytorch_cases() -> list[ModelCase]:
    program, cases = "reformer-pytorch", []
    for rounds, positions in {
        0: ("none", "fixed"),
        1: ("rotary", "axial"),
        2: ("learned", "rotary"),
        4: ("fixed", "rotary"),
        8: ("axial", "rotary"),
    }.items():
        cases.append(ModelCase(program, 16, True, rounds, 2, positions[0]))
        cases.append(ModelCase(program, 32, False, rounds, 3, positions[1]))
    variants = [
        dict(options=(("weight_tie", True),)),
        dict(activation="relu"),
        # Where layers are reversed, theirs goes backward through the buckets of the last chunk.
        dict(options=(("attn_chunks", 2), ("reverse_thres", 128))),
        dict(options=(("reverse_thres", 128),), head_dim=6),
        dict(options=(("weight_tie", True), ("ff_chunks", 3)), activation="relu", head_dim=2),
    ]
    positions = ("learned", "rotary", "axial", "fixed")
    for i, (rounds, length, causal) in enumerate(LONG):
        position, variant = positions[(i + i // 4) % 4], variants[i % 5]
        cases.append(ModelCase(program, length, causal, rounds, 2, position, **variant))
    return [
        *cases,
        ModelCase(program, 64, True, 0, 2, "none", **variants[0]),
        ModelCase(program, 64, False, 0, 2, "learned", activation="relu"),
        ModelCase(program, 128, True, 0, 1, "axial", options=(("full_attn_thres", 128),)),
        ModelCase(program, 128, False, 0, 2, "fixed", options=(("attn_chunks", 4),)),
    ]


def huggingface_cases() -> list[ModelCase]:
    program, cases = "huggingface", []
    for rounds in (1, 2, 4, 8):
        cases.append(ModelCase(program, 16, True, rounds, 2, "axial", activation="relu"))
        cases.append(ModelCase(program, 32, False, rounds, 3))
    for i, (rounds, length, causal) in enumerate(LONG):
        buckets_of_null = {64: (4, 8), 128: (8, 8)}[length]
        variant = [
            dict(options=(("chunk_size_lm_head", 8),), activation="relu"),
            dict(options=(("num_buckets", None),), factors=buckets_of_null),
            dict(options=(("layer_norm_eps", 1e-3),), head_dim=6),
            dict(factors=(length // 8, 2), activation="relu"),
            dict(factors=(8,)),
        ][i % 5]
        position = ("learned", "axial")[(i + i // 4) % 2]
        cases.append(ModelCase(program, length, causal, rounds, 2, position, **variant))
    null = (("num_buckets", None),)
    return [
        *cases,
        ModelCase(program, 16, True, 0, 2, "axial"),
        ModelCase(program, 32, True, 2, 2, factors=(4, 2)),
        ModelCase(program, 16, False, 2, 1, factors=(8,), options=null),
        ModelCase(program, 64, False, 0, 2, "axial", activation="relu"),
        ModelCase(program, 128, True, 0, 1),
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
