//! A copy of the catalog in one file, so that the library is on the screen before the store has been opened and read. It is
//! derived from the store and only ever shown until the store's own catalog comes: where it is missing, damaged, of another
//! version or of another music directory, nothing is shown earlier, and nothing else is different.
//!
//! The file is a header (magic, version, CRC-32 of the rest) and, in postcard, the music directory, the songs in the
//! catalog's order, in parts that are decoded in parallel, and the catalog's index, because sorting 100,000 paths takes
//! longer than reading them. A part begins with the texts that its songs have in common, so that a song costs three
//! allocations; parts have none in common, so that two threads do not count the same references.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::hash::Hash;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize, Serializer};

use super::catalog::{Catalog, Index};
use super::song::Song;
use crate::files;
use crate::store::private;
use crate::track::{AlbumTags, List, More, ReplayGain, SongTags, TrackId};

/// What the file begins with; the digit is the version of the format. Raised whenever [`Part`], [`Row`], [`More`],
/// [`ReplayGain`] or one of the orders of [`Index`] changes.
const MAGIC: [u8; 8] = *b"jbxcat4\n";
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
    /// Each a [`Part`]. Slices: a `Cow` within a list would be copied byte by byte.
    #[serde(borrow, serialize_with = "blocks")]
    parts: Vec<&'a [u8]>,
    /// An [`Index`].
    #[serde(serialize_with = "block")]
    index: &'a [u8],
}

/// Bytes that are written at once: as a slice of `u8` serde would write each by itself.
struct Block<'a>(&'a [u8]);

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

fn block<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    Block(bytes).serialize(to)
}

fn blocks<S: Serializer>(all: &[&[u8]], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(all.iter().map(|bytes| Block(bytes)))
}

/// Songs, and the texts that some of them have in common.
#[derive(Serialize, Deserialize)]
struct Part<'a> {
    #[serde(borrow)]
    texts: Vec<&'a str>,
    #[serde(borrow)]
    lists: Vec<Vec<&'a str>>,
    #[serde(borrow)]
    rows: Vec<Row<'a>>,
}

/// A song as it is written. Shared texts and lists are given by their numbers, from 1 on; 0 is none.
#[derive(Serialize, Deserialize)]
struct Row<'a> {
    #[serde(serialize_with = "block")]
    path: &'a [u8],
    /// The track and its former identity, 16 bytes each.
    #[serde(serialize_with = "block")]
    tracks: &'a [u8],
    title: Option<&'a str>,
    artist: u32,
    artists: u32,
    album: u32,
    album_artist: u32,
    album_artists: u32,
    genres: u32,
    compilation: bool,
    year: Option<i32>,
    number: Option<u32>,
    disc: Option<u32>,
    lyrics: bool,
    art: bool,
    replaygain: Option<ReplayGain>,
    more: Option<Cow<'a, More>>,
    secs: f64,
    added: u64,
    codec: &'a str,
    rate: u32,
    kbps: u16,
    channels: u8,
    tag_fault: Option<&'a str>,
}

/// Things in the order in which they were first numbered.
struct Numbered<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    fn new() -> Numbered<T> {
        Numbered { all: Vec::new(), numbers: HashMap::new() }
    }

    /// The number of a thing, from 1 on; 0 for none.
    fn number(&mut self, thing: Option<T>) -> u32 {
        let Some(thing) = thing else { return 0 };
        let Numbered { all, numbers } = self;
        *numbers.entry(thing).or_insert_with(|| {
            all.push(thing);
            all.len() as u32
        })
    }
}

/// The thing with a number, `Some(None)` for 0; `None` where there is none with it.
fn numbered<T: Clone>(all: &[T], number: u32) -> Option<Option<T>> {
    match number.checked_sub(1) {
        None => Some(None),
        Some(at) => all.get(at as usize).cloned().map(Some),
    }
}

/// The bytes of a part.
fn encode(songs: &[Arc<Song>]) -> postcard::Result<Vec<u8>> {
    let (mut texts, mut lists) = (Numbered::<&str>::new(), Numbered::<&[String]>::new());
    let filled = |list: &&[String]| !list.is_empty();
    let tracks: Vec<Vec<u8>> = songs.iter().map(|song| [song.track.0, song.former.0].concat()).collect();
    let mut rows = Vec::with_capacity(songs.len());
    for (song, tracks) in songs.iter().zip(&tracks) {
        let Song { path, track: _, former: _, tags, secs, added, codec, rate, kbps, channels, tag_fault } = &**song;
        let SongTags { title, track, replaygain, more, .. } = tags;
        let AlbumTags { artist, artists, album, album_artist, album_artists, genres, .. } = &**tags;
        let AlbumTags { compilation, year, disc, lyrics, art, .. } = &**tags;
        rows.push(Row {
            path: path.as_os_str().as_bytes(),
            tracks,
            title: title.as_deref(),
            artist: texts.number(artist.as_deref()),
            artists: lists.number(Some(&**artists).filter(filled)),
            album: texts.number(album.as_deref()),
            album_artist: texts.number(album_artist.as_deref()),
            album_artists: lists.number(Some(&**album_artists).filter(filled)),
            genres: lists.number(Some(&**genres).filter(filled)),
            compilation: *compilation,
            year: *year,
            number: *track,
            disc: *disc,
            lyrics: *lyrics,
            art: *art,
            replaygain: replaygain.as_deref().copied(),
            more: more.as_deref().map(Cow::Borrowed),
            secs: *secs,
            added: *added,
            codec: codec.name(),
            rate: *rate,
            kbps: *kbps,
            channels: *channels,
            tag_fault: tag_fault.as_deref(),
        });
    }
    let lists = lists.all.into_iter().map(|list| list.iter().map(String::as_str).collect()).collect();
    postcard::to_stdvec(&Part { texts: texts.all, lists, rows })
}

