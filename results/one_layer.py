"""What the one layer of a study's model makes of its input before it attends; for the scripts beside the studies."""

import numpy as np
import reformer

PROJECTION = "layers.0.attention.qk.weight"


def every_input(model: reformer.Model) -> np.ndarray:
    """[V T, C]: every token at every position, as it comes to the layer."""
    config, parameters = model.config, model.parameters
    tokens = config["embedding_scale"] * parameters["embedding.token.weight"]
    return (tokens[:, None] + parameters["embedding.position.weight"][None]).reshape(-1, config["model_dim"])


def key_lengths(model: reformer.Model) -> np.ndarray:
    """[V T, H]: the length of every key that the one layer can have, of any token at any position."""
    config, parameters = model.config, model.parameters
    assert config["layers"] == 1 and not config["attention_bias"]
    inputs = every_input(model)
    if config["norm"] == "pre":
        centred = inputs - inputs.mean(axis=1, keepdims=True)
        inputs = centred / np.sqrt(centred.var(axis=1, keepdims=True) + config["norm_epsilon"])
        inputs = inputs * parameters["layers.0.norm1.weight"] + parameters["layers.0.norm1.bias"]
    keys = (inputs @ parameters[PROJECTION].T).reshape(-1, config["heads"], config["head_dim"])
    return np.linalg.norm(keys, axis=-1)


def scaled(model: reformer.Model, factors: np.ndarray) -> reformer.Model:
    """The model with the projection of each head multiplied by a factor, [H]."""
    rows = np.repeat(factors, model.config["head_dim"])[:, None].astype(np.float32)
    parameters = {name: rows * value if name == PROJECTION else value for name, value in model.parameters.items()}
    return reformer.Model.from_parameters(model.config, parameters)
