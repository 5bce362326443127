#!/usr/bin/env python3
"""Reads the validation curves of the paper's authors off their own figure, as docs/paper/authors.tsv.

    git clone --branch preserved-682 https://github.com/ivegner/deep-music-cbr
    scripts/paper_curves.py deep-music-cbr/visualizations/val_genre_accuracy.svg > docs/paper/authors.tsv

The figure has no legend. Its accuracy axis is logarithmic and its other axis counts steps, 394 an epoch; the labels of
both axes give the scale. Curves are named after their colours.
"""

import math
import re
import sys

STEPS_AN_EPOCH = 394
COLOURS = {"255, 112, 67": "orange", "0, 119, 187": "blue", "204, 51, 17": "red"}


def line(points):
    """Slope and intercept through the first and the last of (place, value)."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    slope = (y1 - y0) / (x1 - x0)
    return lambda x: y0 + slope * (x - x0)


def main(path):
    text = open(path, encoding="utf-8").read()
    labels = re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)"[^>]*>([^<]*)<', text)
    heights = [(float(y), math.log(float(name))) for _, y, name in labels if re.fullmatch(r"0\.\d", name)]
    places = [(float(x), 1000 * float(name[:-1])) for x, _, name in labels if re.fullmatch(r"\d+k", name)]
    height, step = line(heights), line(places)
    print("curve\tepoch\taccuracy")
    for style, data in re.findall(r'<path stroke="rgb\(([^)]*)\)"[^>]*? d="([^"]*)"|$', text):
        if style not in COLOURS:
            continue
        points = re.findall(r"[ML]([-\d.]+),([-\d.]+)", data)
        for x, y in points:
            epoch = round(step(float(x)) / STEPS_AN_EPOCH)
            print(f"{COLOURS[style]}\t{epoch}\t{math.exp(height(float(y))):.4f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
