#!/usr/bin/env python3
"""Writes expected.txt: what scripts/teacher.py says of a made-up patch with made-up weights, which encoder/tests/musicnn.rs makes too.

    python encoder/tests/musicnn/reference.py musicnn-0.1.0-py3-none-any.whl     # for the names and shapes alone
"""
import os, sys
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '../../../scripts'))
import teacher


def numbers(seed, count):
    """A linear congruential generator: numbers from -0.5 to 0.5."""
    out, x = np.empty(count), seed
    for i in range(count):
        x = (1664525 * x + 1013904223) % 2 ** 32
        out[i] = (x >> 8) / 2 ** 24 - .5
    return out


def made_up(names):
    weights = {}
    for seed, (name, shape) in enumerate(sorted(names.items()), 1):
        value = numbers(seed, int(np.prod(shape)))
        if name.endswith('moving_variance'):
            value = 1 + value
        elif name == 'batch_normalization/gamma':
            value = .5 + .2 * value
        elif name.endswith('gamma'):
            value = 2 * value
        elif name.endswith('kernel'):
            value = value * 3 / np.sqrt(np.prod(shape[:-1]))
        weights[name] = value.astype(np.float32).reshape(shape)
    return weights


if __name__ == '__main__':
    import torch
    names = {k: v.shape for k, v in teacher.weights(sys.argv[1]).items() if '/' in k}
    tagger = teacher.Teacher(sys.argv[1])
    tagger.w = {k: torch.tensor(v) for k, v in made_up(names).items()}
    patch = torch.tensor(3 * (numbers(1000, 187 * 96) + .5), dtype=torch.float32).view(1, 187, 96)
    vector, logits = tagger(patch)
    with open(os.path.join(here, 'expected.txt'), 'w') as out:
        for value in torch.cat([vector[0], logits[0]]).tolist():
            print(f'{value:.6f}', file=out)
