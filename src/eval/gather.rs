//! Sources of a corpus: the user's own library, or a directory that is analysed in an installation of its own.

mod error;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jukebox_encoder::Axis;

use crate::analysis::model::Model;
use crate::analysis::shelf::Shelf;
use crate::analysis::{Analysis, Options, Update};
use crate::files;
use crate::latent::{Latent, NAMED, NamedValues, Reference, Space};
use crate::library::{Catalog, Song, playlist};
use crate::paths::Paths;
use crate::store::{Generation, Store, StoreError};
use crate::text;
use crate::track::TrackId;

use super::corpus::{Corpus, Item, Playlist};
use super::row::{Kind, Points, Row};
use super::words::Heard;

pub use error::GatherError;

/// The source of a track's genre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenreFrom {
    /// The tag, if at least half of the tracks have one and there are at least two genres; otherwise the folder.
    Auto,
    /// The first genre tag.
    Tag,
    /// The first folder below the music directory.
    Folder,
}

/// A corpus and the data that its rows are made from.
#[derive(Debug)]
pub struct Gathered {
    /// The corpus.
    pub corpus: Corpus,
    /// The latents of the encoder in use.
    pub latents: HashMap<TrackId, Latent>,
    /// The player's latent space.
    pub space: Space,
    /// The model's name: its hash.
    pub model: String,
    /// All files, including those left out of the corpus.
    pub catalog: Catalog,
    /// The reference distribution that normal scores of a small library are blended with.
    pub reference: Arc<Reference>,
    /// The encoder's names of its dimensions.
    pub axes: Vec<Axis>,
    /// The names of the encoder's tags; empty without a tag head.
    pub tags: Vec<String>,
    /// The tag head's output for each track.
    pub said: HashMap<TrackId, Vec<f32>>,
}

impl Gathered {
    /// The row of the encoder in use, for a corpus of these tracks.
    pub fn current(&self, corpus: &Corpus) -> Row {
        let (name, about) = ("current encoder", format!("model {}", self.model));
        let of = |item: &Item| item.track.and_then(|t| self.latents.get(&t).copied());
        match corpus.items.iter().map(of).collect::<Option<Vec<Latent>>>() {
            Some(latents) => {
                let row = Row::of(Kind::Current, name, &about, Points::of_latents(&latents));
                Row { unit: self.reference.unit, ..row }
            }
            None => Row::bare(Kind::Current, name, "a track has no latent"),
        }
    }

    /// The encoder's dimension names, and its tag output for a corpus of these tracks.
    pub fn heard(&self, corpus: &Corpus) -> Heard {
        let of = |item: &Item| self.said.get(&item.track?).filter(|row| row.len() == self.tags.len()).cloned();
        let probabilities = corpus.items.iter().map(of).collect();
        Heard { axes: self.axes.clone(), tags: self.tags.clone(), probabilities }
    }

    /// The songs of a corpus of these tracks, and their latent space as the player would build it.
    pub fn library(&self, corpus: &Corpus) -> (Catalog, Space) {
        let tracks: HashSet<TrackId> = corpus.items.iter().filter_map(|item| item.track).collect();
        let songs = self.catalog.songs().iter().filter(|song| tracks.contains(&song.track)).cloned().collect();
        (Catalog::new(songs), self.space_of(corpus, |_| true))
    }

    /// The latent space of those tracks of a corpus that `keep` accepts, as the player would build it.
    pub fn space_of(&self, corpus: &Corpus, keep: impl Fn(TrackId) -> bool) -> Space {
        let named = |(item, named): (&Item, &NamedValues)| Some((item.track.filter(|track| keep(*track))?, *named));
        let tracks: HashMap<TrackId, NamedValues> = corpus.items.iter().zip(&corpus.named).filter_map(named).collect();
        let latents = tracks.keys().filter_map(|track| Some((*track, *self.latents.get(track)?))).collect();
        let space = Space::build(self.model.clone(), self.reference.clone(), latents);
        let space = space.with_spread(|track| self.space.spread_of(track));
        space.with_named(|track| tracks.get(&track).copied())
    }
}

/// The installation in which a directory is analysed. It is kept, so that a second evaluation has little left to read.
pub fn home_of(paths: &Paths, dir: &Path) -> Paths {
    use std::os::unix::ffi::OsStrExt;
    let name = blake3::hash(dir.as_os_str().as_bytes()).to_hex();
    Paths::under(&paths.cache.join("eval").join(&name[..16]))
}

/// Analyses a directory in its own installation with the user's model. Returns the number of faulty files.
///
/// # Errors
/// When the directory cannot be analysed, or another evaluation of it is running.
pub fn analyse(options: Options, own: &Paths, tell: &mut dyn FnMut(&Update)) -> Result<usize, GatherError> {
    use_model(own, &options.paths)?;
    let (analysis, updates) = Analysis::start(options)?;
    let mut faults: HashSet<PathBuf> = HashSet::new();
    for update in &updates {
        tell(&update);
        match update {
            Update::Fault { path, .. } => drop(faults.insert(path)),
            Update::FaultGone(path) => drop(faults.remove(&path)),
            Update::Idle => break,
            Update::Ended(why) => {
                return Err(why.map_or(GatherError::Ended, GatherError::Analysis));
            }
            _ => {}
        }
    }
    analysis.stop(Duration::from_secs(30));
    Ok(faults.len())
}

