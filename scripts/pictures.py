#!/usr/bin/env python3
"""Makes the pictures of docs/pictures from the real screens: runs the player in tmux, types keys, and draws what the terminal shows.

    pip install pyte pillow            # and tmux, fonts-dejavu-core
    python3 scripts/pictures.py JUKEBOX MUSIC OUT [--home DIR] [--only NAME] [--more] [--theme NAME] [--size 120x40] [--covers]

JUKEBOX is the program, MUSIC a directory of music, OUT a directory. Each scene is drawn in a dark and in a light theme (OUT/NAME-dark.png,
OUT/NAME-light.png), then the tour as an animation (OUT/tour.gif) of at most 1.5 MB. --only draws the scenes whose names have NAME in them, --more also
those that the README does not show, --theme in that theme alone (OUT/NAME-THEME.png), --size at another size. The player runs without
sound and with a home of its own (--home keeps one, so that the music is not analysed again). --covers draws a cover into two of three
album directories of MUSIC that have none: for the demo library, never for music of yours.
"""
import argparse, colorsys, hashlib, io, os, random, re, shlex, subprocess, sys, tempfile, time
import pyte
from PIL import Image, ImageDraw, ImageFont

THEMES = {'dark': 'catppuccin-mocha', 'light': 'catppuccin-latte'}
# Name, size, steps before the picture, texts to wait for (with ! in front: until it is gone), steps after it. A step is a key as tmux names
# it, or a command with its colon.
SCENES = [
    ('library', (120, 40), ['1', 'i'], ['Artists', 'near'], ['Escape']),
    ('grid', (120, 40), ['1', ':grid on', 'l', 'j'], [' albums'], [':grid off']),
    ('queue', (120, 40), ['2', 'g', 'g', 'j', 'j', 'j'], ['Queue: '], []),
    ('signature', (120, 40), ['4', 'j', 'Space', 'j', 'j', '+'], ['Signature of'], ['Escape']),
    ('map', (120, 40), ['5', ':map colour genre', 'l', 'l', 'j'], ['Map of', 'colour: genre'], []),
    ('sound', (120, 40), ['6'], ['Sound of', '!Making', '! made'], []),
]
MORE = [(f'{name}-{columns}', (columns, rows), *rest) for columns, rows in [(60, 16), (80, 24), (200, 60)] for name, _, *rest in SCENES] + [
    ('train', (120, 40), ['7'], [], []),
    ('dimensions', (120, 40), ['8'], [], []),
    ('log', (120, 40), ['9'], [], []),
    ('playlists', (120, 40), [':playlist save evening', ':playlist smart calm energy<0.4', '3'], ['evening'], []),
    ('help', (120, 40), ['1', '?'], ['This view'], ['Escape']),
]
# The tour: steps, texts to wait for, and how long the last frame of them is shown, in milliseconds; a step before it 280.
TOUR_SIZE = (100, 30)
TOUR = [
    (['1', 'g', 'g'], ['Artists'], 1500),
    (['j', 'j', 'Enter'], ['because'], 1800),
    (['2'], ['Queue: '], 1500),
    (['j', 'j', 'j'], [], 1500),
    (['X'], [], 1800),
    (['4'], ['Signature of'], 1500),
    (['j', 'Space', 'j', '+', '+'], [], 2000),
    (['Enter', '5'], ['Map of'], 1500),
    (['l', 'l', 'l', 'j', 'j', 'c'], [], 1200),
    (['+'], [], 1500),
    (['1', ':grid on'], [' albums'], 1500),
    (['l', 'l', 'j'], [], 1200),
    ([':grid off', '6'], ['Sound of', '!Making', '! made'], 2500),
]
STEP, LARGEST = 280, 1_500_000
FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSansMono%s.ttf'
GROUNDS = {'dark': {'bg': '#16181d', 'fg': '#d8dee9'}, 'light': {'bg': '#fdf6e3', 'fg': '#38424a'}}
NAMED = {'black': '#3b4252', 'red': '#d0505c', 'green': '#7fae5b', 'brown': '#d8a657', 'blue': '#5e81c1', 'magenta': '#b07cc6',
         'cyan': '#4fa6b4', 'white': '#d8dee9', 'brightblack': '#6b7489', 'brightred': '#e06c75', 'brightgreen': '#98c379',
         'brightbrown': '#e5c07b', 'brightblue': '#81a1e1', 'brightmagenta': '#c792ea', 'brightcyan': '#7fdbe6',
         'brightwhite': '#ffffff'}


