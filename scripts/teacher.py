#!/usr/bin/env python3
"""Labels sound by a public music tagger: what an encoder can be distilled from. jukebox does not read it yet.

    pip install torch numpy scipy soundfile soxr librosa
    pip download --no-deps musicnn==0.1.0            # ISC licence; the wheel holds the weights of MSD_musicnn
    python scripts/teacher.py musicnn-0.1.0-py3-none-any.whl OUT MUSIC... [--changed N] [--seed S] [--jobs N]

MUSIC are directories of audio files. OUT becomes a directory of shards:

    OUT/distil.json             the tags, the files, what a value of the images means, and how the shards were made
    OUT/plain-NNNN.safetensors  patches of the files as they are, one every 6 s
    OUT/changed-NNNN.safetensors  N patches of changed sound: two files mixed, 0.9 to 1.1 times as fast, tilted, low-passed, louder
                                or softer, through mp3 or Vorbis

Each shard holds `mel` (n, 187 frames, 96 bands) u8, 1/32 of log10(1 + 10000 power) a step; `vector` (n, 200) f16, the teacher's
penultimate layer; `logit` (n, 50) f16, its tags; `file` (n) i32, an index into the files of distil.json; `start` (n) f32, seconds.

A shard that is there already is kept, so the script may be stopped and started again. TensorFlow is not needed.
"""
import argparse, io, json, multiprocessing, os, struct, sys, zipfile
import numpy as np