/// Copies the user's model, if there is one, into another installation.
fn use_model(own: &Paths, home: &Paths) -> Result<(), GatherError> {
    let [from, to] = [own, home].map(|p| p.data.join("models").join("current"));
    let fault = |cause| GatherError::ModelUnwritten { path: to.clone(), cause };
    match files::read(&from, files::MODEL) {
        Ok(weights) => {
            to.parent().map_or(Ok(()), fs::create_dir_all).map_err(fault)?;
            fs::write(&to, weights).map_err(fault)
        }
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(GatherError::ModelUnread { path: from, cause })
        }
        Err(_) if to.exists() => fs::remove_file(&to).map_err(fault),
        Err(_) => Ok(()),
    }
}

/// Reads a corpus from an installation's store. `root` is the music directory, which is searched for playlists and
/// whose folders may name genres. With `None`, everything in the store is read, without playlists.
///
/// # Errors
/// When the store cannot be opened, or contains no analysed track.
pub fn read(home: &Paths, root: Option<&Path>, name: &str, genre: GenreFrom) -> Result<Gathered, GatherError> {
    let model = Model::in_use(home)?;
    let generation = model.generation()?;
    if !home.store().exists() {
        return Err(GatherError::NoLibrary);
    }
    let fault = |cause: StoreError| match cause {
        StoreError::Held { .. } => GatherError::Held,
        cause => GatherError::Store { path: home.store(), cause },
    };
    let tags = model.card.tags.clone();
    let said = if tags.is_empty() { HashMap::new() } else { said(&home.store(), &generation).map_err(fault)? };
    let (shelf, mut notes) = Shelf::open(&home.store(), generation.clone()).map_err(fault)?;
    let catalog = shelf.catalog(root.unwrap_or(Path::new("/")));
    let space = shelf.space(&catalog, &model.reference());
    // Each track is represented by one file: the first by path.
    let mut tracks: BTreeMap<&Path, &Song> = BTreeMap::new();
    let mut seen: HashMap<TrackId, &Path> = HashMap::new();
    for song in catalog.songs() {
        let path = &*song.path;
        match seen.get(&song.track).copied() {
            Some(other) if other < path => continue,
            Some(other) => drop(tracks.remove(other)),
            None => {}
        }
        seen.insert(song.track, path);
        tracks.insert(path, song);
    }
    let all = tracks.len();
    tracks.retain(|_, song| shelf.latent(song.track).is_some());
    if tracks.is_empty() {
        return Err(GatherError::NoTracks(name.into()));
    }
    if tracks.len() < all {
        notes.push(format!("{} of {all} tracks have no latent and are left out", all - tracks.len()));
    }
    if catalog.len() > all {
        notes.push(format!("{} files are copies of another track and are ignored", catalog.len() - all));
    }
    let songs: Vec<&Song> = tracks.into_values().collect();
    let (genres, from) = genres(&songs, root, genre);
    notes.push(from);
    let items: Vec<Item> = songs.iter().zip(genres).map(|(song, genre)| item(song, genre)).collect();
    let missing = [f32::NAN; NAMED.len()];
    let named = songs.iter().map(|s| space.row(s.track).map_or(missing, |row| space.named(row))).collect();
    let playlists = root.map_or_else(Vec::new, |root| playlists(root, &catalog, &songs));
    let latents = songs.iter().filter_map(|s| Some((s.track, shelf.latent(s.track)?))).collect();
    let corpus = Corpus { name: name.into(), items, named, playlists, notes };
    let reference = model.reference();
    let axes = model.axes();
    Ok(Gathered { corpus, latents, space, model: generation.to_string(), catalog, reference, axes, tags, said })
}

/// The tag head's output for each track of a generation in a store.
fn said(dir: &Path, generation: &Generation) -> Result<HashMap<TrackId, Vec<f32>>, StoreError> {
    let mut said = HashMap::new();
    let opened = Store::open(dir)?;
    opened.store.latents(generation, &mut |track, record| drop(said.insert(track, record.tags)))?;
    Ok(said)
}

fn item(song: &Song, genre: Option<String>) -> Item {
    let album = match &song.tags.album {
        Some(_) => {
            let (artist, album, year, dir) = song.album_key();
            format!("{artist}\0{album}\0{year}\0{}", dir.display())
        }
        None => String::new(),
    };
    Item {
        track: Some(song.track),
        path: song.path.to_path_buf(),
        title: song.tags.title.as_deref().unwrap_or_default().into(),
        artist: song.artist().to_string(),
        album,
        genre,
    }
}

