//! Songs with several files, the best first, for `jukebox duplicates`.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::answers::Answers;
use super::report::Hit;
use crate::audio::cue;
use crate::library::Song;
use crate::queue::versions::Likeness;

/// Differences in duration below this, in seconds, are not mentioned.
const SAME_LENGTH: f64 = 0.5;
/// The most groups that are shown in the player.
pub const SHOWN: usize = 500;

/// Which groups of files to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The same recording more than once.
    Recording,
    /// Different versions of a song; one file of each recording.
    Version,
    /// Both.
    #[default]
    All,
}

/// A word that names no [`Kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("use recording, version or all")]
pub struct NoKind;

impl FromStr for Kind {
    type Err = NoKind;

    fn from_str(word: &str) -> Result<Kind, NoKind> {
        match word {
            "recording" => Ok(Kind::Recording),
            "version" => Ok(Kind::Version),
            "all" => Ok(Kind::All),
            _ => Err(NoKind),
        }
    }
}

/// A file among those of its song.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duplicate {
    /// The file.
    #[serde(flatten)]
    pub file: Hit,
    /// Short name of the codec.
    pub codec: String,
    /// Kilobits a second; absent when unknown.
    pub kbits: Option<u32>,
    /// Its relation to the first file of its group: "same audio data", "same recording", "remaster", "live" …; empty
    /// for the first itself.
    pub tie: String,
    /// The confidence of that relation, 0 to 1; absent for the first.
    pub sure: Option<f32>,
    /// Whether a better file of the same recording is in the group.
    pub superfluous: bool,
    /// A summary of these fields for display.
    pub why: String,
}

/// The files of a song, the best first.
pub type Group = Vec<Duplicate>;

impl Answers {
    /// The songs that have more than one file of the wanted kind.
    pub fn duplicates(&self, kind: Kind) -> Vec<Group> {
        let versions = self.versions();
        let mut places: HashMap<_, usize> = HashMap::new();
        let mut groups: Vec<Vec<&Arc<Song>>> = Vec::new();
        for song in self.catalog.songs() {
            let key = versions.group(song.track).ok_or(song.track);
            let place = *places.entry(key).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Vec::new());
            }
            groups[place].push(song);
        }
        groups.retain(|group| group.len() > 1);
        groups.iter().flat_map(|group| self.asked(group, kind)).filter(|group| group.len() > 1).collect()
    }

    /// The files of a song grouped as `kind` asks: recording by recording, the one with the best file first.
    fn asked(&self, songs: &[&Arc<Song>], kind: Kind) -> Vec<Group> {
        let there = |song: &&&Arc<Song>| !self.unwatched || cue::is_there(&song.path) && self.is_told(song);
        let mut files: Vec<File> = songs.iter().filter(there).map(|song| File::of(song)).collect();
        if files.is_empty() {
            return Vec::new();
        }
        files.sort_by(|a, b| b.worth().total_cmp(&a.worth()).then_with(|| a.song.path.cmp(&b.song.path)));
        let mut recordings: Vec<Vec<File>> = Vec::new();
        for file in files {
            let same = |other: &File| self.tie(other.song, file.song).is_some_and(|tie| tie.recording);
            match recordings.iter_mut().find(|recording| recording.iter().any(same)) {
                Some(recording) => recording.push(file),
                None => recordings.push(vec![file]),
            }
        }
        match kind {
            Kind::All => vec![self.group(&recordings)],
            Kind::Recording => recordings.chunks(1).map(|recording| self.group(recording)).collect(),
            Kind::Version => {
                recordings.iter_mut().for_each(|recording| recording.truncate(1));
                vec![self.group(&recordings)]
            }
        }
    }

    fn group(&self, recordings: &[Vec<File>]) -> Group {
        let mut group = Vec::new();
        let first = recordings.first().map(|recording| recording[0].song);
        for recording in recordings {
            for (n, file) in recording.iter().enumerate() {
                // The relation to the group's first file, or if there is none, to the first of its recording.
                let tie = first.filter(|first| !Arc::ptr_eq(first, file.song)).map(|first| {
                    let own = || self.tie(recording[0].song, file.song).filter(|_| n > 0);
                    self.tie(first, file.song).or_else(own).unwrap_or(Tie::UNCLEAR)
                });
                group.push(file.told(first, tie, n > 0));
            }
        }
        group
    }

    fn tie(&self, a: &Arc<Song>, b: &Arc<Song>) -> Option<Tie> {
        if a.track == b.track {
            return Some(Tie { words: "same audio data", sure: 1.0, recording: true });
        }
        let Likeness { tie, sure, .. } = self.versions().likeness(&self.space, a, b)?;
        Some(Tie { words: tie.words(), sure, recording: tie.is_recording() })
    }
}

