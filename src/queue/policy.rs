//! The queue policy: selects and orders the tracks to queue from an engine's proposals
//! (docs/design.md, "Queue policy").
//!
//! Greedy: each pick is the candidate with the highest sum of terms, weighted as in `config.toml`:
//! the engine's score, standardised over the candidates; plus closeness to the previous track;
//! minus penalties that grow with a run of one artist or album; minus a penalty for tracks heard
//! lately; plus what the user's ratings, loves and plays say, if that is to count; plus the terms of
//! guides (what usually comes next, a course). Queued tracks, other
//! versions of their songs and tracks of the same sound are not candidates. Everything that changes
//! from pick to pick is derived from the end of the queue, so that a refill continues where the
//! last one ended.
//!
//! The limits of the session ([`super::limits`]) are applied here, and nowhere else for certain: every pick of every engine,
//! course and plugin passes through [`pick`] or [`in_order`]; the ends of a journey, which the user named, are asked
//! [`Context::wanted`] alone.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::config::Weights;
use crate::latent::{Latent, Term};
use crate::track::TrackId;

use super::candidate::{Candidate, album, squares};
use super::engine::Guide;
use super::liking::liking;
use super::limits::Tail;
use super::standing::{Standing, sound};
use super::versions::song_key;
use super::{Context, Proposal};

/// Number of latest heard tracks that are penalised.
pub(super) const HEARD_MEMORY: usize = 200;

/// Picks up to `want` of the proposals, in playing order, each with the terms that led to it.
/// Deterministic for a given context and proposals. Proposals that are not in the catalog or whose
/// score is not finite are left out.
pub fn pick(context: &Context, proposals: Vec<Proposal>, want: usize) -> Vec<Proposal> {
    let mut standing = Standing::of(context);
    let mut candidates = candidates(context, proposals, &standing);
    let mut picks = Vec::with_capacity(want.min(candidates.len()));
    while picks.len() < want && !candidates.is_empty() {
        let close = closeness(&candidates, standing.last());
        let guided = guided(context, &standing, picks.len(), &candidates);
        let terms: Vec<Vec<(Term, f32)>> = (0..candidates.len())
            .map(|i| {
                let guides = guided.iter().map(|(term, values)| (*term, values[i]));
                own_terms(&context.weights, &standing, &candidates[i], close[i]).into_iter().chain(guides).collect()
            })
            .collect();
        let values: Vec<f32> = terms.iter().map(|t| t.iter().map(|(_, v)| v).sum()).collect();
        let Some(best) = (0..candidates.len())
            .filter(|&i| standing.allows(&candidates[i]))
            .max_by(|&a, &b| values[a].total_cmp(&values[b]).then(candidates[a].lot.cmp(&candidates[b].lot)))
        else {
            break;
        };
        let terms: Vec<(Term, f32)> = terms[best].iter().copied().filter(|(_, v)| *v != 0.0).collect();
        let mut chosen = candidates.swap_remove(best);
        candidates.retain(|c| !chosen.excludes(c));
        chosen.proposal.why.terms = terms;
        chosen.proposal.why.run = standing.in_a_row(&chosen.artist) + 1;
        standing.follow(&chosen);
        picks.push(chosen.proposal);
    }
    picks
}

/// The weighted terms of a candidate, except those of guides; `close` is its standardised closeness
/// to the last track.
fn own_terms(weights: &Weights, standing: &Standing, candidate: &Candidate, close: f32) -> [(Term, f32); 6] {
    [
        (Term::Fit, weights.fit * candidate.fit),
        (Term::Closeness, weights.closeness * close),
        (Term::Run, -weights.run * standing.artist_run(&candidate.artist)),
        (Term::Album, -weights.album * standing.album_run(candidate.album)),
        (Term::Heard, -weights.heard * candidate.heard),
        (Term::Liked, weights.liked * candidate.liked),
    ]
}

/// The weighted terms of the guides for each candidate. A guide that returns the wrong number of
/// values, or any that is not finite, is ignored.
fn guided(context: &Context, standing: &Standing, picked: usize, candidates: &[Candidate]) -> Vec<(Term, Vec<f32>)> {
    let weights = &context.weights;
    let guides: [(Term, f32, Option<&dyn Guide>); 2] = [
        (Term::Next, weights.next, context.next.as_deref()),
        (Term::Course, weights.course, context.course.as_deref()),
    ];
    let rows: Vec<Option<u32>> = candidates.iter().map(|c| c.row).collect();
    let asked = |(term, weight, guide): (Term, f32, Option<&dyn Guide>)| {
        let values = guide?.values(context, standing.tail(), picked, &rows)?;
        let sound = values.len() == rows.len() && values.iter().all(|v| v.is_finite());
        sound.then(|| (term, values.into_iter().map(|v| weight * v).collect()))
    };
    guides.into_iter().filter_map(asked).collect()
}

