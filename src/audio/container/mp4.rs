//! MP4 (ISO 14496-12): the description of the first audio track, the edit list that hides encoder delay, and the `mdat` boxes.

use super::bytes::{Bytes, be, itunes_words};
use super::fragments::Fragments;
use super::frame::AAC_RATES;
use super::payload::Payload;
use crate::audio::AudioError;

/// The most boxes examined in total.
const MAX_BOXES: usize = 100_000;

/// What `moov` states about the first audio track.
#[derive(Debug, Default)]
pub(in crate::audio) struct Movie {
    codec: Option<&'static str>,
    rate: u32,
    channels: u16,
    /// Whether `rate` and `channels` come from the codec's own configuration.
    configured: bool,
    /// Units of `duration` and of `edit`, per second.
    timescale: u64,
    /// Length of all samples, including delay and padding.
    duration: u64,
    movie_timescale: u64,
    /// From the edit list: first sample shown (in `timescale`), and the length shown (in `movie_timescale`).
    edit: Option<(u64, u64)>,
    /// From iTunSMPB: delay, padding, valid samples.
    itunes: Option<(u64, u64, u64)>,
    mdat: Vec<(u64, u64)>,
    boxes: usize,
    /// The track's number, and the length of the samples listed in `moov`.
    number: u32,
    listed: u64,
    fragments: Fragments,
}

impl Movie {
    /// Reads the boxes of a file.
    pub(in crate::audio) fn read(bytes: &Bytes<'_>) -> Result<Movie, AudioError> {
        if &bytes.exactly::<8>(0)?[4..] != b"ftyp" {
            return Err(AudioError::Unsupported("not an mp4".into()));
        }
        let mut movie = Movie::default();
        movie.walk(bytes, 0, bytes.size, 0)?;
        if let Some(more) = movie.fragments.length(movie.number, movie.timescale, movie.movie_timescale) {
            movie.duration = movie.listed.saturating_add(more);
        }
        Ok(movie)
    }

    /// The range of decoded samples that is music, if known; see [`Self::gapless`].
    pub(in crate::audio) fn span(&self) -> Option<(u64, u64)> {
        self.gapless().or((self.duration > 0).then_some((0, self.duration)))
    }

    /// Length of the music in seconds; 0 if unknown.
    pub(super) fn secs(&self) -> f64 {
        self.span().map_or(0, |(_, shown)| shown) as f64 / self.timescale.max(1) as f64
    }

    /// Units of [`Self::span`] per second.
    pub(in crate::audio) fn timescale(&self) -> u64 {
        self.timescale
    }

    /// The range of decoded samples that is music: (first, how many), in units of `timescale`, which is the sample rate
    /// in practice. iTunSMPB is exact and takes precedence over the edit list, whose length is often in milliseconds.
    pub(in crate::audio) fn gapless(&self) -> Option<(u64, u64)> {
        if let Some((delay, padding, valid)) = self.itunes {
            let said = delay.saturating_add(padding).saturating_add(valid);
            if valid > 0 && self.duration > 0 && said.abs_diff(self.duration) <= 4096 {
                return Some((delay, valid.min(self.duration.saturating_sub(delay))));
            }
        }
        let (first, shown) = self.edit?;
        let rest = self.duration.checked_sub(first).filter(|&n| n > 0)?;
        let shown = u128::from(shown) * u128::from(self.timescale) / u128::from(self.movie_timescale.max(1));
        // A length that is off by no more than its own unit means "to the end".
        let tick = (self.timescale / self.movie_timescale.max(1)).max(1);
        let shown = u64::try_from(shown).unwrap_or(u64::MAX);
        Some((first, if shown == 0 || shown.saturating_add(tick) >= rest { rest } else { shown }))
    }

    /// Visits the boxes between two offsets; `depth` limits nesting.
    fn walk(&mut self, bytes: &Bytes<'_>, mut at: u64, end: u64, depth: usize) -> Result<(), AudioError> {
        while at + 8 <= end && self.boxes < MAX_BOXES {
            self.boxes += 1;
            let header: [u8; 8] = bytes.exactly(at)?;
            let (mut body, mut len) = (at + 8, be(&header[..4]));
            match len {
                0 => len = end - at,
                1 => (body, len) = (at + 16, be(&bytes.exactly::<8>(at + 8)?)),
                _ => {}
            }
            if len < body - at {
                break;
            }
            let stop = at.saturating_add(len).min(end);
            if body > stop {
                // Its header reaches beyond the box around it.
                break;
            }
            self.visit(bytes, &header[4..], body, stop, depth)?;
            at = stop;
        }
        Ok(())
    }

