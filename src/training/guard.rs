//! The publishing guard: a new encoder is published only when it is significantly better on tracks by artists that
//! neither it nor its predecessor was trained on.
//!
//! Two things are measured for both encoders, using latents as the player does (a [`Space`] of normal scores, searched
//! by signature distance):
//!
//! - **genre P@10**: the share of the ten tracks nearest to a track, without those of its own artist (the artist filter
//!   of Pampalk, Flexer and Widmer, ISMIR 2005), that have its genre;
//! - **retrieval**: for every artist with three or more tracks, and for sets of up to eight tracks of one genre by as
//!   many artists, the signature of all members but one; the probability that the held-out member is nearer to it than
//!   a track outside the set (by another artist, or of another genre).
//!
//! The rule: publish when the 95 % interval of the paired difference (after minus before, bootstrap over artists, 1,000
//! rounds) is above 0 for genre P@10 and above −2 points for retrieval, which rules out a noticeable loss. (Requiring a
//! significant gain there too would refuse nearly everything: with a few hundred sets, a gain of one point is not
//! significant.) An unpublished encoder is kept aside; `jukebox model use` can still select it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jukebox_encoder::DIMS;

use crate::latent::{Choice, Member, Prior, Reference, Signature, Space};
use crate::measure::{Bootstrap, Interval, auc};
use crate::track::TrackId;

/// Minimum numbers of held-out tracks and of artists.
pub const FEWEST: [usize; 2] = [50, 10];
/// k of the genre precision.
const NEIGHBOURS: usize = 10;
/// Maximum tolerated loss of retrieval, as a share.
const LOSS: f64 = 0.02;
/// Maximum number of tracks in a set of one genre.
const GENRE_SET: usize = 8;
/// Minimum number of members of a set.
const SMALLEST: usize = 3;
/// Maximum number of queries and of held-out members, spread evenly.
const MOST: usize = 3000;
/// The bootstrap over artists.
const DRAW: Bootstrap = Bootstrap { rounds: 1000, seed: 1 };

/// One measure for both encoders, over the same queries.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The encoder in use, 0 to 1.
    pub before: Interval,
    /// The candidate, 0 to 1.
    pub after: Interval,
    /// Candidate minus the one in use, paired by query.
    pub difference: Interval,
}

/// The decision of the guard.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether the candidate is significantly better.
    pub publish: bool,
    /// The reason, in one sentence with the numbers.
    pub why: String,
    /// Genre precision at 10 with the artist filter; `None` where it could not be measured.
    pub genre: Option<Compared>,
    /// Leave-one-out AUC; `None` where it could not be measured.
    pub retrieval: Option<Compared>,
}

impl Verdict {
    fn no(why: String) -> Verdict {
        Verdict { publish: false, why, genre: None, retrieval: None }
    }
}