/// The relation of two files.
#[derive(Clone, Copy)]
struct Tie {
    words: &'static str,
    sure: f32,
    recording: bool,
}

impl Tie {
    /// For two files that are related only through a third.
    const UNCLEAR: Tie = Tie { words: "version", sure: 0.5, recording: false };
}

/// A file with its bit rate.
struct File<'a> {
    song: &'a Arc<Song>,
    kbits: Option<u32>,
}

impl File<'_> {
    fn of(song: &Arc<Song>) -> File<'_> {
        let bytes = std::fs::metadata(&song.path).map_or(0, |meta| meta.len());
        let kbits = (bytes > 0 && song.secs > 0.0).then(|| (bytes as f64 * 8e-3 / song.secs).round() as u32);
        File { song, kbits }
    }

    /// A score by which the best file comes first: lossless before lossy, then by quality, duration and tags. Bit
    /// rates of codecs more efficient than mp3 count for more.
    fn worth(&self) -> f64 {
        let codec = self.song.codec.name();
        let lossless = matches!(codec, "flac" | "alac" | "pcm");
        let coding = match codec {
            "opus" => 1.8,
            "vorbis" | "aac" => 1.3,
            _ => 1.0,
        };
        let quality =
            if lossless { f64::from(self.song.rate) / 10.0 } else { coding * f64::from(self.kbits.unwrap_or(0)) };
        let tags = &self.song.tags;
        let tagged = [tags.title.is_some(), tags.artist.is_some(), tags.album.is_some(), tags.year.is_some(), tags.art];
        let tagged = tagged.into_iter().filter(|tag| *tag).count();
        1e6 * f64::from(u8::from(lossless)) + 10.0 * quality.min(5000.0) + 5.0 * self.song.secs + 2.0 * tagged as f64
    }

    fn told(&self, first: Option<&Arc<Song>>, tie: Option<Tie>, superfluous: bool) -> Duplicate {
        let mut why = Vec::new();
        if let Some(tie) = tie {
            why.push(format!("{} ({:.0} %)", tie.words, tie.sure * 100.0));
        }
        let kbits = self.kbits.filter(|_| !matches!(self.song.codec.name(), "flac" | "alac" | "pcm"));
        let codec = self.song.codec.name();
        why.push(kbits.map_or(codec.to_owned(), |kbits| format!("{codec} {kbits} kbit/s")));
        if let Some(first) = first.filter(|first| !Arc::ptr_eq(first, self.song)) {
            let longer = self.song.secs - first.secs;
            if longer.abs() >= SAME_LENGTH && self.song.secs > 0.0 && first.secs > 0.0 {
                why.push(format!("{} {}", seconds(longer.abs()), if longer < 0.0 { "shorter" } else { "longer" }));
            }
            if self.song.tags.title.is_none() && first.tags.title.is_some() {
                why.push("no title".into());
            }
        }
        Duplicate {
            file: Hit::of(self.song),
            codec: self.song.codec.name().into(),
            kbits: self.kbits,
            tie: tie.map_or_else(String::new, |tie| tie.words.into()),
            sure: tie.map(|tie| tie.sure),
            superfluous,
            why: why.join(", "),
        }
    }
}

fn seconds(secs: f64) -> String {
    if secs < 60.0 { format!("{secs:.0} s") } else { crate::text::time(secs) }
}

/// At most `most` groups as lines, a block each: the best file, then the others with their relation to it.
pub fn lines(groups: &[Group], most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for group in groups.iter().take(most) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        for (n, file) in group.iter().enumerate() {
            let Hit { artist, title, path, .. } = &file.file;
            if n == 0 {
                let dash = if artist.is_empty() { "" } else { " – " };
                lines.push(format!("{artist}{dash}{title}"));
            }
            let mark = if n == 0 { "best" } else { "    " };
            lines.push(format!("  {mark}  {path}"));
            lines.push(format!("        {}", file.why));
        }
    }
    if groups.len() > most {
        lines.push(format!("and {} more; `jukebox duplicates` lists all", groups.len() - most));
    }
    lines
}