class Player:
    """The player in a tmux of its own."""

    def __init__(self, program, music, home):
        self.server = f'jukebox-pictures-{os.getpid()}'
        command = ['env', f'JUKEBOX_HOME={home}', 'COLORTERM=truecolor', program, '--no-audio', music]
        self.tmux('-f', '/dev/null', 'new-session', '-d', '-x', '120', '-y', '40', shlex.join(command))
        self.tmux('set', '-g', 'status', 'off')

    def tmux(self, *words):
        return subprocess.run(['tmux', '-L', self.server, *words], capture_output=True, text=True).stdout

    def resize(self, size):
        self.tmux('resize-window', '-x', str(size[0]), '-y', str(size[1]))
        time.sleep(0.5)

    def step(self, step, pause=0.35):
        if step.startswith(':'):
            self.tmux('send-keys', '-l', step)
            self.tmux('send-keys', 'Enter')
        else:
            self.tmux('send-keys', step)
        # A digit alone might be a count: half a second decides.
        time.sleep(0.8 if step.isdigit() else pause)

    def wait(self, texts, secs=180):
        """Waits until the screen shows all texts, and none of those with ! in front."""
        end = time.monotonic() + secs
        while True:
            shown = self.tmux('capture-pane', '-p')
            missing = [text for text in texts if (text.lstrip('!') in shown) == text.startswith('!')]
            if not missing:
                return
            if time.monotonic() > end:
                sys.exit(f'the screen never came to {missing[0]!r}; it shows\n{shown}')
            time.sleep(0.2)

    def shown(self):
        return self.tmux('capture-pane', '-e', '-N', '-p')

    def close(self):
        self.step(':q!', 1.0)
        self.tmux('kill-server')


def blend(a, b, share=0.5):
    mix = lambda i: round(int(a[i:i + 2], 16) * share + int(b[i:i + 2], 16) * (1 - share))
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


def block(pen, letter, box, fg, bg):
    """Draws blocks, shades and braille so that they meet those beside them; whether the letter is one of these."""
    x, y, wide, high = box
    part = lambda left, top, right, bottom: pen.rectangle(
        [x + round(left * wide), y + round(top * high), x + round(right * wide) - 1, y + round(bottom * high) - 1], fill=fg)
    code = ord(letter)
    if letter == '▀':
        part(0, 0, 1, 0.5)
    elif 0x2581 <= code <= 0x2588:
        part(0, 1 - (code - 0x2580) / 8, 1, 1)
    elif 0x2589 <= code <= 0x258f:
        part(0, 0, (0x2590 - code) / 8, 1)
    elif letter == '▕':
        part(7 / 8, 0, 1, 1)
    elif letter in '░▒▓':
        pen.rectangle([x, y, x + wide - 1, y + high - 1], fill=blend(fg, bg, '░▒▓'.index(letter) / 4 + 0.25))
    elif 0x2800 <= code <= 0x28ff:
        for bit, (column, row) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]):
            if code - 0x2800 >> bit & 1:
                at, radius = (x + (column + 0.5) * wide / 2, y + (row + 0.5) * high / 4), high / 13
                pen.ellipse([at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius], fill=fg)
    else:
        return False
    return True


def draw(text, size, ground, points):
    """An image of what a terminal shows."""
    columns, rows = size
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(re.sub(r'\x1b\[([0-9;]*)m', undimmed, text.rstrip('\n')).replace('\n', '\r\n'))
    fonts = {bold: ImageFont.truetype(FONT % bold, points) for bold in ('', '-Bold')}
    wide, high = round(fonts[''].getlength('M')), round(points * 1.2)
    colour = lambda name, default: ground[default] if name == 'default' else NAMED.get(name) or '#' + name
    # The margin has the colour of the corner: most themes have a ground of their own.
    margin = colour(screen.buffer[rows - 1][columns - 1].bg, 'bg')
    image = Image.new('RGB', (columns * wide + 16, rows * high + 16), margin)
    pen = ImageDraw.Draw(image)
    for y in range(rows):
        for x in range(columns):
            cell = screen.buffer[y][x]
            fg, bg = colour(cell.fg, 'fg'), colour(cell.bg, 'bg')
            if cell.strikethrough:
                fg = blend(fg, bg)
            if cell.reverse:
                fg, bg = bg, fg
            at = (8 + x * wide, 8 + y * high)
            if bg != margin:
                pen.rectangle([at, (at[0] + wide - 1, at[1] + high - 1)], fill=bg)
            letter = cell.data
            if letter.strip() and not (len(letter) == 1 and block(pen, letter, (*at, wide, high), fg, bg)):
                pen.text(at, letter, fill=fg, font=fonts['-Bold' if cell.bold else ''])
            if cell.underscore:
                pen.line([(at[0], at[1] + high - 2), (at[0] + wide, at[1] + high - 2)], fill=fg)
    return image


