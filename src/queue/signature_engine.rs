//! The built-in engine `signature`: the tracks nearest to the playlist by signature distance.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};

use crate::latent::components::{FEWEST_TO_SPLIT, ONE_MOOD};
use crate::latent::{
    self, Choice, DimReport, Hit, Member, Prior, Signature, SignatureReport, Space, components, confidence,
};
use crate::library::Catalog;
use crate::track::TrackId;

use super::engine::members;
use super::error::EngineError;
use super::reasons::{self, Reasons};
use super::{Context, Engine, Proposal, Taste, Why, course};

/// The engine `signature`. It caches what it computed for the last playlist, for the refills that
/// follow.
#[derive(Debug, Default)]
pub struct SignatureEngine {
    followed: Option<Followed>,
    /// Index of the mood that each of the last proposals belongs to, if the playlist has several.
    mood_of: HashMap<TrackId, usize>,
}

impl SignatureEngine {
    /// The name that `:engine` takes.
    pub const NAME: &'static str = reasons::NAME;
}

impl Engine for SignatureEngine {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn propose(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, EngineError> {
        let mut proposals = self.find(context, want)?;
        self.explain(context, &mut proposals);
        Ok(proposals)
    }
}

impl SignatureEngine {
    /// Proposes tracks without reasons, because only a few of many proposals are picked.
    ///
    /// # Errors
    /// Why there are none.
    pub(super) fn find(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, EngineError> {
        self.mood_of.clear();
        if let Some(blend) = &context.situation.blend {
            return course::propose_blend(context, blend, want);
        }
        let anchor = context.anchor();
        if anchor.is_empty() {
            return Err(EngineError::NoStart);
        }
        let members = context.members(anchor);
        let heard = !members.is_empty();
        let moods = self.moods(context, members);
        match moods {
            // A pure tone has no tempo.
            [] if heard => Err(EngineError::NotInDimensions),
            [] => Err(EngineError::NotAnalysed),
            [one] => Ok(near(context, one, want)),
            // A playlist of several moods: continue with the mood of the last track, or alternate
            // when it is unknown.
            several => {
                let lists: Vec<(usize, Vec<Proposal>)> = match last_mood(context, several) {
                    Some(mood) => vec![(mood, near(context, &several[mood], want))],
                    None => several.iter().map(|mood| near(context, mood, want)).enumerate().collect(),
                };
                let of =
                    |&(mood, ref list): &(usize, Vec<Proposal>)| list.iter().map(|p| (p.id, mood)).collect::<Vec<_>>();
                let mood_of: Vec<(TrackId, usize)> = lists.iter().rev().flat_map(of).collect();
                let found = match lists.len() {
                    1 => lists.into_iter().flat_map(|(_, list)| list).collect(),
                    _ => in_turn(lists.into_iter().map(|(_, list)| list).collect(), want),
                };
                self.mood_of.extend(mood_of);
                Ok(found)
            }
        }
    }

    /// Adds the reasons to proposals from the last `Self::find`.
    pub(super) fn explain(&self, context: &Context, proposals: &mut [Proposal]) {
        let Some(followed) = self.followed.as_ref().filter(|_| context.situation.blend.is_none()) else { return };
        for proposal in proposals {
            let mood = self.mood_of.get(&proposal.id).copied().unwrap_or_default();
            let known = context.space.row(proposal.id).zip(followed.moods.get(mood));
            if let Some((row, reasons)) = known {
                let Why { terms, run, step, .. } = std::mem::take(&mut proposal.why);
                proposal.why = Why { terms, run, step, ..reasons.why(context, row) };
            }
        }
    }

    /// The moods of a playlist, cached while nothing that they depend on changes.
    fn moods(&mut self, context: &Context, members: Vec<Member>) -> &[Reasons] {
        let known = self.followed.take().filter(|followed| followed.stands(context, &members));
        &self.followed.insert(known.unwrap_or_else(|| Followed::of(context, members))).moods
    }
}

/// What was computed for the last playlist, with the inputs it depends on.
#[derive(Debug)]
struct Followed {
    /// The space it was computed in. The weak reference identifies it by address, which is not
    /// reused while the reference exists, without keeping its data in memory.
    space: Weak<Space>,
    members: Vec<Member>,
    mates: Vec<u32>,
    choice: Choice,
    prior: Prior,
    taste: Arc<Taste>,
    /// One or several; empty when nothing of the playlist is analysed.
    moods: Vec<Reasons>,
}

impl Followed {
    fn of(context: &Context, members: Vec<Member>) -> Followed {
        let (space, choice, prior) = (&context.space, &context.choice, context.prior);
        let mates = context.mates(&members);
        let mood = |group: Vec<Member>| {
            let signature = context.signature_of(&group, &mates)?;
            Some(Reasons::new(context, &signature, &group))
        };
        let mut groups = components(space, &members, choice, prior);
        if groups.len() < 2 {
            groups = vec![members.clone()];
        }
        let moods = groups.into_iter().filter_map(mood).collect();
        Followed {
            space: Arc::downgrade(space),
            members,
            mates,
            choice: choice.clone(),
            prior,
            taste: context.taste.clone(),
            moods,
        }
    }

