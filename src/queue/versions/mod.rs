//! Versions: which tracks are the same song, such as other files of a recording, remasters, edits,
//! live or other takes.
//!
//! Three things are compared: names (artist and title, or the file name where tags are missing),
//! duration, and sound. Tracks with equal song names are versions of one song; the rest of the
//! titles says which version. Equal sound and duration make the same recording whatever the names
//! say, but the less the names agree, the closer the sound must be. Generic names ("Intro") are no
//! evidence either way. The thresholds were chosen on one half of a music collection with
//! constructed copies and measured on the other half (`examples/versions`).

mod sound;
pub mod title;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::latent::{Latent, Space};
use crate::library::{Catalog, Song};
use crate::track::TrackId;

use self::sound::{Alike, Sounding, WINDOW};
use self::title::{Marks, Title};

/// The largest difference in sound within one recording, as a share of the usual distance between the library's
/// neighbours (`share`) and absolute (`most`, RMS of normal scores): where names agree, where they are no evidence,
/// where they differ, and where both name different pieces of one album.
const AGREED: Limit = Limit { share: 0.75, most: 0.5 };
const UNNAMED: Limit = Limit { share: 0.5, most: 0.35 };
const OTHERS: Limit = Limit { share: 0.45, most: 0.3 };
const MATES: Limit = Limit { share: 0.2, most: 0.12 };
/// The usual distance between neighbours assumed for a library too small to measure: low, to be cautious.
const NEIGHBOURLY: f32 = 0.2;
/// Number of members of either group that are compared before two groups are merged by sound alone.
const COMPARED: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Limit {
    share: f32,
    most: f32,
}

impl Limit {
    fn at(self, neighbourly: f32) -> f32 {
        (self.share * neighbourly).min(self.most)
    }
}

/// How a track relates to another one of its song.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tie {
    /// The same recording, in another file or under another name.
    Recording,
    /// The same recording, remastered.
    Remaster,
    /// Cut, lengthened, or sold in another edition.
    Edit,
    /// Another performance or take.
    Take,
    /// Recorded live.
    Live,
    /// Remixed.
    Remix,
    /// The same song by name, with nothing to tell which version.
    Song,
}

impl Tie {
    /// Whether it is the same recording: renamed, recoded, or cut by seconds.
    pub fn is_recording(self) -> bool {
        self == Tie::Recording
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Tie::Recording => "same recording",
            Tie::Remaster => "remaster",
            Tie::Edit => "edit",
            Tie::Take => "another take",
            Tie::Live => "live",
            Tie::Remix => "remix",
            Tie::Song => "same song",
        }
    }
}

/// How two tracks relate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Their relation.
    pub tie: Tie,
    /// Certainty, 0 to 1: 1 at no difference in sound, ½ at the limit. By name alone 0.9.
    pub sure: f32,
    /// Difference in sound (root mean square of normal scores); `None` when either is not analysed.
    pub difference: Option<f32>,
    /// How much longer the second track is, in seconds.
    pub longer: f64,
}

/// The groups of tracks that are one song. Immutable: recomputed when the library has changed.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    /// Number of tracks examined.
    tracks: usize,
    neighbourly: f32,
    compared: u64,
    group_of: HashMap<TrackId, u32>,
    groups: Vec<Vec<TrackId>>,
}

impl Versions {
    /// Groups a library as far as it is analysed; tracks without a latent are grouped by name alone.
    pub fn of(catalog: &Catalog, space: &Space) -> Versions {
        let neighbourly = sound::neighbourly(space).unwrap_or(NEIGHBOURLY);
        let ids: Vec<TrackId> = catalog.tracks().collect();
        let pieces: Vec<Piece> = ids.iter().filter_map(|&id| Some(Piece::of(catalog.of_track(id)?, space))).collect();
        let mut groups = Groups::new(pieces.len());
        by_name(&pieces, neighbourly, &mut groups);
        let compared = by_sound(&pieces, neighbourly, space.stretch(), &mut groups);
        let groups: Vec<Vec<TrackId>> =
            groups.sets().into_iter().map(|set| set.into_iter().map(|i| ids[i as usize]).collect()).collect();
        let group_of =
            (0u32..).zip(&groups).flat_map(|(n, group)| group.iter().map(move |&track| (track, n))).collect();
        Versions { tracks: ids.len(), neighbourly, compared, group_of, groups }
    }

    /// Number of tracks examined.
    pub fn tracks(&self) -> usize {
        self.tracks
    }

    /// Number of pairs compared by sound.
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// The usual distance between neighbours of this library, in normal scores (root mean square).
    pub fn neighbourly(&self) -> f32 {
        if self.neighbourly > 0.0 { self.neighbourly } else { NEIGHBOURLY }
    }

    /// The number of a track's group; `None` for the only version of its song.
    pub fn group(&self, track: TrackId) -> Option<u32> {
        self.group_of.get(&track).copied()
    }

