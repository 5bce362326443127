//! `fma:DIR`: an FMA folder in the layout of its authors (github.com/mdeff/fma): `fma_metadata/tracks.csv` and 30 s
//! clips such as `000/000002.mp3` in `fma_small`, `fma_medium` or `fma_large`; the first of these that exists is read.
//! The split is the official one, which keeps each artist within one part. Descriptors, if they are wanted, are those of
//! `fma_metadata/echonest.csv` ([`echonest`]) or, without that file, the program's own.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::classes::{Candidate, assemble};
use super::listen::{self, Drawing, Heard};
use super::{
    DataError, DataSet, FolderError, LineError, Reading, TableError, Unheard, described, echonest, measured, table,
};
use crate::files;
use crate::text;
use crate::training::split::Part;

/// The subsets, each contained in the next.
const SUBSETS: [&str; 3] = ["small", "medium", "large"];
/// Defective clips of FMA-small, by an audit of all 8,000: three cannot be decoded, three are shorter than two seconds,
/// three are almost entirely silent.
const BROKEN: [u32; 9] = [72_059, 98_565, 98_567, 98_569, 99_134, 108_925, 110_736, 119_979, 133_297];

/// A row of `tracks.csv`.
struct Row {
    id: u32,
    part: Part,
    genre: String,
    artist: String,
    album: String,
    title: String,
}

/// Reads the folder; analyses clips that are new.
pub(super) fn read(directory: &Path, reading: &mut Reading<'_>) -> Result<DataSet, DataError> {
    let table = directory.join("fma_metadata").join("tracks.csv");
    let there = |subset: &&&str| directory.join(format!("fma_{subset}")).is_dir();
    let Some(subset) = SUBSETS.iter().find(there) else {
        return Err(FolderError::NoSubset(directory.to_owned()).into());
    };
    let clips = directory.join(format!("fma_{subset}"));
    let mut notes = Vec::new();
    let all = rows(&table, subset, &mut notes)?;
    let listed = all.len();
    let rows: Vec<Row> = all.into_iter().filter(|r| !BROKEN.contains(&r.id)).collect();
    if rows.len() < listed {
        notes.push(format!("{} clips are known to be broken and are left out", listed - rows.len()));
    }
    let path = |row: &Row| clips.join(format!("{:03}", row.id / 1000)).join(format!("{:06}.mp3", row.id));
    let (rows, missing): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|r| path(r).is_file());
    if let Some(first) = missing.first() {
        let name = path(first).display().to_string();
        notes.push(format!("{} clips are listed but not there, the first {}", missing.len(), text::sanitize(&name)));
    }
    if rows.is_empty() {
        return Err(FolderError::NoClips { path: clips, listed, table }.into());
    }
    let files: Vec<PathBuf> = rows.iter().map(path).collect();
    let heard = listen::hear(&files, Drawing::Parts(reading.image), reading.cache, reading.listener)?;
    let Described { names, rows: mut descriptors, how } = match reading.describe {
        true => describe(directory, &rows, &files, &heard, reading)?,
        false => Described::default(),
    };
    descriptors.resize(rows.len(), Vec::new());
    let (mut tracks, mut faults) = (Vec::new(), Vec::new());
    for (((row, file), heard), descriptors) in rows.into_iter().zip(&files).zip(heard).zip(descriptors) {
        match heard {
            Ok(heard) => tracks.push(Candidate {
                otherwise: row.id.to_string(),
                artist: row.artist,
                album: row.album,
                name: if row.title.is_empty() { row.id.to_string() } else { row.title },
                genres: vec![row.genre],
                part: Some(row.part),
                images: heard.images,
                descriptors,
            }),
            Err(why) => faults.push((file.clone(), why)),
        }
    }
    notes.extend(super::reading::left_out(&faults, files.len()));
    // The official classes are used unchanged, so that results are comparable with published ones.
    let set = assemble(format!("FMA-{subset}"), tracks, reading.image, reading.genres, None, notes)?;
    if reading.describe { described::named(set, &names, how) } else { Ok(set) }
}

/// The names of descriptors, their values for every row, and how more tracks would have them.
#[derive(Default)]
struct Described {
    names: Vec<String>,
    rows: Vec<Vec<f32>>,
    how: &'static str,
}

/// The descriptors of `echonest.csv` if it is there, otherwise the program's own.
fn describe(
    directory: &Path,
    rows: &[Row],
    files: &[PathBuf],
    heard: &[Result<Heard, Unheard>],
    reading: &mut Reading<'_>,
) -> Result<Described, DataError> {
    if let Some(known) = echonest::read(&directory.join("fma_metadata").join("echonest.csv"))? {
        let of = |row: &Row| known.get(&row.id).map_or_else(Vec::new, |values| values.to_vec());
        let names = echonest::FEATURES.map(String::from).to_vec();
        let how = "without echonest.csv in fma_metadata the program measures descriptors of its own";
        return Ok(Described { names, rows: rows.iter().map(of).collect(), how });
    }
    let sounds = measured::measure(files, heard, reading.cache, reading.listener)?;
    let rows = sounds.iter().map(described::numbers).collect();
    Ok(Described { names: described::names(), rows, how: described::MEASURED })
}

/// The rows of a subset that have a genre.
fn rows(path: &Path, subset: &'static str, notes: &mut Vec<String>) -> Result<Vec<Row>, TableError> {
    let how = "; unpack fma_metadata.zip there";
    let (file, _) = files::open(path).map_err(|cause| TableError::Unreadable { path: path.to_owned(), cause, how })?;
    let (records, [above, below, _]) = table::records(path, file)?;
    let column = |group, field| table::column(path, [&above, &below], group, field);
    let [set, split, genre] = [column("set", "subset")?, column("set", "split")?, column("track", "genre_top")?];
    let [artist, artist_id] = [column("artist", "name")?, column("artist", "id")?];
    let [album, title] = ["album", "track"].map(|group| column(group, "title").ok());
    let wanted = &SUBSETS[..=SUBSETS.iter().position(|s| *s == subset).unwrap_or(0)];
    let (mut rows, mut bare, mut seen) = (Vec::new(), 0, HashSet::new());
    for record in records {
        let record = record.map_err(TableError::csv(path))?;
        let field = |at: usize| text::sanitize(record.get(at).unwrap_or_default());
        if !wanted.contains(&record.get(set).unwrap_or_default()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let id: u32 = record
            .get(0)
            .and_then(|id| id.parse().ok())
            .filter(|id| *id < 1_000_000 && seen.insert(*id))
            .ok_or_else(|| TableError::line(path, line, LineError::Track(field(0))))?;
        let part = Part::named(record.get(split).unwrap_or_default())
            .ok_or_else(|| TableError::line(path, line, LineError::Split(field(split))))?;
        let genre = field(genre);
        if genre.is_empty() {
            bare += 1;
            continue;
        }
        let artist = match field(artist) {
            name if name.is_empty() => format!("artist {}", field(artist_id)),
            name => name,
        };
        let optional = |at: Option<usize>| at.map(&field).unwrap_or_default();
        rows.push(Row { id, part, genre, artist, album: optional(album), title: optional(title) });
    }
    if bare > 0 {
        notes.push(format!("{bare} tracks of the {subset} subset have no top genre and are left out"));
    }
    if rows.is_empty() {
        return Err(TableError::NoGenre { path: path.to_owned(), subset });
    }
    Ok(rows)
}