    fn visit(&mut self, bytes: &Bytes<'_>, name: &[u8], body: u64, end: u64, depth: usize) -> Result<(), AudioError> {
        let deeper = depth < 12;
        match name {
            b"mdat" if depth == 0 && end > body => self.mdat.push((body, end - body)),
            b"trak" if deeper => {
                // Each track is read separately; the first audio track is kept.
                let mut track = Movie { boxes: self.boxes, ..Movie::default() };
                track.walk(bytes, body, end, depth + 1)?;
                self.boxes = track.boxes;
                if self.codec.is_none() && track.codec.is_some() {
                    (self.codec, self.rate, self.channels) = (track.codec, track.rate, track.channels);
                    self.configured = track.configured;
                    (self.timescale, self.duration, self.edit) = (track.timescale, track.duration, track.edit);
                    (self.number, self.listed) = (track.number, track.listed);
                }
            }
            b"moov" | b"mdia" | b"minf" | b"stbl" | b"edts" | b"udta" | b"ilst" | b"mvex" | b"moof" | b"traf"
                if deeper =>
            {
                self.walk(bytes, body, end, depth + 1)?;
            }
            b"mehd" | b"trex" | b"tfhd" | b"trun" | b"sidx" => self.fragments.visit(bytes, name, body, end)?,
            b"tkhd" => {
                let head: [u8; 24] = bytes.exactly(body)?;
                self.number = be(if head[0] == 1 { &head[20..24] } else { &head[12..16] }) as u32;
            }
            // A full box in MP4; in QuickTime a plain one, directly followed by a child.
            b"meta" if deeper => {
                let plain = bytes.up_to(body + 4, 4)? == b"hdlr";
                self.walk(bytes, if plain { body } else { body + 4 }, end, depth + 1)?;
            }
            b"mvhd" => self.movie_timescale = times(bytes, body)?.0,
            b"mdhd" => {
                let (timescale, duration) = times(bytes, body)?;
                (self.timescale, self.duration) = (timescale, self.duration.max(duration));
            }
            b"stts" => self.sample_times(bytes, body, end)?,
            b"stsd" => self.sample_description(bytes, body)?,
            b"elst" => self.edit = edit(bytes, body, end)?,
            b"----" if self.itunes.is_none() => {
                self.itunes = itunes(&bytes.up_to(body, (end - body).min(512) as usize)?)
            }
            _ => {}
        }
        Ok(())
    }

    /// Sums the lengths of all samples, which is more reliable than `mdhd`.
    fn sample_times(&mut self, bytes: &Bytes<'_>, body: u64, end: u64) -> Result<(), AudioError> {
        let count = be(&bytes.exactly::<4>(body + 4)?).min(end.saturating_sub(body + 8) / 8).min(4096);
        let table = bytes.up_to(body + 8, count as usize * 8)?;
        let sum = table.chunks_exact(8).map(|e| be(&e[..4]) * be(&e[4..])).fold(0, u64::saturating_add);
        if sum > 0 {
            (self.duration, self.listed) = (sum, sum);
        }
        Ok(())
    }

    fn sample_description(&mut self, bytes: &Bytes<'_>, body: u64) -> Result<(), AudioError> {
        let entry = bytes.up_to(body + 8, 256)?;
        self.codec = match entry.get(4..8) {
            Some(b"mp4a") => Some("aac"),
            Some(b"alac") => Some("alac"),
            Some(b"fLaC") => Some("flac"),
            Some(b"Opus") => Some("opus"),
            Some(b".mp3") => Some("mp3"),
            Some(b"sowt" | b"twos" | b"lpcm" | b"in24" | b"fl32") => Some("pcm"),
            _ => None,
        };
        if self.codec.is_some() && entry.len() >= 36 {
            (self.channels, self.rate) = (be(&entry[24..26]) as u16, be(&entry[32..34]) as u32);
        }
        if let Some((rate, channels)) = specific_config(&entry) {
            (self.rate, self.channels, self.configured) = (rate, channels, true);
        }
        Ok(())
    }

    /// Sample rate in Hz. The sample entry's field has 16 bits, so for higher rates (and if it is missing) the time
    /// scale is used.
    fn rate(&self) -> u32 {
        let scale = self.timescale as u32;
        let known = self.configured || scale <= 65_535 || self.codec == Some("opus");
        if self.rate == 0 || !known { scale } else { self.rate }
    }
}

