//! Chapters of MP4 files, as audiobooks have them: Nero's list, or QuickTime's track of texts to which the audio track refers.

use super::bytes::{Bytes, be};
use crate::audio::AudioError;

/// The most chapters that are read, and the longest title in bytes.
pub(super) const MOST: usize = 999;
const TITLE: usize = 1024;
/// The most boxes examined, and how deep those in a track are in each other: the tables are in `mdia`, `minf` and `stbl`.
const BOXES: usize = 4096;
const DEPTH: usize = 3;
/// Nero's list of so many chapters may be cut off: some programs count them in one byte.
const FULL: usize = 255;
/// Units of Nero's list per second.
const NERO: f64 = 1e7;

/// Where a chapter begins in seconds, and its title; empty without one.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audio) struct Chapter {
    pub start: f64,
    pub title: String,
}

/// The chapters of an MP4 file in the order of the file. If there are both, those of Nero's list, unless that is cut off.
///
/// # Errors
/// When it cannot be read.
pub(super) fn mp4(bytes: &Bytes<'_>) -> Result<Vec<Chapter>, AudioError> {
    let (mut nero, mut tracks, mut left) = (Vec::new(), Vec::new(), BOXES);
    boxes(bytes, (0, bytes.size), &mut left, &mut |name, body, end, left| {
        if name != *b"moov" {
            return Ok(());
        }
        boxes(bytes, (body, end), left, &mut |name, body, end, left| match &name {
            b"trak" => {
                let mut track = Track::default();
                track.read(bytes, (body, end), left, DEPTH)?;
                tracks.push(track);
                Ok(())
            }
            b"udta" => boxes(bytes, (body, end), left, &mut |name, body, end, _| {
                if name == *b"chpl" {
                    nero = list(&bytes.up_to(body, (end - body).min(MOST as u64 * 265) as usize)?);
                }
                Ok(())
            }),
            _ => Ok(()),
        })
    })?;
    if !nero.is_empty() && nero.len() < FULL {
        return Ok(nero);
    }
    let meant = tracks.iter().find_map(|track| track.refers);
    let texts = match tracks.iter().find(|track| track.number > 0 && Some(track.number) == meant) {
        Some(track) => track.chapters(bytes)?,
        None => Vec::new(),
    };
    Ok(if texts.len() > nero.len() { texts } else { nero })
}

type Visit<'a> = dyn FnMut([u8; 4], u64, u64, &mut usize) -> Result<(), AudioError> + 'a;

/// Visits the boxes of a range: name, and begin and end of the content.
fn boxes(
    bytes: &Bytes<'_>,
    (mut at, end): (u64, u64),
    left: &mut usize,
    visit: &mut Visit<'_>,
) -> Result<(), AudioError> {
    while at + 8 <= end && *left > 0 {
        *left -= 1;
        let head = bytes.up_to(at, 16)?;
        let Some(name) = head.get(4..8).and_then(|name| name.first_chunk::<4>()) else { break };
        let (mut body, mut len) = (at + 8, be(&head[..4]));
        match len {
            0 => len = end - at,
            1 if head.len() == 16 => (body, len) = (at + 16, be(&head[8..])),
            _ => {}
        }
        let next = at.saturating_add(len).min(end);
        if next < body {
            break;
        }
        visit(*name, body, next, left)?;
        at = next;
    }
    Ok(())
}

/// Nero's list: version, flags, in version 1 five bytes that end in the number, otherwise that alone; then for each chapter its
/// begin, the length of its title, and that.
fn list(bytes: &[u8]) -> Vec<Chapter> {
    let counted = if bytes.first() == Some(&1) { 5..9 } else { 4..5 };
    let mut at = counted.end;
    let count = bytes.get(counted).map_or(0, be);
    let mut found = Vec::new();
    for _ in 0..count.min(MOST as u64) {
        let (Some(start), Some(&len)) = (bytes.get(at..at + 8), bytes.get(at + 8)) else { break };
        let Some(title) = bytes.get(at + 9..at + 9 + usize::from(len)) else { break };
        found.push(Chapter { start: be(start) as f64 / NERO, title: String::from_utf8_lossy(title).into_owned() });
        at += 9 + usize::from(len);
    }
    found
}

/// What a track's boxes say about its samples.
#[derive(Debug, Default)]
struct Track {
    number: u32,
    /// The track with the chapters of this one.
    refers: Option<u32>,
    /// Units of time per second.
    scale: u64,
    /// Number of samples, and the length of each.
    times: Vec<(u64, u64)>,
    /// The size of every sample if they have one size, and all sizes otherwise.
    size: u64,
    sizes: Vec<u64>,
    /// The offsets of the chunks, and from which chunk on (from 1) each has how many samples.
    chunks: Vec<u64>,
    runs: Vec<(u64, u64)>,
}

