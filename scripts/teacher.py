#!/usr/bin/env python3
"""Labels sound by a public music tagger: what `jukebox train --data distil:OUT` learns an encoder from.

    pip install torch numpy soundfile                # and ffmpeg, which decodes
    pip download --no-deps musicnn==0.1.0            # ISC licence; the wheel holds the weights of MSD_musicnn
    python scripts/teacher.py musicnn-0.1.0-py3-none-any.whl OUT MUSIC... [--changed N] [--seed S] [--jobs N] [--bf16] [--device cuda]

MUSIC are directories of audio files. OUT becomes a directory of shards:

    OUT/distil.json             the tags, the files, what a value of the images means, and how the shards were made
    OUT/plain-NNNN.safetensors  patches of the files as they are, one every 6 s
    OUT/changed-NNNN.safetensors  N patches of changed sound: two files mixed, 0.9 to 1.1 times as fast, tilted, low-passed, louder
                                or softer, through mp3 or Vorbis

The images of both are up to 8 dB louder (clipped) or softer than what the teacher heard: how loud a recording is says little of it.

Each shard holds `mel` (n, 187 frames, 96 bands) u8, 1/32 of log10(1 + 10000 power) a step; `vector` (n, 200) f16, the teacher's
penultimate layer; `logit` (n, 50) f16, its tags; `file` (n) i32, an index into the files of distil.json; `start` (n) f32, seconds.

A shard that is there already is kept, so the script may be stopped and started again. TensorFlow is not needed. With --bf16 the
convolutions are products of matrices in bfloat16: three times as fast on a processor that has it, and nearly the same (r = 0.9999).
"""
import argparse, contextlib, io, json, multiprocessing, os, random, struct, subprocess, sys, zipfile
from concurrent.futures import ThreadPoolExecutor
import numpy as np

RATE, WINDOW, HOP, BANDS, FRAMES = 16000, 512, 256, 96, 187
SAMPLES = (FRAMES - 1) * HOP + WINDOW       # what one patch covers when it is cut out of its surroundings
STEP = 374                                  # frames between two patches of an unchanged file: 6 s
SHARD = 1024
LEVEL = 8                                   # decibels by which an image may be louder or softer than its label's sound
BATCH = 64                                  # patches that are made and labelled at once
ENDINGS = ('.mp3', '.ogg', '.oga', '.opus', '.flac', '.wav', '.aif', '.aiff')
TAGS = ['rock', 'pop', 'alternative', 'indie', 'electronic', 'female vocalists', 'dance', '00s', 'alternative rock', 'jazz', 'beautiful',
        'metal', 'chillout', 'male vocalists', 'classic rock', 'soul', 'indie rock', 'Mellow', 'electronica', '80s', 'folk', '90s', 'chill',
        'instrumental', 'punk', 'oldies', 'blues', 'hard rock', 'ambient', 'acoustic', 'experimental', 'female vocalist', 'guitar', 'Hip-Hop',
        '70s', 'party', 'country', 'easy listening', 'sexy', 'catchy', 'funk', 'electro', 'heavy metal', 'Progressive rock', '60s', 'rnb',
        'indie pop', 'sad', 'House', 'happy']


# --- the weights: a TensorFlow checkpoint, read without TensorFlow (a leveldb table of protobuf entries) ---

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(message):
    """The (number, value) pairs of a protobuf message; a value is an int or bytes."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(message, at)
        elif kind == 2:
            length, at = varint(message, at)
            value, at = message[at:at + length], at + length
        elif kind == 5:
            value, at = message[at:at + 4], at + 4
        else:
            raise ValueError(f'unexpected wire type {kind} in the checkpoint')
        yield key >> 3, value


def block(data, offset, size):
    """The (key, value) pairs of one block of a leveldb table, whose keys are prefix-compressed."""
    body = data[offset:offset + size]
    end = len(body) - 4 - 4 * struct.unpack('<I', body[-4:])[0]
    at, key = 0, b''
    while at < end:
        shared, at = varint(body, at)
        own, at = varint(body, at)
        length, at = varint(body, at)
        key = key[:shared] + body[at:at + own]
        at += own
        yield key, body[at:at + length]
        at += length


def checkpoint(index, data):
    """Name -> array of every tensor of a TensorFlow V2 checkpoint of one shard, without the optimiser's."""
    footer = index[-48:]
    at = 0
    for _ in range(2):
        _, at = varint(footer, at)
    offset, at = varint(footer, at)
    size, at = varint(footer, at)
    tensors = {}
    for _, handle in block(index, offset, size):
        where, at = varint(handle, 0)
        length, at = varint(handle, at)
        for key, entry in block(index, where, length):
            if not key or b'Adam' in key:
                continue
            found = dict(fields(entry))
            shape = [dict(fields(dim)).get(1, 0) for number, dim in fields(found.get(2, b'')) if number == 2]
            start, size_ = found.get(4, 0), found.get(5, 0)
            tensors[key.decode()] = np.frombuffer(data[start:start + size_], np.float32).reshape(shape).copy()
    return tensors