    fn stands(&self, context: &Context, members: &[Member]) -> bool {
        self.space.as_ptr() == Arc::as_ptr(&context.space)
            && self.members == members
            && self.mates == context.mates(members)
            && self.choice == context.choice
            && self.prior == context.prior
            && self.taste == context.taste
    }
}

/// The mood nearest to the playing or last heard track; `None` when that has no latent.
fn last_mood(context: &Context, moods: &[Reasons]) -> Option<usize> {
    let situation = &context.situation;
    let last = situation.playing.or(situation.heard.last().copied())?;
    let row = context.space.row(last)?;
    let distance = |mood: &Reasons| context.space.distance(&mood.scorer, row);
    (0..moods.len()).min_by(|&a, &b| distance(&moods[a]).total_cmp(&distance(&moods[b])))
}

/// Interleaves the lists, without duplicates. Distances to different signatures are not comparable,
/// so the rank becomes the score.
fn in_turn(lists: Vec<Vec<Proposal>>, want: usize) -> Vec<Proposal> {
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    for rank in 0..longest {
        for proposal in lists.iter().filter_map(|list| list.get(rank)) {
            if seen.insert(proposal.id) {
                out.push(Proposal { score: -(rank as f32), ..proposal.clone() });
            }
        }
    }
    out.truncate(want);
    out
}

/// The `want` tracks of the library nearest to a mood, without those in the queue.
fn near(context: &Context, reasons: &Reasons, want: usize) -> Vec<Proposal> {
    let space = &context.space;
    let standing = context.standing();
    let keep = |row: u32| space.id(row).is_some_and(|id| !standing.contains(&id) && context.lists(id));
    let hits = space.scan(&reasons.scorer, want, &keep);
    let proposal = |hit: Hit| Some(Proposal { id: space.id(hit.row)?, score: -hit.distance, why: Why::default() });
    hits.into_iter().filter_map(proposal).collect()
}

/// Fits the prior of a set's variance to the library's albums; the default prior when there are too
/// few.
pub fn prior(catalog: &Catalog, space: &Space) -> Prior {
    let mut albums: HashMap<_, Vec<u32>> = HashMap::new();
    for song in catalog.songs() {
        if let Some(row) = space.row(song.track).filter(|_| !song.album().is_empty()) {
            albums.entry(song.album_key()).or_default().push(row);
        }
    }
    let mut albums: Vec<Vec<u32>> = albums
        .into_values()
        .map(|mut rows| {
            rows.sort_unstable();
            rows.dedup();
            rows
        })
        .collect();
    // The order of a map varies from run to run, and with it the rounding of sums.
    albums.sort_unstable();
    Prior::fit(space, &albums)
}

/// Describes the signature of a playlist; the default report (0 members) when nothing of it is
/// analysed.
pub fn signature_report(
    catalog: &Catalog,
    space: &Space,
    playlist: &[TrackId],
    choice: &Choice,
    prior: Prior,
) -> SignatureReport {
    let members = members(catalog, space, playlist);
    let Some(signature) = Signature::of(space, &members, choice, prior) else { return SignatureReport::default() };
    let confidence = confidence(space, &members, choice, prior);
    let several = members.len() >= FEWEST_TO_SPLIT && confidence.is_some_and(|c| c < ONE_MOOD);
    let moods = if several { moods(space, &members, choice, prior) } else { Vec::new() };
    SignatureReport { choice: choice.to_string(), moods, ..signature.report(confidence) }
}

/// Describes the moods of a set; empty when it has only one.
fn moods(space: &Space, members: &[Member], choice: &Choice, prior: Prior) -> Vec<latent::Mood> {
    let groups = components(space, members, choice, prior);
    if groups.len() < 2 {
        return Vec::new();
    }
    let mood = |group: Vec<Member>| {
        let signature = Signature::of(space, &group, choice, prior)?;
        Some(latent::Mood { members: group.len(), dims: signature.dims.iter().map(DimReport::of).collect() })
    };
    groups.into_iter().filter_map(mood).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::fixture::{self, context, context_of, id, songs, style_of};

    #[test]
    fn it_stays_with_the_playlist_s_style_and_says_why() {
        for n in [0u8, 8, 16, 24] {
            let context = context(&[n, n + 2]);
            let proposals = SignatureEngine::default().propose(&context, 5).unwrap();
            assert_eq!(proposals.len(), 5);
            assert!(proposals.is_sorted_by(|a, b| a.score >= b.score));
            for p in &proposals {
                assert_eq!(style_of(p.id), n / 8);
                assert!(![id(n), id(n + 2)].contains(&p.id));
                assert!([id(n), id(n + 2)].contains(&p.why.nearest.unwrap()));
                assert!(!p.why.facts.is_empty() && p.why.facts[0].dim == p.why.dims[0].0);
                assert!(p.why.fit.unwrap() > 0.6 && p.why.dims.len() <= 3 && p.why.engine == "signature");
                assert!(p.why.dims.iter().all(|&(d, part)| (1..=32).contains(&d) && part < 0.0));
            }
        }
    }

    #[test]
    fn the_playing_track_serves_when_no_playlist_stands() {
        let mut context = context(&[17]);
        context.situation.playlist.clear();
        let proposals = SignatureEngine::default().propose(&context, 5).unwrap();
        assert!(proposals.iter().all(|p| style_of(p.id) == 2 && p.id != id(17)));
        context.situation.playing = None;
        assert_eq!(SignatureEngine::default().propose(&context, 5), Err(EngineError::NoStart));
    }

    #[test]
    fn unanalysed_members_are_skipped_and_none_is_said() {
        let mut context = context(&[0]);
        context.situation.playlist.push(id(200));
        assert_eq!(SignatureEngine::default().propose(&context, 5).unwrap().len(), 5);
        // Numbers of the encoder are known of it, but no tempo.
        context.choice = Choice::dims([32]);
        assert_eq!(SignatureEngine::default().propose(&context, 5), Err(EngineError::NotInDimensions));
        context.space = Arc::default();
        assert_eq!(SignatureEngine::default().propose(&context, 5), Err(EngineError::NotAnalysed));
    }

    /// Two moods: six tracks of style 0 and six of style 2, by equally many artists.
    const MIXED: [u8; 12] = [0, 2, 4, 6, 1, 3, 16, 18, 20, 22, 17, 19];

    #[test]
    fn of_two_moods_the_last_track_s_goes_on() {
        // The two styles lie on opposite sides of the others, so that as one set they agree on no
        // dimension.
        let mut rng = fastrand::Rng::with_seed(5);
        let mut noise = move || (0..6).map(|_| rng.f32() - 0.5).sum::<f32>();
        let place = |n: u8| [3.0, 0.0, -3.0, 0.0][usize::from(n / 8)];
        let mut latent = |n: u8| std::array::from_fn(|d| if d < 8 { place(n) + noise() } else { noise() });
        let latents = (0..32).map(|n| (id(n), latent(n))).collect();
        let mut context = context_of(songs(), latents, &MIXED);
        let report = signature_report(
            &context.catalog,
            &context.space,
            &context.situation.playlist,
            &Choice::Auto,
            context.prior,
        );
        // The rest of the test relies on this split.
        assert_eq!(report.moods.len(), 2, "{report:?}");
        assert_eq!(report.moods.iter().map(|m| m.members).sum::<usize>(), 12);
        for (playing, style) in [(16, 2), (0, 0)] {
            context.situation.playing = Some(id(playing));
            // Each of these styles has two tracks that are not in the playlist.
            let proposals = SignatureEngine::default().propose(&context, 2).unwrap();
            assert!(proposals.iter().all(|p| style_of(p.id) == style), "{proposals:?}");
        }
        context.situation.playing = Some(id(200));
        let proposals = SignatureEngine::default().propose(&context, 4).unwrap();
        let styles: Vec<u8> = proposals.iter().map(|p| style_of(p.id)).collect();
        assert!(styles.contains(&0) && styles.contains(&2), "in turn: {styles:?}");
        assert!(proposals.is_sorted_by(|a, b| a.score >= b.score));
    }

    #[test]
    fn what_is_kept_changes_no_pick() {
        let mut kept = SignatureEngine::default();
        let mut context = context(&[0, 2, 17]);
        let fresh = |context: &Context| SignatureEngine::default().propose(context, 9).unwrap();
        for round in 0..6 {
            match round {
                1 => context.situation.ahead = vec![id(4)],
                2 => context.situation.playlist.push(id(6)),
                3 => context.choice = Choice::dims([1, 4]),
                4 => context.prior.shares.reverse(),
                5 => {
                    context.space =
                        Arc::new(context_of(songs(), fixture::latents()[..30].to_vec(), &[]).space.as_ref().clone())
                }
                _ => {}
            }
            for _ in 0..2 {
                assert_eq!(kept.propose(&context, 9).unwrap(), fresh(&context), "round {round}");
            }
        }
        context.space = Arc::default();
        assert!(kept.propose(&context, 9).is_err());
    }

    #[test]
    fn the_report_counts_what_is_analysed() {
        let context = context(&[0, 1, 2, 3, 4, 200]);
        let c = &context;
        let of = |choice: &Choice| signature_report(&c.catalog, &c.space, &c.situation.playlist, choice, c.prior);
        let report = of(&Choice::Auto);
        assert_eq!(report.members, 5);
        // Artists A and B with two tracks each and C with one: 3² / (4·¼ + 1).
        assert!((report.effective - 4.5).abs() < 1e-9, "{report:?}");
        assert!(report.confidence.unwrap() > 0.9);
        assert_eq!(of(&Choice::dims([2, 6])).dims.len(), 2);
        assert_eq!(signature_report(&c.catalog, &c.space, &[], &Choice::Auto, c.prior), SignatureReport::default());
        assert_eq!(prior(&c.catalog, &c.space), Prior::default(), "eight albums are too few");
    }
}
