"""Models of the peers that ours cannot express, as their own programs made them (python/peers/): the
refusal names all that is missing, and nothing else."""

import json
import pathlib
import re

import numpy as np
import pytest

import reformer

HERE = pathlib.Path(__file__).parent
PEERS = HERE.parents[1] / "python" / "peers"
RECORDED = json.loads((HERE / "peers" / "uncovered.json").read_text())

FASTAI = "encoder.layers.0.attn.sublayer.sublayer."
PYTORCH = "reformer.layers.blocks.0."
BIASES = [
    f'a bias of queries and keys ("{FASTAI}in_proj.to_qk.bias")',
    f'a bias of values ("{FASTAI}in_proj.to_v.bias")',
    f'a bias after attention ("{FASTAI}out_proj.bias")',
]
SCALE_NORM = f'norms that only scale ("{PYTORCH}f.net.norm.g")'
MEMORY = f'memory keys and values ("{PYTORCH}f.net.fn.mem_kv")'
TIED = 'an output tied to normalised token embeddings, without a bias ("out.1.tensor")'
ONE_VALUE = f'values that all heads share ("{PYTORCH}f.net.fn.tov.weight")'
GATED = f'a gated feed-forward ("{PYTORCH}g.net.fn.fn.w1.weight")'
LOCAL = "layers with local attention (1 in attn_layers)"
THREE_FACTORS = "a hash of 3 factors (num_buckets)"


def three_tables(name):
    return f'axial positions of three tables or more (ours are two) ("{name}")'


def activation(name):
    return f'another activation than relu and gelu (hidden_act "{name}")'


LACKING = {
    "reformer-fastai": {
        "pos_enc=fixed": [
            "fixed positions, all sines before all cosines (ours alternate)"
            ' ("emb.pos_enc.inv_freq")'
        ],
        "attn_bias": BIASES,
        "three axial tables": [three_tables("emb.pos_enc.weights_2")],
        "several": [three_tables("emb.pos_enc.weights_2"), *BIASES],
        "ReformerLM": [
            "reversible layers, of another class than LSHLM"
            ' ("encoder.layers.blocks.0.f.net.sublayer.in_proj.to_qk.weight")'
        ],
        "TransformerLM": [
            "queries and keys that are projected apart (ours share one projection)"
            f' ("{FASTAI}in_proj.to_q.weight")'
        ],
    },
    "reformer-pytorch": {
        "use_scale_norm": [SCALE_NORM],
        "use_rezero": [f'layers that are scaled, without norms ("{PYTORCH}f.net.g")'],
        "num_mem_kv": [MEMORY],
        "emb_dim": ['token embeddings of another width ("to_model_dim.weight")'],
        "weight_tie_embedding": [TIED],
        "pkm_layers": [
            "product-key memories in place of feed-forward"
            f' ("{PYTORCH}g.net.fn.values.weight")'
        ],
        "one_value_head": [ONE_VALUE],
        "ff_glu": [GATED],
        "three axial tables": [three_tables("pos_emb.weights_2")],
        "several": [SCALE_NORM, MEMORY, TIED],
        "several by shape": [ONE_VALUE, GATED],
    },
    "huggingface": {
        "local layers": [LOCAL],
        "lsh_num_chunks_before": [
            "chunks that a query sees before its own (lsh_num_chunks_before 2, not 1)"
        ],
        "lsh_num_chunks_after": [
            "chunks that a query sees after its own (lsh_num_chunks_after 1, not 0)"
        ],
        "tie_word_embeddings": [
            "an output tied to the token embedding (tie_word_embeddings true, not false)"
        ],
        "hidden_act": [activation("gelu_new")],
        "three factors of a hash": [THREE_FACTORS],
        "three axial tables": ["axial positions of 3 tables (axial_pos_shape; ours are two)"],
        "ReformerForSequenceClassification": [
            'a head that classifies ("classifier.dense.weight")'
        ],
        "ReformerForQuestionAnswering": ['a head that answers questions ("qa_outputs.weight")'],
        "several": [LOCAL, activation("silu"), THREE_FACTORS],
    },
}


def test_every_recorded_model_is_asked_for():
    recorded = {program: set(found["models"]) for program, found in RECORDED.items()}
    assert recorded == {program: set(models) for program, models in LACKING.items()}


@pytest.mark.parametrize(
    "program, name", [(program, name) for program in LACKING for name in LACKING[program]]
)
def test_what_is_missing_is_named(program, name):
    model = RECORDED[program]["models"][name]
    tensors = {key: np.zeros(shape, np.float32) for key, shape in model["tensors"].items()}
    with pytest.raises(reformer.Error) as caught:
        reformer.Model.from_state_dict(program, tensors, config=model["config"])
    expected = "[state dict] expected a model that ours can express, found: "
    assert str(caught.value) == expected + "; ".join(LACKING[program][name])


@pytest.mark.parametrize("program", RECORDED)
def test_the_peer_ran_in_the_pinned_versions(program):
    pins = dict(re.findall(r"^([\w-]+)==(.+)$", (PEERS / "requirements.txt").read_text(), re.M))
    versions = RECORDED[program]["versions"]
    assert versions == {package: pins[package] for package in versions}
