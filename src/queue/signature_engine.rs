//! The built-in engine `signature`: the library's nearest to the playlist by signature distance.

use std::collections::HashMap;

use crate::latent::{Choice, Latent, Member, Prior, Scorer, Signature, SignatureReport, Space, Yardstick, confidence};
use crate::library::Catalog;
use crate::track::TrackId;

use super::engine::members;
use super::{Context, Engine, Proposal, Why};

/// How many dimensions a reason names.
const DIMS_NAMED: usize = 3;
/// The nearest member is looked for among this many, spread evenly over a long playlist.
const MEMBERS_COMPARED: usize = 256;

/// The engine `signature`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignatureEngine;

impl SignatureEngine {
    /// Its name.
    pub const NAME: &'static str = "signature";
}

impl Engine for SignatureEngine {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn propose(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, String> {
        let anchor = context.anchor();
        if anchor.is_empty() {
            return Err("nothing to go by: play a track or add one to the queue".into());
        }
        let Some((signature, members)) = context.signature(anchor) else {
            return Err("nothing of the playlist is analysed yet".into());
        };
        let space = &context.space;
        let standing = context.standing();
        let keep = |row: u32| {
            space.id(row).is_some_and(|id| !standing.contains(&id) && context.catalog.of_track(id).is_some())
        };
        let hits = space.scan(&signature.scorer(), want, &keep);
        let yardstick = Yardstick::of(space, &signature, &members, &context.choice, context.prior);
        let nearest = Nearest::new(space, &signature, &members);
        Ok(hits
            .into_iter()
            .filter_map(|hit| {
                let z = space.z(hit.row);
                let why = Why {
                    engine: Self::NAME.into(),
                    text: String::new(),
                    nearest: nearest.to(&z),
                    fit: Some(yardstick.fit(hit.distance)),
                    dims: signature
                        .contributions(space, hit.row)
                        .into_iter()
                        .take(DIMS_NAMED)
                        .filter(|&(_, part)| part < 0.0)
                        .map(|(dim, part)| (dim + 1, part))
                        .collect(),
                };
                Some(Proposal { id: space.id(hit.row)?, score: -hit.distance, why })
            })
            .collect())
    }
}

/// Finds the member nearest to a point, by Euclid over the signature's dimensions.
struct Nearest {
    members: Vec<(TrackId, Scorer)>,
}

impl Nearest {
    fn new(space: &Space, signature: &Signature, members: &[Member]) -> Nearest {
        let dims: Vec<u8> = signature.dims.iter().map(|d| d.dim).collect();
        let step = members.len().div_ceil(MEMBERS_COMPARED).max(1);
        let scorer = |m: &Member| Some((space.id(m.row)?, Scorer::euclid(&space.z(m.row), dims.iter().copied())));
        Nearest { members: members.iter().step_by(step).filter_map(scorer).collect() }
    }

    fn to(&self, z: &Latent) -> Option<TrackId> {
        let distances = self.members.iter().map(|(id, scorer)| (scorer.distance(z), *id));
        distances.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
    }
}

/// What the library's own albums teach about a set's variance; the default while there are few.
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
    // A map's order changes from run to run, and with it the last digits of a sum.
    albums.sort_unstable();
    Prior::fit(space, &albums)
}

/// Describes the signature of a playlist; `members` 0 and no dimensions when nothing of it is analysed.
pub fn signature_report(
    catalog: &Catalog,
    space: &Space,
    playlist: &[TrackId],
    choice: &Choice,
    prior: Prior,
) -> SignatureReport {
    let members = members(catalog, space, playlist);
    match Signature::of(space, &members, choice, prior) {
        Some(signature) => signature.report(confidence(space, &members, choice, prior)),
        None => SignatureReport::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::fixture::{context, id, style_of};
    use std::sync::Arc;

    #[test]
    fn it_stays_with_the_playlist_s_style_and_says_why() {
        for n in [0u8, 8, 16, 24] {
            let context = context(&[n, n + 2]);
            let proposals = SignatureEngine.propose(&context, 5).unwrap();
            assert_eq!(proposals.len(), 5);
            assert!(proposals.is_sorted_by(|a, b| a.score >= b.score));
            for p in &proposals {
                assert_eq!(style_of(p.id), n / 8);
                assert!(![id(n), id(n + 2)].contains(&p.id));
                assert!([id(n), id(n + 2)].contains(&p.why.nearest.unwrap()));
                assert!(p.why.fit.unwrap() > 0.6 && p.why.dims.len() <= 3 && p.why.engine == "signature");
                assert!(p.why.dims.iter().all(|&(d, part)| (1..=32).contains(&d) && part < 0.0));
            }
        }
    }

    #[test]
    fn the_playing_track_serves_when_no_playlist_stands() {
        let mut context = context(&[17]);
        context.situation.playlist.clear();
        let proposals = SignatureEngine.propose(&context, 5).unwrap();
        assert!(proposals.iter().all(|p| style_of(p.id) == 2 && p.id != id(17)));
        context.situation.playing = None;
        assert!(SignatureEngine.propose(&context, 5).unwrap_err().starts_with("nothing to go by"));
    }

    #[test]
    fn unanalysed_members_are_skipped_and_none_is_said() {
        let mut context = context(&[0]);
        context.situation.playlist.push(id(200));
        assert_eq!(SignatureEngine.propose(&context, 5).unwrap().len(), 5);
        context.space = Arc::default();
        assert_eq!(SignatureEngine.propose(&context, 5).unwrap_err(), "nothing of the playlist is analysed yet");
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
