"""What the extension module holds; tests compare the names with the module's own."""

from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

__version__: str
__commit__: str

class Error(ValueError): ...

class AttentionPlan:
    """What a forward call decided: its backward pass needs it."""

    @property
    def kind(self) -> str:
        """lsh or full"""

    @property
    def causal(self) -> bool: ...
    @property
    def hash_rounds(self) -> int:
        """R"""

    @property
    def bucket_count(self) -> int:
        """N, of one round"""

    @property
    def chunk(self) -> int:
        """S"""

    @property
    def buckets(self) -> NDArray[np.int32]:
        """int32 [B, H, R, T]: bucket of each position"""

    @property
    def order(self) -> NDArray[np.int32]:
        """int32 [B, H, R, T]: the positions sorted by (bucket, position)"""

    @property
    def log_sum_exp(self) -> NDArray[np.float64]:
        """float64 [B, H, T]: what each softmax divides by, over all rounds"""

    @property
    def lost_pairs(self) -> int:
        """pairs in one bucket that its overflow kept apart, over rounds, heads, sequences"""

class Choice:
    """What to attend by; None: as the model does."""

    def __init__(
        self,
        attention: Optional[str],
        semantics: Optional[str],
        changes: str,
        rotation_seed: Optional[int],
    ) -> None: ...

class Model:
    """A language model; reformer.Model is made of it."""

    @property
    def config(self) -> str: ...
    @property
    def training(self) -> str: ...
    @property
    def parameters(self) -> dict[str, NDArray[np.float32]]: ...
    def save(self, path: str) -> None: ...
    def logits(
        self, tokens: NDArray[np.int32], choice: Choice, threads: int
    ) -> NDArray[np.float32]: ...
    def loss_and_gradients(
        self,
        tokens: NDArray[np.int32],
        targets: NDArray[np.int32],
        begin: int,
        end: int,
        choice: Choice,
        threads: int,
    ) -> tuple[float, dict[str, NDArray[np.float32]]]: ...
    def evaluate(
        self,
        choice: Choice,
        sequences: Optional[int],
        data_seed: Optional[int],
        changes: str,
        threads: int,
    ) -> str: ...
    def generate(
        self,
        prompts: NDArray[np.int32],
        tokens: int,
        sampling: str,
        choice: Choice,
        threads: int,
    ) -> NDArray[np.int32]: ...
    def rotations(self, layer: int, example: int, choice: Choice) -> NDArray[np.float32]: ...

def full_attention(
    qk: Any, v: Any, causal: bool, semantics: str, changes: str, valid: Any, threads: int
) -> tuple[NDArray[np.float32], AttentionPlan]: ...
def lsh_attention(
    qk: Any,
    v: Any,
    hash_rounds: int,
    buckets: int,
    chunk: int,
    causal: bool,
    semantics: str,
    changes: str,
    rotations: Any,
    seed: int,
    valid: Any,
    threads: int,
) -> tuple[NDArray[np.float32], AttentionPlan]: ...
def attention_backward(
    dout: Any, qk: Any, v: Any, out: Any, plan: AttentionPlan, threads: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...
def semantics_names() -> list[str]: ...
def semantics_json(name: str) -> str: ...
def model_preset(name: str) -> str: ...
def model_from_run(directory: str) -> Model: ...
def model_from_file(path: str) -> Model: ...
def initial_model(preset: str, changes: str, seed: int) -> Model: ...
def model_from_state_dict(
    peer: str, arrays: dict[str, NDArray[np.float32]], config: str, settings: str
) -> Model: ...
def state_dict(model: Model, peer: str) -> dict[str, NDArray[np.float32]]: ...
def peer_config(model: Model, peer: str) -> str: ...
def model_from_parameters(
    preset: str, changes: str, arrays: dict[str, NDArray[np.float32]]
) -> Model: ...
