//! Generates the library: artists by Zipf's law, albums of ten tracks, a hundredth of the files
//! damaged.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use fastrand::Rng;
use lofty::config::WriteOptions;
use lofty::file::FileType;
use lofty::tag::{ItemKey, ItemValue, Tag, TagExt, TagItem};

use crate::names::{self, Script};
use crate::sound::{self, Sounds};

const TRACKS: usize = 10;
const GENRES: [&str; 24] = [
    "Rock",
    "Jazz",
    "Ambient",
    "Techno",
    "House",
    "Dub",
    "Folk",
    "Classical",
    "Hip-Hop",
    "R&B/Soul",
    "Metal",
    "Punk",
    "Blues",
    "Reggae",
    "Bossa Nova",
    "Drum & Bass",
    "Folk, World, & Country",
    "Electronic",
    "Shoegaze",
    "演歌",
    "Fado",
    "Afrobeat",
    "Chanson",
    "طرب",
];

/// What was generated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Made {
    pub files: usize,
    pub broken: usize,
    pub albums: usize,
    pub bytes: u64,
}

/// Generates a library of this many files in a directory that is empty or does not exist yet.
pub fn make(dir: &Path, files: usize, seed: u64) -> Result<Made, String> {
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{}: not empty; name a new directory", dir.display()));
    }
    let artists = Artists::new((files / 60).max(3));
    let albums = files.div_ceil(TRACKS);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let outcomes: Vec<Result<Made, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|first| {
                let artists = &artists;
                scope.spawn(move || {
                    let (sounds, mut made) = (Sounds::new(), Made::default());
                    for album in (first..albums).step_by(threads) {
                        let tracks = TRACKS.min(files - album * TRACKS);
                        let mut random = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(album as u64));
                        Album::new(dir, artists, album, seed, &mut random).write(
                            tracks,
                            &sounds,
                            &mut random,
                            &mut made,
                        )?;
                    }
                    Ok(made)
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a thread failed".into()))).collect()
    });
    outcomes.into_iter().try_fold(Made::default(), |sum, made| {
        let made = made?;
        Ok(Made {
            files: sum.files + made.files,
            broken: sum.broken + made.broken,
            albums: sum.albums + made.albums,
            bytes: sum.bytes + made.bytes,
        })
    })
}

/// Artists by rank: the n-th is chosen 1/n as often as the first.
struct Artists {
    sums: Vec<f64>,
}

impl Artists {
    fn new(count: usize) -> Artists {
        let mut sum = 0.0;
        Artists {
            sums: (1..=count)
                .map(|n| {
                    sum += 1.0 / n as f64;
                    sum
                })
                .collect(),
        }
    }

    fn pick(&self, random: &mut Rng) -> usize {
        let at = random.f64() * self.sums.last().copied().unwrap_or(0.0);
        self.sums.partition_point(|&s| s < at).min(self.sums.len() - 1)
    }

    /// The name of an artist and its script.
    fn name(rank: usize, seed: u64) -> (String, Script) {
        let mut random = Rng::with_seed(seed ^ (rank as u64 + 1) << 32);
        let script = names::script(&mut random);
        (names::name(&mut random, script), script)
    }
}

struct Album {
    dir: std::path::PathBuf,
    artist: String,
    script: Script,
    title: String,
    year: u32,
    genres: Vec<&'static str>,
    kind: &'static str,
    compilation: bool,
}

impl Album {
    fn new(dir: &Path, artists: &Artists, number: usize, seed: u64, random: &mut Rng) -> Album {
        let (artist, script) = Artists::name(artists.pick(random), seed);
        // Some titles occur repeatedly.
        let title = if random.u8(..50) == 0 { "Greatest Hits".into() } else { names::name(random, script) };
        let year = random.u32(1955..2026);
        let genres = (0..1 + random.usize(..3)).map(|_| GENRES[random.usize(..GENRES.len())]).collect();
        let (artist_dir, album_dir) = (names::file_name(&artist), names::file_name(&title));
        Album {
            // The number distinguishes albums with the same name.
            dir: dir.join(artist_dir).join(format!("{year} {album_dir} [{number}]")),
            artist,
            script,
            title,
            year,
            genres,
            kind: sound::KINDS[random.usize(..sound::KINDS.len())],
            compilation: random.u8(..40) == 0,
        }
    }

    fn write(&self, tracks: usize, sounds: &Sounds, random: &mut Rng, made: &mut Made) -> Result<(), String> {
        fs::create_dir_all(&self.dir).map_err(|e| format!("{}: {e}", self.dir.display()))?;
        for number in 1..=tracks {
            let title = names::name(random, self.script);
            let path = self.dir.join(format!("{number:02} {}.{}", names::file_name(&title), self.kind));
            let sound = sounds.file(self.kind, random);
            let bytes = if random.u8(..100) == 0 {
                made.broken += 1;
                sound::broken(&sound, random)
            } else {
                self.tag(&title, number, sound, random).map_err(|e| format!("{}: {e}", path.display()))?
            };
            fs::write(&path, &bytes).map_err(|e| format!("{}: {e}", path.display()))?;
            made.files += 1;
            made.bytes += bytes.len() as u64;
        }
        made.albums += 1;
        Ok(())
    }

    fn tag(&self, title: &str, number: usize, sound: Vec<u8>, random: &mut Rng) -> Result<Vec<u8>, String> {
        let kind = FileType::from_ext(self.kind).unwrap_or(FileType::Mpeg);
        let mut tag = Tag::new(kind.primary_tag_type());
        let mut put = |key, text: String| tag.push(TagItem::new(key, ItemValue::Text(text)));
        put(ItemKey::TrackTitle, title.to_owned());
        let artist = if self.compilation { names::name(random, self.script) } else { self.artist.clone() };
        put(ItemKey::TrackArtist, artist);
        put(ItemKey::AlbumTitle, self.title.clone());
        if self.compilation {
            put(ItemKey::AlbumArtist, "Various Artists".into());
            put(ItemKey::FlagCompilation, "1".into());
        }
        put(ItemKey::RecordingDate, self.year.to_string());
        put(ItemKey::TrackNumber, number.to_string());
        for genre in &self.genres {
            put(ItemKey::Genre, (*genre).to_owned());
        }
        let mut file = Cursor::new(sound);
        tag.save_to(&mut file, WriteOptions::default().preferred_padding(0)).map_err(|e| e.to_string())?;
        Ok(file.into_inner())
    }
}
