//! Duration and identity of a file without decoding it.

use std::path::Path;

use crate::track::TrackId;

use super::cue::{self, Piece, SECTORS};
use super::{AudioError, container};

/// The properties of an audio file according to its headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Identity of the audio, independent of tags (docs/design.md, "Track identity").
    pub track: TrackId,
    /// The identity by the previous version of the recipe.
    pub former: TrackId,
    /// Duration in seconds, 0 when unknown. For ADTS and for mp3 whose header does not state the number of frames, frames are
    /// counted; above 4 MiB, if sampled frames all have the same bit rate, it is calculated.
    pub secs: f64,
    /// Sample rate in Hz.
    pub rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Short name of the codec, as in [`crate::track::Probe`].
    pub codec: String,
}

/// Reads what identifies a file: the headers and part of the audio, never tags or pictures: uncompressed audio up to 64
/// MiB whole (above that 512 blocks of 64 KiB), compressed audio up to 2 MiB whole (above that 64 blocks of 4 KiB), and
/// always the first and last 64 KiB. Two files are one track only if they agree in all of that. In compressed files
/// above 2 MiB, a difference that is shorter than a 63rd of the whole and changes nothing else may go unnoticed.
///
/// What is hashed, by container: mp3 and ADTS from the first frame to the trailing tags; FLAC after the metadata blocks, with the
/// MD5 sum of its samples; WAV `data`; AIFF `SSND`; AU the samples; CAF the packets; mp4 every `mdat`; Matroska every cluster; Ogg
/// the content of the pages after the header packets, with the last granule position as the length. A piece of a file (see [`cue`])
/// is identified by the file and its range in it.
///
/// # Errors
/// When the file cannot be read, is no regular file, or has no supported format; when a piece begins after the end of its file.
pub fn probe(path: &Path) -> Result<Sound, AudioError> {
    let piece = cue::locate(path)?;
    let p = container::payload(piece.as_ref().map_or(path, |piece| &piece.file))?;
    let (track, former) = p.identity();
    let whole = Sound { track, former, secs: p.secs, rate: p.rate, channels: p.channels, codec: p.codec.to_owned() };
    piece.map_or(Ok(whole.clone()), |piece| part(whole, &piece))
}

