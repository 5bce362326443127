//! A copy of the catalog in one file, so that the library is on the screen before the store has been opened and read. It is
//! derived from the store and only ever shown until the store's own catalog comes: where it is missing, damaged, of another
//! version or of another music directory, nothing is shown earlier, and nothing else is different.
//!
//! The file is a header (magic, version, CRC-32 of the rest) and, in postcard, the music directory, the songs in the
//! catalog's order, in parts that are decoded in parallel, and the catalog's index, because sorting 100,000 paths takes
//! longer than reading them.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::catalog::{Catalog, Index};
use super::song::Song;
use crate::files;
use crate::store::private;
use crate::track::{Tags, TrackId, codec_named};

/// What the file begins with; the digit is the version of the format. Raised whenever [`Row`], [`Tags`] or
/// one of the orders of [`Index`] changes.
const MAGIC: [u8; 8] = *b"jbxcat2\n";
/// Bytes before the body: the magic and the checksum.
const HEADER: usize = 12;
/// Songs in a part.
const PART: usize = 4096;
/// A larger file is not one of ours.
const LARGEST: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    #[serde(with = "crate::paths::raw")]
    root: PathBuf,
    #[serde(borrow)]
    parts: Vec<Cow<'a, [u8]>>,
    index: Cow<'a, Index>,
}

/// A song as it is written.
#[derive(Serialize, Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    path: Cow<'a, [u8]>,
    track: TrackId,
    former: TrackId,
    tags: Cow<'a, Tags>,
    secs: f64,
    added: u64,
    #[serde(borrow)]
    codec: Cow<'a, str>,
    rate: u32,
    tag_fault: Option<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    fn of(song: &'a Song) -> Row<'a> {
        Row {
            path: Cow::Borrowed(song.path.as_os_str().as_bytes()),
            track: song.track,
            former: song.former,
            tags: Cow::Borrowed(&song.tags),
            secs: song.secs,
            added: song.added,
            codec: Cow::Borrowed(song.codec),
            rate: song.rate,
            tag_fault: song.tag_fault.as_deref().map(Cow::Borrowed),
        }
    }

    fn into_song(self) -> Song {
        Song {
            path: Path::new(OsStr::from_bytes(&self.path)).into(),
            track: self.track,
            former: self.former,
            tags: Arc::new(self.tags.into_owned()),
            secs: self.secs,
            added: self.added,
            codec: codec_named(&self.codec),
            rate: self.rate,
            tag_fault: self.tag_fault.map(|fault| fault.into_owned().into()),
        }
    }
}

/// Writes the catalog of the music directory `root`, unless the file holds just that already.
///
/// # Errors
/// The system's; what was written before stands.
pub fn write(file: &Path, root: &Path, catalog: &Catalog) -> io::Result<()> {
    let part = |songs: &[Arc<Song>]| postcard::to_stdvec(&songs.iter().map(|song| Row::of(song)).collect::<Vec<Row>>());
    let parts = catalog.songs().chunks(PART).map(|songs| part(songs).map(Cow::Owned));
    let parts: Vec<Cow<[u8]>> = parts.collect::<Result<_, _>>().map_err(io::Error::other)?;
    let index = catalog.index().map(Cow::Borrowed).ok_or_else(|| io::Error::other("only a whole catalog is kept"))?;
    let body = postcard::to_stdvec(&Body { root: root.into(), parts, index }).map_err(io::Error::other)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(crc32fast::hash(&body).to_le_bytes());
    bytes.extend(body);
    let same = || {
        let mut header = [0; HEADER];
        let (mut there, about) = files::open(file)?;
        there.read_exact(&mut header)?;
        Ok::<bool, io::Error>(bytes.starts_with(&header) && about.len() == bytes.len() as u64)
    };
    if same().unwrap_or(false) {
        return Ok(());
    }
    private::replace(file, &bytes)
}

/// Reads the catalog of the music directory `root`; none where the file is not whole, or not about this directory.
pub fn read(file: &Path, root: &Path) -> Option<Catalog> {
    let bytes = files::read(file, LARGEST).ok()?;
    let (header, body) = bytes.split_at_checked(HEADER)?;
    if header[..8] != MAGIC || header[8..] != crc32fast::hash(body).to_le_bytes() {
        return None;
    }
    let body: Body = postcard::from_bytes(body).ok()?;
    if body.root != root {
        return None;
    }
    let part = |bytes: &Cow<[u8]>| -> Option<Vec<Arc<Song>>> {
        let rows: Vec<Row> = postcard::from_bytes(bytes).ok()?;
        Some(rows.into_iter().map(|row| Arc::new(row.into_song())).collect())
    };
    let parts: Option<Vec<Vec<Arc<Song>>>> = body.parts.par_iter().map(part).collect();
    Catalog::restored(parts?.concat(), body.index.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let song = |n: u8| {
            let tags = Tags {
                title: Some(format!("Title {n}").into()),
                artist: Some(format!("Artist {}", n % 7).into()),
                album: (!n.is_multiple_of(3)).then(|| format!("Album {}", n % 5).into()),
                genres: vec!["Jazz".into(); usize::from(n % 3)].into(),
                track: Some(u32::from(n)),
                ..Tags::default()
            };
            let name = std::ffi::OsString::from(format!("/m/{n}.flac"));
            let former = TrackId([n / 2; 16]);
            Arc::new(Song {
                tags: tags.into(),
                secs: f64::from(n) * 1.5,
                added: 7,
                codec: "flac",
                rate: 44_100,
                former,
                tag_fault: (n == 3).then(|| "a bad frame".into()),
                ..Song::bare(PathBuf::from(name), TrackId([n; 16]))
            })
        };
        Catalog::new((0..200).map(song).collect())
    }

    #[test]
    fn what_was_written_is_read() {
        let tmp = tempfile::tempdir().unwrap();
        let (file, root, catalog) = (tmp.path().join("catalog"), Path::new("/m"), catalog());
        write(&file, root, &catalog).unwrap();
        let read = read(&file, root).unwrap();
        assert_eq!((read.songs(), read.index()), (catalog.songs(), catalog.index()));
        let inode = || std::os::unix::fs::MetadataExt::ino(&file.metadata().unwrap());
        let before = inode();
        write(&file, root, &catalog).unwrap();
        assert_eq!(inode(), before, "what is there already is not written again");
        let song = &catalog.songs()[17];
        assert_eq!(read.of_path(&song.path), Some(song));
        assert_eq!(read.of_track(song.track), Some(song));
        assert!(super::read(&file, Path::new("/other")).is_none(), "another music directory");
        assert!(super::read(&tmp.path().join("none"), root).is_none());
    }

    #[test]
    fn one_that_is_cut_or_changed_is_not_read() {
        let tmp = tempfile::tempdir().unwrap();
        let (file, root) = (tmp.path().join("catalog"), Path::new("/m"));
        write(&file, root, &catalog()).unwrap();
        let whole = std::fs::read(&file).unwrap();
        for len in [0, 5, HEADER, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&file, &whole[..len]).unwrap();
            assert!(read(&file, root).is_none(), "cut at {len}");
        }
        for at in (0..whole.len()).step_by(101).chain([0, 7, 8, 11]) {
            let mut changed = whole.clone();
            changed[at] ^= 16;
            std::fs::write(&file, &changed).unwrap();
            assert!(read(&file, root).is_none(), "changed at {at}");
        }
    }
}
