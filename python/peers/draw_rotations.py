"""Writes the rotations that our models hash by, for the peers' models to hash by the same. Runs where
our package is installed: draw_rotations.py FILE"""

from __future__ import annotations

import pathlib
import sys

import numpy as np
from model_cases import ROTATION_SEED, SETTINGS, model_cases

import reformer


def main(path: pathlib.Path) -> None:
    arrays = {}
    for case in (case for program in SETTINGS for case in model_cases(program)):
        if case.rounds:
            model = reformer.Model.initial(case.settings)
            drawn = [model.rotations(i, rotation_seed=ROTATION_SEED) for i in range(case.layers)]
            arrays[f"{case.program} {case.name}"] = np.stack(drawn)  # [L, H, D, R, N/2]
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
