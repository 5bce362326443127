//! Requests as they come from a client of the control socket. Large ones are taken in one at a time, so that many clients
//! together need little more memory than one.

use std::io::{BufRead, ErrorKind, Read};
use std::time::{Duration, Instant};

use super::LINE;
use super::error::BadRequest;

/// The most bytes of a request that every client may send at the same time as others.
pub(super) const SMALL: u64 = 1024 * 1024;
/// How long a larger one may take to arrive: the others wait for it.
const ARRIVAL: Duration = Duration::from_secs(60);

/// A request that was read.
#[derive(Debug)]
pub(super) struct Asked<R> {
    /// Its line.
    pub line: Vec<u8>,
    /// The room that it takes if it is large; the next large one is read when this is dropped.
    pub room: Option<R>,
}

/// Reads a request. For one of more than [`SMALL`] bytes `room` waits until no other one takes its place; `None` refuses
/// it. `None` when the client has left or is silent.
///
/// # Errors
/// Why it is not taken; the connection is of no more use then.
pub(super) fn read<R>(
    reader: &mut impl BufRead,
    room: impl FnOnce() -> Option<R>,
) -> Result<Option<Asked<R>>, BadRequest> {
    let mut line = Vec::new();
    match reader.by_ref().take(SMALL).read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => return Ok(None),
        Ok(_) if line.last() == Some(&b'\n') => return Ok(Some(Asked { line, room: None })),
        Ok(_) => {}
    }
    let unended = || BadRequest::Unended { most: LINE };
    if (line.len() as u64) < SMALL {
        return Err(unended());
    }
    let room = room().ok_or(BadRequest::Busy)?;
    let until = Instant::now() + ARRIVAL;
    loop {
        // Part by part: a client that sends a byte now and then is never silent.
        let part = match reader.fill_buf() {
            Ok(part) => part,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Ok(None),
        };
        let end = part.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(part.len());
        line.extend_from_slice(&part[..taken]);
        reader.consume(taken);
        let length = line.len() as u64;
        if taken == 0 || length > LINE || (end.is_none() && length == LINE) {
            return Err(unended());
        }
        if end.is_some() {
            return Ok(Some(Asked { line, room: Some(room) }));
        }
        if Instant::now() >= until {
            return Err(BadRequest::Slow { small: SMALL, limit: ARRIVAL });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_asked_for_by_a_large_request_only() {
        let mut asked = 0;
        let mut read = |mut bytes: &[u8], free: bool| {
            let found = super::read(&mut bytes, || {
                asked += 1;
                free.then_some("room")
            });
            let found = found.map(|found| found.map(|Asked { line, room }| (line.len(), room)));
            (found.map_err(|why| why.to_string()), asked)
        };
        let line = |length: usize| [vec![b'x'; length - 1], b"\nmore".to_vec()].concat();
        let small = SMALL as usize;
        assert_eq!(read(b"", true), (Ok(None), 0));
        assert_eq!(read(&line(small), true), (Ok(Some((small, None))), 0));
        assert_eq!(read(&line(small + 1), true), (Ok(Some((small + 1, Some("room")))), 1));
        let busy = "another large request is being answered; try again in a moment".to_string();
        assert_eq!(read(&line(small + 1), false), (Err(busy), 2));
        for length in [1, small, small + 1] {
            assert!(read(&vec![b'x'; length], true).0.unwrap_err().contains("ends with a newline"));
        }
    }
}
