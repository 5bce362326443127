//! What the reasons of several picks have in common, so that a list can say it once, above them all.

use super::Cards;
use super::reason::{Part, joined, parts};
use crate::latent::Why;
use crate::library::Catalog;

/// What several reasons have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shared {
    parts: Vec<Part>,
}

/// What the reasons of all these picks have in common; of a single one, nothing.
pub fn shared<'a>(picks: impl IntoIterator<Item = &'a Why>, catalog: &Catalog, cards: Option<&Cards>) -> Shared {
    let mut picks = picks.into_iter();
    let (Some(first), Some(second)) = (picks.next(), picks.next()) else { return Shared::default() };
    let mut common = parts(first, catalog, cards, &[]);
    common.retain(|part| !matches!(part, Part::Alone(_)));
    for why in std::iter::once(second).chain(picks) {
        if common.is_empty() {
            break;
        }
        let theirs = parts(why, catalog, cards, &[]);
        common.retain(|part| theirs.contains(part));
    }
    Shared { parts: common }
}

impl Shared {
    /// For a heading: `96–104 bpm, warm, like Young Again`; empty when there is nothing.
    pub fn words(&self) -> String {
        let word = |part: &Part| match part {
            Part::Near { title, .. } => format!("like {title}"),
            other => other.to_string(),
        };
        self.parts.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    /// What the reason of one pick says beyond it; empty when that is nothing.
    pub fn own(&self, why: &Why, catalog: &Catalog, cards: Option<&Cards>) -> String {
        joined(&parts(why, catalog, cards, &self.parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::reason;
    use crate::latent::{Step, Term, Way};
    use crate::library::Song;
    use crate::track::{Tags, TrackId};
    use std::sync::Arc;

    fn catalog() -> Catalog {
        let song = |n: u8, title: &str| {
            let tags = Tags { title: Some(title.into()), artist: Some("Greg".into()), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}"), TrackId([n; 16])) })
        };
        Catalog::new(vec![song(1, "Young Again"), song(2, "Half Moon")])
    }

    fn pick(nearest: u8, words: &[&str]) -> Why {
        let words = words.iter().map(|word| (*word).to_string()).collect();
        Why { engine: "signature".into(), nearest: Some(TrackId([nearest; 16])), words, ..Why::default() }
    }

    #[test]
    fn what_all_have_in_common_is_said_once() {
        let catalog = catalog();
        let picks = [pick(1, &["warm", "folk"]), pick(1, &["calm", "warm"]), pick(1, &["warm"])];
        let common = shared(&picks, &catalog, None);
        assert_eq!(common.words(), "warm, like Young Again");
        let own: Vec<String> = picks.iter().map(|why| common.own(why, &catalog, None)).collect();
        assert_eq!(own, ["folk", "calm", ""]);
        assert_eq!(reason(&picks[1], &catalog, None), "calm, warm, close to Young Again by Greg", "alone it says all");
    }

    #[test]
    fn what_is_left_out_makes_room_for_more() {
        let catalog = catalog();
        let picks = [pick(1, &["a", "b", "c", "d", "e"]), pick(2, &["a", "b", "c", "f"])];
        let common = shared(&picks, &catalog, None);
        assert_eq!(common.words(), "a, b, c");
        assert_eq!(common.own(&picks[0], &catalog, None), "d, e, close to Young Again by Greg");
        assert_eq!(common.own(&picks[1], &catalog, None), "f, close to Half Moon by Greg");
    }

    #[test]
    fn nothing_is_shared_where_picks_differ_or_there_is_one() {
        let catalog = catalog();
        let (one, other) = (pick(1, &["warm"]), pick(2, &["calm"]));
        for picks in [&[][..], std::slice::from_ref(&one), &[one.clone(), other.clone()]] {
            let common = shared(picks, &catalog, None);
            assert_eq!(common, Shared::default());
            assert_eq!(common.own(&one, &catalog, None), reason(&one, &catalog, None));
        }
    }

    #[test]
    fn steps_fits_and_what_counted_against_a_pick_are_its_own() {
        let catalog = catalog();
        let held = |why: Why| Why { run: 2, terms: vec![(Term::Run, -1.0)], ..why };
        let step = |at| Some(Step { course: 1, way: Way::Direction { dim: 32, up: true }, at, of: 12 });
        let picks = [held(Why { step: step(3), ..pick(1, &[]) }), held(Why { step: step(3), ..pick(1, &[]) })];
        let common = shared(&picks, &catalog, None);
        assert_eq!(common.words(), "like Young Again");
        assert_eq!(common.own(&picks[0], &catalog, None), "↑ tempo 3/12, second by this artist, so held back");
        let fits = [Why { fit: Some(0.9), ..Why::default() }, Why { fit: Some(0.9), ..Why::default() }];
        assert_eq!(shared(&fits, &catalog, None), Shared::default());
        // An engine that says nothing is named once.
        let silent =
            [Why { engine: "radio".into(), ..Why::default() }, Why { engine: "radio".into(), ..Why::default() }];
        let common = shared(&silent, &catalog, None);
        assert_eq!(
            (common.words().as_str(), common.own(&silent[0], &catalog, None).as_str()),
            ("proposed by radio", "")
        );
    }
}