    /// Every group of two tracks and more, in the library's order.
    pub fn groups(&self) -> &[Vec<TrackId>] {
        &self.groups
    }

    /// How two songs relate; `None` when they are not versions of each other.
    pub fn likeness(&self, space: &Space, a: &Song, b: &Song) -> Option<Likeness> {
        let (x, y) = (Piece::of(a, space), Piece::of(b, space));
        judge(&x, &y, self.neighbourly())
    }
}

/// The key that all versions of a song by one artist share: artist, and title without the version. `None` when either
/// is unknown, or the title is generic.
pub fn song_key(song: &Song) -> Option<(String, String)> {
    let (artist, title) = (title::artist(song.artist()), Title::of(song.tags.title.as_deref()?));
    (!artist.is_empty() && !title.work.is_empty() && !title.is_generic()).then_some((artist, title.work))
}

/// The features of a track that are compared.
struct Piece {
    /// Hash of artist and title in either order, as file names have both orders; 0 when one is unknown.
    names: u64,
    /// Hash of the title, 0 when unknown.
    work: u64,
    /// Whether the title is generic.
    generic: bool,
    marks: Marks,
    /// Hash of album and directory; 0 for none.
    album: u64,
    secs: f64,
    z: Option<Latent>,
}

/// What two tracks' names say about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// The same song by the same artist.
    Agree,
    /// No evidence.
    Silent,
    /// Different songs.
    Differ,
    /// Different pieces of one album.
    Mates,
}

impl Piece {
    fn of(song: &Song, space: &Space) -> Piece {
        let (artist, title) = match &song.tags.title {
            Some(title) => (title::artist(song.artist()), Title::of(title)),
            None => {
                let stem = song.path.file_stem().unwrap_or_default().to_string_lossy();
                let (artist, title) = title::file_name(&stem);
                let artist = artist.as_deref().filter(|_| song.artist().is_empty()).unwrap_or(song.artist());
                (title::artist(artist), Title::of(&title))
            }
        };
        let generic = title.is_generic();
        // "Title - Artist": the supposed artist may be the title.
        let mut pair = [artist.as_str(), title::without_article(&title.work)];
        pair.sort_unstable();
        // The artist's name in place of a title says nothing: of "22 - Taylor Swift" it is all that is left.
        let told = song.tags.title.is_some() || pair[0] != pair[1];
        let known = told && !artist.is_empty() && !title.work.is_empty();
        let secs = if song.secs.is_finite() { song.secs.max(0.0) } else { 0.0 };
        Piece {
            names: if known { number(&pair) } else { 0 },
            work: if title.work.is_empty() { 0 } else { number(&title.work) },
            generic,
            marks: title.marks,
            album: super::candidate::album(song),
            secs,
            z: space.row(song.track).map(|row| space.point(row)),
        }
    }

    fn difference(&self, other: &Piece) -> Option<f32> {
        Some(sound::difference(self.z.as_ref()?, other.z.as_ref()?))
    }
}

fn number(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish().max(1)
}

fn names(a: &Piece, b: &Piece) -> Names {
    let mates = a.album != 0 && a.album == b.album;
    if a.generic || b.generic {
        if mates && a.work != b.work { Names::Mates } else { Names::Silent }
    } else if a.names != 0 && a.names == b.names {
        Names::Agree
    } else if mates && a.work != b.work {
        Names::Mates
    } else if a.names != 0 && b.names != 0 {
        Names::Differ
    } else {
        Names::Silent
    }
}

/// The relation of two tracks; `None` for different songs.
fn judge(a: &Piece, b: &Piece, neighbourly: f32) -> Option<Likeness> {
    let (names, difference) = (names(a, b), a.difference(b));
    let longer = b.secs - a.secs;
    let limit = match names {
        Names::Agree => AGREED,
        Names::Silent => UNNAMED,
        Names::Differ => OTHERS,
        Names::Mates => MATES,
    }
    .at(neighbourly);
    let lasts = a.secs > 0.0 && b.secs > 0.0;
    let same = difference.filter(|&d| lasts && longer.abs() <= WINDOW && d <= limit);
    let by_marks = named_tie(a.marks, b.marks);
    let tie = match (names, same) {
        // "Live" and "Remix" describe the music, however it sounds; "2011 Remaster" and "Radio Edit" often only the
        // release.
        (Names::Agree, Some(_)) => match by_marks {
            Some(tie @ (Tie::Live | Tie::Take | Tie::Remix | Tie::Remaster)) => tie,
            _ => Tie::Recording,
        },
        (_, Some(_)) => Tie::Recording,
        (Names::Agree, None) => {
            // The same title twice on one album: two pieces, unless their marks differ.
            let apart = difference.is_some_and(|d| d > limit);
            if a.album != 0 && a.album == b.album && a.marks == b.marks && apart {
                return None;
            }
            by_marks.unwrap_or(if lasts && longer.abs() > WINDOW { Tie::Edit } else { Tie::Song })
        }
        (_, None) => return None,
    };
    let sure = match same {
        Some(d) => 1.0 - 0.5 * (d / limit).powi(2),
        None => 0.9,
    };
    Some(Likeness { tie, sure, difference, longer })
}