/// The songs of a part.
fn decode(bytes: &[u8]) -> Option<Vec<Arc<Song>>> {
    let part: Part = postcard::from_bytes(bytes).ok()?;
    let texts: Vec<Arc<str>> = part.texts.into_iter().map(Arc::from).collect();
    let owned = |list: Vec<&str>| list.into_iter().map(String::from).collect();
    let lists: Vec<List> = part.lists.into_iter().map(owned).collect();
    let text = |number| numbered(&texts, number);
    let list = |number| numbered(&lists, number).map(Option::unwrap_or_default);
    // Songs of an album follow each other, so most have the tags of the one before.
    let mut last: Arc<AlbumTags> = Arc::default();
    let song = |row: Row| {
        let (track, former) = row.tracks.split_at_checked(16)?;
        let album = AlbumTags {
            artist: text(row.artist)?,
            artists: list(row.artists)?,
            album: text(row.album)?,
            album_artist: text(row.album_artist)?,
            album_artists: list(row.album_artists)?,
            compilation: row.compilation,
            genres: list(row.genres)?,
            year: row.year,
            disc: row.disc,
            lyrics: row.lyrics,
            art: row.art,
        };
        if *last != album {
            last = Arc::new(album);
        }
        let tags = SongTags::new(
            row.title.map(Into::into),
            row.number,
            row.replaygain.map(Box::new),
            row.more.map(|more| Box::new(more.into_owned())),
            last.clone(),
        );
        Some(Arc::new(Song {
            path: Path::new(OsStr::from_bytes(row.path)).into(),
            track: TrackId(track.try_into().ok()?),
            former: TrackId(former.try_into().ok()?),
            tags,
            secs: row.secs,
            added: row.added,
            codec: row.codec.into(),
            rate: row.rate,
            kbps: row.kbps,
            channels: row.channels,
            tag_fault: row.tag_fault.map(Into::into),
        }))
    };
    part.rows.into_iter().map(song).collect()
}

/// Writes the catalog of the music directory `root`, unless the file holds just that already.
///
/// # Errors
/// The system's; what was written before stands.
pub fn write(file: &Path, root: &Path, catalog: &Catalog) -> io::Result<()> {
    let parts: Vec<Vec<u8>> =
        catalog.songs().chunks(PART).map(encode).collect::<Result<_, _>>().map_err(io::Error::other)?;
    let index = catalog.index().ok_or_else(|| io::Error::other("only a whole catalog is kept"))?;
    let index = postcard::to_stdvec(index).map_err(io::Error::other)?;
    let parts = parts.iter().map(Vec::as_slice).collect();
    let body = Body { root: root.into(), parts, index: &index };
    let header = [MAGIC.as_slice(), &[0; HEADER - MAGIC.len()]].concat();
    let mut bytes = postcard::to_extend(&body, header).map_err(io::Error::other)?;
    let sum = crc32fast::hash(&bytes[HEADER..]);
    bytes[MAGIC.len()..HEADER].copy_from_slice(&sum.to_le_bytes());
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
    let index = || postcard::from_bytes::<Index>(body.index).ok();
    let parts = || body.parts.par_iter().map(|part| decode(part)).collect::<Option<Vec<_>>>();
    let (index, parts) = rayon::join(index, parts);
    let parts = parts?;
    // Moved, not cloned: the songs' counters are all over the memory.
    let mut songs = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    parts.into_iter().for_each(|part| songs.extend(part));
    Catalog::restored(songs, index?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::Tags;

    fn catalog() -> Catalog {
        let song = |n: u8| {
            let tags = Tags {
                title: Some(format!("Title {n}").into()),
                artist: Some(format!("Artist {}", n % 7).into()),
                album: (!n.is_multiple_of(3)).then(|| format!("Album {}", n % 5).into()),
                genres: vec!["Jazz".into(); usize::from(n % 3)].into(),
                artists: ["One".into(), "Two".into()].into(),
                album_artist: n.is_multiple_of(4).then(|| "Artist 1".into()),
                track: Some(u32::from(n)),
                replaygain: (n == 9).then(|| Box::new(ReplayGain { track: Some(-3.5), ..ReplayGain::default() })),
                more: n.is_multiple_of(11).then(|| {
                    Box::new(More { comment: Some("ripped".into()), original_year: Some(1959), ..More::default() })
                }),
                ..Tags::default()
            };
            let name = std::ffi::OsString::from(format!("/m/{n}.flac"));
            let former = TrackId([n / 2; 16]);
            Arc::new(Song {
                tags: tags.into(),
                secs: f64::from(n) * 1.5,
                added: 7,
                codec: "flac".into(),
                rate: 44_100,
                kbps: 900 + u16::from(n),
                channels: 2,
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
        let artists: Vec<&Arc<str>> = read.songs().iter().filter_map(|song| song.tags.artist.as_ref()).collect();
        assert!(artists.iter().all(|a| artists.iter().all(|b| a != b || Arc::ptr_eq(a, b))), "texts are shared");
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
