#!/usr/bin/env python3
"""Makes pictures of the real screens: runs the player in tmux, types keys, and draws what the terminal shows as PNG.

    pip install pyte pillow            # and tmux, fonts-dejavu-core
    python3 scripts/pictures.py JUKEBOX MUSIC OUT [--home DIR] [--theme NAME] [--light] [--only NAME] [--size 120x40]

JUKEBOX is the program, MUSIC a directory of music, OUT a directory. The player runs without sound and with a home of its own
(--home keeps one, so that the music is not analysed again). Each picture is OUT/NAME.png.
"""
import argparse, os, re, subprocess, sys, tempfile, time
import pyte
from PIL import Image, ImageDraw, ImageFont

# Name, size, keys typed one after another (a pause after each), and a text to wait for before the first key.
SCENES = [
    ('library', (120, 40), ['1', 'h', 'h', 'j', 'j']),
    ('library-80', (80, 24), ['1']),
    ('library-200', (200, 60), ['1']),
    ('queue', (120, 40), ['2', 'j', 'j']),
    ('queue-80', (80, 24), ['2', 'j']),
    ('queue-200', (200, 60), ['2', 'j', 'j', 'j']),
    ('signature', (120, 40), ['4', 'j', 'Space', 'j', 'j', '+']),
    ('signature-80', (80, 24), ['4', 'j', 'Space']),
    ('signature-200', (200, 60), ['4', 'j', 'Space', 'j', 'j', '+']),
    ('info', (120, 40), ['1', 'i']),
    ('info-80', (80, 24), ['1', 'i']),
    ('sorted', (120, 40), ['1', ':sort -tempo', 'Enter']),
    ('log', (120, 40), ['9']),
    ('map', (120, 40), ['5', 'c', 'j', 'l']),
    ('map-80', (80, 24), ['5']),
    ('map-200', (200, 60), ['5', 'c']),
    ('sound', (120, 40), ['6']),
    ('sound-80', (80, 24), ['6']),
    ('sound-200', (200, 60), ['6']),
    ('train', (120, 40), ['7']),
    ('train-80', (80, 24), ['7']),
    ('playlists', (120, 40), [':playlist save evening', 'Enter', ':playlist smart calm energy<0.4', 'Enter', '3']),
    ('help', (120, 40), ['?']),
]
FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSansMono%s.ttf'
DARK = {'bg': '#16181d', 'fg': '#d8dee9'}
LIGHT = {'bg': '#fdf6e3', 'fg': '#38424a'}
NAMED = {'black': '#3b4252', 'red': '#d0505c', 'green': '#7fae5b', 'brown': '#d8a657', 'blue': '#5e81c1', 'magenta': '#b07cc6',
         'cyan': '#4fa6b4', 'white': '#d8dee9', 'brightblack': '#6b7489', 'brightred': '#e06c75', 'brightgreen': '#98c379',
         'brightbrown': '#e5c07b', 'brightblue': '#81a1e1', 'brightmagenta': '#c792ea', 'brightcyan': '#7fdbe6',
         'brightwhite': '#ffffff'}


def tmux(*words):
    return subprocess.run(['tmux', '-L', 'jukebox-pictures', *words], capture_output=True, text=True)


def colour(name, ground, default):
    if name == 'default':
        return ground[default]
    return NAMED.get(name) or '#' + name


def blend(a, b):
    mix = lambda i: (int(a[i:i + 2], 16) + int(b[i:i + 2], 16)) // 2
    return '#%02x%02x%02x' % (mix(1), mix(3), mix(5))


def undimmed(sequence):
    """pyte does not know "dim" (2): it becomes "struck out" (9), which the player never uses."""
    words, out = sequence[1].split(';'), []
    while words:
        word = words.pop(0)
        if word in ('38', '48'):
            # An index (5;N) or a colour (2;R;G;B) follows, whose numbers are no attributes.
            count = 2 if words[:1] == ['5'] else 4
            out += [word] + words[:count]
            words = words[count:]
        else:
            out.append('9' if word == '2' else word)
    return '\x1b[' + ';'.join(out) + 'm'


def draw(text, size, ground, file):
    columns, rows = size
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(re.sub(r'\x1b\[([0-9;]*)m', undimmed, text.rstrip('\n')).replace('\n', '\r\n'))
    high, fonts = 18, {}
    for bold in ('', '-Bold'):
        fonts[bold] = ImageFont.truetype(FONT % bold, 15)
    wide = round(fonts[''].getlength('M'))
    image = Image.new('RGB', (columns * wide + 16, rows * high + 16), ground['bg'])
    pen = ImageDraw.Draw(image)
    for y in range(rows):
        for x in range(columns):
            cell = screen.buffer[y][x]
            fg, bg = colour(cell.fg, ground, 'fg'), colour(cell.bg, ground, 'bg')
            if cell.strikethrough:
                fg = blend(fg, bg)
            if cell.reverse:
                fg, bg = bg, fg
            at = (8 + x * wide, 8 + y * high)
            if bg != ground['bg']:
                pen.rectangle([at, (at[0] + wide - 1, at[1] + high - 1)], fill=bg)
            if cell.data.strip():
                pen.text(at, cell.data, fill=fg, font=fonts['-Bold' if cell.bold else ''])
            if cell.underscore:
                pen.line([(at[0], at[1] + high - 2), (at[0] + wide, at[1] + high - 2)], fill=fg)
    image.save(file)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument('jukebox')
    parse.add_argument('music')
    parse.add_argument('out')
    parse.add_argument('--home')
    parse.add_argument('--theme')
    parse.add_argument('--light', action='store_true')
    parse.add_argument('--only')
    parse.add_argument('--size')
    parse.add_argument('--settle', type=float, default=6.0, help='seconds before the first key')
    args = parse.parse_args()
    home = args.home or tempfile.mkdtemp(prefix='jukebox-pictures-')
    os.makedirs(args.out, exist_ok=True)
    program = os.path.abspath(args.jukebox)
    subprocess.run([program, 'scan', args.music], env={**os.environ, 'JUKEBOX_HOME': home}, check=True)
    for name, size, keys in SCENES:
        if args.only and args.only not in name:
            continue
        if args.size:
            size = tuple(map(int, args.size.split('x')))
        tmux('kill-server')
        tmux('-f', '/dev/null', 'new-session', '-d', '-x', str(size[0]), '-y', str(size[1]),
             f"env JUKEBOX_HOME='{home}' COLORTERM=truecolor '{program}' --no-audio '{args.music}'")
        tmux('set', '-g', 'status', 'off')
        time.sleep(args.settle)
        if args.theme:
            tmux('send-keys', '-l', f':theme {args.theme}')
            tmux('send-keys', 'Enter')
        tmux('send-keys', 'Enter')
        time.sleep(args.settle / 2)
        for key in keys:
            tmux('send-keys', *(['-l'] if len(key) > 1 and key[0] == ':' else []), key)
            time.sleep(0.8)
        time.sleep(1.5)
        shown = tmux('capture-pane', '-e', '-N', '-p').stdout
        draw(shown, size, LIGHT if args.light else DARK, os.path.join(args.out, name + '.png'))
        tmux('send-keys', '-l', ':q!')
        tmux('send-keys', 'Enter')
        time.sleep(0.7)
        print(os.path.join(args.out, name + '.png'))
    tmux('kill-server')


if __name__ == '__main__':
    main()