impl Track {
    /// Reads the boxes in a range, and those in them down to a depth.
    fn read(&mut self, bytes: &Bytes<'_>, range: (u64, u64), left: &mut usize, depth: usize) -> Result<(), AudioError> {
        boxes(bytes, range, left, &mut |name, body, end, left| {
            // A table: its number of entries, each of so many bytes, at this offset.
            let table = |at: u64, width: usize| -> Result<Vec<u8>, AudioError> {
                let count = be(&bytes.up_to(at, 4)?).min(MOST as u64 + 1) as usize;
                bytes.up_to(at + 4, (count * width).min(end.saturating_sub(at + 4) as usize))
            };
            match &name {
                b"mdia" | b"minf" | b"stbl" | b"tref" if depth > 0 => self.read(bytes, (body, end), left, depth - 1)?,
                b"tkhd" => {
                    let head = bytes.up_to(body, 24)?;
                    let at = if head.first() == Some(&1) { 20 } else { 12 };
                    self.number = head.get(at..at + 4).map_or(0, |number| be(number) as u32);
                }
                b"mdhd" => {
                    let head = bytes.up_to(body, 24)?;
                    let at = if head.first() == Some(&1) { 20 } else { 12 };
                    self.scale = head.get(at..at + 4).map_or(0, be);
                }
                b"chap" => self.refers = bytes.up_to(body, 4)?.first_chunk::<4>().map(|n| u32::from_be_bytes(*n)),
                b"stts" => {
                    let pair = |pair: &[u8]| (be(&pair[..4]), be(&pair[4..]));
                    self.times = table(body + 4, 8)?.chunks_exact(8).map(pair).collect();
                }
                b"stsz" => {
                    self.size = be(&bytes.up_to(body + 4, 4)?);
                    if self.size == 0 {
                        self.sizes = table(body + 8, 4)?.chunks_exact(4).map(be).collect();
                    }
                }
                b"stco" => self.chunks = table(body + 4, 4)?.chunks_exact(4).map(be).collect(),
                b"co64" => self.chunks = table(body + 4, 8)?.chunks_exact(8).map(be).collect(),
                b"stsc" => {
                    let run = |run: &[u8]| (be(&run[..4]), be(&run[4..8]));
                    self.runs = table(body + 4, 12)?.chunks_exact(12).map(run).collect();
                }
                _ => {}
            }
            Ok(())
        })
    }

    /// Its samples as chapters: a length of two bytes and a title.
    fn chapters(&self, bytes: &Bytes<'_>) -> Result<Vec<Chapter>, AudioError> {
        let mut times = self.times.iter().flat_map(|&(count, each)| (0..count.min(MOST as u64)).map(move |_| each));
        let mut sizes = self.sizes.iter().copied();
        let (mut found, mut now) = (Vec::new(), 0u64);
        for (number, &chunk) in (1..).zip(&self.chunks) {
            let run = self.runs.iter().rev().find(|(first, _)| *first <= number);
            let mut at = chunk;
            for _ in 0..run.map_or(1, |(_, samples)| (*samples).min(MOST as u64)) {
                let Some(size) = sizes.next().or(Some(self.size).filter(|&size| size > 0)) else { return Ok(found) };
                let Some(length) = times.next().filter(|_| found.len() < MOST) else { return Ok(found) };
                let sample = bytes.up_to(at, size.min(TITLE as u64) as usize)?;
                found.push(Chapter { start: now as f64 / self.scale.max(1) as f64, title: title(&sample) });
                (at, now) = (at.saturating_add(size), now.saturating_add(length));
            }
        }
        Ok(found)
    }
}