def weights(source):
    """The tensors of MSD_musicnn in a wheel or in the folder of an unpacked one."""
    names = ('.index', '.data-00000-of-00001')
    if os.path.isdir(source):
        for base, _, files in os.walk(source):
            if os.path.basename(base) == 'MSD_musicnn' and set(names) <= set(files):
                return checkpoint(*(open(os.path.join(base, n), 'rb').read() for n in names))
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            return checkpoint(*(wheel.read('musicnn/MSD_musicnn/' + n) for n in names))
    sys.exit(f'error: {source}: neither the musicnn wheel nor a folder with MSD_musicnn in it (pip download --no-deps musicnn==0.1.0)')


class Teacher:
    """MSD_musicnn (Pons and Serra 2019): patches (n, 187, 96) -> vectors (n, 200) and logits of the 50 tags (n, 50)."""

    def __init__(self, source, device='cpu', bf16=False):
        import torch
        self.torch, self.bf16 = torch, bf16
        self.w = {k: torch.tensor(v, device=device) for k, v in weights(source).items()}

    def norm(self, x, n):
        name = 'batch_normalization' + (f'_{n}' if n else '')
        gain = self.w[name + '/gamma'] / self.torch.sqrt(self.w[name + '/moving_variance'] + 1e-3)
        shift = self.w[name + '/beta'] - self.w[name + '/moving_mean'] * gain
        shape = [1, -1] + [1] * (x.dim() - 2)
        return x * gain.view(shape) + shift.view(shape)

    def first(self, x, name, n):
        """A convolution of (n, frames, bands), bias, ReLU, normalisation, and the maximum over bands: (n, channels, frames)."""
        torch, f = self.torch, self.torch.nn.functional
        kernel, bias = self.w[name + '/kernel'][:, :, 0], self.w[name + '/bias']
        times, bands = kernel.shape[:2]
        x = f.pad(x, (0, 0, (times - 1) // 2, times - 1 - (times - 1) // 2))
        if not self.bf16:
            return self.norm(f.relu(f.conv2d(x[:, None], kernel.permute(2, 0, 1)[:, None], bias)), n).amax(3)
        # The maximum first: what follows is monotonous, falling where the normalisation's gain is negative.
        sign = self.w[f'batch_normalization_{n}/gamma'].sign()
        some = x.bfloat16().unfold(1, times, 1).unfold(2, bands, 1)
        y = some.flatten(3).flatten(0, 2) @ (kernel.flatten(0, 1) * sign).bfloat16()
        y = y.view(*some.shape[:3], -1).amax(2).float() * sign
        return self.norm(f.relu(y + bias).transpose(1, 2), n)

    def middle(self, h, name, n):
        """A convolution over 7 frames of (n, channels, frames), bias, ReLU, normalisation."""
        f, kernel, bias = self.torch.nn.functional, self.w[name + '/kernel'][:, :, 0], self.w[name + '/bias']
        h = f.pad(h, (3, 3))
        if not self.bf16:
            return self.norm(f.relu(f.conv1d(h, kernel.permute(2, 1, 0), bias)), n)
        some = h.bfloat16().unfold(2, 7, 1).permute(0, 2, 3, 1)
        y = (some.flatten(2).flatten(0, 1) @ kernel.flatten(0, 1).bfloat16()).float().view(*some.shape[:2], -1)
        return self.norm(f.relu(y + bias).transpose(1, 2), n)

    def __call__(self, patches):
        torch, w = self.torch, self.w
        if self.bf16 and len(patches) > 8:
            return [torch.cat(part) for part in zip(*(self(some) for some in patches.split(8)))]
        with torch.no_grad():
            x = self.norm(patches[:, None], 0)[:, 0]
            names = ('conv2d', 'conv2d_1', 'conv2d_2', 'conv2d_3', 'conv2d_4')
            front = torch.cat([self.first(x, name, i) for i, name in enumerate(names, 1)], 1)
            a = self.middle(front, 'conv2d_5', 6)
            b = self.middle(a, 'conv2d_6', 7) + a
            c = self.middle(b, 'conv2d_7', 8) + b
            m = torch.cat([front, a, b, c], 1)
            m = self.norm(torch.stack([m.amax(2), m.mean(2)], 2).flatten(1), 9)
            vector = self.norm(torch.relu(m @ w['dense/kernel'] + w['dense/bias']), 10)
            return vector, vector @ w['dense_1/kernel'] + w['dense_1/bias']


# --- sound ---

def filters():
    """The Slaney mel filters, area-normalised: (257, 96), as librosa.filters.mel makes them."""
    step, corner = 200 / 3, 1000
    to_mel = lambda hz: np.where(hz < corner, hz / step, corner / step + np.log(np.maximum(hz, 1) / corner) / (np.log(6.4) / 27))
    to_hz = lambda mel: np.where(mel < corner / step, mel * step, corner * np.exp((mel - corner / step) * np.log(6.4) / 27))
    edges = to_hz(np.linspace(0, to_mel(np.array(RATE / 2)), BANDS + 2))
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)[:, None]
    up = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return (np.maximum(0, np.minimum(up, down)) * 2 / (edges[2:] - edges[:-2])).astype(np.float32)


class Sounds:
    """All files as one row of 16-bit samples on the device, and what is cut out of it."""

    def __init__(self, pcm, starts, lengths, device):
        import torch
        self.torch, self.device = torch, device
        self.pcm = torch.from_numpy(pcm).to(device)
        self.starts, self.lengths = np.asarray(starts), np.asarray(lengths)
        self.bank = torch.tensor(filters(), device=device)
        self.hann = torch.hann_window(WINDOW, periodic=True, device=device)

    def tensor(self, values):
        return self.torch.tensor(np.asarray(values, np.float32), device=self.device)[:, None]

    def cut(self, files, at, speed):
        """Stretches of SAMPLES, `speed` times as fast as they are: (n, SAMPLES)."""
        torch = self.torch
        begin = torch.tensor(self.starts[files] + at, device=self.device)[:, None]
        place = torch.arange(SAMPLES, device=self.device)[None] * torch.tensor(np.asarray(speed), device=self.device)[:, None]
        whole = place.floor().long()
        part = (place - whole).float()
        x, y = (self.pcm[(begin + whole + k).clamp(max=len(self.pcm) - 1)].float() / 32768 for k in (0, 1))
        return x + (y - x) * part

    def mel(self, x):
        """(n, SAMPLES) -> (n, 187, 96): log10(1 + 10000 power) in Slaney mel bands."""
        spectrum = self.torch.stft(x, WINDOW, HOP, window=self.hann, center=False, return_complex=True)
        return self.torch.log10(1 + 10000 * (spectrum.abs() ** 2).transpose(1, 2) @ self.bank)

    def clips(self, rng, n):
        """Random stretches, a third of them faster or slower: samples, files, starts."""
        files = rng.choice(len(self.lengths), n, p=self.lengths / self.lengths.sum())
        speed = np.where(rng.random(n) < .35, rng.uniform(.9, 1.1, n), 1.)
        at = (rng.random(n) * (self.lengths[files] - SAMPLES * speed - 2)).astype(np.int64)
        return self.cut(files, at, speed), files, at

    def changed(self, rng, n, pool):
        """Changed sound: samples (n, SAMPLES), files, starts."""
        torch = self.torch
        x, files, at = self.clips(rng, n)
        y, _, _ = self.clips(rng, n)
        loud = lambda s: ((s ** 2).mean(1, keepdim=True) + 1e-9).sqrt()
        x = x + y * loud(x) / loud(y) * self.tensor(np.where(rng.random(n) < .3, rng.uniform(.3, 1, n), 0))
        # Filters as factors of the spectrum: a tilt (what is below a corner against what is above), a low-pass of 36 dB an octave.
        spectrum = torch.fft.rfft(x, 2 * SAMPLES)
        w = torch.tan(torch.linspace(0, np.pi / 2 - 1e-3, SAMPLES + 1, device=self.device))[None]
        low = 1 / (1 + 1j * w / self.tensor(np.tan(np.pi / 2 * rng.uniform(.05, .9, n))))
        tilted = rng.random(n) < .3
        below, above = (self.tensor(np.where(tilted, rng.uniform(a, b, n), 1)) for a, b in ((.5, 1.5), (.3, 1.7)))
        spectrum = spectrum * (below * low + above * (1 - low))
        corner = np.where(rng.random(n) < .15, rng.uniform(.35, .9, n), .9999)
        spectrum = spectrum / (1 + (w / self.tensor(np.tan(np.pi / 2 * corner))) ** 12).sqrt()
        x = torch.fft.irfft(spectrum, 2 * SAMPLES)[:, :SAMPLES] * self.tensor(10 ** (rng.uniform(-8, 6, n) / 20))
        x = x / x.abs().amax(1, keepdim=True).clamp(min=1)
        some = np.flatnonzero(rng.random(n) < .15)
        if len(some):
            seeds = rng.integers(1 << 31, size=len(some))
            done = list(pool.map(recoded, x[some].cpu().numpy(), seeds))
            x[some] = torch.tensor(np.stack(done), device=self.device)
        return x, files, at


def recoded(x, seed):
    """The sound after a lossy codec, at a random quality."""
    import soundfile
    rng = np.random.default_rng(seed)
    kind = dict(format='MP3', subtype='MPEG_LAYER_III') if rng.random() < .5 else dict(format='OGG', subtype='VORBIS')
    out = io.BytesIO()
    soundfile.write(out, x, RATE, compression_level=float(rng.uniform(.2, .95)), **kind)
    out.seek(0)
    y, _ = soundfile.read(out, dtype='float32')
    return y[:len(x)] if len(y) >= len(x) else np.pad(y, (0, len(x) - len(y)))


def load(path):
    """The file as mono 16-bit samples at 16 kHz; none when it cannot be decoded or is shorter than 7 s."""
    done = subprocess.run(['ffmpeg', '-v', 'error', '-i', path, '-map', '0:a:0', '-ac', '1', '-ar', str(RATE), '-f', 's16le', '-'],
                          stdin=subprocess.DEVNULL, capture_output=True)
    x = np.frombuffer(done.stdout[:len(done.stdout) // 2 * 2], np.int16)
    if len(x) < 2.2 * SAMPLES:
        print(f'left out: {path}: {done.stderr.decode(errors="replace").strip()[:200] or "shorter than 7 s"}', file=sys.stderr)
        return None
    return x


def decoded(found, out, jobs):
    """Decodes all files into OUT/pcm.i16, once: their names and lengths in samples."""
    kept = os.path.join(out, 'pcm.json')
    if not os.path.exists(kept):
        files, lengths = [], []
        with ThreadPoolExecutor(jobs) as pool, open(os.path.join(out, 'pcm.i16'), 'wb') as raw:
            for at in range(0, len(found), 64):
                for path, x in zip(found[at:at + 64], pool.map(load, found[at:at + 64])):
                    if x is not None:
                        files.append(path)
                        lengths.append(len(x))
                        raw.write(x.tobytes())
                print(f'{at} of {len(found)} files', flush=True)
        with open(kept + '.new', 'w') as listing:
            json.dump(dict(found=found, files=files, lengths=lengths), listing)
        os.replace(kept + '.new', kept)
    known = json.load(open(kept))
    if known['found'] != found:
        sys.exit(f'error: {out} was made of other files: name another directory, or remove it')
    return known['files'], known['lengths']


# --- shards ---

def write(path, tensors):
    """A safetensors file, under its own name only when it is whole."""
    names = {np.dtype('uint8'): 'U8', np.dtype('float16'): 'F16', np.dtype('float32'): 'F32', np.dtype('int32'): 'I32'}
    header, at = {}, 0
    for name, value in tensors.items():
        header[name] = dict(dtype=names[value.dtype], shape=list(value.shape), data_offsets=[at, at + value.nbytes])
        at += value.nbytes
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path + '.new', 'wb') as out:
        out.write(struct.pack('<Q', len(text)) + text)
        for value in tensors.values():
            out.write(np.ascontiguousarray(value).tobytes())
    os.replace(path + '.new', path)


def shard(path, batches, sounds, teacher, rng):
    """Writes what `batches` give: samples, files and starts (in samples) of up to BATCH patches each."""
    parts = []
    for x, files, at in batches:
        vector, logit = teacher(sounds.mel(x))
        mel = sounds.mel((x * sounds.tensor(10 ** (rng.uniform(-LEVEL, LEVEL, len(x)) / 20))).clamp(-1, 1))
        parts.append(((mel * 32).round().clamp(0, 255).byte().cpu().numpy(), vector.half().cpu().numpy(), logit.half().cpu().numpy(),
                      files.astype(np.int32), (at / RATE).astype(np.float32)))
    write(path, dict(zip(('mel', 'vector', 'logit', 'file', 'start'), map(np.concatenate, zip(*parts)))))


class Labeller:
    """A process's own teacher and sounds."""

    def __init__(self, options, lengths):
        import torch
        torch.set_num_threads(1)
        self.options = options
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        pcm = np.memmap(os.path.join(options.out, 'pcm.i16'), np.int16, 'r+')
        self.sounds = Sounds(pcm, starts, lengths, options.device)
        self.teacher = Teacher(options.teacher, options.device, options.bf16)
        self.pool = ThreadPoolExecutor(options.jobs if options.device != 'cpu' else 1)

    def plain(self, part):
        for k in range(0, len(part), BATCH):
            file, at = part[k:k + BATCH].T
            yield self.sounds.cut(file, at, np.ones(len(file))), file, at

    def altered(self, rng, n):
        for k in range(0, n, BATCH):
            yield self.sounds.changed(rng, min(BATCH, n - k), self.pool)

    def label(self, task):
        path, work = task
        as_is = isinstance(work, np.ndarray)
        rng = np.random.default_rng([self.options.seed, *work[0]] if as_is else work[0])
        shard(path, self.plain(work) if as_is else self.altered(rng, work[1]), self.sounds, self.teacher, rng)
        return path


def begin(options, lengths):
    global labeller
    labeller = Labeller(options, lengths)


def label(task):
    return labeller.label(task)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('teacher', help='the musicnn wheel, or the folder of an unpacked one')
    p.add_argument('out')
    p.add_argument('music', nargs='+')
    p.add_argument('--changed', type=int, default=80000, help='patches of changed sound (80000)')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--jobs', type=int, default=1, help='processes, or on a GPU threads (1)')
    p.add_argument('--bf16', action='store_true', help='products of matrices in bfloat16: faster where the processor has it')
    p.add_argument('--device', default='cpu', help='cpu or cuda (cpu)')
    o = p.parse_args()
    found = sorted(os.path.join(base, f) for m in o.music for base, _, names in os.walk(m) for f in names if f.lower().endswith(ENDINGS))
    if not found:
        sys.exit(f'error: no audio files in {", ".join(o.music)}')
    weights(o.teacher)                      # a wrong path is told before an hour of decoding
    os.makedirs(o.out, exist_ok=True)
    files, lengths = decoded(found, o.out, o.jobs)
    if not files:
        sys.exit('error: none of the files could be decoded and lasts 7 s')
    listing = os.path.join(o.out, 'distil.json')
    if os.path.exists(listing):
        with open(listing) as before:
            before = json.load(before)
        if any(before.get(name) != own for name, own in (('level', LEVEL), ('seed', o.seed), ('bf16', o.bf16))):
            sys.exit(f'error: {o.out} holds labels made with another seed, level or precision; remove it, or name another directory')
    with open(listing + '.new', 'w') as out:
        json.dump(dict(version=1, teacher='MSD_musicnn', tags=TAGS, files=files, seconds=[n / RATE for n in lengths], rate=RATE,
                       window=WINDOW, hop=HOP, bands=BANDS, frames=FRAMES, mel_step=1 / 32, level=LEVEL, seed=o.seed, bf16=o.bf16), out, indent=1)
    os.replace(listing + '.new', listing)
    places = np.array([(i, at * HOP) for i, n in enumerate(lengths) for at in range(0, (n - SAMPLES) // HOP, STEP)])
    np.random.default_rng(o.seed).shuffle(places)
    print(f'{len(files)} of {len(found)} files, {sum(lengths) / RATE / 3600:.1f} h; {len(places)} patches as they are, {o.changed} changed', flush=True)
    tasks = [(os.path.join(o.out, f'plain-{k // SHARD:04}.safetensors'), places[k:k + SHARD]) for k in range(0, len(places), SHARD)]
    tasks += [(os.path.join(o.out, f'changed-{k // SHARD:04}.safetensors'), ([o.seed, k], min(SHARD, o.changed - k))) for k in range(0, o.changed, SHARD)]
    # In a mixed order, so that what is there is a fair sample when the script is stopped.
    tasks = [t for t in tasks if not os.path.exists(t[0])]
    random.Random(o.seed).shuffle(tasks)
    many = o.device == 'cpu' and o.jobs > 1
    many or begin(o, lengths)
    with multiprocessing.Pool(o.jobs, begin, (o, lengths)) if many else contextlib.nullcontext() as pool:
        for path in (pool.imap_unordered if many else map)(label, tasks):
            print(path, flush=True)


if __name__ == '__main__':
    main()
