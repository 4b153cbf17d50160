"""Language models: load or make one, run it, evaluate it, save it."""

from __future__ import annotations

import json
import os
from typing import Any, Mapping, Optional, Union

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._arguments import Semantics, integer, semantics_and_changes
from ._arrays import like

Path = Union[str, os.PathLike[str]]
Config = Union[str, Mapping[str, Any]]


def model_preset(name: str) -> dict[str, Any]:
    """Every setting of a published model, "seed" or "paper", or of "laptop" or "smoke"."""
    return dict(json.loads(_native.model_preset(name)))


class Model:
    """A language model that does not change: its settings and its parameters.

    Letters in shapes: B sequences, T tokens (the `length` of the configuration), V symbols, H
    heads, D width of a head, R hash rounds, N buckets of one round. Calls release the GIL, several
    threads may share a model, and results depend on no number of threads.

    Wherever a model attends, these keywords say how; without them it does as in training:
        attention: "full", or "lsh-R" with R hash rounds.
        semantics: name of a published meaning, or a dict of switches over "consistent".
        rotation_seed: of the hashing; else that of the validation during training.
    """

    def __init__(self, native: _native.Model) -> None:
        """Not for callers: use from_run, from_file, from_parameters or initial."""
        if not isinstance(native, _native.Model):
            raise TypeError(
                "[Model] expected to be made by Model.from_run, .from_file, .from_parameters or "
                f".initial, found {type(native).__name__}"
            )
        self._native = native

    @classmethod
    def from_run(cls, directory: Path) -> Model:
        """The finished model of a run, or of one that still trains its newest checkpoint.

        Raises:
            Error: no run is there, or its model is damaged.
        """
        return cls(_native.model_from_run(_path(directory)))

    @classmethod
    def from_file(cls, path: Path) -> Model:
        """The model in a safetensors file of this program; docs/checkpoints.md describes it.

        Raises:
            Error: the file is missing, damaged, or of another program.
        """
        return cls(_native.model_from_file(_path(path)))

    @classmethod
    def from_parameters(cls, config: Config, parameters: Mapping[str, Any]) -> Model:
        """A model of given parameters, which are copied.

        Args:
            config: name of a preset, or a dict of settings over those of "seed".
            parameters: a float32 array for each name of docs/checkpoints.md.

        Raises:
            Error: a name is unknown or missing, a shape does not fit, a number is not finite.
            TypeError: an array is not of float32.
        """
        arrays = {str(name): _floats(str(name), x) for name, x in dict(parameters).items()}
        return cls(_native.model_from_parameters(*_config(config), arrays))

    @classmethod
    def initial(cls, config: Config, *, seed: int = 0) -> Model:
        """An untrained model, as a training with that seed starts from.

        Args:
            config: name of a preset, or a dict of settings over those of "seed".
        """
        return cls(_native.initial_model(*_config(config), integer("seed", seed, 0, 2**64 - 1)))

    @classmethod
    def from_state_dict(
        cls,
        program: str,
        tensors: Mapping[str, Any],
        *,
        config: Optional[Mapping[str, Any]] = None,
        **settings: Any,
    ) -> Model:
        """The model whose parameters another program names so.

        Args:
            program: "reformer-fastai" (LSHLM), "reformer-pytorch" (ReformerLM) or "huggingface"
                (ReformerModelWithLMHead). docs/checkpoints.md says what of them is covered.
            tensors: a float32 array or tensor for each of its names, as in `state_dict()`.
            config: Hugging Face's only: what its config.json holds, as in `config.to_dict()`.
            settings: what tensors do not tell: heads, length, attention, hash_rounds, ...

        Raises:
            Error: lists everything that no configuration of ours can express, or what is missing.
        """
        arrays = {str(name): _floats(str(name), x) for name, x in dict(tensors).items()}
        theirs = "null" if config is None else _json(config)
        return cls(
            _native.model_from_state_dict(
                _text("program", program), arrays, theirs, _json(settings)
            )
        )

    def state_dict(self, program: str) -> dict[str, NDArray[np.float32]]:
        """The parameters by their names in another program, as arrays of their own.

        Raises:
            Error: lists every setting that the program could not follow.
        """
        return _native.state_dict(self._native, _text("program", program))

    def peer_config(self, program: str) -> Optional[dict[str, Any]]:
        """What config.json holds beside that state dict: for "huggingface" the arguments of its
        ReformerConfig; None for programs that have no such file.

        Raises:
            Error: lists every setting that the program could not follow.
        """
        result = json.loads(_native.peer_config(self._native, _text("program", program)))
        return None if result is None else dict(result)

    @property
    def config(self) -> dict[str, Any]:
        """Every setting of the model; docs/command-line.md explains them."""
        return dict(json.loads(self._native.config))

    @property
    def training(self) -> dict[str, Any]:
        """Where the model comes from: settings of its run and steps done, if the file says so."""
        return dict(json.loads(self._native.training))

    @property
    def parameters(self) -> dict[str, NDArray[np.float32]]:
        """The parameters by their names in docs/checkpoints.md: float32, read-only, not copied."""
        return self._native.parameters

    def save(self, path: Path) -> None:
        """Writes the model as one safetensors file: all of it or, at an error, nothing."""
        self._native.save(_path(path))

    def logits(
        self,
        tokens: Any,
        *,
        attention: Optional[str] = None,
        semantics: Optional[Semantics] = None,
        rotation_seed: Optional[int] = None,
        threads: int = 0,
    ) -> Any:
        """Logits of every position.

        Args:
            tokens: integers [B, T], each below the vocabulary V.
            threads: 0 for one per processor.

        Returns:
            float32 [B, T, V]. Row t predicts token t + 1, or token t itself where the model's
            `input_shift` is true: such a model reads the tokens shifted right by one.
        """
        result = self._native.logits(
            self._tokens("tokens", tokens),
            _choice(attention, semantics, rotation_seed),
            integer("threads", threads),
        )
        return like(tokens, result)

    def generate(
        self,
        prompt: Any,
        tokens: int = 0,
        *,
        temperature: float = 0.0,
        top_k: int = 0,
        seed: int = 0,
        attention: Optional[str] = None,
        semantics: Optional[Semantics] = None,
        rotation_seed: Optional[int] = None,
        threads: int = 0,
    ) -> Any:
        """Continues sequences, token by token. The same tokens as `reformer generate` gives.

        Args:
            prompt: integers [n], or [B, n] for several sequences at once.
            tokens: how many to append, at most T - n; 0 for as many as fit.
            temperature: 0 takes the likeliest token; otherwise logits are divided by it.
            top_k: draw from so many of the likeliest only; 0 from all.
            seed: of the drawing.

        Returns:
            int32 [tokens] or [B, tokens]: what follows the prompt.
        """
        array = np.asarray(prompt)
        several = array if array.ndim != 1 else array[None]
        sampling = dict(
            temperature=_number("temperature", temperature),
            top_k=integer("top_k", top_k),
            seed=integer("seed", seed),
        )
        result = self._native.generate(
            self._tokens("prompt", several),
            integer("tokens", tokens),
            json.dumps(sampling),
            _choice(attention, semantics, rotation_seed),
            integer("threads", threads),
        )
        return like(prompt, result if array.ndim != 1 else result[0])

    def loss_and_gradients(
        self,
        tokens: Any,
        targets: Any,
        *,
        scored: Optional[tuple[int, int]] = None,
        attention: Optional[str] = None,
        semantics: Optional[Semantics] = None,
        rotation_seed: Optional[int] = None,
        threads: int = 0,
    ) -> tuple[float, dict[str, NDArray[np.float32]]]:
        """Mean cross-entropy, and the gradient of every parameter. Nothing is dropped out.

        Args:
            tokens: integers [B, T], as in `logits`.
            targets: integers [B, T]: what each row of the logits should predict.
            scored: rows [begin, end) that count; all of them when absent.

        Returns:
            The loss (natural logarithm) and float32 arrays by the names of `parameters`.
        """
        begin, end = (0, self.config["length"]) if scored is None else scored
        return self._native.loss_and_gradients(
            self._tokens("tokens", tokens),
            self._tokens("targets", targets),
            integer("scored", begin),
            integer("scored", end),
            _choice(attention, semantics, rotation_seed),
            integer("threads", threads),
        )

    def evaluate(
        self,
        *,
        attention: Optional[str] = None,
        semantics: Optional[Semantics] = None,
        rotation_seed: Optional[int] = None,
        sequences: Optional[int] = None,
        data_seed: Optional[int] = None,
        buckets: Optional[int] = None,
        bucket_factor: Optional[int] = None,
        chunk_length: Optional[int] = None,
        form: Optional[str] = None,
        threads: int = 0,
    ) -> dict[str, Any]:
        """Evaluates on the duplication task. The same numbers as `reformer eval` gives.

        Args:
            sequences, data_seed: how many validation sequences, and their seed; as in training
                when absent.
            buckets, bucket_factor, chunk_length: N, its first factor and S; the model's own when
                absent.
            form: "seed" or "paper", see docs/task.md; as in training when absent. A model that
                was made of parameters does not know its own, and takes "seed".

        Returns:
            "accuracy" (0 to 1), "loss", "scored" (predictions), "sequences", "lost_pairs",
            "trained" and "evaluated" (attentions), "semantics", "seed" (of training) and
            "rotation_seed".
        """
        shape = dict(buckets=buckets, bucket_factor=bucket_factor, chunk_length=chunk_length)
        changes: dict[str, Any] = {name: integer(name, x) for name, x in shape.items() if x is not None}
        if form is not None:
            changes["form"] = form
        result = self._native.evaluate(
            _choice(attention, semantics, rotation_seed),
            None if sequences is None else integer("sequences", sequences, 1, 10**9),
            None if data_seed is None else integer("data_seed", data_seed, 0),
            json.dumps(changes),
            integer("threads", threads),
        )
        return dict(json.loads(result))

    def rotations(
        self,
        layer: int,
        *,
        example: int = 0,
        attention: Optional[str] = None,
        semantics: Optional[Semantics] = None,
        rotation_seed: Optional[int] = None,
    ) -> NDArray[np.float32]:
        """What the heads of a layer hash sequence number `example` of a call by.

        Returns:
            float32 [H, D, R, N/2], or as many directions as a bucket factor leaves.
        """
        return self._native.rotations(
            integer("layer", layer),
            integer("example", example),
            _choice(attention, semantics, rotation_seed),
        )

    def __repr__(self) -> str:
        config = self.config
        names = ("layers", "model_dim", "heads", "length", "vocabulary", "attention")
        return f"<reformer.Model {', '.join(f'{name}={config[name]}' for name in names)}>"

    def _tokens(self, name: str, tokens: Any) -> NDArray[np.int32]:
        array = np.asarray(tokens)
        if array.ndim != 2:
            raise _native.Error(
                f"[{name}] expected integers [B, T], found the shape {list(array.shape)}"
            )
        if array.dtype.kind not in "iu":
            raise TypeError(f"[{name}] expected integers, found {array.dtype}; try .astype(int)")
        vocabulary = self.config["vocabulary"]
        wrong = (array < 0) | (array >= vocabulary)
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise _native.Error(
                f"[{name}] expected tokens from 0 to {vocabulary - 1}, "
                f"found {array[place]} at {list(place)}"
            )
        return np.ascontiguousarray(array, dtype=np.int32)