/// The relation that follows from the marks that only one of the two has.
fn named_tie(a: Marks, b: Marks) -> Option<Tie> {
    let one = a.one_of(b);
    [
        (Marks::REMIX, Tie::Remix),
        (Marks::LIVE, Tie::Live),
        (Marks::TAKE, Tie::Take),
        (Marks::EDIT, Tie::Edit),
        (Marks::REMASTER, Tie::Remaster),
    ]
    .into_iter()
    .find(|(mark, _)| one.any(*mark))
    .map(|(_, tie)| tie)
}

/// Merges tracks whose names make them one song.
fn by_name(pieces: &[Piece], neighbourly: f32, groups: &mut Groups) {
    let mut order: Vec<u32> =
        (0..pieces.len() as u32).filter(|&i| pieces[i as usize].names != 0 && !pieces[i as usize].generic).collect();
    order.sort_by_key(|&i| pieces[i as usize].names);
    for named in order.chunk_by(|&i, &j| pieces[i as usize].names == pieces[j as usize].names) {
        for (n, &i) in named.iter().enumerate() {
            // Compare with some members of the group only: most songs have few versions, but a thousand are possible.
            for &j in named[..n].iter().rev().take(16) {
                if judge(&pieces[j as usize], &pieces[i as usize], neighbourly).is_some() {
                    groups.join(j, i);
                    break;
                }
            }
        }
    }
}

/// Merges tracks of similar sound and duration, the closest first. Two groups are merged only when
/// several members of each sound alike; otherwise chains of similar pairs would join dissimilar
/// tracks. Returns the number of pairs compared.
fn by_sound(pieces: &[Piece], neighbourly: f32, stretch: f32, groups: &mut Groups) -> u64 {
    let heard = (0u32..).zip(pieces).filter(|(_, p)| p.secs > 0.0);
    let soundings = heard.filter_map(|(track, p)| Some(Sounding { track, secs: p.secs, z: p.z? })).collect();
    let widest = [UNNAMED, OTHERS, MATES].map(|limit| limit.at(neighbourly)).into_iter().fold(0.0, f32::max);
    let Alike { mut pairs, compared } = sound::alike(soundings, widest, stretch);
    pairs.sort_by(|a, b| a.2.total_cmp(&b.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    let limit = 1.5 * widest;
    for (a, b, _) in pairs {
        if judge(&pieces[a as usize], &pieces[b as usize], neighbourly).is_none() || groups.same(a, b) {
            continue;
        }
        let (ours, theirs) = (groups.some(a, COMPARED), groups.some(b, COMPARED));
        let alike = |&i: &u32| {
            theirs.iter().all(|&j| {
                let (x, y) = (&pieces[i as usize], &pieces[j as usize]);
                names(x, y) == Names::Agree || x.difference(y).is_none_or(|d| d <= limit)
            })
        };
        if ours.iter().all(alike) {
            groups.join(a, b);
        }
    }
    compared
}

/// Disjoint sets that are merged step by step.
struct Groups {
    /// The set number of each element.
    of: Vec<u32>,
    /// The members of each set, by its number.
    sets: HashMap<u32, Vec<u32>>,
}

impl Groups {
    /// Every element in a set of its own.
    fn new(n: usize) -> Groups {
        Groups { of: (0..n as u32).collect(), sets: HashMap::new() }
    }

    fn same(&self, a: u32, b: u32) -> bool {
        self.of[a as usize] == self.of[b as usize]
    }

    /// A few members of an element's set, itself first.
    fn some(&self, a: u32, count: usize) -> Vec<u32> {
        let others = self.sets.get(&self.of[a as usize]).into_iter().flatten().copied().filter(|&i| i != a);
        std::iter::once(a).chain(others).take(count).collect()
    }

    /// Merges two sets: the smaller goes into the larger.
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.of[a as usize], self.of[b as usize]);
        if a == b {
            return;
        }
        let mut take = |set: u32| self.sets.remove(&set).unwrap_or_else(|| vec![set]);
        let (x, y) = (take(a), take(b));
        let (number, mut more, fewer) = if x.len() >= y.len() { (a, x, y) } else { (b, y, x) };
        fewer.iter().for_each(|&i| self.of[i as usize] = number);
        more.extend(fewer);
        self.sets.insert(number, more);
    }

    /// The sets of at least two elements, each sorted, ordered by their first.
    fn sets(self) -> Vec<Vec<u32>> {
        let mut sets: Vec<Vec<u32>> = self.sets.into_values().collect();
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort_unstable();
        sets
    }
}

#[cfg(test)]
mod tests;
