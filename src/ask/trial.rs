//! A signature that is tried: every dimension of a set under a choice, and what the queue would hold under it.

use std::sync::Arc;

use crate::latent::{Choice, Histograms, Signature, Space, Stand};
use crate::queue::Proposal;
use crate::track::TrackId;

/// What a choice of dimensions makes of a set of tracks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried {
    /// What the set is called.
    pub label: String,
    /// Its tracks, as far as they are in the library.
    pub tracks: Vec<TrackId>,
    /// The choice that was used.
    pub choice: Choice,
    /// How many of the tracks are analysed.
    pub members: usize,
    /// Whether too few dimensions stand out, or all were asked for, so that all of the encoder's count.
    pub soft: bool,
    /// Every dimension in which something is known of the set, the most telling first, whatever the choice.
    pub rows: Vec<Row>,
    /// How the library is spread over the dimensions.
    pub library: Arc<Histograms>,
    /// What the queue's next request would bring, in playing order.
    pub picks: Vec<Proposal>,
    /// A note about the picks, such as that an engine failed.
    pub note: Option<String>,
    /// Another set to compare with.
    pub beside: Option<Beside>,
}

/// One dimension of the set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Row {
    /// Counted from 0; from 32 on the named ones.
    pub dim: u8,
    /// Whether it counts, and why.
    pub counting: Counting,
    /// The weight that the user gave it, or 1.
    pub weight: f32,
    /// Whether the set agrees on it by test; what the user chose does not matter.
    pub tested: bool,
    /// How much it tells about the set, in nats, times the dimension's share in the distance.
    pub tells: f32,
    /// p-value of the test for agreement; 1 where none was possible.
    pub p_value: f32,
    /// The set's centre: a normal score, or of a circular dimension an angle in radians.
    pub centre: f32,
    /// How far further tracks are expected from the centre, in the same unit.
    pub spread: f32,
    /// The playing track's score, where it is known.
    pub playing: Option<f32>,
}

/// Whether a dimension counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// The user said so.
    Yours,
    /// The tracks agree on it by test.
    Tested,
    /// It was not chosen. Unless the user listed the dimensions to use, one of the encoder's still counts as far as the
    /// tracks agree in it.
    #[default]
    Unchosen,
    /// The user left it out.
    Never,
}

/// Another set beside the one that is tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// What it is called.
    pub label: String,
    /// How many of its tracks are analysed.
    pub members: usize,
    /// The Bhattacharyya distance of the two (`latent::compare`).
    pub distance: f64,
    /// Its centre and spread by dimension (counted from 0), the most different first; only dimensions of either.
    pub dims: Vec<(u8, f32, f32)>,
}

impl Tried {
    /// The row of a dimension counted from 0.
    pub fn row(&self, dim: u8) -> Option<&Row> {
        self.rows.iter().find(|row| row.dim == dim)
    }
}