/// Each track's genre, and a note on its source.
fn genres(songs: &[&Song], root: Option<&Path>, from: GenreFrom) -> (Vec<Option<String>>, String) {
    let tag = |song: &&Song| song.tags.genres.first().cloned();
    let folder = |song: &&Song| {
        let mut below = song.path.strip_prefix(root?).ok()?.components();
        let first = below.next()?;
        below.next()?;
        Some(text::sanitize(&first.as_os_str().to_string_lossy()))
    };
    let tags: Vec<Option<String>> = songs.iter().map(tag).collect();
    let tagged = tags.iter().flatten().count();
    let kinds = tags.iter().flatten().collect::<HashSet<_>>().len();
    let by_tag = match from {
        GenreFrom::Tag => true,
        GenreFrom::Folder => false,
        GenreFrom::Auto => root.is_none() || (2 * tagged >= songs.len() && kinds >= 2),
    };
    if by_tag {
        return (tags, format!("genre: the tag ({tagged} of {} tracks have one)", songs.len()));
    }
    (songs.iter().map(folder).collect(), "genre: the first folder".into())
}

/// Maximum depth of directories searched for playlists.
const DEEPEST: usize = 16;

/// The `.m3u` and `.m3u8` files under a directory, with those of their tracks that are in the corpus.
fn playlists(root: &Path, catalog: &Catalog, songs: &[&Song]) -> Vec<Playlist> {
    let places: HashMap<TrackId, usize> = songs.iter().enumerate().map(|(i, s)| (s.track, i)).collect();
    let mut files = Vec::new();
    find_playlists(root, DEEPEST, &mut files);
    files.sort();
    let read = |file: PathBuf| {
        let mut members: Vec<usize> = playlist::paths(&file)
            .ok()?
            .into_iter()
            .filter_map(|path| path.canonicalize().ok())
            .filter_map(|path| places.get(&catalog.of_path(&path)?.track).copied())
            .collect();
        let mut seen = HashSet::new();
        members.retain(|m| seen.insert(*m));
        let name = text::sanitize(&file.file_stem().unwrap_or_default().to_string_lossy());
        (!members.is_empty()).then_some(Playlist { name, members })
    };
    files.into_iter().filter_map(read).collect()
}

fn find_playlists(dir: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        if kind.is_dir() && depth > 0 {
            find_playlists(&path, depth - 1, out);
        } else if kind.is_file() && matches!(ending.as_deref(), Some("m3u" | "m3u8")) {
            out.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::Tags;

    fn song(path: &str, genre: &str) -> Song {
        let genres = [genre].into_iter().filter(|genre| !genre.is_empty()).map(String::from).collect();
        let track = TrackId::from_parts("x", 1, 1, 1, path.as_bytes(), b"");
        Song { tags: Tags { genres, ..Tags::default() }.into(), secs: 1.0, ..Song::bare(path, track) }
    }

    #[test]
    fn folders_name_genres_when_tags_do_not() {
        let root = Some(Path::new("/m"));
        let songs = [song("/m/rock/a.mp3", "x"), song("/m/jazz/b/c.mp3", "x"), song("/m/d.mp3", "")];
        let songs: Vec<&Song> = songs.iter().collect();
        let some = |s: &str| Some(s.to_string());
        let (found, from) = genres(&songs, root, GenreFrom::Auto);
        assert_eq!((found, from.as_str()), (vec![some("rock"), some("jazz"), None], "genre: the first folder"));
        let (found, from) = genres(&songs, root, GenreFrom::Tag);
        assert_eq!(
            (found, from.as_str()),
            (vec![some("x"), some("x"), None], "genre: the tag (2 of 3 tracks have one)")
        );
        let tagged = [song("/m/a/1", "x"), song("/m/a/2", "y"), song("/m/b/3", "")];
        let tagged: Vec<&Song> = tagged.iter().collect();
        assert!(genres(&tagged, root, GenreFrom::Auto).1.starts_with("genre: the tag"));
        assert!(genres(&songs, None, GenreFrom::Auto).1.starts_with("genre: the tag"));
    }

    #[test]
    fn playlists_are_found_and_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        for name in ["a.ogg", "sub/b.ogg"] {
            fs::write(root.join(name), "").unwrap();
        }
        fs::write(root.join("sub/mix.M3U8"), "\u{feff}#EXTM3U\r\n../a.ogg\r\nb.ogg\n\n../a.ogg\nmissing.ogg\n")
            .unwrap();
        fs::write(root.join("none.m3u"), "missing.ogg\n").unwrap();
        let songs =
            [song(root.join("a.ogg").to_str().unwrap(), ""), song(root.join("sub/b.ogg").to_str().unwrap(), "")];
        let catalog = Catalog::new(songs.iter().cloned().map(Into::into).collect());
        let songs: Vec<&Song> = songs.iter().collect();
        let found = playlists(&root, &catalog, &songs);
        assert_eq!(found, [Playlist { name: "mix".into(), members: vec![0, 1] }]);
    }

    #[test]
    fn a_directory_has_a_home_of_its_own() {
        let paths = Paths::under(Path::new("/h"));
        let (a, b) = (home_of(&paths, Path::new("/m/a")), home_of(&paths, Path::new("/m/b")));
        assert!(a != b && a.data.starts_with("/h/cache/eval") && a == home_of(&paths, Path::new("/m/a")));
    }
}