/// Compares the latents of held-out tracks from the encoder in use and from the candidate; `genre` and `artist` are
/// each track's numbers.
pub fn judge(before: &[[f32; DIMS]], after: &[[f32; DIMS]], genre: &[u32], artist: &[u32]) -> Verdict {
    let n = before.len();
    if [after.len(), genre.len(), artist.len()] != [n; 3] {
        return Verdict::no("Not published: the two encoders have not analysed the same tracks.".into());
    }
    if before.iter().chain(after).flatten().any(|x| !x.is_finite()) {
        return Verdict::no("Not published: a latent holds a number that is not finite.".into());
    }
    let kinds = |of: &[u32]| {
        let mut all = of.to_vec();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let artists = kinds(artist);
    if n < FEWEST[0] || artists < FEWEST[1] {
        let [tracks, least] = FEWEST;
        return Verdict::no(format!(
            "Not published: {n} held-out tracks of {artists} artists are too few, {tracks} of {least} are needed."
        ));
    }
    if kinds(genre) < 2 {
        return Verdict::no("Not published: the held-out tracks are all of one genre, which shows nothing.".into());
    }
    if before == after {
        return Verdict::no("Not published: its output is that of the encoder in use.".into());
    }
    let about = About { genre, artist };
    let [old, new] = [before, after].map(space);
    let queries: Vec<usize> = evenly(n, MOST);
    let of_query: Vec<u32> = queries.iter().map(|&q| artist[q]).collect();
    let genres = compare([&old, &new].map(|s| about.precisions(s, &queries)), &of_query);
    let folds = about.folds();
    let of_fold: Vec<u32> = folds.iter().map(|f| artist[f.left_out]).collect();
    let retrieval = compare([&old, &new].map(|s| about.recognitions(s, &folds)), &of_fold);
    decide(genres, retrieval)
}

/// Applies the rule.
fn decide(genre: Option<Compared>, retrieval: Option<Compared>) -> Verdict {
    let (Some(g), Some(r)) = (&genre, &retrieval) else {
        let what = if genre.is_none() {
            "no track has a neighbour of another artist"
        } else {
            "no artist or genre has three tracks"
        };
        let why = format!("Not published: {what}, so it cannot be judged.");
        return Verdict { publish: false, why, genre, retrieval };
    };
    let above = |c: &Compared, least: f64| c.difference.range.is_some_and(|[low, _]| low > least);
    let numbers = format!("genre P@10 {}, leave-one-out retrieval {}", told(g), told(r));
    let (genres, sets) = (above(g, 0.0), above(r, -LOSS));
    let why = match (genres, sets) {
        (true, true) => format!("Published: it is significantly better: {numbers}."),
        (false, true) => format!("Not published: its genre P@10 is not significantly higher: {numbers}."),
        (true, false) => format!("Not published: it may be worse at finding the members of a set: {numbers}."),
        (false, false) => {
            format!("Not published: its genre P@10 is not significantly higher, and retrieval may be lower: {numbers}.")
        }
    };
    Verdict { publish: genres && sets, why, genre, retrieval }
}

/// For example "41.0 % after 38.2 % (difference +2.8, 95 % +0.9 to +4.6)".
fn told(c: &Compared) -> String {
    let range = c
        .difference
        .range
        .map_or(String::new(), |[low, high]| format!(", 95 % {:+.1} to {:+.1}", 100.0 * low, 100.0 * high));
    let (after, before, difference) = (100.0 * c.after.mean, 100.0 * c.before.mean, 100.0 * c.difference.mean);
    format!("{after:.1} % after {before:.1} % (difference {difference:+.1}{range})")
}

fn compare([before, after]: [Vec<Option<f64>>; 2], groups: &[u32]) -> Option<Compared> {
    Some(Compared {
        before: DRAW.mean(&before, groups)?,
        after: DRAW.mean(&after, groups)?,
        difference: DRAW.paired(&after, &before, groups)?,
    })
}

/// The held-out tracks as the player's latent space; row `i` is track `i`.
fn space(latents: &[[f32; DIMS]]) -> Space {
    let id = |i: usize| TrackId((i as u128).to_be_bytes());
    let tracks = latents.iter().enumerate().map(|(i, latent)| (id(i), *latent)).collect();
    Space::build(String::new(), Arc::new(Reference::unknown(latents.iter())), tracks)
}

/// At most `most` of the indices below `n`, evenly spaced.
fn evenly(n: usize, most: usize) -> Vec<usize> {
    (0..n).step_by(n.div_ceil(most).max(1)).collect()
}

/// A set with one member left out.
struct Fold {
    left_out: usize,
    others: Vec<Member>,
    /// Whether the outside tracks are those of other genres; otherwise those of other artists.
    by_genre: bool,
}

struct About<'a> {
    genre: &'a [u32],
    artist: &'a [u32],
}