/// Time scale and duration from `mvhd` or `mdhd`.
fn times(bytes: &Bytes<'_>, body: u64) -> Result<(u64, u64), AudioError> {
    let head: [u8; 20] = bytes.exactly(body)?;
    if head[0] == 1 {
        let long: [u8; 12] = bytes.exactly(body + 20)?;
        return Ok((be(&long[..4]), be(&long[4..])));
    }
    Ok((be(&head[12..16]), be(&head[16..20])))
}

/// The first edit that shows media.
fn edit(bytes: &Bytes<'_>, body: u64, end: u64) -> Result<Option<(u64, u64)>, AudioError> {
    let head: [u8; 8] = bytes.exactly(body)?;
    let (width, size) = if head[0] == 1 { (8, 20) } else { (4, 12) };
    let count = be(&head[4..]).min(16).min(end.saturating_sub(body + 8) / size as u64);
    let table = bytes.up_to(body + 8, count as usize * size)?;
    // All ones (−1) is an empty edit: silence before the music.
    let empty = u64::MAX >> (64 - 8 * width);
    Ok(table
        .chunks_exact(size)
        .map(|e| (be(&e[width..2 * width]), be(&e[..width])))
        .find(|&(first, _)| first != empty && first < empty / 2))
}

/// Rate and channels from the `esds` box within a sample entry, whose own channel count is 2 whatever the truth.
fn specific_config(entry: &[u8]) -> Option<(u32, u16)> {
    let at = entry.windows(4).position(|w| w == b"esds")? + 8;
    audio_config(described(entry.get(at..)?)?)
}

/// The decoder's own configuration in the description of an elementary stream (ISO 14496-1 §7.2.6.5).
pub(super) fn described(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    // Descriptors nest: stream (3), decoder configuration (4), specific information (5).
    loop {
        let tag = *bytes.get(at)?;
        at += 1;
        let mut len = 0;
        loop {
            let byte = *bytes.get(at)?;
            (at, len) = (at + 1, (len << 7 | usize::from(byte & 0x7f)) & 0xffff);
            if byte & 0x80 == 0 {
                break;
            }
        }
        match tag {
            3 => at += 3,
            4 => at += 13,
            5 => return bytes.get(at..(at + len).min(bytes.len())),
            _ => return None,
        }
    }
}

/// Rate and channels from an AudioSpecificConfig (ISO 14496-3 §1.6.2.1). `None` for configurations that are spelled out
/// otherwise.
pub(super) fn audio_config(config: &[u8]) -> Option<(u32, u16)> {
    let config = be(config.get(..2)?);
    let rate = *AAC_RATES.get((config >> 7 & 15) as usize)?;
    // HE-AAC (5, and 29 with parametric stereo) names the rate and the channels of its core here, and that is what is decoded.
    match (config >> 11, config >> 3 & 15) {
        (0..=5 | 29, channels @ 1..=6) => Some((rate, channels as u16)),
        (0..=5 | 29, 7) => Some((rate, 8)),
        _ => None,
    }
}

/// The configuration of ALAC without the boxes that may be around it.
pub(super) fn cookie(bytes: &[u8]) -> &[u8] {
    let named = |bytes: &[u8], name: &[u8]| bytes.get(4..8) == Some(name);
    let inner = if named(bytes, b"frma") { bytes.get(12..).unwrap_or_default() } else { bytes };
    let inner = if named(inner, b"alac") { inner.get(12..).unwrap_or_default() } else { inner };
    // It has 24 bytes, or 48 with a layout of channels; what else follows does not belong to it.
    if inner.len() == 48 { inner } else { inner.get(..24).unwrap_or(inner) }
}

/// Rate and channels from such a configuration.
pub(super) fn cookie_format(cookie: &[u8]) -> Option<(u32, u16)> {
    Some((be(cookie.get(20..24)?) as u32, u16::from(*cookie.get(9)?)))
}

/// Delay, padding and valid samples from a freeform item, if it is iTunSMPB: words of hexadecimal digits.
fn itunes(item: &[u8]) -> Option<(u64, u64, u64)> {
    let find = |what: &[u8]| item.windows(what.len()).position(|w| w == what);
    find(b"iTunSMPB")?;
    itunes_words(item.get(find(b"data")? + 12..)?)
}

/// The encoded audio: all `mdat` boxes in a row.
pub(super) fn payload(bytes: &Bytes<'_>) -> Result<Payload, AudioError> {
    let movie = Movie::read(bytes)?;
    let codec = movie.codec.ok_or_else(|| AudioError::Unsupported("mp4 without a known audio track".into()))?;
    Payload::of_ranges(bytes, (codec, movie.rate(), movie.channels), movie.secs(), &movie.mdat)
}
