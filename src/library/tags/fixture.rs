//! Builds files with tags for tests of the readers, byte by byte so that they can be invalid in any
//! way.

use crate::track::Tags;

/// Reads the tags of a file with this name and content.
pub fn read(name: &str, bytes: &[u8]) -> (Tags, Option<String>) {
    read_in(name, bytes, None)
}

/// As `read`, with an encoding chosen by the user.
pub fn read_in(name: &str, bytes: &[u8], encoding: Option<&'static encoding_rs::Encoding>) -> (Tags, Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    super::read(&path, encoding)
}

/// Encodes a number with seven bits per byte.
pub fn syncsafe(n: usize) -> [u8; 4] {
    [(n >> 21 & 127) as u8, (n >> 14 & 127) as u8, (n >> 7 & 127) as u8, (n & 127) as u8]
}

/// An ID3v2 frame with two bytes of flags; its size is encoded according to the version.
pub fn flagged(version: u8, id: &str, flags: [u8; 2], body: &[u8]) -> Vec<u8> {
    let size = if version == 4 { syncsafe(body.len()) } else { (body.len() as u32).to_be_bytes() };
    let mut out = id.as_bytes().to_vec();
    match version {
        2 => out.extend(&size[1..]),
        _ => out.extend([&size[..], &flags].concat()),
    }
    out.extend(body);
    out
}

/// An ID3v2 frame without flags.
pub fn frame(version: u8, id: &str, body: &[u8]) -> Vec<u8> {
    flagged(version, id, [0; 2], body)
}

/// An ID3v2 tag.
pub fn id3(version: u8, flags: u8, frames: &[Vec<u8>]) -> Vec<u8> {
    let body = frames.concat();
    [&[b'I', b'D', b'3', version, 0, flags][..], &syncsafe(body.len()), &body].concat()
}

/// Four silent MPEG audio frames.
pub fn sound() -> Vec<u8> {
    let mut silent = vec![0u8; 417];
    silent[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    silent.repeat(4)
}

/// An mp3 with an ID3v2 tag.
pub fn mp3(version: u8, flags: u8, frames: &[Vec<u8>]) -> Vec<u8> {
    [id3(version, flags, frames), sound()].concat()
}

/// UTF-16, little-endian, with a byte order mark.
pub fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// An ID3v1 tag: title, artist, album, year, genre.
pub fn id3v1(fields: [&[u8]; 4], genre: u8) -> Vec<u8> {
    let mut out = vec![0; 128];
    out[..3].copy_from_slice(b"TAG");
    for (field, at) in fields.into_iter().zip([3, 33, 63, 93]) {
        out[at..at + field.len()].copy_from_slice(field);
    }
    out[127] = genre;
    out
}

/// An APEv2 tag without a header: keys, kinds, values.
pub fn ape(items: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let item = |(key, kind, value): &(&str, u32, &[u8])| {
        [&(value.len() as u32).to_le_bytes()[..], &(kind << 1).to_le_bytes(), key.as_bytes(), &[0], value].concat()
    };
    let mut out: Vec<u8> = items.iter().flat_map(item).collect();
    let size = out.len() as u32 + 32;
    out.extend(b"APETAGEX");
    for number in [2000, size, items.len() as u32, 0, 0, 0] {
        out.extend(number.to_le_bytes());
    }
    out
}

/// A block of Vorbis comments.
pub fn comments(texts: &[&[u8]]) -> Vec<u8> {
    let mut out = [&4u32.to_le_bytes()[..], b"test", &(texts.len() as u32).to_le_bytes()].concat();
    for text in texts {
        out.extend((text.len() as u32).to_le_bytes());
        out.extend(*text);
    }
    out
}

/// A FLAC file without audio, with metadata blocks of given kinds.
pub fn flac(blocks: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut info = [0u8; 34];
    info[..4].copy_from_slice(&[0x10, 0, 0x10, 0]);
    info[10..14].copy_from_slice(&[0x0a, 0xc4, 0x42, 0xf0]);
    let mut out = [&b"fLaC\x00\x00\x00\x22"[..], &info].concat();
    for (n, (kind, body)) in blocks.iter().enumerate() {
        out.push(kind | if n + 1 == blocks.len() { 0x80 } else { 0 });
        out.extend(&(body.len() as u32).to_be_bytes()[1..]);
        out.extend(body);
    }
    out
}

/// A FLAC picture block.
pub fn picture(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    for text in [&b"image/png"[..], b"front"] {
        out.extend((text.len() as u32).to_be_bytes());
        out.extend(text);
    }
    out.extend([0; 16]);
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(data);
    out
}

/// The header packets of an Ogg file, each on its own pages.
pub fn ogg(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (n, packet) in packets.iter().enumerate() {
        let mut parts: Vec<&[u8]> = packet.chunks(255).collect();
        if packet.len().is_multiple_of(255) {
            parts.push(&[]);
        }
        for (page, parts) in parts.chunks(255).enumerate() {
            let kind = u8::from(page > 0) | if n == 0 { 2 } else { 0 };
            out.extend([&b"OggS\0"[..], &[kind], &[0; 8], &7u32.to_le_bytes(), &[0; 8]].concat());
            out.push(parts.len() as u8);
            out.extend(parts.iter().map(|part| part.len() as u8));
            out.extend(parts.concat());
        }
    }
    out
}

/// An Opus file without audio.
pub fn opus(texts: &[&[u8]]) -> Vec<u8> {
    let head = [&b"OpusHead\x01\x02"[..], &[0; 9]].concat();
    ogg(&[head, [b"OpusTags".to_vec(), comments(texts)].concat()])
}

/// A RIFF chunk, padded to an even length.
pub fn chunk(id: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), &(body.len() as u32).to_le_bytes(), body, &[0][..body.len() % 2]].concat()
}

