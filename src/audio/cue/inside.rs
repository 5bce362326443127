//! Cue sheets embedded in the audio file that they divide, and the chapters of audiobooks, which are treated like them.

use std::io;
use std::path::{Path, PathBuf};

use super::naming::{lower, name};
use super::parse::{self, About, Entry, SECTORS, Sheet, invalid};
use crate::audio::AudioError;
use crate::audio::container::sheet::{Chapter, Inside, sheets};

/// A track that begins so many seconds before the end of its file, or less, has nothing to hear; some lengths are stated in milliseconds
/// only.
const LEAST: f64 = 0.1;

/// Reads the sheet embedded in a file: the text that tag editors store, else FLAC's own block.
///
/// # Errors
/// The system's; [`io::ErrorKind::NotFound`] when there is none, [`io::ErrorKind::InvalidData`] when none is valid.
pub(super) fn read(file: &Path) -> io::Result<Sheet> {
    let none = || io::Error::new(io::ErrorKind::NotFound, "no cue sheet in it");
    let (found, secs) = sheets(file).map_err(|e| match e {
        AudioError::Io(e) => e,
        e => invalid(&e.to_string()),
    })?;
    let mut fault = none();
    for inside in found {
        let chapters = matches!(inside, Inside::Chapters(_));
        let sheet = match inside {
            Inside::Text(bytes) => parse::parse(&parse::text(&bytes)),
            Inside::Block { rate, tracks } => Ok(of_block(rate, &tracks)),
            Inside::Chapters(chapters) => Ok(of_chapters(chapters)),
        };
        match sheet.map(|sheet| until(of_file(sheet, file), secs, chapters)) {
            Ok(sheet) if sheet.entries.is_empty() => {}
            Ok(sheet) => return Ok(sheet),
            Err(why) => fault = why,
        }
    }
    Err(fault)
}

/// The names of the pieces that a file's embedded sheet divides it into; none when it has no sheet, or one that cannot belong to
/// it because its last track would begin after the end. `secs` is the duration of the file, 0 when unknown.
pub fn pieces(file: &Path, secs: f64) -> Vec<PathBuf> {
    let Ok(sheet) = read(file) else { return Vec::new() };
    let last = sheet.entries.iter().map(|entry| f64::from(entry.start) / f64::from(SECTORS)).fold(0.0, f64::max);
    let fits = secs <= 0.0 || last < secs;
    sheet.pieces().filter(|_| fits).map(|entry| name(file, entry.number)).collect()
}

/// Leaves out the tracks that begin where a file of so many seconds (0 if unknown) ends: there is nothing to hear of them. Chapters
/// are always those of the file, and are left out beyond its end too; a sheet that goes on there may be that of another one.
fn until(mut sheet: Sheet, secs: f64, chapters: bool) -> Sheet {
    let begin = |entry: &Entry| f64::from(entry.start) / f64::from(SECTORS);
    if secs <= 0.0 || !chapters && sheet.entries.iter().any(|entry| begin(entry) > secs + LEAST) {
        return sheet;
    }
    sheet.entries.retain(|entry| begin(entry) < secs - LEAST);
    if let Some(last) = sheet.entries.iter_mut().max_by_key(|entry| entry.start) {
        last.end = None;
    }
    sheet
}

/// Restricts an embedded sheet to its own file, which may have had another name when the sheet was made; of a sheet for several
/// files, only the entries for a file of this name count.
fn of_file(mut sheet: Sheet, file: &Path) -> Sheet {
    let several = sheet.entries.iter().any(|entry| sheet.entries.first().is_some_and(|first| first.file != entry.file));
    let stem = |path: &Path| path.file_stem().map(lower);
    if several {
        sheet.entries.retain(|entry| stem(Path::new(&entry.file.replace('\\', "/"))) == stem(file));
    }
    let own = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    sheet.entries.iter_mut().for_each(|entry| entry.file.clone_from(&own));
    sheet
}

/// A sheet from the positions in FLAC's block, which has no text.
fn of_block(rate: u32, tracks: &[(u32, u64, bool)]) -> Sheet {
    let (rate, sectors) = (u64::from(rate), u64::from(SECTORS));
    let sector = |sample: u64| {
        let rounded = sample.saturating_mul(sectors).saturating_add(rate / 2) / rate;
        u32::try_from(rounded).unwrap_or(u32::MAX)
    };
    let entry = |&(number, start, audio): &(u32, u64, bool)| Entry::new(number, sector(start), About::default(), audio);
    Sheet { about: About::default(), entries: parse::in_order(tracks.iter().map(entry).collect()) }
}

/// A sheet of chapters, by their begin. What is before the first belongs to it.
fn of_chapters(chapters: Vec<Chapter>) -> Sheet {
    let entry = |Chapter { start, title }| {
        let sector = (f64::max(start, 0.0) * f64::from(SECTORS)).round() as u32;
        Entry::new(0, sector, About { title: Some(title), ..About::default() }, true)
    };
    let mut entries = parse::in_order(chapters.into_iter().map(entry).collect());
    if let Some(first) = entries.first_mut() {
        first.start = 0;
    }
    (1..).zip(&mut entries).for_each(|(number, entry)| entry.number = number);
    Sheet { about: About::default(), entries }
}

#[cfg(test)]
#[path = "inside_tests.rs"]
mod tests;
