#!/usr/bin/env python3
"""What normal scores, shares and turns do to latents of unit length: the figures of docs/measurements.md, "Shares".

    pip install numpy scipy safetensors              # and ffprobe, which reads tags
    python scripts/geometry.py OUT                   # OUT: what scripts/teacher.py made of a tagged collection (--changed 0)

The latents are the teacher's own vectors on 32 principal axes, a track's the mean of its patches at length 1. Neighbours: genre precision
at 10, other artists only. Signatures: AUC of one member left out, the player's scorer (src/latent) in a few lines of numpy.
"""
import json, os, subprocess, sys
import numpy as np
from safetensors.numpy import load_file
from scipy.stats import norm

VAR = np.array([.1, .2, .35, .55, .75, .95])        # latent::dim::VARIANCES
SHARES = np.array([.04, .06, .14, .2, .2, .36])     # latent::prior
WEAK = {'beautiful', 'sexy', 'catchy', '00s', '90s', '80s', '70s', '60s', 'alternative', 'indie', 'alternative rock', 'indie rock'}


def tags(path):
    found = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'format_tags', '-of', 'json', path], capture_output=True, text=True)
    own = {k.lower(): v for k, v in json.loads(found.stdout).get('format', {}).get('tags', {}).items()}
    return [own.get(k, '').lower() for k in ('artist', 'album', 'genre')]


def scores(x):
    return norm.ppf((np.argsort(np.argsort(x, 0), 0) + .5) / len(x))


def apart(x):
    g = x @ x.T
    return np.maximum(0, np.diag(g)[:, None] + np.diag(g)[None] - 2 * g)


def named(z, logits, names):
    """The orthonormal matrix closest to the directions of 32 tags, chosen greedily."""
    z, l = z - z.mean(0), (logits - logits.mean(0)) / logits.std(0)
    c = z.T @ z / len(z)
    w = np.linalg.solve(c + .01 * np.trace(c) / 32 * np.eye(32), z.T @ l)
    w /= np.linalg.norm(w, axis=0)
    left, basis, chosen = [i for i, t in enumerate(names) if t not in WEAK], np.zeros((32, 0)), []
    while len(chosen) < 32:
        rest = w - basis @ (basis.T @ w)
        best = max(left, key=lambda i: np.linalg.norm(rest[:, i]))
        left.remove(best), chosen.append(best)
        basis = np.c_[basis, rest[:, best] / np.linalg.norm(rest[:, best])]
    u, _, v = np.linalg.svd(w[:, chosen])
    return u @ v


def varimax(x):
    turn = np.eye(32)
    for _ in range(200):
        y = x @ turn
        u, _, v = np.linalg.svd(x.T @ (y ** 3 - y * (y ** 2).mean(0)))
        turn = u @ v
    return turn


def posterior(shares, n, m, s2):
    around = 1 - VAR + VAR / n
    log = np.log(shares) - .5 * (n - 1) * (np.log(VAR) + s2[:, None] / VAR) - .5 * (np.log(around) + m[:, None] ** 2 / around)
    p = np.exp(log - log.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


def moments(z, rows):
    return len(rows), z[rows].mean(0), z[rows].var(0, ddof=1) if len(rows) > 1 else np.zeros(32)


def prior(z, albums):
    shares = SHARES
    for _ in range(30 if len(albums) >= 20 else 0):
        counts = 50 * SHARES + sum(posterior(shares, *moments(z, a)).sum(0) for a in albums)
        shares = counts / counts.sum()
    return shares


def signature(z, rows, shares):
    """What each dimension adds to every track's distance: (n, 32)."""
    n, m, s2 = moments(z, rows)
    p, k = posterior(shares, n, m, s2), (1 - VAR) / (1 - VAR + VAR / n)
    mean, var = k * m[:, None], np.broadcast_to(VAR + (1 - k) * (1 - VAR), p.shape)
    if n == 1:
        centre = (p * mean).sum(1, keepdims=True)
        var = np.broadcast_to((p * (var + (mean - centre) ** 2)).sum(1, keepdims=True), p.shape)
        mean = np.broadcast_to(centre, p.shape)
    x = z.clip(-3.2, 3.2)
    own = (p / np.sqrt(2 * np.pi * var) * np.exp(-.5 * (x[:, :, None] - mean) ** 2 / var)).sum(2)
    return np.log(.95 * norm.pdf(x) + .05 * norm.pdf(x, scale=3)) - np.log(own)


def main(out):
    listing = json.load(open(os.path.join(out, 'distil.json')))
    shards = [load_file(os.path.join(out, f)) for f in sorted(os.listdir(out)) if f.startswith('plain')]
    vector, logit, file = (np.concatenate([s[k] for s in shards]) for k in ('vector', 'logit', 'file'))
    about = np.array([tags(f) for f in listing['files']])
    artist, genre, n = about[:, 0], about[:, 2], len(about)
    album = np.char.add(artist, about[:, 1])
    x = vector.astype(np.float32)
    x = (x - x.mean(0)) / (x.std(0) + 1e-3)
    z = x @ np.linalg.svd(x, full_matrices=False)[2][:32].T
    latent = np.stack([z[file == i].mean(0) for i in range(n)])
    latent /= np.linalg.norm(latent, axis=1, keepdims=True)
    groups = [np.flatnonzero(of == name) for of in (album, artist) for name in dict.fromkeys(of)]
    albums = [np.flatnonzero(album == name) for name in dict.fromkeys(album)]
    sets = {tuple(g): g for g in groups if len(g) >= 5}.values()

    def p10(distance):
        order = np.argsort(np.where(artist[:, None] == artist[None], np.inf, distance), 1)[:, :10]
        return 100 * (genre[order] == genre[:, None]).mean()

    def auc(z, weight):
        found = []
        for s in sets:
            shares = prior(z, [a for a in albums if len(a) >= 3 and not set(a) & set(s)])
            rest = [(i, (signature(z, s[s != i], shares) * weight).sum(1)) for i in s]
            others = np.setdiff1d(np.arange(n), s)
            found.append(np.mean([(d[others] > d[i]).mean() for i, d in rest]))
        return 100 * np.mean(found)

    axes = np.linalg.eigh(np.cov(latent.T))[1]
    turns = dict(principal=axes, random=np.linalg.qr(np.random.RandomState(1).randn(32, 32))[0], varimax=varimax(latent - latent.mean(0)),
                 named=named(z / np.linalg.norm(z, axis=1, keepdims=True), logit.astype(np.float32), listing['tags']))
    print(f'{n} tracks, {len(set(artist))} artists, {len(sets)} sets; P@10 by the latents: {p10(apart(latent)):.1f}')
    print(f'{"":10}P@10: scores  by share   of one, by share ^0, ^1/2, ^1      AUC, by share ^0, ^1/2, ^1')
    for name, turn in turns.items():
        y = latent @ turn
        s, share = scores(y), y.var(0) / y.var(0).mean()
        shares = prior(s, [a for a in albums if len(a) >= 3])
        parts = [signature(s, np.array([i]), shares) for i in range(n)]
        one = [p10(np.stack([(p * share ** a).sum(1) for p in parts])) for a in (0, .5, 1)]
        sets_found = [auc(s, share ** a) for a in (0, .5, 1)]
        print(f'{name:10}{p10(apart(s)):12.1f}{p10(apart(s * np.sqrt(share))):10.1f}', *(f'{v:12.1f}' for v in one), *(f'{v:10.2f}' for v in sets_found),
              flush=True)


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
