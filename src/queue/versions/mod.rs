//! Versions: which tracks are one song, as the same recording in other files, a remaster, an edit, a live or other take.
//!
//! Three things are compared: names (artist and title, or the file's name where tags are missing), durations, and sound.
//! Equal song names make versions of one song; what else the titles say tells which. Sound and duration make the same
//! recording whatever the names say; the less the names agree, the closer they must be. Names that say nothing ("Intro")
//! count neither for nor against. The thresholds were chosen on one half of a music collection with constructed copies and
//! measured on the other (`examples/versions`).

mod sound;
mod title;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::latent::{Latent, Space};
use crate::library::{Catalog, Song};
use crate::track::TrackId;

use self::sound::{Alike, Sounding, WINDOW};
use self::title::{Marks, Title};

/// How far apart the same recording may sound, as a share of how far apart neighbours of the library usually are, and in
/// normal scores at most: where names agree, where they say nothing, where they differ, and where both say to be
/// different pieces of one album.
const AGREED: Limit = Limit { share: 0.75, most: 0.5 };
const UNNAMED: Limit = Limit { share: 0.5, most: 0.35 };
const OTHERS: Limit = Limit { share: 0.45, most: 0.3 };
const MATES: Limit = Limit { share: 0.2, most: 0.12 };
/// What neighbours' usual distance is taken for in a library too small to tell: little, for caution.
const NEIGHBOURLY: f32 = 0.2;
/// Members of two groups that are compared before the groups become one by sound alone.
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

/// What a track is to another one of its song.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tie {
    /// The same recording, in another file or under another name.
    Recording,
    /// The same recording, made to sound better.
    Remaster,
    /// Cut, lengthened, or sold in another edition.
    Edit,
    /// Played another time.
    Take,
    /// Before an audience.
    Live,
    /// Made anew by somebody.
    Remix,
    /// By name the same song; nothing says which.
    Song,
}

impl Tie {
    /// Whether it is the same recording under another name, in another coding, cut by seconds.
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

/// What is known of two tracks' likeness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// What they are to each other.
    pub tie: Tie,
    /// How sure that is, 0 to 1: certain at no difference in sound, even at the limit that decides. By name alone 0.9.
    pub sure: f32,
    /// How far apart they sound (root mean square of normal scores); `None` where one was not heard yet.
    pub difference: Option<f32>,
    /// How much longer the second lasts, in seconds.
    pub longer: f64,
}

/// The groups of tracks that are one song. Immutable: computed again when the library has changed.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    /// How many tracks were looked at.
    tracks: usize,
    neighbourly: f32,
    compared: u64,
    group_of: HashMap<TrackId, u32>,
    groups: Vec<Vec<TrackId>>,
}

impl Versions {
    /// Of a library as far as it was heard; tracks without a latent go by their names.
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

    /// How many tracks were looked at.
    pub fn tracks(&self) -> usize {
        self.tracks
    }

    /// How many pairs of tracks were compared by their sound.
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// How far apart neighbours of this library usually are, in normal scores (root mean square).
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

    /// What two songs are to each other; `None` when nothing ties them directly.
    pub fn likeness(&self, space: &Space, a: &Song, b: &Song) -> Option<Likeness> {
        let (x, y) = (Piece::of(a, space), Piece::of(b, space));
        judge(&x, &y, self.neighbourly())
    }
}

/// A song's name without its version and who plays it: what all versions by one artist share. `None` when either is
/// unknown, or could be any piece's.
pub fn song_key(song: &Song) -> Option<(String, String)> {
    let (artist, title) = (title::artist(song.artist()), Title::of(song.tags.title.as_deref()?));
    (!artist.is_empty() && !title.work.is_empty() && !title.is_generic()).then_some((artist, title.work))
}

/// What is compared of a track.
struct Piece {
    /// Artist and title in either order, as a number; 0 when one is unknown. File names have them in both orders.
    names: u64,
    /// The title, 0 when unknown.
    work: u64,
    /// The title could be any piece's.
    generic: bool,
    marks: Marks,
    /// Album and directory; 0 for none.
    album: u64,
    secs: f64,
    z: Option<Latent>,
}

/// What two tracks' names say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// The same song by the same artist.
    Agree,
    /// Nothing.
    Silent,
    /// Two songs.
    Differ,
    /// Two pieces of one album.
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
        // "Title - Artist": what is taken for an artist may be a title.
        let mut pair = [artist.as_str(), title::without_article(&title.work)];
        pair.sort_unstable();
        let known = !artist.is_empty() && !title.work.is_empty();
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

/// What ties two tracks; `None` for two songs.
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
        // "Live" and "Remix" are said of the music, whatever is heard; "2011 Remaster" and "Radio Edit" often of the cover.
        (Names::Agree, Some(_)) => match by_marks {
            Some(tie @ (Tie::Live | Tie::Take | Tie::Remix | Tie::Remaster)) => tie,
            _ => Tie::Recording,
        },
        (_, Some(_)) => Tie::Recording,
        (Names::Agree, None) => {
            // One album has the same title twice: two pieces of it, unless they say to be versions.
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

/// What the marks that only one of two has make of them.
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

/// Joins what names make one song.
fn by_name(pieces: &[Piece], neighbourly: f32, groups: &mut Groups) {
    let mut order: Vec<u32> =
        (0..pieces.len() as u32).filter(|&i| pieces[i as usize].names != 0 && !pieces[i as usize].generic).collect();
    order.sort_by_key(|&i| pieces[i as usize].names);
    for named in order.chunk_by(|&i, &j| pieces[i as usize].names == pieces[j as usize].names) {
        for (n, &i) in named.iter().enumerate() {
            // With one that is in the group already; a song has few versions, but nobody stops anyone from a thousand.
            for &j in named[..n].iter().rev().take(16) {
                if judge(&pieces[j as usize], &pieces[i as usize], neighbourly).is_some() {
                    groups.join(j, i);
                    break;
                }
            }
        }
    }
}

/// Joins what sounds and lasts the same, the closest first. Two groups become one only when their members, not only the
/// two that led here, sound alike: otherwise a chain of likenesses would tie what is not alike at all. Says how many pairs were compared.
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

/// Sets that grow together.
struct Groups {
    /// The set of each.
    of: Vec<u32>,
    /// The members of each set, by its number.
    sets: HashMap<u32, Vec<u32>>,
}

impl Groups {
    /// Each alone.
    fn new(n: usize) -> Groups {
        Groups { of: (0..n as u32).collect(), sets: HashMap::new() }
    }

    fn same(&self, a: u32, b: u32) -> bool {
        self.of[a as usize] == self.of[b as usize]
    }

    /// A few members of one's set, itself first.
    fn some(&self, a: u32, count: usize) -> Vec<u32> {
        let others = self.sets.get(&self.of[a as usize]).into_iter().flatten().copied().filter(|&i| i != a);
        std::iter::once(a).chain(others).take(count).collect()
    }

    /// Makes two sets one: the smaller goes into the larger.
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

    /// The sets of two and more, each in order, by their first.
    fn sets(self) -> Vec<Vec<u32>> {
        let mut sets: Vec<Vec<u32>> = self.sets.into_values().collect();
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort_unstable();
        sets
    }
}

#[cfg(test)]
mod tests;