impl About<'_> {
    fn member(&self, track: usize) -> Member {
        Member { row: track as u32, group: u64::from(self.artist[track]) }
    }

    /// Genre precision at 10 of each query; `None` where all tracks are by its artist.
    fn precisions(&self, space: &Space, queries: &[usize]) -> Vec<Option<f64>> {
        let of = |&q: &usize| {
            let signature = Signature::of(space, &[self.member(q)], &Choice::Auto, Prior::default())?;
            let other = |row: u32| self.artist.get(row as usize) != self.artist.get(q);
            let hits = space.scan(&signature.scorer(), NEIGHBOURS, &other);
            let same = hits.iter().filter(|h| self.genre.get(h.row as usize) == self.genre.get(q)).count();
            (!hits.is_empty()).then(|| same as f64 / hits.len() as f64)
        };
        queries.iter().map(of).collect()
    }

    /// Every set with each of its members left out in turn, at most [`MOST`] folds.
    fn folds(&self) -> Vec<Fold> {
        let mut all = Vec::new();
        for members in by(self.artist).into_values().filter(|m| m.len() >= SMALLEST) {
            self.leave_out(&members, false, &mut all);
        }
        for members in by(self.genre).into_values() {
            for set in self.sets_of_genre(members) {
                self.leave_out(&set, true, &mut all);
            }
        }
        let keep = evenly(all.len(), MOST);
        let mut keep = keep.into_iter().peekable();
        let mut place = 0..;
        all.retain(|_| keep.next_if_eq(&place.next().unwrap_or(usize::MAX)).is_some());
        all
    }

    /// Splits a genre's tracks into sets of up to [`GENRE_SET`], all by different artists: first the first track of
    /// every artist, then the second ones, and so on.
    fn sets_of_genre(&self, members: Vec<usize>) -> Vec<Vec<usize>> {
        let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
        let mut rounds: Vec<Vec<usize>> = Vec::new();
        for track in members {
            let nth = seen.entry(self.artist[track]).or_insert(0);
            match rounds.get_mut(*nth) {
                Some(round) => round.push(track),
                None => rounds.push(vec![track]),
            }
            *nth += 1;
        }
        let sets = rounds.iter().flat_map(|round| round.chunks(GENRE_SET));
        sets.filter(|set| set.len() >= SMALLEST).map(<[usize]>::to_vec).collect()
    }

    fn leave_out(&self, members: &[usize], by_genre: bool, out: &mut Vec<Fold>) {
        for &left_out in members {
            let others = members.iter().filter(|&&m| m != left_out).map(|&m| self.member(m)).collect();
            out.push(Fold { left_out, others, by_genre });
        }
    }

    /// For each held-out member, the share of outside tracks that are farther away; `None` where there are none.
    fn recognitions(&self, space: &Space, folds: &[Fold]) -> Vec<Option<f64>> {
        let of = |fold: &Fold| {
            let signature = Signature::of(space, &fold.others, &Choice::Auto, Prior::default())?;
            let distances = space.distances(&signature.scorer());
            let kind = if fold.by_genre { self.genre } else { self.artist };
            let outside: Vec<f32> =
                distances.iter().zip(kind).filter(|(_, k)| **k != kind[fold.left_out]).map(|(d, _)| *d).collect();
            auc(&[distances[fold.left_out]], &outside)
        };
        folds.iter().map(of).collect()
    }
}