/// The piece of a whole file's audio.
fn part(whole: Sound, piece: &Piece) -> Result<Sound, AudioError> {
    let secs = |sectors: u32| f64::from(sectors) / f64::from(SECTORS);
    let start = secs(piece.start);
    // The duration of MPEG audio and ADTS may be an estimate; a wrong one is found when the piece is decoded.
    let last =
        Some(whole.secs).filter(|secs| *secs > 0.0 && !matches!(whole.codec.as_str(), "mp1" | "mp2" | "mp3" | "aac"));
    if let Some(last) = last.filter(|last| start >= *last) {
        let late = start - last;
        return Err(AudioError::Broken(format!("the cue sheet has it begin {late:.0} s behind its file's end")));
    }
    let end = piece.end.map(secs).into_iter().chain(last).min_by(f64::total_cmp).unwrap_or(whole.secs);
    let place = [piece.start.to_le_bytes(), piece.end.unwrap_or(u32::MAX).to_le_bytes()].concat();
    let at = u64::from(piece.start);
    let track = TrackId::from_parts("piece", whole.rate, whole.channels, at, &whole.track.0, &place);
    let former = TrackId::former("piece", whole.rate, whole.channels, at, &whole.former.0, &place);
    Ok(Sound { track, former, secs: (end - start).max(0.0), ..whole })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::decode::Decoder;
    use crate::audio::fixture::{aiff, flac, noise, stored, wav, write};
    use lofty::config::WriteOptions;
    use lofty::file::TaggedFileExt;
    use lofty::picture::{MimeType, Picture, PictureType};
    use lofty::tag::{Accessor, Tag, TagExt};
    use std::path::PathBuf;

    const STORED: [&str; 7] =
        ["chirp.mp3", "chirp-bare.mp3", "chirp.ogg", "chirp.opus", "chirp.m4a", "chirp-22k.m4a", "chirp.aac"];

    /// One file of each kind in a directory.
    fn files(dir: &Path) -> Vec<PathBuf> {
        let sound = noise(200_000, 6);
        let mut files: Vec<_> =
            STORED.iter().map(|name| write(dir, name, &std::fs::read(stored(name)).unwrap())).collect();
        files.push(write(dir, "a.wav", &wav(&sound, 2, 44_100)));
        files.push(write(dir, "a.aiff", &aiff(&sound, 2)));
        files.push(write(dir, "a.flac", &flac(&sound, 2, 44_100)));
        files
    }

    fn retag(path: &Path, title: &str, art: usize) {
        let mut file = lofty::read_from_path(path).unwrap();
        let kind = file.primary_tag_type();
        if file.primary_tag().is_none() {
            file.insert_tag(Tag::new(kind));
        }
        let tag = file.primary_tag_mut().unwrap();
        tag.set_title(title.to_owned());
        tag.set_artist("Somebody".to_owned());
        let picture = Picture::unchecked(vec![7; art]).mime_type(MimeType::Png).pic_type(PictureType::CoverFront);
        tag.push_picture(picture.build());
        tag.save_to_path(path, WriteOptions::default()).unwrap();
    }

    #[test]
    fn retagging_and_moving_leave_the_identity() {
        let dir = tempfile::tempdir().unwrap();
        for path in files(dir.path()) {
            let before = probe(&path).unwrap();
            for (title, art) in [("A", 100), ("Another title, and longer", 300_000), ("B", 5)] {
                let old = std::fs::read(&path).unwrap();
                retag(&path, title, art);
                assert!(std::fs::read(&path).unwrap() != old, "{path:?} was not retagged");
                assert_eq!(probe(&path).unwrap(), before, "{path:?}");
            }
            let moved = dir.path().join("moved.bin");
            std::fs::rename(&path, &moved).unwrap();
            assert_eq!(probe(&moved).unwrap(), before, "{path:?}");
        }
    }

    #[test]
    fn trailing_tags_of_all_sorts_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let sound = std::fs::read(stored("chirp.mp3")).unwrap();
        let before = probe(&write(dir.path(), "a.mp3", &sound)).unwrap();
        let mut id3v1 = b"TAG".to_vec();
        id3v1.resize(128, b' ');
        let mut ape = b"APETAGEX\xd0\x07\0\0".to_vec();
        ape.extend(52u32.to_le_bytes());
        ape.extend([0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]);
        let header = ape.clone();
        let ape = [header, vec![1; 20], ape].concat();
        let lyrics = b"LYRICSBEGININD0000200000021LYRICS200".to_vec();
        let old = b"LYRICSBEGINla la laLYRICSEND".to_vec();
        for tags in
            [vec![&id3v1], vec![&ape], vec![&ape, &id3v1], vec![&lyrics, &id3v1], vec![&old], vec![&ape, &lyrics]]
        {
            let bytes = tags.into_iter().fold(sound.clone(), |mut all, tag| {
                all.extend(tag);
                all
            });
            assert_eq!(probe(&write(dir.path(), "b.mp3", &bytes)).unwrap(), before);
        }
    }

    #[test]
    fn other_sound_is_another_track() {
        let dir = tempfile::tempdir().unwrap();
        let mut seen = std::collections::HashSet::new();
        for path in files(dir.path()) {
            assert!(seen.insert(probe(&path).unwrap().track), "{path:?}");
            // One byte of the audio changed, near either end.
            let bytes = std::fs::read(&path).unwrap();
            let m4a = path.extension().is_some_and(|e| e == "m4a");
            for at in [5000, if m4a { 6000 } else { bytes.len() - 700 }] {
                let mut other = bytes.clone();
                other[at] ^= 0x10;
                let sound = probe(&write(dir.path(), "other", &other)).unwrap();
                assert!(seen.insert(sound.track), "{path:?} at {at}");
            }
        }
    }

    #[test]
    fn takes_of_one_length_between_silences_are_different_tracks() {
        let dir = tempfile::tempdir().unwrap();
        // Five seconds of digital silence, sound, and silence; the second take differs in a twentieth of a second.
        let mut one = vec![0.0; 2 * 44_100 * 5];
        one.extend(noise(2 * 44_100 * 5, 3));
        one.extend(vec![0.0; 2 * 44_100 * 5]);
        let mut other = one.clone();
        other[2 * 44_100 * 7..][..2 * 44_100 / 20].fill(0.25);
        type Make = fn(&[f32]) -> Vec<u8>;
        for make in [(|s| wav(s, 2, 44_100)) as Make, |s| aiff(s, 2), |s| flac(s, 2, 44_100)] {
            let [a, b] = [&one, &other].map(|take| probe(&write(dir.path(), "take", &make(take))).unwrap());
            assert_eq!((a.secs, a.codec), (b.secs, b.codec));
            assert_ne!(a.track, b.track);
        }
        let [a, b] = [&one, &other].map(|take| probe(&write(dir.path(), "take", &wav(take, 2, 44_100))).unwrap());
        assert_eq!(a.former, b.former, "which the version before could not tell apart");
    }

    #[test]
    fn renumbered_pages_of_a_long_ogg_are_the_same_track() {
        let dir = tempfile::tempdir().unwrap();
        let short = std::fs::read(stored("chirp.ogg")).unwrap();
        // Repeats the audio pages until the file is too long to be hashed completely.
        let page = |from: usize| short[from..].windows(5).position(|w| w == b"OggS\0").map(|n| from + n);
        let audio = page(page(1).unwrap() + 1).unwrap();
        let long = [short[..audio].to_vec(), short[audio..].repeat((5 << 20) / (short.len() - audio))].concat();
        let before = probe(&write(dir.path(), "a.ogg", &long)).unwrap();
        let mut renumbered = long.clone();
        let mut at = audio;
        while at + 27 < renumbered.len() {
            // Sequence number and checksum.
            renumbered[at + 18..at + 26].iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
            let segments = usize::from(renumbered[at + 26]);
            at +=
                27 + segments + renumbered[at + 27..at + 27 + segments].iter().map(|n| usize::from(*n)).sum::<usize>();
        }
        assert!(renumbered != long);
        assert_eq!(probe(&write(dir.path(), "b.ogg", &renumbered)).unwrap(), before);
        // A second of different sound in the middle.
        let mut other = long;
        let middle = other.len() / 2;
        other[middle..middle + 100_000].iter_mut().for_each(|byte| *byte ^= 0x10);
        let other = probe(&write(dir.path(), "c.ogg", &other)).unwrap();
        assert_eq!(other.former, before.former);
        assert_ne!(other.track, before.track);
    }

    #[test]
    fn what_it_says_is_what_the_decoder_says() {
        let dir = tempfile::tempdir().unwrap();
        for path in files(dir.path()) {
            let (sound, decoder) = (probe(&path).unwrap(), Decoder::open(&path).unwrap());
            let info = decoder.info();
            assert_eq!((sound.rate, sound.channels, sound.codec.as_str()), (info.rate, info.channels, info.codec));
            let estimated = path.ends_with("chirp.aac") || path.ends_with("chirp-bare.mp3");
            let limit = if estimated { 0.1 } else { 0.002 };
            let secs = info.secs.unwrap_or(1.2);
            assert!((sound.secs - secs).abs() < limit, "{path:?}: {} and {secs}", sound.secs);
        }
    }

    #[test]
    fn what_stands_in_front_of_the_samples_of_an_aiff_is_no_part_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let sound = noise(20_000, 6);
        let plain = aiff(&sound, 2);
        let mut behind = plain.clone();
        let at = plain.windows(4).position(|four| four == b"SSND").unwrap();
        behind.splice(at + 16..at + 16, [0x55; 6]);
        behind[at + 8..at + 12].copy_from_slice(&6u32.to_be_bytes());
        for (place, less) in [(4, 8), (at + 4, at + 8)] {
            let size = (behind.len() - less) as u32;
            behind[place..place + 4].copy_from_slice(&size.to_be_bytes());
        }
        let [plain, behind] =
            [("a.aiff", plain), ("b.aiff", behind)].map(|(name, bytes)| write(dir.path(), name, &bytes));
        assert_eq!(probe(&behind).unwrap(), probe(&plain).unwrap());
        assert!(crate::audio::fixture::decode(&behind) == sound);
    }

    #[test]
    fn an_estimate_refuses_no_piece() {
        let path = stored("chirp.mp3");
        let piece = Piece { file: path.clone(), start: 5 * SECTORS, end: None };
        for (codec, estimated) in [("mp1", true), ("mp2", true), ("mp3", true), ("aac", true), ("flac", false)] {
            let whole = Sound { codec: codec.into(), ..probe(&path).unwrap() };
            assert_eq!(part(whole, &piece).is_ok(), estimated, "{codec}");
        }
    }

    #[test]
    fn cut_anywhere_it_never_panics() {
        let dir = tempfile::tempdir().unwrap();
        for path in files(dir.path()) {
            let bytes = std::fs::read(&path).unwrap();
            let mut random = fastrand::Rng::with_seed(7);
            for _ in 0..60 {
                let mut cut = bytes[..random.usize(..bytes.len().min(3000))].to_vec();
                for _ in 0..3 {
                    if !cut.is_empty() {
                        let at = random.usize(..cut.len());
                        cut[at] = random.u8(..);
                    }
                }
                let _ = probe(&write(dir.path(), "cut", &cut));
            }
        }
        assert!(matches!(probe(&write(dir.path(), "t.mp3", b"words")), Err(AudioError::Unsupported(_))));
        assert!(matches!(probe(&write(dir.path(), "e.mp3", b"")), Err(AudioError::Empty)));
    }
}
