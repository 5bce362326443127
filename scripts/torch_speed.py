#!/usr/bin/env python3
"""How many images a second PyTorch learns from, and hears, with the `strobe` network: to be set beside

    cargo run --example train_speed
    python3 scripts/torch_speed.py [--threads 2] [--batch 64] [--steps 20]

The same network, loss and optimiser, random images of 128 × 128, nothing augmented. Needs PyTorch.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

GENRES, DIMS, WIDTH, WARM = 8, 32, 24, 3


class Conv(nn.Module):
    """Convolution, normalisation, + residual, ReLU."""

    def __init__(self, i, o, kernel=(3, 3), stride=(1, 1), padding=(1, 1)):
        super().__init__()
        self.conv = nn.Conv2d(i, o, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(o)

    def forward(self, x, residual=None):
        x = self.norm(self.conv(x))
        return F.relu(x if residual is None else x + residual)


class Block(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.one, self.two = Conv(w, w), Conv(w, w)

    def forward(self, x):
        return self.two(self.one(x), x)


class Strobe(nn.Module):
    """encoder/src/arch/strobe.rs with its heads."""

    def __init__(self, w=WIDTH):
        super().__init__()
        self.body = nn.Sequential(
            Conv(1, w, (5, 4), (2, 4), (2, 0)),
            Block(w),
            Conv(w, 2 * w, stride=(2, 2)),
            Block(2 * w),
            Conv(2 * w, 4 * w, stride=(2, 2)),
            Block(4 * w),
        )
        self.drop = nn.Dropout(0.2)
        self.latent = nn.Linear(2 * 4 * w * 16, DIMS, bias=False)
        self.norm = nn.BatchNorm1d(DIMS, affine=False)
        self.head = nn.Sequential(nn.Linear(DIMS, 64), nn.ReLU(), nn.Linear(64, GENRES))

    def forward(self, x):
        x = self.body(x)
        x = torch.cat([x.mean(3), x.amax(3)], 1).flatten(1)
        z = self.norm(self.latent(self.drop(x)))
        return z, self.head(z)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--batch", type=int, default=64)
    args.add_argument("--steps", type=int, default=20)
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    net = Strobe()
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    images = torch.randn(args.batch, 1, 128, 128)
    genres = torch.arange(args.batch) % GENRES
    outside = 1 - torch.eye(DIMS)

    def step():
        z, logits = net(images)
        covariance = z.T @ z / len(z) * outside
        loss = F.cross_entropy(logits, genres, label_smoothing=0.1)
        loss = loss + covariance.square().sum() / (DIMS * (DIMS - 1))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()

    def hear():
        with torch.inference_mode():
            net(images)

    net.train()
    report("training step", step, args)
    net.eval()
    report("hearing", hear, args)


def report(what, work, args):
    times = []
    for _ in range(args.steps + WARM):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    median = statistics.median(times[WARM:])
    print(
        f"PyTorch {torch.__version__}, {args.threads} threads, {what}: {1e3 * median:.1f} ms for {args.batch} images "
        f"(median of {args.steps}), {args.batch / median:.0f} images/s"
    )


if __name__ == "__main__":
    main()