def animate(frames, file):
    """Writes frames, each with its time, as a GIF with as many colours as keep it small."""
    images = [image for image, _ in frames]
    wide, high = images[0].size
    # One palette for all, so that what did not change is the same in every frame.
    some = images[::max(1, len(images) // 12)]
    sheet = Image.new('RGB', (wide, high * len(some)))
    for n, image in enumerate(some):
        sheet.paste(image, (0, n * high))
    for colours in (96, 64, 40, 24):
        palette = sheet.quantize(colours)
        reduced = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
        out = io.BytesIO()
        reduced[0].save(out, 'GIF', save_all=True, append_images=reduced[1:], duration=[time for _, time in frames], loop=0, optimize=True)
        if len(out.getvalue()) <= LARGEST:
            with open(file, 'wb') as target:
                target.write(out.getvalue())
            return
    sys.exit(f'{file} is larger than {LARGEST} bytes with 24 colours; the tour has too many frames')


def tour(player, ground):
    frames = []
    take = lambda time: frames.append((draw(player.shown(), TOUR_SIZE, ground, 14), time))
    player.resize(TOUR_SIZE)
    for steps, texts, hold in TOUR:
        for step in steps:
            player.step(step)
            take(STEP)
        player.wait(texts)
        time.sleep(0.6)
        # What is waited for takes no time in the picture.
        frames.pop()
        take(hold)
    return frames


def cover(name):
    """A picture for an album without one: circles and bands in colours that follow from its name."""
    chance = random.Random(hashlib.sha256(name.encode()).digest())
    colour = lambda light: tuple(round(255 * part) for part in colorsys.hls_to_rgb(chance.random(), light, 0.55))
    image = Image.new('RGB', (240, 240), colour(0.25))
    pen = ImageDraw.Draw(image)
    for _ in range(chance.randrange(3, 6)):
        x, y, side = chance.randrange(240), chance.randrange(240), chance.randrange(50, 150)
        if chance.random() < 0.6:
            pen.ellipse([x - side, y - side, x + side, y + side], fill=colour(chance.uniform(0.3, 0.7)))
        else:
            pen.rectangle([0, y, 240, y + side // 3], fill=colour(chance.uniform(0.3, 0.7)))
    return image


def add_covers(music):
    albums = sorted(at for at, _, files in os.walk(music) if any(file.endswith(('.flac', '.mp3', '.ogg', '.wav')) for file in files))
    for n, album in enumerate(albums):
        file = os.path.join(album, 'cover.png')
        if n % 3 != 2 and not os.path.exists(file):
            cover(os.path.relpath(album, music)).save(file)


def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('jukebox', 'music', 'out'):
        parse.add_argument(name)
    for name in ('--home', '--only', '--theme', '--size'):
        parse.add_argument(name)
    for name in ('--more', '--covers'):
        parse.add_argument(name, action='store_true')
    args = parse.parse_args()
    home = os.path.abspath(args.home or tempfile.mkdtemp(prefix='jukebox-pictures-'))
    program, music = os.path.abspath(args.jukebox), os.path.abspath(args.music)
    os.makedirs(args.out, exist_ok=True)
    if args.covers:
        add_covers(music)
    subprocess.run([program, 'scan', music], env={**os.environ, 'JUKEBOX_HOME': home}, check=True)
    is_light = lambda theme: theme.endswith(('-latte', '-light'))
    themes = {args.theme: args.theme} if args.theme else THEMES
    wanted = lambda name: not args.only or args.only in name
    player = Player(program, music, home)
    try:
        # With a home that is kept, the session comes back where it was left.
        player.wait(['1 Lib'])
        for step in ('1', ':grid off', 'g', 'g', 'j', 'Enter'):
            player.step(step)
        player.wait(['then: ', 'because'])
        for suffix, theme in themes.items():
            ground = GROUNDS['light' if is_light(theme) else 'dark']
            player.step(f':theme {theme}')
            for name, size, before, texts, after in SCENES + (MORE if args.more else []):
                if not wanted(name):
                    continue
                size = tuple(map(int, args.size.split('x'))) if args.size else size
                player.resize(size)
                for step in before:
                    player.step(step)
                player.wait(texts if size[0] >= 80 else [])
                time.sleep(1.0)
                file = os.path.join(args.out, f'{name}-{suffix}.png')
                draw(player.shown(), size, ground, 15).quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
                print(file, flush=True)
                for step in after:
                    player.step(step)
        if wanted('tour'):
            theme = args.theme or THEMES['dark']
            player.step(f':theme {theme}')
            file = os.path.join(args.out, 'tour.gif')
            animate(tour(player, GROUNDS['light' if is_light(theme) else 'dark']), file)
            print(file, flush=True)
    finally:
        player.close()


if __name__ == '__main__':
    main()
