//! Random-access reads of a file, and the number formats of containers.

use std::fs::File;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use crate::audio::AudioError;

/// Opens a regular file for reading. A FIFO or a device is refused, and does not block.
pub(in crate::audio) fn open(path: &Path) -> Result<(File, u64), AudioError> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let file = File::options().read(true).custom_flags(flags.bits() as i32).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(AudioError::NotAFile);
    }
    if meta.len() == 0 {
        return Err(AudioError::Empty);
    }
    Ok((file, meta.len()))
}

/// Random-access reads of a file.
pub(in crate::audio) struct Bytes<'a> {
    file: &'a File,
    /// Its size in bytes.
    pub(in crate::audio) size: u64,
    /// How many bytes were read, and by how many calls.
    #[cfg(test)]
    pub(super) read: std::cell::Cell<u64>,
    #[cfg(test)]
    pub(super) calls: std::cell::Cell<u64>,
}

impl<'a> Bytes<'a> {
    pub fn new(file: &'a File, size: u64) -> Bytes<'a> {
        Bytes {
            file,
            size,
            #[cfg(test)]
            read: std::cell::Cell::new(0),
            #[cfg(test)]
            calls: std::cell::Cell::new(0),
        }
    }

    /// At most `len` bytes from `at`; fewer where the file ends.
    pub fn up_to(&self, at: u64, len: usize) -> Result<Vec<u8>, AudioError> {
        let len = self.size.saturating_sub(at).min(len as u64) as usize;
        let mut out = vec![0; len];
        let mut done = 0;
        while done < len {
            match self.file.read_at(&mut out[done..], at + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        out.truncate(done);
        #[cfg(test)]
        {
            self.read.set(self.read.get() + done as u64);
            self.calls.set(self.calls.get() + 1);
        }
        Ok(out)
    }

    /// Tells the system that these bytes are about to be read; a failure only costs time.
    pub(super) fn announce(&self, at: u64, len: usize) {
        crate::system::announce(self.file, at, len);
    }

    /// Exactly `N` bytes from `at`.
    pub(super) fn exactly<const N: usize>(&self, at: u64) -> Result<[u8; N], AudioError> {
        self.up_to(at, N)?.try_into().map_err(|_| AudioError::Broken("cut short".into()))
    }
}

/// The accepted sample rates in Hz. Others do not occur in music, and resampling them to an output's rate would take
/// the memory and time of thousands of tracks.
const RATES: std::ops::RangeInclusive<u32> = 1000..=3_072_000;

/// Rejects an implausible sample rate or number of channels.
///
/// # Errors
/// When either is zero, or the rate is out of range.
pub(in crate::audio) fn check(rate: u32, channels: u16) -> Result<(), AudioError> {
    if rate == 0 || channels == 0 {
        return Err(AudioError::Broken("no sample rate or no channels".into()));
    }
    if !RATES.contains(&rate) {
        let (least, most) = (RATES.start() / 1000, RATES.end() / 1000);
        return Err(AudioError::Unsupported(format!("{rate} samples a second; {least} to {most} kHz can be played")));
    }
    Ok(())
}

/// Delay, padding and length in samples from an iTunSMPB comment: hexadecimal words, the first of which is zero.
pub(super) fn itunes_words(text: &[u8]) -> Option<(u64, u64, u64)> {
    let text = String::from_utf8_lossy(text);
    let mut words = text.split_ascii_whitespace().skip(1).map(|w| u64::from_str_radix(w, 16).ok());
    Some((words.next()??, words.next()??, words.next()??))
}

/// Big-endian number of up to eight bytes.
pub(super) fn be(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, &b| n << 8 | u64::from(b))
}

/// Little-endian number of up to eight bytes.
pub(super) fn le(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b))
}
