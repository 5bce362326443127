#!/usr/bin/env python3
"""The measuring part of scripts/feel.sh, which says what it measures and prepares what it needs.

Each player runs in a pseudo-terminal of its own that answers the questions terminals are asked. A frame is what arrives without a pause
of PAUSE; a key is answered when the last byte of its frame has arrived. Of what is drawn only its presence matters, so no screen is kept.
"""
import argparse, fcntl, json, os, pty, random, re, select, shutil, struct, subprocess, sys, termios, time

PAUSE = .006                # Seconds without a byte that end a frame.
REPEAT = 1 / 30             # Seconds between two keys while one is held.
PATIENCE = 600              # Seconds after which waiting for a player is given up.
ESCAPE = re.compile(rb'\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_^].*?(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]', re.S)
ANSWERS = [(b'\x1b]11;?', b'\x1b]11;rgb:0000/0000/0000\x07'), (b'\x1b]10;?', b'\x1b]10;rgb:ffff/ffff/ffff\x07'),
           (b'\x1b[c', b'\x1b[?62;22c'), (b'\x1b[0c', b'\x1b[?62;22c'), (b'\x1b[6n', b'\x1b[1;1R')]


class Gone(Exception):
    """A player ended, or never did what it was waited for."""


def wait(what, done, secs=PATIENCE):
    begun = time.monotonic()
    while not done():
        if time.monotonic() - begun > secs:
            raise Gone(f'gave up waiting for {what}')
        time.sleep(.2)