RATE, WINDOW, HOP, BANDS, FRAMES = 16000, 512, 256, 96, 187
SAMPLES = (FRAMES - 1) * HOP + WINDOW       # what one patch covers when it is cut out of its surroundings
STEP = 374                                  # frames between two patches of an unchanged file: 6 s
SHARD = 1024
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

    def __init__(self, source):
        import torch
        torch.set_num_threads(1)
        self.torch = torch
        self.w = {k: torch.tensor(v) for k, v in weights(source).items()}

    def norm(self, x, n):
        name = 'batch_normalization' + (f'_{n}' if n else '')
        gain = self.w[name + '/gamma'] / self.torch.sqrt(self.w[name + '/moving_variance'] + 1e-3)
        shift = self.w[name + '/beta'] - self.w[name + '/moving_mean'] * gain
        shape = [1, -1] + [1] * (x.dim() - 2)
        return x * gain.view(shape) + shift.view(shape)

    def __call__(self, patches):
        torch, w, f = self.torch, self.w, self.torch.nn.functional
        with torch.no_grad():
            x = self.norm(torch.tensor(patches)[:, None], 0)
            parts = []
            for i, name in enumerate(('conv2d', 'conv2d_1', 'conv2d_2', 'conv2d_3', 'conv2d_4'), 1):
                kernel = w[name + '/kernel'].permute(3, 2, 0, 1)
                t = kernel.shape[2] - 1
                y = f.conv2d(f.pad(x, (0, 0, t // 2, t - t // 2)), kernel, w[name + '/bias'])
                parts.append(self.norm(f.relu(y), i).amax(3))
            front = torch.cat(parts, 1)

            def middle(h, name, n):
                kernel = w[name + '/kernel'][:, :, 0].permute(2, 1, 0)
                return self.norm(f.relu(f.conv1d(f.pad(h, (3, 3)), kernel, w[name + '/bias'])), n)
            a = middle(front, 'conv2d_5', 6)
            b = middle(a, 'conv2d_6', 7) + a
            c = middle(b, 'conv2d_7', 8) + b
            m = torch.cat([front, a, b, c], 1)
            m = self.norm(torch.stack([m.amax(2), m.mean(2)], 2).flatten(1), 9)
            vector = self.norm(f.relu(m @ w['dense/kernel'] + w['dense/bias']), 10)
            return vector.numpy(), (vector @ w['dense_1/kernel'] + w['dense_1/bias']).numpy()


# --- sound ---

def filters():
    import librosa
    return librosa.filters.mel(sr=RATE, n_fft=WINDOW, n_mels=BANDS).T.astype(np.float32)


def mel(samples, bank):
    """Samples at 16 kHz -> (frames, 96): log10(1 + 10000 power) in Slaney mel bands; frames are centred, as in the teacher's training."""
    from scipy.fft import rfft
    x = np.pad(samples.astype(np.float32), WINDOW // 2)
    n = 1 + (len(x) - WINDOW) // HOP
    hann = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.as_strided(x, (n, WINDOW), (x.strides[0] * HOP, x.strides[0]))
    spectrum = rfft(frames * hann, axis=1)
    return np.log10(1 + 10000 * ((spectrum.real ** 2 + spectrum.imag ** 2) @ bank)).astype(np.float32)


def load(path):
    import soundfile, soxr
    x, rate = soundfile.read(path, dtype='float32', always_2d=True)
    return soxr.resample(x.mean(1), rate, RATE)


def pcm(path, cache, number):
    """The file as mono 16-bit samples at 16 kHz, decoded once; None when it cannot be decoded or is shorter than a patch."""
    kept = os.path.join(cache, f'{number}.npy')
    if not os.path.exists(kept):
        try:
            x = load(path)
        except Exception as fault:      # any codec may fail in its own way: name the file and go on
            print(f'left out: {path}: {fault}', file=sys.stderr)
            x = np.zeros(0, np.float32)
        with open(kept + '.new', 'wb') as out:
            np.save(out, (x * 32767).clip(-32768, 32767).astype(np.int16))
        os.replace(kept + '.new', kept)
    x = np.load(kept, mmap_mode='r')
    return x if len(x) >= 2 * SAMPLES else None


def recoded(x, rng):
    """The sound after a lossy codec, at a random quality."""
    import soundfile
    kind = dict(format='MP3', subtype='MPEG_LAYER_III') if rng.random() < .5 else dict(format='OGG', subtype='VORBIS')
    out = io.BytesIO()
    soundfile.write(out, x, RATE, compression_level=float(rng.uniform(.2, .95)), **kind)
    out.seek(0)
    y, _ = soundfile.read(out, dtype='float32')
    return y[:len(x)] if len(y) >= len(x) else np.pad(y, (0, len(x) - len(y)))


def changed(sounds, rng):
    """A patch's worth of changed sound, and the file and second that it begins at."""
    from scipy.signal import butter, lfilter

    def clip():
        number = int(rng.choice(list(sounds)))
        sound = sounds[number]
        speed = rng.uniform(.9, 1.1) if rng.random() < .35 else 1.
        n = int(SAMPLES * speed) + 2
        at = int(rng.integers(len(sound) - n))
        x = sound[at:at + n].astype(np.float32) / 32768
        return (np.interp(np.arange(SAMPLES) * speed, np.arange(n), x).astype(np.float32) if speed != 1 else x[:SAMPLES]), number, at / RATE
    x, number, at = clip()
    if rng.random() < .3:
        y, _, _ = clip()
        x = x + y * np.sqrt(((x ** 2).mean() + 1e-9) / ((y ** 2).mean() + 1e-9)) * rng.uniform(.3, 1)
    if rng.random() < .3:               # a tilt: what is below a corner against what is above
        b, a = butter(1, rng.uniform(.05, .9))
        low = lfilter(b, a, x)
        x = low * rng.uniform(.5, 1.5) + (x - low) * rng.uniform(.3, 1.7)
    if rng.random() < .15:              # a low-pass, as of old recordings and low bit rates
        b, a = butter(6, rng.uniform(.35, .9))
        x = lfilter(b, a, x)
    x = x * 10 ** (rng.uniform(-8, 6) / 20)
    x = (x / max(1, np.abs(x).max())).astype(np.float32)
    if rng.random() < .15:
        x = recoded(x, rng)
    return x, number, at


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


def shard(path, patches, where, teacher):
    patches = np.stack(patches)
    vectors, logits = zip(*(teacher(patches[i:i + 32]) for i in range(0, len(patches), 32)))
    write(path, dict(mel=np.rint(patches * 32).clip(0, 255).astype(np.uint8), vector=np.concatenate(vectors).astype(np.float16),
                     logit=np.concatenate(logits).astype(np.float16), file=np.array([w[0] for w in where], np.int32),
                     start=np.array([w[1] for w in where], np.float32)))


def centred(x, bank):
    """The 187 frames of a stretch of SAMPLES that do not reach past its ends."""
    return mel(x, bank)[1:1 + FRAMES]


def plain(task):
    path, part, source, cache, files = task
    bank, teacher, patches, where = filters(), Teacher(source), [], []
    for number, start in part:
        x = pcm(files[number], cache, number)
        at = start * HOP
        patches.append(centred(x[at:at + SAMPLES].astype(np.float32) / 32768, bank))
        where.append((number, at / RATE))
    shard(path, patches, where, teacher)
    return path


def altered(task):
    path, seed, source, cache, files, numbers = task
    rng = np.random.default_rng(seed)
    # A few hundred files a shard, so that a shard does not open every file of a large collection.
    some = rng.choice(numbers, min(len(numbers), 300), replace=False)
    sounds = {int(n): pcm(files[n], cache, n) for n in some}
    bank, teacher, patches, where = filters(), Teacher(source), [], []
    for _ in range(SHARD):
        x, number, at = changed(sounds, rng)
        patches.append(centred(x, bank))
        where.append((number, at))
    shard(path, patches, where, teacher)
    return path


def length(task):
    path, cache, number = task
    x = pcm(path, cache, number)
    return 0 if x is None else len(x)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('teacher', help='the musicnn wheel, or the folder of an unpacked one')
    p.add_argument('out')
    p.add_argument('music', nargs='+')
    p.add_argument('--changed', type=int, default=80000, help='patches of changed sound (80000)')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--jobs', type=int, default=1, help='processes (1)')
    o = p.parse_args()
    files = sorted(os.path.join(base, f) for m in o.music for base, _, names in os.walk(m) for f in names if f.lower().endswith(ENDINGS))
    if not files:
        sys.exit(f'error: no audio files in {", ".join(o.music)}')
    cache = os.path.join(o.out, 'pcm')
    os.makedirs(cache, exist_ok=True)
    listing = os.path.join(o.out, 'distil.json')
    if os.path.exists(listing) and json.load(open(listing))['files'] != files:
        sys.exit(f'error: {o.out} was made of other files: name another directory, or remove it')
    weights(o.teacher)                  # a wrong path is told before an hour of decoding
    with open(listing + '.new', 'w') as out:
        json.dump(dict(version=1, teacher='MSD_musicnn', tags=TAGS, files=files, rate=RATE, window=WINDOW, hop=HOP, bands=BANDS,
                       frames=FRAMES, mel_step=1 / 32, seed=o.seed), out, indent=1)
    os.replace(listing + '.new', listing)
    with multiprocessing.Pool(o.jobs) as pool:
        lengths = pool.map(length, [(f, cache, i) for i, f in enumerate(files)], chunksize=4)
        usable = [i for i, n in enumerate(lengths) if n]
        if not usable:
            sys.exit('error: none of the files could be decoded and lasts 6 s')
        print(f'{len(usable)} of {len(files)} files, {sum(lengths) / RATE / 3600:.1f} h', flush=True)
        places = [(i, at) for i in usable for at in range(0, (lengths[i] - SAMPLES) // HOP + 1, STEP)]
        np.random.default_rng(o.seed).shuffle(places)
        todo = [(os.path.join(o.out, f'plain-{k:04}.safetensors'), places[k * SHARD:(k + 1) * SHARD], o.teacher, cache, files)
                for k in range((len(places) + SHARD - 1) // SHARD)]
        more = [(os.path.join(o.out, f'changed-{k:04}.safetensors'), [o.seed, k], o.teacher, cache, files, usable)
                for k in range((o.changed + SHARD - 1) // SHARD)]
        print(f'{len(places)} patches as they are, {len(more) * SHARD} changed', flush=True)
        for work, tasks in ((plain, todo), (altered, more)):
            for path in pool.imap_unordered(work, [t for t in tasks if not os.path.exists(t[0])]):
                print(path, flush=True)


if __name__ == '__main__':
    main()
