//! Splits Ogg streams into packets and assembles them again.

/// The packets of the first stream of a file.
pub fn packets(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut out, mut open, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(header) = file.get(at..at + 27).filter(|h| h.starts_with(b"OggS")) {
        let lacing = &file[at + 27..at + 27 + usize::from(header[26])];
        let mut body = at + 27 + lacing.len();
        for &piece in lacing {
            let end = (body + usize::from(piece)).min(file.len());
            open.extend_from_slice(&file[body..end]);
            body = end;
            if piece < 255 {
                out.push(std::mem::take(&mut open));
            }
        }
        at = body;
    }
    out
}

/// A stream of these packets: the first `headers` of them on a page each, then eight per page. `granules` is the
/// duration of one packet in samples.
pub fn stream(serial: u32, packets: &[Vec<u8>], headers: usize, granules: u64) -> Vec<u8> {
    let (heads, sound) = packets.split_at(headers);
    let groups: Vec<&[Vec<u8>]> = heads.chunks(1).chain(sound.chunks(8)).collect();
    let (mut out, mut played) = (Vec::new(), 0);
    for (number, group) in groups.iter().enumerate() {
        if number >= headers {
            played += granules * group.len() as u64;
        }
        let flags = if number == 0 { 2 } else { 4 * u8::from(number + 1 == groups.len()) };
        // Packets longer than a page's 255 segments do not occur here.
        let lacing: Vec<u8> =
            group.iter().flat_map(|p| std::iter::repeat_n(255, p.len() / 255).chain([(p.len() % 255) as u8])).collect();
        let start = out.len();
        out.extend(b"OggS\0");
        out.push(flags);
        out.extend(played.to_le_bytes());
        out.extend(serial.to_le_bytes());
        out.extend((number as u32).to_le_bytes());
        out.extend([0; 4]);
        out.push(lacing.len() as u8);
        out.extend(lacing);
        group.iter().for_each(|p| out.extend(p));
        let sum = checksum(&out[start..]);
        out[start + 22..start + 26].copy_from_slice(&sum.to_le_bytes());
    }
    out
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 24, |s, _| s << 1 ^ if s >> 31 == 1 { 0x04c1_1db7 } else { 0 })
    })
}