fn candidates(context: &Context, proposals: Vec<Proposal>, standing: &Standing) -> Vec<Candidate> {
    let mut seen = context.standing();
    let (heard, judged) = (&context.situation.heard, context.weights.liked != 0.0);
    let mut candidates: Vec<Candidate> = proposals
        .into_iter()
        .filter(|p| p.score.is_finite())
        .filter_map(|proposal| {
            let id = proposal.id;
            let song = context.catalog.of_track(id)?;
            let artist = song.artist().to_lowercase();
            if !seen.insert(id) || !context.wanted(id) {
                return None;
            }
            let ago = heard.iter().rev().take(HEARD_MEMORY).position(|&h| h == id);
            let mut hasher = DefaultHasher::new();
            (context.seed, id.0).hash(&mut hasher);
            let candidate = Candidate {
                row: context.space.row(id),
                z: sound(context, id),
                artist,
                album: album(song),
                song: song_key(song),
                group: context.versions.group(id),
                fit: 0.0,
                liked: if judged { liking(&context.tallies.of_song(song)) } else { 0.0 },
                genres: standing.limited.shares.genres(song),
                heard: ago.map_or(0.0, |n| 0.5f32.powf(n as f32 / context.weights.heard_half_life)),
                lot: hasher.finish(),
                proposal,
            };
            (!standing.holds(&candidate)).then_some(candidate)
        })
        .collect();
    let scores: Vec<f32> = candidates.iter().map(|c| c.proposal.score).collect();
    candidates.iter_mut().zip(standardised(&scores)).for_each(|(c, s)| c.fit = s);
    candidates
}

/// How close each candidate is to the last track, standardised; 0 where either has no latent.
fn closeness(candidates: &[Candidate], last: Option<&Latent>) -> Vec<f32> {
    let Some(last) = last else { return vec![0.0; candidates.len()] };
    let nearness: Vec<Option<f32>> =
        candidates.iter().map(|c| c.z.as_ref().map(|z| -squares(last, z).sum::<f32>().sqrt())).collect();
    let known: Vec<f32> = nearness.iter().flatten().copied().collect();
    let mut scores = standardised(&known).into_iter();
    nearness.iter().map(|n| n.and_then(|_| scores.next()).unwrap_or(0.0)).collect()
}

/// Z-scores of the values; zeros when they do not vary.
pub(super) fn standardised(values: &[f32]) -> Vec<f32> {
    let (mean, sd) = standard(values);
    values.iter().map(|&v| (v - mean) / sd).collect()
}

/// Mean and standard deviation (infinite when the values do not vary, so that dividing by it gives
/// 0).
pub(super) fn standard(values: &[f32]) -> (f32, f32) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let sd = (values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean as f32, if sd > 1e-9 && sd.is_finite() { sd as f32 } else { f32::INFINITY })
}

/// Takes proposals that are already in playing order, keeping that order so that whole albums stay
/// intact. Leaves out tracks that are not in the catalog, rejected, kept out by the limits, playing, already upcoming, or
/// repeated.
pub fn in_order(context: &Context, proposals: Vec<Proposal>, want: usize) -> Vec<Proposal> {
    let s = &context.situation;
    let mut seen: HashSet<TrackId> = s.playing.iter().chain(&s.ahead).copied().collect();
    let apart = s.limits.spacing.any() || !s.limits.shares.is_empty();
    let mut tail = apart.then(|| Tail::of(&context.catalog, s));
    let fits = |p: &Proposal| {
        let Some(song) = context.catalog.of_track(p.id) else { return false };
        if !context.wanted(p.id) || seen.contains(&p.id) {
            return false;
        }
        if let Some(tail) = &mut tail {
            if !tail.allows(song, true) {
                return false;
            }
            tail.follow(song);
        }
        seen.insert(p.id)
    };
    proposals.into_iter().filter(fits).take(want).collect()
}

