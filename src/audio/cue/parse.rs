//! The parser of cue sheets. It follows what players accept rather than the format's only description (CDRWIN's manual): quotes
//! may be missing or doubled, and commands that do not concern the audio are ignored.

use std::collections::{HashMap, HashSet};
use std::io;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// Sectors of a compact disc per second, the unit of time in cue sheets.
pub const SECTORS: u32 = 75;

/// The longest plausible time, in minutes.
const LONGEST: u32 = 100_000;
/// Two seconds, within which the first track of a compact disc begins.
const FRONT: u32 = 2 * SECTORS;
/// The most tracks of a sheet; a compact disc has at most 99. A sheet is read again for each of them.
const MOST: usize = 999;

/// The fields that describe a disc or a track. The text is as written, not sanitised for display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Title of the album or the track.
    pub title: Option<String>,
    /// Its artist.
    pub performer: Option<String>,
    /// Its composer.
    pub songwriter: Option<String>,
    /// `REM` lines, by their key in upper case: `GENRE`, `DATE`, `DISCNUMBER`, `REPLAYGAIN_TRACK_GAIN` …
    pub remarks: HashMap<String, String>,
}

/// A track of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// The name of the file that it begins in.
    pub file: String,
    /// Where it begins in that file, in [`SECTORS`].
    pub start: u32,
    /// Where the next track of the same file begins, in [`SECTORS`]; a gap before an index belongs to the preceding track.
    pub end: Option<u32>,
    /// Its description.
    pub about: About,
    /// Whether it is an audio track.
    audio: bool,
}

impl Entry {
    /// An entry that names no file, and no end.
    pub(super) fn new(number: u32, start: u32, about: About, audio: bool) -> Entry {
        Entry { number, file: String::new(), start, end: None, about, audio }
    }
}

/// A cue sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Description of the whole disc.
    pub about: About,
    /// Its tracks: files in the order of the sheet, those of a file by their begin.
    pub entries: Vec<Entry>,
}

impl Sheet {
    /// The audio tracks that share their file with others.
    pub fn pieces(&self) -> impl Iterator<Item = &Entry> {
        let mut sharing: HashMap<&str, usize> = HashMap::new();
        for entry in &self.entries {
            *sharing.entry(&entry.file).or_default() += 1;
        }
        self.entries.iter().filter(move |e| e.audio && sharing.get(e.file.as_str()).is_some_and(|n| *n > 1))
    }
}

/// A track being parsed.
struct Open {
    number: u32,
    audio: bool,
    about: About,
    /// The file and the position of its index 01.
    at: Option<(String, u32)>,
}

/// The error for an invalid sheet.
pub(super) fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Decodes a sheet: by its byte order mark, else as UTF-8 if it is valid, else in the detected code page (old sheets
/// use their author's).
pub(super) fn text(bytes: &[u8]) -> String {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(bytes, true);
            detector.guess(None, Utf8Detection::Allow)
        }
    };
    encoding.decode(bytes).0.into_owned()
}

/// Parses the text of a sheet.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] with a one-line message, e.g. if there are no tracks, two of one number, or several discs in one file.
pub(super) fn parse(text: &str) -> io::Result<Sheet> {
    let mut sheet = Sheet::default();
    let mut file: Option<String> = None;
    let mut open: Option<Open> = None;
    let mut tracks: Vec<Open> = Vec::new();
    for line in text.lines() {
        let (command, rest) = word(line);
        let about = open.as_mut().map_or(&mut sheet.about, |track| &mut track.about);
        match command.to_ascii_uppercase().as_str() {
            "TITLE" => about.title = value(rest),
            "PERFORMER" => about.performer = value(rest),
            "SONGWRITER" => about.songwriter = value(rest),
            "REM" => {
                let (key, rest) = word(rest);
                if let Some(text) = value(rest) {
                    about.remarks.insert(key.to_ascii_uppercase(), text);
                }
            }
            "FILE" => file = name(rest),
            "TRACK" => {
                let (number, kind) = word(rest);
                let number = number.parse().ok().filter(|n| (1..=MOST as u32).contains(n));
                let number = number.ok_or_else(|| invalid(&format!("no track's number: \"{}\"", shown(rest))))?;
                let audio = kind.is_empty() || kind.eq_ignore_ascii_case("audio");
                tracks.extend(open.replace(Open { number, audio, about: About::default(), at: None }));
            }
            "INDEX" => {
                let (number, time) = word(rest);
                let Some(track) = open.as_mut().filter(|_| number.parse() == Ok(1u8)) else { continue };
                let at = sectors(time).ok_or_else(|| invalid(&format!("no time: \"{}\"", shown(time))))?;
                let file = file.clone().ok_or_else(|| invalid("no FILE before its first INDEX"))?;
                track.at = Some((file, at));
            }
            _ => {}
        }
    }
    tracks.extend(open);
    if tracks.len() > MOST {
        return Err(invalid(&format!("more than {MOST} tracks")));
    }
    let mut numbers = HashSet::new();
    for Open { number, audio, about, at } in tracks {
        // A track without index 01 has no position.
        let Some((file, start)) = at else { continue };
        if !numbers.insert(number) {
            return Err(invalid(&format!("two tracks {number}")));
        }
        sheet.entries.push(Entry { number, file, start, end: None, about, audio });
    }
    for of_file in sheet.entries.chunk_by(|a, b| a.file == b.file) {
        if let Some(number) = restart(of_file) {
            return Err(invalid(&format!("the times start over at track {number}; each disc needs a FILE of its own")));
        }
    }
    sheet.entries = in_order(sheet.entries);
    match sheet.entries.is_empty() {
        true => Err(invalid("no track in it")),
        false => Ok(sheet),
    }
}

