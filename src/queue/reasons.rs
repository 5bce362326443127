//! Explains why a track fits a signature.

use super::facts::Common;
use super::{Context, Why};
use crate::latent::{DIMS, Latent, Member, Scorer, Signature, Space, Yardstick, lexicon};
use crate::track::TrackId;

/// Name of the engine that gives these reasons.
pub(super) const NAME: &str = "signature";
/// Maximum number of dimensions in a reason.
const DIMS_NAMED: usize = 3;
/// Number of members compared for the nearest one and for shared words, spread evenly over a long
/// playlist.
const MEMBERS_COMPARED: usize = 256;

/// Data prepared from a signature and its members, to explain why tracks fit.
#[derive(Debug)]
pub(super) struct Reasons {
    /// Built once, since building its tables costs more than a scan.
    pub scorer: Scorer,
    yardstick: Yardstick,
    nearest: Nearest,
    common: Common,
    /// Words that describe many of the members.
    words: Vec<String>,
}

impl Reasons {
    /// Prepares the reasons for a signature and the members that it was made of.
    pub fn new(context: &Context, signature: &Signature, members: &[Member]) -> Reasons {
        let space = &context.space;
        Reasons {
            scorer: signature.scorer(),
            yardstick: Yardstick::of(space, signature, members, &context.choice, context.prior),
            nearest: Nearest::new(space, signature, members),
            common: Common::of(space, signature, members),
            words: words(space, members),
        }
    }

    /// Explains why a row fits.
    pub fn why(&self, context: &Context, row: u32) -> Why {
        let space = &context.space;
        let parts = space.contributions(&self.scorer, row);
        let fits = || parts.iter().filter(|(_, part)| *part < 0.0);
        Why {
            engine: NAME.into(),
            text: String::new(),
            nearest: self.nearest.to(&space.point(row)),
            fit: Some(self.yardstick.fit(space.distance(&self.scorer, row))),
            dims: fits().take(DIMS_NAMED).map(|&(dim, part)| (dim + 1, part)).collect(),
            facts: self.common.with(space, row, fits().map(|&(dim, _)| dim)),
            words: space.said(row).into_iter().filter(|word| self.words.contains(word)).collect(),
            ..Why::default()
        }
    }
}

/// The words that describe at least a third of the members (of a sample, when there are many).
fn words(space: &Space, members: &[Member]) -> Vec<String> {
    let step = members.len().div_ceil(MEMBERS_COMPARED).max(1);
    let rows: Vec<u32> = members.iter().step_by(step).map(|m| m.row).collect();
    lexicon::shared(space.lexicon(), space.tags(), &rows)
}

/// Finds the member nearest to a point, by the Euclidean distance over the encoder's dimensions in
/// the signature, or over all of the encoder's when the signature has only named ones.
#[derive(Debug)]
struct Nearest {
    members: Vec<(TrackId, Scorer)>,
}

impl Nearest {
    fn new(space: &Space, signature: &Signature, members: &[Member]) -> Nearest {
        let mut dims: Vec<u8> = signature.dims.iter().map(|d| d.dim).filter(|&dim| usize::from(dim) < DIMS).collect();
        if dims.is_empty() {
            dims = (0..DIMS as u8).collect();
        }
        let step = members.len().div_ceil(MEMBERS_COMPARED).max(1);
        let scorer = |m: &Member| Some((space.id(m.row)?, Scorer::around(&space.point(m.row), dims.iter().copied())));
        Nearest { members: members.iter().step_by(step).filter_map(scorer).collect() }
    }

    fn to(&self, z: &Latent) -> Option<TrackId> {
        let distances = self.members.iter().map(|(id, scorer)| (scorer.distance(z), *id));
        distances.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::latent::{Choice, Prior};
    use crate::queue::fixture::{context, id};

    fn squared(a: &Latent, b: &Latent, dims: &[usize]) -> f32 {
        dims.iter().map(|&d| (a[d] - b[d]).powi(2)).sum()
    }

    #[test]
    fn the_nearest_member_is_the_one_that_no_other_is_nearer_than() {
        let playlist = [0, 3, 5, 9, 12, 20, 22, 30];
        let context = context(&playlist);
        let space = &context.space;
        let point = |n: u8| space.point(space.row(id(n)).unwrap());
        for choice in [Choice::Auto, Choice::All, Choice::dims([4, 11])] {
            let members = context.members(&context.situation.playlist);
            let signature = Signature::of(space, &members, &choice, Prior::default()).unwrap();
            let mut dims: Vec<usize> =
                signature.dims.iter().map(|d| usize::from(d.dim)).filter(|d| *d < DIMS).collect();
            if dims.is_empty() {
                dims = (0..DIMS).collect();
            }
            let reasons = Reasons::new(&context, &signature, &members);
            for n in 0..32 {
                let found = reasons.why(&context, space.row(id(n)).unwrap()).nearest.unwrap();
                let found = playlist.into_iter().find(|&member| id(member) == found).expect("a member");
                let of = |member: u8| squared(&point(n), &point(member), &dims);
                let least = playlist.into_iter().map(of).fold(f32::INFINITY, f32::min);
                assert!(of(found) <= least * 1.0001, "{choice} {n}: {found}");
                assert!(found == n || !playlist.contains(&n), "a member is nearest to itself");
            }
        }
    }

    #[test]
    fn near_counts_in_the_dimensions_of_the_signature() {
        // Of two members, one is like the track in dimension 3 alone, and the other in all the others.
        let at = |third: f32, others: f32| -> Latent { std::array::from_fn(|d| if d == 3 { third } else { others }) };
        let rest = (3..40u8).map(|n| (id(n), at(f32::from(n % 7) - 3.0, f32::from(n % 5) - 2.0)));
        let latents = [(id(0), at(2.0, -2.0)), (id(1), at(-3.0, 2.0)), (id(2), at(2.0, 2.0))].into_iter().chain(rest);
        let space = Space::build("test".into(), Arc::default(), latents.collect());
        let members = [0, 1].map(|n| Member { row: space.row(id(n)).unwrap(), group: u64::from(n) });
        let track = space.point(space.row(id(2)).unwrap());
        let nearest = |choice: &str| {
            let signature = Signature::of(&space, &members, &choice.parse().unwrap(), Prior::default()).unwrap();
            Nearest::new(&space, &signature, &members).to(&track)
        };
        assert_eq!(nearest("4"), Some(id(0)), "dimensions are counted from 1");
        assert_eq!(nearest("off"), Some(id(1)));
        // None of the encoder's dimensions: then all of them count.
        let all = Signature::of(&space, &members, &Choice::All, Prior::default()).unwrap();
        let named = Signature { dims: Vec::new(), ..all };
        assert_eq!(Nearest::new(&space, &named, &members).to(&track), Some(id(1)));
        assert_eq!(Nearest::new(&space, &named, &[]).to(&track), None);
    }
}
