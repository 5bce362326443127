#!/usr/bin/env python3
"""How far the descriptors agree with librosa's on the same half minutes.

    cargo run --example descriptors -- FILES… > mine.csv
    python3 scripts/librosa_agreement.py mine.csv [--keep librosa.json]

Needs librosa 0.11. `--keep` stores librosa's values, so that a second run only compares.
"""

import argparse
import csv
import json
import os
import warnings

import numpy as np

MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]


def describe(path, start, secs):
    """librosa's values of a segment: its own defaults at 22,050 Hz, but the brightness at 44,100 and levels over 0.4 s."""
    import librosa

    full, _ = librosa.load(path, sr=44100, mono=True, offset=start, duration=secs)
    if full.std() < 1e-4:
        return None
    half = librosa.resample(full, orig_sr=44100, target_sr=22050)
    envelope = librosa.onset.onset_strength(y=half, sr=22050)
    chroma = librosa.feature.chroma_cqt(y=half, sr=22050).mean(axis=1)
    fits = [np.corrcoef(chroma, np.roll(p, k))[0, 1] for p in (MAJOR, MINOR) for k in range(12)]
    spectrum = librosa.stft(half)
    power = np.abs(spectrum) ** 2
    frequencies = librosa.fft_frequencies(sr=22050)
    _, hits = librosa.decompose.hpss(spectrum)
    level = 20 * np.log10(np.maximum(librosa.feature.rms(y=full, frame_length=17640, hop_length=4410), 1e-5))
    return {
        "tempo": float(librosa.feature.tempo(onset_envelope=envelope, sr=22050)[0]),
        "beat": float(np.atleast_1d(librosa.beat.beat_track(onset_envelope=envelope, sr=22050)[0])[0]),
        "key": int(np.nanargmax(fits)),
        "mode": float(max(fits[:12]) - max(fits[12:])),
        "brightness": float(librosa.feature.spectral_centroid(y=full, sr=44100).mean()),
        "noisiness": float(librosa.feature.spectral_flatness(y=half).mean()),
        "bass": float(power[frequencies < 150].sum() / power.sum()),
        "dynamics": float(np.percentile(level, 95) - np.percentile(level, 10)),
        "percussiveness": float((np.abs(hits) ** 2).sum() / power.sum()),
        "onsets": len(librosa.onset.onset_detect(onset_envelope=envelope, sr=22050)) / (len(half) / 22050),
    }


def ranks(values):
    order = np.argsort(values)
    out = np.empty(len(values))
    out[order] = np.arange(len(values))
    for v in np.unique(values):
        same = values == v
        out[same] = out[same].mean()
    return out


def number(row, name):
    return float(row[name]) if row[name] else None


def octaves(a, b):
    """Distance of two tempi on the circle of octaves, as a ratio."""
    off = np.log2(a / b)
    return 2 ** abs(off - round(off)) - 1


def tempo_lines(rows):
    """The share that agrees, by confidence."""
    pairs = [(number(m, "bpm"), number(m, "bpm_confidence"), t) for m, t in rows if m["bpm"]]
    yield f"tempo          present {len(pairs)} of {len(rows)}"
    edges = np.quantile([c for _, c, _ in pairs], [0, 1 / 3, 2 / 3, 1]) if pairs else []
    spans = [("all", 0, 9)] + [(f"confidence {a:.2f}–{b:.2f}", a, b) for a, b in zip(edges, edges[1:])]
    for name, low, high in spans:
        here = [(b, t) for b, c, t in pairs if low <= c <= high]
        if here:
            within = lambda names, d: np.mean([min(d(b, t[n]) for n in names) <= 0.04 for b, t in here])
            near = lambda a, b: abs(a / b - 1)
            three = lambda a, b: min(octaves(a, b), octaves(a * 1.5, b))
            yield (
                f"  {name:22} n {len(here):3}  within 4 % {within(['tempo'], near):.2f}"
                f"  up to octaves {within(['tempo', 'beat'], octaves):.2f}"
                f"  or thirds {within(['tempo', 'beat'], three):.2f}"
            )


def key_lines(rows):
    """The share that agrees: exactly, with the relative, the fifths, the parallel."""
    pairs = [(int(m["tonic"]) + 12 * int(m["minor"]), t["key"]) for m, t in rows if m["tonic"]]
    counts = {"exact": 0, "relative": 0, "fifth": 0, "parallel": 0, "other": 0}
    for a, b in pairs:
        wheel = lambda k: ((k % 12) + 3 * (k // 12)) * 7 % 12
        apart = min((wheel(a) - wheel(b)) % 12, (wheel(b) - wheel(a)) % 12)
        same = a // 12 == b // 12
        name = "other"
        if a == b:
            name = "exact"
        elif apart == 0:
            name = "relative"
        elif apart == 1 and same:
            name = "fifth"
        elif a % 12 == b % 12:
            name = "parallel"
        counts[name] += 1
    yield f"key            present {len(pairs)} of {len(rows)}"
    yield "  " + "  ".join(f"{k} {v / max(len(pairs), 1):.2f}" for k, v in counts.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv")
    parser.add_argument("--keep", help="where librosa's values are kept")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    kept = json.load(open(args.keep)) if args.keep and os.path.exists(args.keep) else {}
    rows, silent = [], 0
    for mine in csv.DictReader(open(args.csv, newline="")):
        name = f"{mine['path']}@{mine['start']}"
        if name not in kept:
            kept[name] = describe(mine["path"], float(mine["start"]), float(mine["secs"]))
            if args.keep:
                json.dump(kept, open(args.keep, "w"))
        if kept[name] is None:
            silent += 1
        else:
            rows.append((mine, kept[name]))
    print(f"{len(rows)} segments, {silent} silent ones left out")
    for line in [*tempo_lines(rows), *key_lines(rows)]:
        print(line)
    for name in ["mode", "brightness", "noisiness", "bass", "dynamics", "percussiveness", "onsets"]:
        pairs = np.array([(number(m, name), t[name]) for m, t in rows if m[name]])
        a, b = pairs.T
        spearman = np.corrcoef(ranks(a), ranks(b))[0, 1]
        quartiles = "  ".join(f"{q:9.4g}" for q in [*np.quantile(a, [0.25, 0.5, 0.75]), *np.quantile(b, [0.25, 0.5, 0.75])])
        print(f"{name:14} n {len(pairs):3}  Spearman {spearman:5.2f}  quartiles here, there {quartiles}")


if __name__ == "__main__":
    main()