/// The number of the track of a file with which the times start over, as in a sheet of two discs. A few tracks in another order are
/// no such thing: there the times go back once, and not to the front for another run through most of what the one before covers.
fn restart(of_file: &[Entry]) -> Option<u32> {
    let mut runs = of_file.chunk_by(|a, b| a.start <= b.start);
    let (first, second) = (runs.next()?, runs.next()?);
    if let Some(third) = runs.next() {
        return third.first().map(|entry| entry.number);
    }
    let ([from, .., to], [again, .., until]) = (first, second) else { return None };
    let (length, common) = (to.start - from.start, until.start.min(to.start).saturating_sub(from.start));
    (again.start <= FRONT && 2 * common >= length).then_some(again.number)
}

/// Orders the tracks of each file by their begin, and lets each end where the next one begins. One that begins where the next one
/// does is empty, and left out.
pub(super) fn in_order(entries: Vec<Entry>) -> Vec<Entry> {
    let mut ordered: Vec<Entry> = Vec::with_capacity(entries.len());
    for of_file in entries.chunk_by(|a, b| a.file == b.file) {
        let mut of_file = of_file.to_vec();
        of_file.sort_by_key(|entry| entry.start);
        let ends: Vec<Option<u32>> = of_file.iter().skip(1).map(|next| Some(next.start)).chain([None]).collect();
        let ended = of_file.into_iter().zip(ends).map(|(entry, end)| Entry { end, ..entry });
        ordered.extend(ended.filter(|entry| entry.end != Some(entry.start)));
    }
    ordered
}

/// Splits off the first word.
fn word(line: &str) -> (&str, &str) {
    let line = line.trim();
    line.split_once(char::is_whitespace).map_or((line, ""), |(word, rest)| (word, rest.trim_start()))
}

/// The text without its quotes; `None` if empty.
fn value(rest: &str) -> Option<String> {
    let rest = rest.trim();
    let inner = match rest.strip_prefix('"') {
        Some(open) => open.rfind('"').map_or(open, |end| &open[..end]),
        None => rest,
    };
    let inner = inner.trim();
    (!inner.is_empty()).then(|| inner.to_owned())
}

/// The name in `"a name" WAVE`, or in `a name WAVE`.
fn name(rest: &str) -> Option<String> {
    if rest.starts_with('"') {
        return value(rest);
    }
    let (name, kind) = rest.rsplit_once(char::is_whitespace).unwrap_or((rest, ""));
    let known = ["WAVE", "MP3", "AIFF", "BINARY", "MOTOROLA", "FLAC", "AAC", "OGG"];
    value(if known.iter().any(|k| k.eq_ignore_ascii_case(kind)) { name } else { rest })
}

/// The time in `mm:ss:ff`.
fn sectors(time: &str) -> Option<u32> {
    let parts: Vec<u32> = time.split(':').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
    let [minutes, seconds, sectors] = parts[..] else { return None };
    let sane = minutes <= LONGEST && seconds < 60 && sectors < SECTORS;
    sane.then(|| (minutes * 60 + seconds) * SECTORS + sectors)
}

fn shown(text: &str) -> String {
    crate::text::sanitize(&text.chars().take(60).collect::<String>())
}
