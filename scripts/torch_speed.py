#!/usr/bin/env python3
"""How many images a second PyTorch learns from, and hears, with the `strobe` network: to be set beside

    cargo run --example train_speed
    python3 scripts/torch_speed.py [--threads 2] [--batch 64] [--steps 20]

The same network, loss and optimiser, random images of 128 × 128, nothing augmented. And a training step of the paper's
network by its authors' recipe, with processor seconds and memory, beside

    cargo run --example train_speed -- 3 paper 512 128x1280 [bn]
    python3 scripts/torch_speed.py --steps 3 --paper 512 128x1280 [--bn]

Needs PyTorch.
"""

import argparse
import resource
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
    """encoder/core/src/arch/strobe.rs with its heads."""

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


class Paper(nn.Module):
    """encoder/core/src/arch/paper.rs with its head, by the authors' recipe."""

    def __init__(self, width, rows, columns, bn):
        super().__init__()
        channels = [max(32, c * width // 512) for c in (512, 256, 256, 128, 64, 32)]
        layers = []

        def conv(i, o, kernel, **more):
            layers.append(nn.Conv2d(i, o, kernel, bias=not bn, **more))
            layers.extend(([nn.BatchNorm2d(o)] if bn else []) + [nn.ReLU()])

        stride = (2, 5 if columns >= 640 else 1)
        conv(1, channels[0], (3, 11), stride=stride, padding=(1, 5))
        rows, columns = rows // 2, columns // stride[1]
        for i, o in zip(channels, channels[1:]):
            conv(i, o, 3, padding=1)
            if rows >= 4 and columns >= 8:
                layers.append(nn.AvgPool2d(2))
                rows, columns = rows // 2, columns // 2
        conv(channels[-1], DIMS, (2, 4))
        layers.append(nn.AvgPool2d((1, columns - 3)))
        self.body = nn.Sequential(*layers)
        sizes = [DIMS, 256, 128, 64]
        hidden = [m for i, o in zip(sizes, sizes[1:]) for m in (nn.Linear(i, o), nn.ReLU())]
        self.head = nn.Sequential(*hidden, nn.Linear(64, GENRES), nn.Sigmoid())

    def forward(self, x):
        return self.head(self.body(x).flatten(1))


def paper(width, size, args):
    rows, columns = map(int, size.split("x"))
    batch = 16
    net = Paper(int(width), rows, columns, args.bn)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-4)
    images = 4 * torch.rand(batch, 1, rows, columns)
    genres = torch.arange(batch) % GENRES
    times, spent = [], []
    for _ in range(args.steps + 1):
        begin, cpu = time.perf_counter(), time.process_time()
        loss = F.cross_entropy(net(images), genres)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        times.append(time.perf_counter() - begin)
        spent.append(time.process_time() - cpu)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(
        f"PyTorch {torch.__version__}, {args.threads} threads, training step, {rows} x {columns}, width {width}: "
        f"{statistics.median(times[1:]):.2f} s, {statistics.median(spent[1:]):.2f} CPU seconds for {batch} images "
        f"(median of {args.steps}); at most {memory:.2f} GB"
    )


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--threads", type=int, default=2)
    args.add_argument("--batch", type=int, default=64)
    args.add_argument("--steps", type=int, default=20)
    args.add_argument("--paper", nargs=2, metavar=("WIDTH", "SIZE"), help="the paper's network instead")
    args.add_argument("--bn", action="store_true", help="the paper's network with batch normalisation")
    args = args.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    if args.paper:
        paper(*args.paper, args)
        return
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
