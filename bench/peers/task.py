"""What everybody is asked: the seed report's full size, and one training step on its duplication task."""

from __future__ import annotations

from typing import Callable

import torch
import torch.nn.functional as F

VOCABULARY, TOKENS, WIDTH, HEADS, HEAD_DIM, CHUNK = 128, 1024, 256, 4, 64, 64


def duplication(batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens 0 w 0 w [B, T], and the targets of their second half [B, T/2]."""
    word = torch.randint(1, VOCABULARY, (batch, TOKENS // 2))
    word[:, 0] = 0
    tokens = torch.cat([word, word], dim=1)
    return tokens, tokens.roll(-1, dims=1)[:, TOKENS // 2 :].contiguous()


def training_step(logits_of: torch.nn.Module, batch: int) -> Callable[[], float]:
    """A step of Adam that gives its loss. `logits_of` answers for all rows, or for the scored ones only."""
    tokens, targets = duplication(batch)
    optimizer = torch.optim.Adam(logits_of.parameters(), lr=1e-3)

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        logits = logits_of(tokens)[:, -targets.shape[1] :]
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), targets.reshape(-1))
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def attention_pass(attend: Callable, tokens: int) -> Callable[[], float]:
    """Forward and backward of attend(qk, v), each [H, T, D]: all heads of one sequence."""
    qk, v = (torch.randn(HEADS, tokens, HEAD_DIM, requires_grad=True) for _ in range(2))
    dout = torch.randn(HEADS, tokens, HEAD_DIM)

    def run() -> float:
        qk.grad = v.grad = None
        out = attend(qk, v)
        out.backward(dout)
        return out.detach().mean().item()

    return run