/// The text of a sample, in UTF-8, or in UTF-16 behind a byte order mark.
fn title(sample: &[u8]) -> String {
    let Some((len, rest)) = sample.split_first_chunk::<2>() else { return String::new() };
    let text = &rest[..rest.len().min(usize::from(u16::from_be_bytes(*len)))];
    let wide = |text: &[u8], number: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = text.as_chunks::<2>().0.iter().map(|pair| number(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match text {
        [0xfe, 0xff, text @ ..] => wide(text, u16::from_be_bytes),
        [0xff, 0xfe, text @ ..] => wide(text, u16::from_le_bytes),
        _ => String::from_utf8_lossy(text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::fixture::{boxed, write};

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    /// A file whose sound refers to a track of texts: these samples with tables by the offset of the first, and more boxes.
    fn book(samples: &[u8], tables: impl Fn(u32) -> [Vec<u8>; 4], more: &[u8]) -> Vec<u8> {
        let head = boxed(b"ftyp", b"M4B ");
        let tables = tables(head.len() as u32 + 8).concat();
        let media = [boxed(b"mdhd", &words(&[0, 0, 0, 600, 2100, 0])), boxed(b"minf", &boxed(b"stbl", &tables))];
        let text =
            boxed(b"trak", &[boxed(b"tkhd", &words(&[0, 0, 0, 7, 0, 0])), boxed(b"mdia", &media.concat())].concat());
        let refers = boxed(b"tref", &boxed(b"chap", &words(&[7])));
        let sound = boxed(b"trak", &[boxed(b"tkhd", &words(&[0, 0, 0, 1, 0, 0])), refers].concat());
        [head, boxed(b"mdat", samples), boxed(b"moov", &[&sound[..], &text, more].concat())].concat()
    }

    fn read(bytes: &[u8]) -> Vec<Chapter> {
        let dir = tempfile::tempdir().unwrap();
        let (file, size) = super::super::open(&write(dir.path(), "a.m4b", bytes)).unwrap();
        mp4(&Bytes::new(&file, size)).unwrap()
    }

    #[test]
    fn a_track_of_texts_is_a_list_of_chapters() {
        let texts: [&[u8]; 3] = [b"\0\x03One", b"\0\x06\xfe\xff\0T\0w", b"\0\0"];
        // Two samples in the first chunk, one in the second.
        let tables = |at: u32| {
            [
                boxed(b"stts", &words(&[0, 2, 2, 600, 1, 900])),
                boxed(b"stsz", &words(&[0, 0, 3, 5, 8, 2])),
                boxed(b"stsc", &words(&[0, 2, 1, 2, 1, 2, 1, 1])),
                boxed(b"stco", &words(&[0, 2, at, at + 13])),
            ]
        };
        let whole = book(&texts.concat(), tables, &[]);
        let found = read(&whole);
        let shown: Vec<(f64, &str)> = found.iter().map(|one| (one.start, one.title.as_str())).collect();
        assert_eq!(shown, [(0.0, "One"), (1.0, "Tw"), (2.0, "")]);
        (0..whole.len()).for_each(|end| drop(read(&whole[..end.max(1)])));
    }

    #[test]
    fn the_track_has_the_chapters_beyond_a_full_list() {
        let many = |samples: u32| {
            move |at: u32| {
                [
                    boxed(b"stts", &words(&[0, 1, samples, 600])),
                    boxed(b"stsz", &words(&[0, 2, samples])),
                    boxed(b"stsc", &words(&[0, 1, 1, samples, 1])),
                    boxed(b"stco", &words(&[0, 1, at])),
                ]
            }
        };
        let listed = |count: u8| {
            let entries = (0..u64::from(count)).map(|n| [&(n * 10_000_000).to_be_bytes()[..], &[1], b"N"].concat());
            let list = [&[1, 0, 0, 0, 0, 0, 0, 0, count][..], &entries.collect::<Vec<_>>().concat()].concat();
            boxed(b"udta", &boxed(b"chpl", &list))
        };
        let of = |samples: u32, count: u8| {
            let found = read(&book(&[0; 600], many(samples), &listed(count)));
            (found.len(), found[0].title.clone())
        };
        assert_eq!(of(300, 255), (300, String::new()));
        assert_eq!(of(255, 255), (255, "N".to_string()));
        assert_eq!(of(300, 3), (3, "N".to_string()), "a list that is not full is whole");
    }

    #[test]
    fn boxes_within_each_other_do_not_use_the_stack_up() {
        let deep = (0..BOXES).fold(Vec::new(), |inner, _| boxed(b"minf", &inner));
        let whole = [boxed(b"ftyp", b"M4B "), boxed(b"moov", &boxed(b"trak", &deep))].concat();
        let small = std::thread::Builder::new().stack_size(256 << 10);
        assert!(small.spawn(move || read(&whole)).unwrap().join().unwrap().is_empty());
    }

    #[test]
    fn lists_of_both_versions_are_read() {
        let entry = [&10_000_000u64.to_be_bytes()[..], &[3], b"Two"].concat();
        for head in [&[1, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0, 0, 0, 0, 1]] {
            let found = list(&[head, &entry].concat());
            assert_eq!(found, [Chapter { start: 1.0, title: "Two".into() }]);
            assert!(list(&[head, &entry[..11]].concat()).is_empty());
        }
    }
}