/// Whether a track may come next as far as limits depend on the tracks before it: how far tracks lie apart, and how much
/// of what is picked is of a genre.
pub(super) fn may_follow(context: &Context, id: TrackId) -> bool {
    let limits = &context.situation.limits;
    if !limits.spacing.any() && limits.shares.is_empty() {
        return true;
    }
    let tail = Tail::of(&context.catalog, &context.situation);
    context.catalog.of_track(id).is_some_and(|song| tail.allows(song, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::journal::{Entry, Event, Tallies};
    use crate::queue::fixture::{context, context_of, id, latents, song, songs};
    use crate::queue::{Why, fixture};

    fn propose(scores: &[(u8, f32)]) -> Vec<Proposal> {
        scores.iter().map(|&(n, score)| Proposal { id: id(n), score, why: Why::default() }).collect()
    }

    fn picked(context: &Context, scores: &[(u8, f32)], want: usize) -> Vec<u8> {
        pick(context, propose(scores), want).iter().map(|p| p.id.0[1]).collect()
    }

    #[test]
    fn the_best_come_first_and_what_stands_never() {
        let mut context = context(&[0]);
        context.situation.ahead = vec![id(9)];
        let picks = picked(&context, &[(0, 9.0), (9, 8.0), (16, 1.0), (26, 7.0), (20, 4.0), (26, 7.0), (99, 9.0)], 10);
        assert_eq!(picks, [26, 20, 16]);
        assert_eq!(picked(&context, &[(16, f32::NAN), (17, f32::INFINITY)], 3), Vec::<u8>::new());
        assert!(picked(&context, &[(16, 1.0)], 0).is_empty());
    }

    #[test]
    fn an_artist_s_run_is_broken_softly() {
        let context = context(&[0]);
        // A plays 0, 1, 8, 9, 16, 17. A slightly worse track by C interrupts the run, a much worse
        // one does not.
        let near = [(8, 1.0), (9, 0.98), (16, 0.96), (20, 0.95), (28, -3.0)];
        let picks = picked(&context, &near, 4);
        assert_eq!(picks[0], 20, "{picks:?}");
        assert!(!picks.contains(&28), "{picks:?}");
    }

    #[test]
    fn a_refill_goes_on_with_the_run_of_the_tail() {
        let mut context = context(&[31]);
        let scores = [(16, 1.0), (20, 0.9), (24, -1.0)];
        context.space = std::sync::Arc::default();
        assert_eq!(picked(&context, &scores, 1), [16]);
        context.situation.ahead = vec![id(0), id(1)];
        assert_eq!(picked(&context, &scores, 1), [20], "two tracks of A stand at the tail");
    }

    #[test]
    fn what_was_heard_lately_waits() {
        let mut context = context(&[0]);
        context.situation.heard = vec![id(26)];
        let scores = [(26, 1.0), (20, 0.5), (12, 0.0)];
        assert_eq!(picked(&context, &scores, 3), [20, 12, 26]);
        // The penalty fades with time.
        context.situation.heard.extend((0..190).map(|_| id(0)));
        assert_eq!(picked(&context, &scores, 1), [26]);
    }

    #[test]
    fn versions_and_duplicates_never() {
        let mut songs = songs();
        songs.extend([
            song(40, "A", "Song 0 (2011 Remaster)"),
            song(41, "B", "Song 0 (Live)"),
            song(42, "C", "Song 20 - Live"),
            song(43, "Z", "Something else"),
        ]);
        let mut latents = latents();
        let copy = latents[0].1;
        latents.push((id(43), copy));
        let context = context_of(songs, latents, &[0]);
        let scores = [(40, 9.0), (41, 3.0), (42, 5.0), (20, 4.0), (43, 9.0)];
        let picks = picked(&context, &scores, 9);
        assert!(picks.contains(&41), "another artist's song of that name is another song: {picks:?}");
        assert!(!picks.contains(&40) && !picks.contains(&43), "{picks:?}");
        assert_eq!(picks.iter().filter(|&&n| n == 42 || n == 20).count(), 1, "{picks:?}");
    }

    #[test]
    fn what_is_not_wanted_does_not_come() {
        let mut context = context(&[0]);
        context.situation.refused = vec![id(26)];
        context.situation.artists_off = vec!["c".into()];
        // Track 20 is by C.
        assert_eq!(picked(&context, &[(26, 9.0), (20, 8.0), (16, 1.0)], 3), [16]);
    }

    #[test]
    fn a_pick_tells_what_led_to_it() {
        let mut context = context(&[31]);
        context.situation.ahead = vec![id(0), id(1)];
        context.situation.heard = vec![id(17)];
        let picks = pick(&context, propose(&[(16, 9.0), (20, 0.0), (17, 8.0)]), 3);
        let term = |p: &Proposal, term| p.why.terms.iter().find(|t| t.0 == term).map(|t| t.1);
        let of = |n: u8| picks.iter().find(|p| p.id == id(n)).unwrap();
        // Tracks 16 and 17 are by A, like the end of the queue.
        assert!(term(of(16), Term::Run).unwrap() < 0.0 && term(of(20), Term::Run).is_none_or(|v| v > -0.2));
        assert!(term(of(17), Term::Heard).unwrap() < -2.0 && term(of(16), Term::Heard).is_none());
        assert!(term(of(16), Term::Fit).unwrap() > 0.0 && term(of(20), Term::Fit).unwrap() < 0.0);
        assert_eq!(of(picks[0].id.0[1]).why.run, if picks[0].id == id(20) { 1 } else { 3 });
        // A weight of 0 removes a term.
        context.weights = Weights { fit: 0.0, closeness: 0.0, album: 0.0, heard: 0.0, ..Weights::default() };
        let picks = pick(&context, propose(&[(16, 9.0), (20, 0.0), (17, 8.0)]), 3);
        assert!(picks.iter().all(|p| p.why.terms.iter().all(|t| t.0 == Term::Run)) && picks[0].id == id(20));
    }

    #[test]
    fn what_is_liked_comes_sooner_only_where_that_counts() {
        let mut context = context(&[0]);
        let loved = Entry { at: 1, event: Event::Loved { track: id(12), loved: true } };
        let rated = Entry { at: 1, event: Event::Rated { track: id(26), rating: Some(0) } };
        context.tallies = std::sync::Arc::new(Tallies::new([&loved, &rated]));
        let scores = [(26, 1.0), (20, 0.5), (12, 0.0)];
        context.weights.liked = 0.0;
        assert_eq!(picked(&context, &scores, 3), [26, 20, 12]);
        context.weights.liked = 20.0;
        let picks = pick(&context, propose(&scores), 3);
        assert_eq!(picks.iter().map(|p| p.id.0[1]).collect::<Vec<_>>(), [12, 20, 26]);
        let term = |p: &Proposal| p.why.terms.iter().find(|t| t.0 == Term::Liked).map(|t| t.1);
        assert_eq!([0, 1, 2].map(|n| term(&picks[n])), [Some(20.0), None, Some(-20.0)]);
    }

    #[test]
    fn guides_are_heard_and_checked() {
        #[derive(Debug)]
        struct Last(bool);
        impl Guide for Last {
            fn values(
                &self,
                _: &Context,
                tail: &[crate::track::TrackId],
                picked: usize,
                rows: &[Option<u32>],
            ) -> Option<Vec<f32>> {
                assert!(!tail.is_empty() && tail.len() >= picked);
                let last = rows.iter().flatten().max()?;
                let value = |row: &Option<u32>| if *row == Some(*last) { 9.0 } else { 0.0 };
                Some(if self.0 { rows.iter().map(value).collect() } else { vec![f32::NAN] })
            }
        }
        let mut context = context(&[0]);
        let scores = [(16, 1.0), (20, 0.9), (26, 0.0)];
        let plain = picked(&context, &scores, 3);
        context.course = Some(std::sync::Arc::new(Last(true)));
        assert_eq!(picked(&context, &scores, 3)[0], 26);
        context.course = Some(std::sync::Arc::new(Last(false)));
        assert_eq!(picked(&context, &scores, 3), plain, "nonsense is not listened to");
    }

    #[test]
    fn of_a_recording_under_two_names_one_is_picked() {
        let mut songs = songs();
        let mut latents = latents();
        for (n, of) in [(45u8, 20u8), (46, 26), (47, 0)] {
            // Same duration and nearly the same sound, but a different name.
            let mut other = (*song(n, "Z", &format!("Else {n}"))).clone();
            other.secs = 60.0 + f64::from(of);
            songs.push(other.into());
            let mut latent = latents[usize::from(of)].1;
            latent.iter_mut().step_by(2).for_each(|v| *v += 0.08);
            latents.push((id(n), latent));
        }
        let mut context = context_of(songs, latents, &[0]);
        for (copy, of) in [(45, 20), (46, 26), (47, 0)] {
            let row = |n| context.space.row(id(n)).unwrap();
            assert!(context.space.difference(row(copy), row(of)) > 0.06, "the policy's own ear would know it");
        }
        context.situation.heard = vec![id(26)];
        let scores = [(45, 9.0), (20, 8.0), (46, 7.0), (26, 6.0), (47, 9.0), (12, 1.0)];
        let picks = picked(&context, &scores, 9);
        assert!(!picks.contains(&47), "the playlist has it: {picks:?}");
        assert!(!picks.contains(&46), "it was heard under its other name: {picks:?}");
        assert_eq!(picks.iter().filter(|&&n| n == 45 || n == 20).count(), 1, "{picks:?}");
        assert!(picks.contains(&26) && picks.contains(&12), "{picks:?}");
        // Now another version of a heard song is upcoming.
        context.situation.ahead = vec![id(46)];
        assert!(!picked(&context, &scores, 9).contains(&26));
    }

    #[test]
    fn ties_follow_the_seed() {
        let mut context = context(&[]);
        context.space = std::sync::Arc::default();
        context.situation = Default::default();
        let scores: Vec<(u8, f32)> = (0..32).map(|n| (n, 1.0)).collect();
        let first = picked(&context, &scores, 8);
        assert_eq!(first, picked(&context, &scores, 8));
        context.seed = 2;
        assert_ne!(first, picked(&context, &scores, 8));
        assert_eq!(fixture::style(31), 3);
    }
}