/// A WAV file with these chunks after its audio.
pub fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
    let format = [1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0];
    let body = [b"WAVE".to_vec(), chunk("fmt ", &format), chunk("data", &[0; 64]), chunks.concat()].concat();
    chunk("RIFF", &body)
}

/// An INFO list.
pub fn info(texts: &[(&str, &[u8])]) -> Vec<u8> {
    let texts = texts.iter().flat_map(|(id, text)| chunk(id, text)).collect::<Vec<u8>>();
    chunk("LIST", &[b"INFO".to_vec(), texts].concat())
}

/// An MP4 box.
pub fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

/// An item of an MP4 item list with one value.
pub fn atom(name: &[u8; 4], kind: u32, value: &[u8]) -> Vec<u8> {
    boxed(name, &boxed(b"data", &[&kind.to_be_bytes()[..], &[0; 4], value].concat()))
}

/// An MP4 file without audio, with these items.
pub fn mp4(items: &[Vec<u8>]) -> Vec<u8> {
    let handler = boxed(b"hdlr", &[0; 24]);
    let meta = [&[0; 4][..], &handler, &boxed(b"ilst", &items.concat())].concat();
    let moov = boxed(b"moov", &boxed(b"udta", &boxed(b"meta", &meta)));
    [boxed(b"ftyp", b"M4A \0\0\0\0"), moov, boxed(b"mdat", &[0; 32])].concat()
}

/// An element of Matroska.
pub fn element(id: u64, body: &[u8]) -> Vec<u8> {
    let name: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    [&name[..], &(1u64 << 56 | body.len() as u64).to_be_bytes(), body].concat()
}

/// A Matroska file of these elements.
pub fn matroska(parts: &[Vec<u8>]) -> Vec<u8> {
    [element(0x1a45_dfa3, &element(0x4282, b"matroska")), element(0x1853_8067, &parts.concat())].concat()
}

/// A tag of Matroska about a target (an album is 50, a track 30, 0 says nothing), of names and values.
pub fn tag_of(target: u8, texts: &[(&str, &str)]) -> Vec<u8> {
    let level = if target == 0 { Vec::new() } else { element(0x68ca, &[target]) };
    let text = |(name, value): &(&str, &str)| {
        element(0x67c8, &[element(0x45a3, name.as_bytes()), element(0x4487, value.as_bytes())].concat())
    };
    let texts: Vec<u8> = texts.iter().flat_map(text).collect();
    element(0x1254_c367, &element(0x7373, &[element(0x63c0, &level), texts].concat()))
}
