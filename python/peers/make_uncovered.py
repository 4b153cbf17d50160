"""Writes what models of the peers look like that ours cannot express: names and shapes of their state
dicts, and config.json where there is one, in FOLDER/uncovered.json."""

from __future__ import annotations

import importlib.metadata
import json
import pathlib
import sys
from typing import Any, Iterator

import torch
from model_cases import CHUNK, HEADS, INNER, VOCABULARY, WIDTH

LENGTH = 16


def reformer_fastai() -> Iterator[tuple[str, torch.nn.Module]]:
    from reformer_fastai.reformer import LSHLM, ReformerLM
    from reformer_fastai.transformer import TransformerLM

    small = dict(n_layers=1, n_heads=HEADS, d_ff=INNER, max_seq_len=LENGTH)
    three = dict(pos_enc="axial", axial_shape=(4, 2, 2), axial_emb_dims=(3, 3, 2))
    yield "pos_enc=fixed", LSHLM(VOCABULARY, WIDTH, pos_enc="fixed", **small)
    yield "attn_bias", LSHLM(VOCABULARY, WIDTH, attn_bias=True, **small)
    yield "three axial tables", LSHLM(VOCABULARY, WIDTH, **three, **small)
    yield "several", LSHLM(VOCABULARY, WIDTH, attn_bias=True, **three, **small)
    yield "ReformerLM", ReformerLM(VOCABULARY, WIDTH, pos_enc="absolute", **small)
    yield "TransformerLM", TransformerLM(VOCABULARY, WIDTH, **small)


def reformer_pytorch() -> Iterator[tuple[str, torch.nn.Module]]:
    from reformer_pytorch import ReformerLM

    options: dict[str, dict[str, Any]] = {
        "use_scale_norm": dict(use_scale_norm=True),
        "use_rezero": dict(use_rezero=True),
        "num_mem_kv": dict(num_mem_kv=4),
        "emb_dim": dict(emb_dim=6),
        "weight_tie_embedding": dict(weight_tie_embedding=True),
        "pkm_layers": dict(pkm_layers=(1,), pkm_num_keys=2),
        "one_value_head": dict(one_value_head=True),
        "ff_glu": dict(ff_glu=True),
        "three axial tables": dict(axial_position_emb=True, axial_position_shape=(4, 2, 2)),
        "several": dict(num_mem_kv=4, weight_tie_embedding=True, use_scale_norm=True),
        "several by shape": dict(one_value_head=True, ff_glu=True),
    }
    for name, chosen in options.items():
        yield name, ReformerLM(
            VOCABULARY, WIDTH, 1, LENGTH, heads=HEADS, dim_head=WIDTH // HEADS, bucket_size=CHUNK,
            **dict(absolute_position_emb=True, ff_mult=2) | chosen,
        )  # fmt: skip


def huggingface() -> Iterator[tuple[str, torch.nn.Module]]:
    import transformers

    options: dict[str, dict[str, Any]] = {
        "local layers": dict(attn_layers=["local", "lsh"]),
        "lsh_num_chunks_before": dict(lsh_num_chunks_before=2),
        "lsh_num_chunks_after": dict(lsh_num_chunks_after=1, is_decoder=False),
        "tie_word_embeddings": dict(tie_word_embeddings=True),
        "hidden_act": dict(hidden_act="gelu_new"),
        "three factors of a hash": dict(num_buckets=[2, 2, 2]),
        "three axial tables": dict(
            axial_pos_embds=True, axial_pos_shape=[4, 2, 2], axial_pos_embds_dim=[3, 3, 2]
        ),
        "ReformerForSequenceClassification": dict(is_decoder=False),
        "ReformerForQuestionAnswering": dict(is_decoder=False),
        "several": dict(attn_layers=["local"], hidden_act="silu", num_buckets=[2, 2, 2]),
    }
    for name, chosen in options.items():
        arguments: dict[str, Any] = dict(
            vocab_size=VOCABULARY, hidden_size=WIDTH, attention_head_size=WIDTH // HEADS,
            num_attention_heads=HEADS, feed_forward_size=INNER, attn_layers=["lsh"],
            num_buckets=4, lsh_attn_chunk_length=CHUNK, local_attn_chunk_length=CHUNK,
            is_decoder=True, max_position_embeddings=LENGTH, axial_pos_embds=False,
        )  # fmt: skip
        config = transformers.ReformerConfig(**arguments | chosen)
        kind = "ReformerModelWithLMHead" if config.is_decoder else "ReformerForMaskedLM"
        kind = name if name.startswith("Reformer") else kind
        yield name, getattr(transformers, kind)(config)


PROGRAMS = {
    "reformer-fastai": (reformer_fastai, "reformer-fastai"),
    "reformer-pytorch": (reformer_pytorch, "reformer-pytorch"),
    "huggingface": (huggingface, "transformers"),
}


def main(folder: pathlib.Path) -> None:
    recorded: dict[str, Any] = {}
    for program, (models, package) in PROGRAMS.items():
        versions = {p: importlib.metadata.version(p) for p in (package, "torch")}
        recorded[program] = {"versions": versions, "models": {}}
        for name, model in models():
            config = json.loads(model.config.to_json_string()) if program == "huggingface" else None
            shapes = {key: list(x.shape) for key, x in model.state_dict().items()}
            recorded[program]["models"][name] = {"config": config, "tensors": shapes}
    text = json.dumps(recorded, separators=(",", ":")).replace('},"', '},\n"')
    (folder / "uncovered.json").write_text(text + "\n")
    print(f"uncovered.json: {sum(len(x['models']) for x in recorded.values())} models")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