def _path(path: Path) -> str:
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"[path] expected text, found {type(text).__name__}; try os.fsdecode")
    try:
        if b"\0" in text.encode():
            raise _native.Error("[path] expected a path without a null character")
    except UnicodeEncodeError:
        raise _native.Error(f"[path] expected a path in UTF-8, found {text!a}") from None
    return text


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"[{name}] expected a number, found {type(value).__name__}") from None


def _config(config: Config) -> tuple[str, str]:
    """Name of a preset, and changes to it as JSON."""
    if isinstance(config, str):
        return config, "{}"
    if not isinstance(config, Mapping):
        raise TypeError(
            "[config] expected the name of a preset or a dict of settings, "
            f"found {type(config).__name__}"
        )
    return "seed", _json(config)


def _json(settings: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(settings))
    except (TypeError, ValueError) as error:
        raise _native.Error(f"[config] expected numbers, texts and booleans: {error}") from None


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"[{name}] expected text, found {type(value).__name__}")
    return value


def _floats(name: str, values: Any) -> NDArray[np.float32]:
    array = np.asarray(values)
    if array.dtype != np.float32:
        raise TypeError(
            f"[parameters] expected {name} of float32, found {array.dtype}; "
            "try .astype(numpy.float32)"
        )
    return np.ascontiguousarray(array, dtype=np.float32)


def _choice(
    attention: Optional[str], semantics: Optional[Semantics], rotation_seed: Optional[int]
) -> _native.Choice:
    if attention is not None and not isinstance(attention, str):
        raise TypeError(f"[attention] expected full or lsh-R, found {type(attention).__name__}")
    name, changes = (None, "{}") if semantics is None else semantics_and_changes(semantics)
    if rotation_seed is not None:
        rotation_seed = integer("rotation_seed", rotation_seed, 0, 2**64 - 1)
    return _native.Choice(attention, name, changes, rotation_seed)