/// A summary: the number of songs, and how many files are superfluous.
pub fn summary(groups: &[Group]) -> String {
    let superfluous = groups.iter().flatten().filter(|file| file.superfluous).count();
    let songs = if groups.len() == 1 { "1 song".into() } else { format!("{} songs", groups.len()) };
    let files = if superfluous == 1 { "1 file".into() } else { format!("{superfluous} files") };
    match groups.is_empty() {
        true => "no duplicates".into(),
        false => format!("{songs} in several files; {files} with a better one of the same recording"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Space;
    use crate::library::Catalog;
    use crate::library::signatures::Signatures;
    use crate::track::{Tags, TrackId};

    fn song(path: &str, track: u8, title: &str, codec: &'static str, secs: f64) -> Arc<Song> {
        let tags = Tags { title: Some(title.into()), artist: Some("Nina Simone".into()), ..Tags::default() };
        let bare = Song::bare(path, TrackId([track; 16]));
        Arc::new(Song { tags: tags.into(), secs, codec: codec.into(), rate: 44_100, ..bare })
    }

    fn answers() -> Answers {
        let songs = vec![
            song("/m/a.mp3", 1, "Sea Line", "mp3", 198.0),
            song("/m/a.flac", 2, "Sea Line", "flac", 200.0),
            song("/m/copy/a.flac", 2, "Sea Line", "flac", 200.0),
            song("/m/live.mp3", 3, "Sea Line (Live in Paris)", "mp3", 260.0),
            song("/m/b.mp3", 4, "So What", "mp3", 200.0),
            song("/m/b.flac", 4, "So What", "mp3", 200.0),
            song("/m/c.mp3", 5, "Something else", "mp3", 200.0),
        ];
        let mut rng = fastrand::Rng::with_seed(3);
        let mut latents: Vec<_> =
            (0..60u8).map(|n| (TrackId([n; 16]), std::array::from_fn(|_| rng.f32() - 0.5))).collect();
        latents[1].1 = latents[2].1;
        let space = Space::build("test".into(), Arc::default(), latents);
        Answers::new(Catalog::new(songs).into(), space.into(), Signatures::in_dir("/nonexistent".into()))
    }

    fn shape(groups: &[Group]) -> Vec<Vec<(&str, &str, bool)>> {
        groups.iter().map(|g| g.iter().map(|f| (&*f.file.path, &*f.tie, f.superfluous)).collect()).collect()
    }

    #[test]
    fn the_best_file_comes_first_and_the_others_say_what_they_are() {
        let groups = answers().duplicates(Kind::All);
        let line = [
            ("/m/a.flac", "", false),
            ("/m/copy/a.flac", "same audio data", true),
            ("/m/a.mp3", "same recording", true),
            ("/m/live.mp3", "live", false),
        ];
        let what = [("/m/b.flac", "", false), ("/m/b.mp3", "same audio data", true)];
        assert_eq!(shape(&groups), [line.to_vec(), what.to_vec()]);
        assert_eq!(groups[0][2].why, "same recording (100 %), mp3, 2 s shorter");
        assert_eq!(summary(&groups), "2 songs in several files; 3 files with a better one of the same recording");
        let lines = lines(&groups, 1);
        assert_eq!(lines[..3], ["Nina Simone – Sea Line", "  best  /m/a.flac", "        flac"]);
        assert_eq!(lines.last().map(String::as_str), Some("and 1 more; `jukebox duplicates` lists all"));
    }

    #[test]
    fn recordings_and_versions_are_asked_for_apart() {
        let recordings = answers().duplicates(Kind::Recording);
        assert_eq!(recordings.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
        let versions = answers().duplicates(Kind::Version);
        assert_eq!(shape(&versions), [vec![("/m/a.flac", "", false), ("/m/live.mp3", "live", false)]]);
        assert_eq!(summary(&[]), "no duplicates");
        assert!("versions".parse::<Kind>().is_err());
    }
}
