"""Attention restricted by locality-sensitive hashing, and Reformer language models, on CPUs.

Arrays are NumPy arrays or anything else that speaks DLPack, such as PyTorch tensors, and are read
without a copy. Results are arrays of the same kind. Shapes are written with the letters B
sequences, T tokens, H heads, D width of a head, R hash rounds, N buckets of one round.
"""

from ._native import AttentionPlan, Error, __commit__, __version__
from .attention import (
    full_attention,
    full_attention_backward,
    lsh_attention,
    lsh_attention_backward,
    semantics_names,
    semantics_preset,
)
from .model import Model, model_preset
from .runs import Run, read_run

__all__ = [
    "AttentionPlan",
    "Error",
    "Model",
    "Run",
    "full_attention",
    "full_attention_backward",
    "lsh_attention",
    "lsh_attention_backward",
    "model_preset",
    "read_run",
    "semantics_names",
    "semantics_preset",
    "__commit__",
    "__version__",
]