def quiet(*words, env=None, **more):
    """Runs a command; whether it succeeded."""
    return subprocess.run(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE, **more).returncode == 0


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, words, env, size):
        self.master, slave = pty.openpty()
        self.resize(size)
        self.begun = time.monotonic()
        self.process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def resize(self, size):
        columns, rows = size
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def read(self, secs):
        """What arrives within so many seconds; b'' when nothing does."""
        if not select.select([self.master], [], [], max(0, secs))[0]:
            return b''
        try:
            got = os.read(self.master, 1 << 16)
        except OSError:
            got = b''
        if not got:
            raise Gone(f'{self.process.args[0]} ended by itself')
        for question, answer in ANSWERS:
            if question in got:
                os.write(self.master, answer)
        return got

    def type(self, keys):
        os.write(self.master, keys.encode())

    def settle(self, secs, limit):
        """Reads until nothing has arrived for `secs`, at most for `limit`. Whether that was so."""
        begun = time.monotonic()
        while self.read(secs):
            if time.monotonic() - begun > limit:
                return False
        return True

    def first(self):
        """Seconds from the start until something can be seen."""
        seen = b''
        while not ESCAPE.sub(b'', seen).translate(None, bytes(range(33)) + b'\x7f'):
            got = self.read(PATIENCE)
            if not got:
                raise Gone('no first frame')
            seen += got
        return time.monotonic() - self.begun

    def watch(self, secs):
        """How many bytes and frames arrive within so many seconds, both for a minute."""
        end, last, size, frames = time.monotonic() + secs, 0, 0, 0
        while (left := end - time.monotonic()) > 0:
            got = self.read(left)
            now = time.monotonic()
            if got:
                frames += now - last > PAUSE
                last, size = now, size + len(got)
        return size * 60 / secs, frames * 60 / secs

    def key(self, key, limit=1):
        """Seconds from a key to the last byte of the frame that answers it; None if nothing does."""
        while self.read(0):
            pass
        begun = time.monotonic()
        self.type(key)
        if not self.read(limit):
            return None
        last = time.monotonic()
        while self.read(PAUSE):
            last = time.monotonic()
        return last - begun

    def hold(self, count, rows, pair='jk'):
        """The times of keys down and up (`pair`) a list that has so many rows; and how many keys had no answer."""
        way, times, lost = max(1, min(60, rows - 2)), [], 0
        for n in range(count):
            begun = time.monotonic()
            took = self.key(pair[n // way % 2])
            if took is None:
                lost += 1
            else:
                times.append(took)
            time.sleep(max(0, REPEAT - (time.monotonic() - begun)))
        return sorted(times), lost

    def storm(self, size, count=200):
        """Whether a key is answered after so many other sizes, and all of the screen is there again."""
        sizes = random.Random(7)
        for _ in range(count):
            self.resize((sizes.randint(20, 250), sizes.randint(5, 70)))
            self.read(.003)
        self.resize(size)
        if not self.settle(.3, 20):
            return 'never quiet'
        return 'survives' if (self.key('j') or self.key('k')) is not None else 'no answer'

    def end(self, quit):
        """Ends the program: as asked, else by force."""
        try:
            quit()
            begun = time.monotonic()
            while self.process.poll() is None and time.monotonic() - begun < 30:
                try:
                    self.read(.1)
                except Gone:
                    time.sleep(.02)
        except (Gone, OSError):
            pass
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


class Jukebox:
    name, library, queue = 'jukebox', '\x1b1', '\x1b2'
    # The other views: how they are opened, and the keys that go on and back in them.
    views = [('playlists', '\x1b3', 'jk'), ('sound', '\x1b6', 'jk'), ('dimensions', '\x1b8', 'jk'), ('log', '\x1b9', 'jk'), ('grid', '\x1b1:grid on\r', 'lh')]

    # Those that have something only where the folder was listened to: what came after a key would else be a frame that it did not ask for.
    heard_views = [('signature', '\x1b4', 'jk'), ('map', '\x1b5', 'jk')]

    def __init__(self, options, music, home):
        self.program, self.music, self.home = options.jukebox, music, home
        self.env = dict(os.environ, JUKEBOX_HOME=home, TERM='xterm-256color')

    @staticmethod
    def missing(options):
        return None if os.access(options.jukebox, os.X_OK) else f'no {options.jukebox}: cargo build, or JUKEBOX=PROGRAM'

    @staticmethod
    def version(options):
        return subprocess.run([options.jukebox, '--version'], capture_output=True, text=True).stdout.strip()

    def hear(self, home):
        """Begins with a copy of a home that has listened to the folder."""
        shutil.copytree(home, self.home)
        self.views = self.heard_views + Jukebox.views

    def words(self):
        return [self.program, '--no-audio', self.music]

    def prepare(self):
        if not quiet(self.program, 'scan', '--tags-only', self.music, env=self.env):
            raise Gone('jukebox scan failed')

    def send(self, line):
        return quiet(self.program, 'send', line, env=self.env)

    def ready(self, terminal):
        wait('jukebox', lambda: drained(terminal) and quiet(self.program, 'status', env=self.env))

    def fill(self, files, listed):
        # Handed to the running player, a playlist is played; that begins at once.
        quiet(self.program, listed, env=self.env)
        self.send('stop')
        # For the view of the playlists: more than are walked at a time, since a key at the end of them has no frame to wait for.
        for number in range(16):
            self.send(f'playlist save list-{number}')

    def play(self, track):
        return self.send(f'play {track}') and self.send('repeat one')

    def state(self):
        said = subprocess.run([self.program, 'status', '--json'], env=self.env, capture_output=True, text=True).stdout
        return json.loads(said) if said.startswith('{') else {}

    def rest(self, terminal):
        """Waits until nothing is left to do in the background."""
        calm = 0
        def rests():
            nonlocal calm
            drained(terminal)
            now = self.state()
            calm = calm + 1 if now and not now['stage'] and now['latents'] else 0
            return calm > 15
        wait('the end of the analysis', rests)

    def quit(self, terminal):
        terminal.type('\x1b')
        time.sleep(.2)
        terminal.type(':q!\r')

    def close(self):
        pass


class Cmus:
    name, library, queue = 'cmus', '2', '4'

    def __init__(self, options, music, home):
        self.music, self.home, self.socket = music, home, home + '.sock'
        self.env = dict(os.environ, CMUS_HOME=home, CMUS_SOCKET=self.socket, TERM='xterm-256color')
        os.makedirs(home, exist_ok=True)
        with open(home + '/rc', 'w') as rc:
            # Without a session bus it would ask for a key.
            rc.write('set mpris=false\nset continue=false\n' + ('set output_plugin=pulse\n' if options.sink else ''))

    @staticmethod
    def missing(options):
        return None if shutil.which('cmus') else 'no cmus here: apt-get install cmus'

    @staticmethod
    def version(options):
        return subprocess.run(['cmus', '--version'], capture_output=True, text=True).stdout.split('\n')[0]

    def words(self):
        return ['cmus', '--listen', self.socket]

    def remote(self, *words):
        return quiet('cmus-remote', '--server', self.socket, *words, env=self.env)

    def prepare(self):
        terminal = Terminal(self.words(), self.env, (120, 40))
        self.ready(terminal)
        self.remote('-l', self.music)
        self.idle(terminal)
        terminal.end(lambda: self.quit(terminal))

    def ready(self, terminal):
        wait('cmus', lambda: drained(terminal) and self.remote('-C'))

    def idle(self, terminal):
        """cmus does not say when it is through: it has used no processor time for two seconds."""
        last, calm = None, 0
        def rests():
            nonlocal last, calm
            drained(terminal)
            with open(f'/proc/{terminal.process.pid}/stat') as stat:
                used = stat.read().rsplit(') ', 1)[1].split()[11:13]
            last, calm = used, calm + 1 if used == last else 0
            return calm >= 10
        wait('cmus to be through', rests)

    def fill(self, files, listed):
        self.remote('-q', listed)

    def play(self, track):
        return self.remote('-C', 'set repeat_current=true') and self.remote('-f', track)

    def rest(self, terminal):
        self.idle(terminal)

    def quit(self, terminal):
        self.remote('-C', 'quit')

    def close(self):
        pass


class Ncmpcpp:
    name, library, queue = 'ncmpcpp', '2', '1'

    def __init__(self, options, music, home):
        self.music, self.home, self.socket, self.server = music, home, home + '/mpd.sock', None
        os.makedirs(home, exist_ok=True)
        self.env = dict(os.environ, MPD_HOST=self.socket, TERM='xterm-256color')
        with open(home + '/mpd.conf', 'w') as conf:
            conf.write(f'music_directory "{music}"\ndb_file "{home}/db"\nstate_file "{home}/state"\nlog_file "{home}/log"\n'
                       f'bind_to_address "{self.socket}"\nauto_update "no"\nmax_playlist_length "200000"\nmax_output_buffer_size "65536"\n'
                       'audio_output {\n  type "null"\n  name "none"\n}\n')
        with open(home + '/config', 'w') as config:
            config.write(f'ncmpcpp_directory = {home}\nlyrics_directory = {home}\nmpd_host = {self.socket}\nmpd_music_dir = {music}\n')

    @staticmethod
    def missing(options):
        lacks = [tool for tool in ('ncmpcpp', 'mpd', 'mpc') if not shutil.which(tool)]
        return f'no {", ".join(lacks)} here: apt-get install ncmpcpp mpd mpc' if lacks else None

    @staticmethod
    def version(options):
        said = lambda *words: subprocess.run(words, capture_output=True, text=True).stdout.split('\n')[0]
        return f'{said("ncmpcpp", "--version")}, {said("mpd", "--version")}'

    def words(self):
        return ['ncmpcpp', '-q', '-c', self.home + '/config', '-h', self.socket]

    def mpc(self, *words, **more):
        return quiet('mpc', '-q', *words, env=self.env, **more)

    def prepare(self):
        self.server = subprocess.Popen(['mpd', '--no-daemon', self.home + '/mpd.conf'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait('mpd', lambda: self.mpc('status'), 60)
        quiet('mpc', '--wait', 'update', env=self.env)

    def ready(self, terminal):
        terminal.settle(.5, 20)

    def fill(self, files, listed):
        self.mpc('add', input='\n'.join(os.path.relpath(file, self.music) for file in files).encode())

    def play(self, track):
        self.mpc('add', os.path.relpath(track, self.music))
        tracks = subprocess.run(['mpc', 'playlist'], env=self.env, capture_output=True).stdout.count(b'\n')
        return self.mpc('repeat', 'on') and self.mpc('single', 'on') and self.mpc('play', str(tracks))

    def rest(self, terminal):
        terminal.settle(2, 30)

    def quit(self, terminal):
        terminal.type('q')

    def close(self):
        if self.server:
            self.server.terminate()
            self.server.wait()


def drained(terminal):
    """Reads what a terminal has been sent, so that nobody waits for that. Always true."""
    while terminal.read(0):
        pass
    return True


def session(player, size, work):
    """Runs a player and does the work in it; its result."""
    terminal = Terminal(player.words(), player.env, size)
    try:
        terminal.first()
        player.ready(terminal)
        terminal.settle(.5, 20)
        return work(terminal)
    finally:
        terminal.end(lambda: player.quit(terminal))


def keys(player, terminal, view, rows, count):
    terminal.type(view)
    terminal.settle(.7, 20)
    return terminal.hold(count, rows)


def large(options, player, files, listed, out):
    """What is measured on the library: starts, keys, sizes."""
    player.prepare()
    starts = []
    for _ in range(options.starts):
        terminal = Terminal(player.words(), player.env, options.size)
        try:
            starts.append(terminal.first())
            player.ready(terminal)
            terminal.settle(.5, 20)
        finally:
            terminal.end(lambda: player.quit(terminal))
    out['first'] = sorted(starts)[len(starts) // 2] * 1e3

    def work(terminal):
        player.fill(files[:options.queued], listed)
        terminal.settle(1.5, 60)
        for name, view, rows in (('library', player.library, options.rows), ('queue', player.queue, min(len(files), options.queued))):
            times, lost = keys(player, terminal, view, rows, options.keys)
            if times:
                out[name, 'median'], out[name, 'p99'] = (times[min(len(times) - 1, int(len(times) * at))] * 1e3 for at in (.5, .99))
            out[name, 'lost'] = lost
        for name, view, pair in getattr(player, 'views', ()):
            terminal.type(view)
            terminal.settle(.7, 20)
            times, _ = terminal.hold(options.keys // 4, 12, pair)
            # A view in which nothing can be walked has nothing to answer.
            if times:
                out[name, 'p99'] = times[min(len(times) - 1, int(len(times) * .99))] * 1e3
        if hasattr(player, 'views'):
            terminal.type(':grid off\r' + player.library)
            terminal.settle(.7, 20)
        try:
            out['storm'] = terminal.storm(options.size)
        except (Gone, OSError):
            out['storm'] = 'ends'
    session(player, options.size, work)


def small(options, player, track, out):
    """What is measured on the little library, where everything is read: nothing to do, and playing."""
    player.prepare()

    def work(terminal):
        terminal.type(player.library)
        player.rest(terminal)
        terminal.settle(1, 20)
        out['idle'] = terminal.watch(options.secs)
        if player.name == 'cmus' and not options.sink:
            return
        if player.play(track):
            terminal.settle(.4, 5)
            out['playing'] = terminal.watch(options.secs)
    session(player, options.size, work)


def analysing(options, out):
    """What jukebox sends while it listens to a library that it has not heard."""
    player = Jukebox(options, options.music, options.work + '/unheard')
    player.prepare()

    def work(terminal):
        listens = lambda: drained(terminal) and player.state().get('stage') == 'listening'
        wait('the analysis', listens, 120)
        terminal.settle(.1, 2)
        out['analysing'] = terminal.watch(options.secs)
        out['analysing whole'] = listens()
    session(player, options.size, work)


def rows(options, found):
    """The table: what, the cell of each player, the floor, and whether jukebox keeps it."""
    def cell(key, form, at=None):
        def of(name):
            value = found[name].get(key)
            return '–' if value is None else form(value if at is None else value[at])
        return of
    ms, count = lambda v: f'{v:.1f}', lambda v: f'{v:,.0f}'
    def kept(key, test):
        value = found.get('jukebox', {}).get(key)
        return value is None or test(value)
    yield 'first frame, library known: ms', cell('first', ms), '< 100', kept('first', lambda v: v < 100)
    for name in ('library', 'queue'):
        yield f'key to frame, {name}: median ms', cell((name, 'median'), ms), '', True
        yield f'… p99 ms', cell((name, 'p99'), ms), '< 16', kept((name, 'p99'), lambda v: v < 16)
        yield f'… keys without an answer', cell((name, 'lost'), count), '0', kept((name, 'lost'), lambda v: v == 0)
    for name, _, _ in Jukebox.heard_views + Jukebox.views:
        yield f'key to frame, {name}: p99 ms', cell((name, 'p99'), ms), '< 16', kept((name, 'p99'), lambda v: v < 16)
    for key, what, frames, size in (('idle', 'nothing plays', 0, 0), ('playing', 'playing in a list', None, 2000), ('analysing', 'analysing', 120, 2000)):
        most = '' if frames is None else '0' if frames == 0 else f'≤ {frames}'
        yield f'{what}: frames a minute', cell(key, count, 1), most, kept(key, lambda v: frames is None or v[1] <= frames)
        yield f'… bytes a minute', cell(key, count, 0), '0' if size == 0 else f'≤ {size:,}', kept(key, lambda v: v[0] <= size)
    yield '200 sizes, then a key', cell('storm', str), 'survives', kept('storm', lambda v: v == 'survives')


def machine():
    with open('/proc/cpuinfo') as info:
        name = re.search(r'model name\s*: (.*)', info.read())
    system, load = os.uname(), os.getloadavg()[0]
    return f'{len(os.sched_getaffinity(0))} cores, {name[1] if name else system.machine}, {system.sysname} {system.release}, load {load:.1f} at the start'


def main():
    parser = argparse.ArgumentParser()
    for name in ('jukebox', 'music', 'small', 'work'):
        parser.add_argument('--' + name, required=True)
    for name, value in (('queued', 20000), ('secs', 60), ('starts', 5), ('keys', 400)):
        parser.add_argument('--' + name, type=int, default=value)
    parser.add_argument('--size', type=lambda text: tuple(map(int, text.split('x'))), default=(120, 40))
    parser.add_argument('--players', default='jukebox cmus ncmpcpp')
    parser.add_argument('--sink', action='store_true')
    parser.add_argument('--heard')
    options = parser.parse_args()

    audio = ('.mp3', '.flac', '.ogg', '.opus', '.wav', '.m4a', '.aac', '.aiff')
    walk = lambda top: sorted(os.path.join(at, file) for at, _, names in os.walk(top) for file in names if file.lower().endswith(audio))
    files, few = walk(options.music), walk(options.small)
    if not files or not few:
        sys.exit(f'no music in {options.music if not files else options.small}')
    # ncmpcpp lists directories.
    options.rows = min(len(files), len(os.listdir(options.music)))
    listed = options.work + '/queue.m3u'
    with open(listed, 'w') as out:
        out.write('\n'.join(['#EXTM3U', *files[:options.queued]]) + '\n')
    print(machine())
    print(f'{len(files):,} files in {options.music}, {min(len(files), options.queued):,} of them queued; {len(few)} in {options.small} '
          f'for what is sent in {options.secs} s; {options.size[0]}×{options.size[1]}; {options.keys} keys, {options.starts} starts', flush=True)
    found = {}
    for kind in (Jukebox, Cmus, Ncmpcpp):
        if kind.name not in options.players.split():
            continue
        lacks = kind.missing(options)
        if lacks:
            print(f'skipped: {lacks}')
            continue
        print(kind.version(options), flush=True)
        out = found[kind.name] = {}
        parts = [lambda p: large(options, p, files, listed, out), lambda p: small(options, p, max(few, key=os.path.getsize), out)]
        for part, music, home in zip(parts, (options.music, options.small), ('large', 'small')):
            player = kind(options, music, f'{options.work}/{kind.name}-{home}')
            if home == 'large' and options.heard and kind is Jukebox:
                player.hear(options.heard)
            try:
                part(player)
            except (Gone, OSError, subprocess.TimeoutExpired) as why:
                print(f'{kind.name}, {home}: {why}', flush=True)
            finally:
                player.close()
        if kind is Jukebox:
            try:
                analysing(options, out)
                if not out['analysing whole']:
                    print(f'jukebox was through with the library in less than {options.secs} s of analysing')
            except (Gone, OSError) as why:
                print(f'jukebox, analysing: {why}', flush=True)
        if kind is Cmus and not options.sink:
            print('cmus does not play without a sound card: with pulseaudio installed, it does')
    if not found:
        sys.exit('no player is here to be measured')
    names = list(found)
    print(f'\n{"what":<36}' + ''.join(f'{name:>12}' for name in names) + f'  {"floor":<9}')
    missed = 0
    for what, cell, floor, kept in rows(options, found):
        missed += not kept
        print((f'{what:<36}' + ''.join(f'{cell(name):>12}' for name in names) + f'  {floor:<9}' + ('' if kept else ' NO')).rstrip())
    sys.exit(1 if missed else 0)


if __name__ == '__main__':
    main()
