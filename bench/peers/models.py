"""One layer of the seed report's size as each program has it. Their arithmetic is theirs; data, loss and optimiser are task.py's.

A maker takes the number of hash rounds, 0 for full attention.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from task import CHUNK, HEAD_DIM, HEADS, TOKENS, VOCABULARY, WIDTH
from torch import nn


class PyTorchModel(nn.Module):
    """The seed report's model in plain PyTorch: causal attention of unit keys, norms after the sums, tied output.

    rows: the last rows that the output is computed for; after attention nothing else needs the others.
    """

    def __init__(self, rows: int):
        super().__init__()
        self.rows = rows
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Parameter(torch.randn(TOKENS, WIDTH))
        self.qk = nn.Linear(WIDTH, WIDTH, bias=False)
        self.v = nn.Linear(WIDTH, WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.feed_forward = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH))
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.output_bias = nn.Parameter(torch.zeros(VOCABULARY))
        nn.init.normal_(self.tokens.weight, std=WIDTH**-0.5)

    def heads_of(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (HEADS, HEAD_DIM)).transpose(1, 2)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.tokens(tokens) * WIDTH**0.5 + self.positions
        q, v = self.heads_of(self.qk(x)), self.heads_of(self.v(x))
        attended = F.scaled_dot_product_attention(q, F.normalize(q, dim=-1), v, is_causal=True, scale=1.0)
        attended = attended.transpose(1, 2).flatten(2)[:, -self.rows :]
        x = self.norm1(x[:, -self.rows :] + self.out(attended))
        x = self.norm2(x + self.feed_forward(x))
        return F.linear(x, self.tokens.weight, self.output_bias)


def reformer_fastai(rounds: int) -> nn.Module:
    from reformer_fastai.reformer import LSHLM

    return LSHLM(
        VOCABULARY, WIDTH, n_layers=1, n_heads=HEADS, d_ff=WIDTH, attn_dropout=0.0, ff_dropout=0.0, emb_dropout=0.0,
        max_seq_len=TOKENS, use_lsh=rounds > 0, n_hashes=max(rounds, 1), bucket_size=CHUNK,
    )  # fmt: skip


def reformer_pytorch(rounds: int) -> nn.Module:
    from reformer_pytorch import ReformerLM

    return ReformerLM(
        VOCABULARY, WIDTH, depth=1, max_seq_len=TOKENS, heads=HEADS, dim_head=HEAD_DIM, bucket_size=CHUNK,
        n_hashes=max(rounds, 1), ff_chunks=1, ff_mult=1, causal=True, absolute_position_emb=True,
        weight_tie_embedding=True, use_full_attn=rounds == 0,
    )  # fmt: skip


def huggingface_config(rounds: int, tokens: int = TOKENS):
    from transformers import ReformerConfig

    return ReformerConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, feed_forward_size=WIDTH, num_attention_heads=HEADS,
        attention_head_size=HEAD_DIM, attn_layers=["lsh"], num_hashes=rounds, lsh_attn_chunk_length=CHUNK,
        num_buckets=tokens // CHUNK, is_decoder=True, axial_pos_embds=False, max_position_embeddings=tokens,
        hidden_dropout_prob=0.0, lsh_attention_probs_dropout_prob=0.0, use_cache=False,
    )  # fmt: skip


class HuggingFace(nn.Module):
    def __init__(self, rounds: int):
        from transformers import ReformerModelWithLMHead

        super().__init__()
        self.model = ReformerModelWithLMHead(huggingface_config(rounds)).train()

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.model(tokens).logits


FULL = {
    "PyTorch, eager": lambda _: PyTorchModel(TOKENS),
    "PyTorch, compiled": lambda _: torch.compile(PyTorchModel(TOKENS)),
    "PyTorch, compiled, scored rows only": lambda _: torch.compile(PyTorchModel(TOKENS // 2)),
    "reformer-fastai": reformer_fastai,
    "reformer-pytorch": reformer_pytorch,
}
LSH = {"reformer-fastai": reformer_fastai, "reformer-pytorch": reformer_pytorch, "transformers": HuggingFace}
