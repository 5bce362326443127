//! Frames on the pipe: a length (u32, little-endian, at most [`MAX_FRAME`]) followed by that many bytes. A child first sends
//! [`HELLO`]; anything before it (a line printed by a library or a test harness) is skipped.

use std::io::{self, Read, Write};

/// Maximum length of a frame in bytes; a longer request or answer is rejected before it is sent.
pub const MAX_FRAME: usize = 64 << 20;
/// The first bytes that a child sends.
const HELLO: [u8; 16] = *b"\0jukebox worker\x02";
/// Maximum number of bytes before [`HELLO`].
const MAX_NOISE: usize = 64 << 10;

/// Writes one frame and flushes.
pub(super) fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    if bytes.len() > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the frame is over 64 MiB"));
    }
    to.write_all(&(bytes.len() as u32).to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// Reads one frame; `None` at the end of the stream.
///
/// # Errors
/// `UnexpectedEof` when the stream ends inside a frame, `InvalidData` for a length above [`MAX_FRAME`], and the
/// system's errors.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read(&mut length[..1]) {
        Ok(0) => return Ok(None),
        Ok(_) => from.read_exact(&mut length[1..])?,
        Err(e) if e.kind() == io::ErrorKind::Interrupted => return read(from),
        Err(e) => return Err(e),
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
    }
    // Grows as data arrives, so that a wrong length does not reserve memory.
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

/// Sends the hello.
pub(super) fn write_hello(to: &mut impl Write) -> io::Result<()> {
    to.write_all(&HELLO)?;
    to.flush()
}

/// Waits for the hello, skipping whatever comes before it.
pub(super) fn read_hello(from: &mut impl Read) -> io::Result<()> {
    let mut window = [0; HELLO.len()];
    from.read_exact(&mut window)?;
    for _ in 0..MAX_NOISE {
        if window == HELLO {
            return Ok(());
        }
        window.rotate_left(1);
        from.read_exact(&mut window[HELLO.len() - 1..])?;
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "the program is no jukebox worker"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_each_other() {
        let mut pipe = Vec::new();
        for frame in [&b"one"[..], b"", &[7; 100_000]] {
            write(&mut pipe, frame).unwrap();
        }
        let mut from = &pipe[..];
        assert_eq!(read(&mut from).unwrap().unwrap(), b"one");
        assert_eq!(read(&mut from).unwrap().unwrap(), b"");
        assert_eq!(read(&mut from).unwrap().unwrap(), [7; 100_000]);
        assert_eq!(read(&mut from).unwrap(), None);
    }

    #[test]
    fn every_cut_and_a_mad_length_are_errors() {
        let mut pipe = Vec::new();
        write(&mut pipe, b"hello there").unwrap();
        for cut in 1..pipe.len() {
            assert_eq!(read(&mut &pipe[..cut]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof, "{cut}");
        }
        assert_eq!(read(&mut &u32::MAX.to_le_bytes()[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn noise_before_the_hello_is_skipped() {
        for noise in ["", "running 1 test\n", "\0jukebox \0jukebox worker\x03"] {
            let mut pipe = noise.as_bytes().to_vec();
            write_hello(&mut pipe).unwrap();
            write(&mut pipe, b"x").unwrap();
            let mut from = &pipe[..];
            read_hello(&mut from).unwrap();
            assert_eq!(read(&mut from).unwrap().unwrap(), b"x");
        }
        assert!(read_hello(&mut std::io::repeat(b'y')).is_err());
        assert!(read_hello(&mut &b"too short"[..]).is_err());
    }
}
