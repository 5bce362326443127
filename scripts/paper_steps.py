#!/usr/bin/env python3
"""Three steps of the paper's network in PyTorch: what encoder/tests/recipe.rs compares with.

    pip install torch numpy
    scripts/paper_steps.py > encoder/tests/recipe/expected.tsv

Two trainings on 16 images of 64 × 64 powers, at the narrowest width (32 channels everywhere), all 16 in every step:
`authors` is the authors' code (powers, mean pools, sigmoid before the cross-entropy), `normalised` has decibels, max pools,
batch normalisation between convolution and ReLU, and logits. Adam, rate 1e-4, nothing else. Weights and images come from one
generator of random numbers that the test has too, so that no weights file is kept.

Lines: training, `loss`, step, value; training, tensor, index, value before, value after three steps. Dense weights are
indexed as [in, out], unlike PyTorch's. Of a normalised layer also running mean and variance.
"""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CLIPS, SIZE, CHANNELS, GENRES = 16, 64, 32, 8
KERNELS = [(1, 3, 11)] + [(CHANNELS, 3, 3)] * 5 + [(CHANNELS, 2, 4)]
DENSE = [(32, 256), (256, 128), (128, 64), (64, GENRES)]
NAMES = ["genre.hidden", "genre.hidden2", "genre.hidden3", "genre.out"]
SAMPLED = 6
MEAN, STD = -20.0, 12.0


class Random:
    """Numerical Recipes' generator; uniform numbers of 24 bits."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return self.state >> 8

    def uniform(self, n, bound, middle=0.0):
        return np.array([middle + bound * (2 * self.next() / 2**24 - 1) for _ in range(n)], dtype=np.float32)


def images():
    """Half floats from 0.0005 to 4."""
    random = Random(7)
    bits = np.array([0x1000 + random.next() % (0x4400 - 0x1000) for _ in range(CLIPS * SIZE * SIZE)], dtype=np.uint16)
    return bits.view(np.float16).astype(np.float32).reshape(CLIPS, 1, SIZE, SIZE)


def tensors(normalised):
    """Name, shape and values of every tensor, in the order of the network."""
    random = Random(11)
    all = {}
    for i, (c, h, w) in enumerate(KERNELS):
        fan_in, name = c * h * w, f"conv{i + 1}"
        bound = math.sqrt(6 / fan_in)
        all[f"{name}.weight"] = random.uniform(CHANNELS * fan_in, bound).reshape(CHANNELS, c, h, w)
        if normalised:
            all[f"{name}.gamma"] = random.uniform(CHANNELS, 0.1, 1.0)
            all[f"{name}.beta"] = random.uniform(CHANNELS, 0.1)
        else:
            all[f"{name}.bias"] = random.uniform(CHANNELS, math.sqrt(1 / fan_in))
    for name, (a, b) in zip(NAMES, DENSE):
        all[f"{name}.weight"] = random.uniform(a * b, math.sqrt(1 / a)).reshape(a, b)
        all[f"{name}.bias"] = random.uniform(b, math.sqrt(1 / a))
    return all


class Network(nn.Module):
    def __init__(self, start, normalised):
        super().__init__()
        self.normalised = normalised
        self.own = nn.ParameterDict({k.replace(".", "_"): nn.Parameter(torch.tensor(v)) for k, v in start.items()})
        self.norms = [nn.BatchNorm2d(CHANNELS, affine=False) for _ in KERNELS]

    def get(self, name):
        return self.own[name.replace(".", "_")]

    def forward(self, x):
        pool = F.max_pool2d if self.normalised else F.avg_pool2d
        for i in range(len(KERNELS)):
            name, stride = f"conv{i + 1}", (2, 1) if i == 0 else 1
            padding = [(1, 5), 1, 1, 1, 1, 1, 0][i]
            if self.normalised:
                x = self.norms[i](F.conv2d(x, self.get(f"{name}.weight"), stride=stride, padding=padding))
                x = x * self.get(f"{name}.gamma").view(1, -1, 1, 1) + self.get(f"{name}.beta").view(1, -1, 1, 1)
            else:
                x = F.conv2d(x, self.get(f"{name}.weight"), self.get(f"{name}.bias"), stride=stride, padding=padding)
            x = F.relu(x)
            # 32 × 64 → 16 × 32 → 8 × 16 → 4 × 8 → 2 × 4, which the last kernel covers.
            if 1 <= i <= 5 and x.shape[2] >= 4 and x.shape[3] >= 8:
                x = pool(x, (2, 2))
        x = x.flatten(1)
        for i, name in enumerate(NAMES):
            x = x @ self.get(f"{name}.weight") + self.get(f"{name}.bias")
            if i + 1 < len(NAMES):
                x = F.relu(x)
        return x if self.normalised else torch.sigmoid(x)


def train(name, normalised):
    start = tensors(normalised)
    network = Network(start, normalised)
    x = torch.tensor(images())
    if normalised:
        x = (10 * torch.log10(torch.clamp(x, min=1e-10)) - MEAN) / STD
    y = torch.arange(CLIPS) % GENRES
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-4)
    network.train()
    for step in range(3):
        loss = F.cross_entropy(network(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        print(f"{name}\tloss\t{step + 1}\t{loss.item():.9g}")
    random = Random(13)
    for tensor, before in start.items():
        after = network.get(tensor).detach().numpy().reshape(-1)
        for _ in range(SAMPLED):
            at = random.next() % before.size
            print(f"{name}\t{tensor}\t{at}\t{before.reshape(-1)[at]:.9g}\t{after[at]:.9g}")
    if normalised:
        for i, norm in enumerate(network.norms):
            for kind, values, begin in [("mean", norm.running_mean, 0.0), ("var", norm.running_var, 1.0)]:
                for at in [0, CHANNELS - 1]:
                    print(f"{name}\tconv{i + 1}.{kind}\t{at}\t{begin:.9g}\t{values[at].item():.9g}")


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    train("authors", False)
    train("normalised", True)