/// Track indices grouped by number, in ascending order.
fn by(kinds: &[u32]) -> BTreeMap<u32, Vec<usize>> {
    let mut out: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (track, &kind) in kinds.iter().enumerate() {
        out.entry(kind).or_default().push(track);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACKS: usize = 240;

    /// 60 artists of 4 genres, with four tracks each.
    fn labels() -> (Vec<u32>, Vec<u32>) {
        let artist: Vec<u32> = (0..TRACKS as u32).map(|i| i / 4).collect();
        (artist.iter().map(|a| a % 4).collect(), artist)
    }

    /// Latents with this strength of genre and artist.
    fn latents(genre_shows: f32, artist_shows: f32, seed: u64) -> Vec<[f32; DIMS]> {
        let (genre, artist) = labels();
        let mut random = fastrand::Rng::with_seed(seed);
        let mut normal = move || ((0..3).map(|_| random.f32()).sum::<f32>() - 1.5) * 2.0;
        let mut cloud = |n: u32| -> Vec<[f32; DIMS]> { (0..n).map(|_| std::array::from_fn(|_| normal())).collect() };
        let (genres, artists, own) = (cloud(4), cloud(60), cloud(TRACKS as u32));
        (0..TRACKS)
            .map(|i| {
                let (g, a) = (&genres[genre[i] as usize], &artists[artist[i] as usize]);
                std::array::from_fn(|d| {
                    let of_genre = if d < 8 { genre_shows * g[d] } else { 0.0 };
                    let of_artist = if d >= 24 { artist_shows * a[d] } else { 0.0 };
                    own[i][d] + of_genre + of_artist
                })
            })
            .collect()
    }

    #[test]
    fn what_is_better_is_published() {
        let (genre, artist) = labels();
        let verdict = judge(&latents(0.3, 1.0, 1), &latents(1.5, 1.0, 1), &genre, &artist);
        assert!(verdict.publish, "{}", verdict.why);
        assert!(verdict.why.starts_with("Published: it is significantly better: genre P@10 "), "{}", verdict.why);
        let genre_difference = verdict.genre.unwrap().difference;
        assert!(genre_difference.range.unwrap()[0] > 0.05 && genre_difference.groups == 60);
    }

    #[test]
    fn what_is_worse_or_uncertain_is_kept_aside() {
        let (genre, artist) = labels();
        let worse = judge(&latents(1.5, 1.0, 1), &latents(0.3, 1.0, 1), &genre, &artist);
        assert!(!worse.publish && worse.why.starts_with("Not published"), "{}", worse.why);
        // Equally good: only a dimension of noise was replaced.
        let before = latents(1.0, 1.0, 1);
        let mut after = before.clone();
        after.iter_mut().for_each(|latent| latent[15] = latent[15] * 0.5 + latent[16] * 0.5);
        let other = judge(&before, &after, &genre, &artist);
        let [low, high] = other.genre.as_ref().unwrap().difference.range.unwrap();
        assert!(!other.publish && low <= 0.0 && high >= 0.0, "{}", other.why);
        assert!(other.why.starts_with("Not published: it"), "{}", other.why);
    }

    #[test]
    fn better_genres_do_not_pay_for_lost_artists() {
        let (genre, artist) = labels();
        let verdict = judge(&latents(0.6, 3.0, 1), &latents(1.0, 0.0, 1), &genre, &artist);
        let (g, r) = (verdict.genre.as_ref().unwrap(), verdict.retrieval.as_ref().unwrap());
        assert!(g.difference.mean > 0.0 && r.difference.mean < 0.0, "{}", verdict.why);
        assert!(!verdict.publish && verdict.why.contains("may be worse at finding the members"), "{}", verdict.why);
    }

    #[test]
    fn the_same_encoder_is_not_published() {
        let (genre, artist) = labels();
        let same = latents(1.0, 1.0, 1);
        assert!(judge(&same, &same, &genre, &artist).why.contains("that of the encoder in use"));
    }

    #[test]
    fn too_little_is_not_judged() {
        let (genre, artist) = labels();
        let (a, b) = (latents(0.3, 1.0, 1), latents(1.5, 1.0, 1));
        let few = judge(&a[..40], &b[..40], &genre[..40], &artist[..40]);
        assert!(!few.publish && few.why.contains("40 held-out tracks of 10 artists are too few"), "{}", few.why);
        let one = judge(&a, &b, &[1; TRACKS], &artist);
        assert!(one.why.contains("all of one genre"), "{}", one.why);
        let alone: Vec<u32> = (0..TRACKS as u32).collect();
        let apart = judge(&a, &b, &alone, &alone);
        assert!(apart.why.contains("no artist or genre has three tracks") && apart.genre.is_some(), "{}", apart.why);
        assert!(!judge(&a, &b[..7], &genre, &artist).publish);
        let mut bad = b.clone();
        bad[3][3] = f32::NAN;
        assert!(judge(&a, &bad, &genre, &artist).why.contains("not finite"));
    }

    #[test]
    fn the_word_is_the_same_every_time() {
        let (genre, artist) = labels();
        let word = || judge(&latents(0.3, 1.0, 1), &latents(0.6, 1.0, 2), &genre, &artist);
        assert_eq!(word(), word());
    }
}