/// The rows of a signature, the most telling first; `playing` is the track that plays.
pub fn rows(space: &Space, signature: &Signature, choice: &Choice, playing: Option<TrackId>) -> Vec<Row> {
    let tested = signature.tested(space);
    let playing = playing.and_then(|track| space.row(track));
    let chosen = |dim: u8| !signature.soft && signature.dims.iter().any(|d| d.dim == dim);
    let mut rows: Vec<Row> = signature
        .profile
        .iter()
        .map(|d| {
            let stand = choice.stand(d.dim);
            let counting = match stand {
                Stand::Used(_) => Counting::Yours,
                Stand::Never => Counting::Never,
                Stand::ByTest if chosen(d.dim) => Counting::Tested,
                Stand::ByTest | Stand::Unlisted => Counting::Unchosen,
            };
            Row {
                dim: d.dim,
                counting,
                weight: if let Stand::Used(weight) = stand { weight } else { 1.0 },
                tested: tested.contains(&d.dim),
                tells: d.share * d.info,
                p_value: d.p_value,
                centre: d.centre(),
                spread: d.spread(),
                playing: playing.and_then(|row| space.score(row, d.dim)),
            }
        })
        .collect();
    rows.sort_by(|a, b| b.tells.total_cmp(&a.tells).then(a.dim.cmp(&b.dim)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::{Latent, Member, Prior};

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    /// Twelve members that agree on the dimensions 1, 2 and 3 among a hundred tracks.
    fn space() -> (Space, Vec<Member>) {
        let mut rng = fastrand::Rng::with_seed(6);
        let mut noise = move || (0..6).map(|_| rng.f32() - 0.5).sum::<f32>();
        let latent = |n: u8| -> Latent {
            let mut latent: Latent = std::array::from_fn(|_| noise());
            if n < 12 {
                latent[..3].iter_mut().for_each(|v| *v = 1.2 + 0.05 * *v);
            }
            latent
        };
        let tracks: Vec<(TrackId, Latent)> = (0..100).map(id).zip((0..100).map(latent)).collect();
        let space = Space::build("x".into(), Arc::default(), tracks);
        let members = (0..12).filter_map(|n| Some(Member { row: space.row(id(n))?, group: u64::from(n) })).collect();
        (space, members)
    }

    fn of(choice: &str) -> Vec<Row> {
        let (space, members) = space();
        let choice: Choice = choice.parse().unwrap();
        let signature = Signature::of(&space, &members, &choice, Prior::default()).unwrap();
        rows(&space, &signature, &choice, Some(id(0)))
    }

    fn counting(rows: &[Row], dim: u8) -> (Counting, f32) {
        rows.iter().find(|row| row.dim == dim).map(|row| (row.counting, row.weight)).unwrap()
    }

    #[test]
    fn every_dimension_has_a_row_and_the_most_telling_come_first() {
        let rows = of("auto");
        assert_eq!(rows.len(), crate::latent::DIMS);
        let mut first: Vec<u8> = rows[..3].iter().map(|row| row.dim).collect();
        first.sort_unstable();
        assert_eq!(first, [0, 1, 2]);
        assert!(rows.is_sorted_by(|a, b| a.tells >= b.tells));
        assert!(rows[..3].iter().all(|row| row.tested && row.centre > 0.5 && row.playing.is_some_and(|z| z > 0.5)));
    }

    #[test]
    fn the_rows_say_what_counts_and_why() {
        let rows = of("auto,9*2,-1");
        assert_eq!(counting(&rows, 8), (Counting::Yours, 2.0));
        assert_eq!(counting(&rows, 0), (Counting::Never, 1.0));
        assert_eq!(counting(&rows, 1).0, Counting::Tested);
        assert!(rows.iter().any(|row| row.counting == Counting::Unchosen));
        assert!(rows.iter().find(|row| row.dim == 0).unwrap().tested, "the test would choose it");
        let rows = of("2");
        assert_eq!((counting(&rows, 1).0, counting(&rows, 0).0), (Counting::Yours, Counting::Unchosen));
        // The order does not depend on the choice: rows do not move while they are changed.
        let order = |choice: &str| of(choice).iter().map(|row| row.dim).collect::<Vec<_>>();
        assert_eq!(order("auto"), order("auto,9*2,-1"));
    }

    #[test]
    fn a_dimension_counts_as_its_choice_says() {
        let (space, members) = space();
        let signature =
            |choice: &str| Signature::of(&space, &members, &choice.parse().unwrap(), Prior::default()).unwrap();
        let scored =
            |choice: &str, dim: u8| signature(choice).scored.iter().find(|d| d.dim == dim).map(|d| (d.weight, d.share));
        assert_eq!(scored("auto,9*2", 8), Some((2.0, 1.0)));
        assert_eq!((scored("auto,9*2,-1", 0), scored("auto,9*2", 0).is_some()), (None, true));
        let has = |choice: &str, dim: u8| signature(choice).dims.iter().any(|d| d.dim == dim);
        assert!([0, 1, 2, 8].iter().all(|dim| has("auto,9", *dim)));
        assert!([1, 2, 8, 9].iter().all(|dim| has("auto,9,10,-1", *dim)) && !has("auto,9,10,-1", 0));
        assert!(!signature("auto,9,10,11").soft);
        // Without a word about single dimensions it is the same as before.
        assert_eq!(signature("auto,-1"), signature("-1"));
    }
}
