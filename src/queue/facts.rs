//! What a set and a track have in common, dimension by dimension: plain data that `describe` puts
//! into words.

use crate::latent::{DIMS, Dim, Fact, Member, NAMED, Signature, Space};

/// Maximum number of facts about one track.
const MOST: usize = 8;
/// Number of members from which quartiles are computed, spread evenly over a long playlist.
const MEMBERS: usize = 256;
/// Index of the mode among the named dimensions, which distinguishes a minor key from its relative
/// major.
const MODE: usize = 2;

/// Quartiles of a set's members in each dimension of its signature.
#[derive(Debug)]
pub(super) struct Common {
    dims: Vec<Range>,
}

#[derive(Debug)]
struct Range {
    dim: Dim,
    low: f32,
    high: f32,
}

impl Common {
    /// Computes the quartiles for a signature and the members that it was made of.
    pub fn of(space: &Space, signature: &Signature, members: &[Member]) -> Common {
        let step = members.len().div_ceil(MEMBERS).max(1);
        let range = |dim: &Dim| {
            let mut values: Vec<f32> =
                members.iter().step_by(step).filter_map(|m| value(space, m.row, dim.dim)).collect();
            let (low, high) = if goes_round(dim.dim) { quartiles_round(&values)? } else { quartiles(&mut values)? };
            Some(Range { dim: *dim, low, high })
        };
        Common { dims: signature.dims.iter().filter_map(range).collect() }
    }

    /// The facts about a row in the given dimensions (counted from 0), in their order; those not in
    /// the signature are skipped.
    pub fn with(&self, space: &Space, row: u32, dims: impl Iterator<Item = u8>) -> Vec<Fact> {
        let fact = |dim: u8| {
            let range = self.dims.iter().find(|r| r.dim.dim == dim)?;
            let mode = space.named(row)[MODE];
            Some(Fact {
                dim: dim + 1,
                value: value(space, row, dim)?,
                low: range.low,
                high: range.high,
                centre: if goes_round(dim) { 0.0 } else { range.dim.centre() },
                minor: mode.is_finite().then_some(mode < 0.0),
            })
        };
        dims.filter_map(fact).take(MOST).collect()
    }
}

fn goes_round(dim: u8) -> bool {
    usize::from(dim).checked_sub(DIMS).and_then(|i| NAMED.get(i)).is_some_and(|named| named.circular)
}

/// The value of a row in a dimension counted from 0: the normal score of a latent dimension, or a
/// named value in its own unit. `None` when it is missing.
pub(super) fn value(space: &Space, row: u32, dim: u8) -> Option<f32> {
    let value = match usize::from(dim).checked_sub(DIMS) {
        None => space.score(row, dim)?,
        Some(index) => *space.named(row).get(index)?,
    };
    value.is_finite().then_some(value)
}

fn quartiles(values: &mut [f32]) -> Option<(f32, f32)> {
    let last = values.len().checked_sub(1)?;
    values.sort_unstable_by(f32::total_cmp);
    let at = |share: f32| values[(share * last as f32).round() as usize];
    Some((at(0.25), at(0.75)))
}

/// Quartiles of angles, given in turns, around their circular mean; returned from 0 to below 1, so
/// the lower may be the greater number.
fn quartiles_round(turns: &[f32]) -> Option<(f32, f32)> {
    let angle = |t: &f32| t * std::f32::consts::TAU;
    let (sin, cos) = turns.iter().map(angle).fold((0.0, 0.0), |(s, c), a| (s + a.sin(), c + a.cos()));
    let centre = f32::atan2(sin, cos) / std::f32::consts::TAU;
    let mut offsets: Vec<f32> = turns.iter().map(|t| (t - centre + 0.5).rem_euclid(1.0) - 0.5).collect();
    let (low, high) = quartiles(&mut offsets)?;
    Some(((centre + low).rem_euclid(1.0), (centre + high).rem_euclid(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::{Choice, Prior};
    use crate::queue::fixture::{context, id};

    #[test]
    fn quartiles_go_round_the_seam() {
        assert_eq!(quartiles(&mut [5.0, 1.0, 2.0, 3.0, 4.0]), Some((2.0, 4.0)));
        assert_eq!(quartiles(&mut []), None);
        let (low, high) = quartiles_round(&[0.95, 0.98, 0.0, 0.02, 0.05]).unwrap();
        assert!((low - 0.98).abs() < 1e-5 && (high - 0.02).abs() < 1e-5, "{low} {high}");
        assert_eq!(quartiles_round(&[]), None);
    }

    #[test]
    fn facts_are_of_the_dimensions_asked_for_and_known() {
        let context = context(&[0, 1, 2, 3, 4]);
        let named = |n: u8| {
            let mut values = [f32::NAN; NAMED.len()];
            (values[0], values[2]) = (f32::from(n) / 100.0, if n.is_multiple_of(2) { -0.5 } else { 0.5 });
            values
        };
        let space = (*context.space).clone().with_named(|t| Some(named(t.0[1])));
        let members = context.members(&context.situation.playlist);
        let choice = Choice::dims([2, 6, 32]);
        let signature = Signature::of(&space, &members, &choice, Prior::default()).unwrap();
        let row = space.row(id(6)).unwrap();
        let facts = Common::of(&space, &signature, &members).with(&space, row, [32, 6, 11].into_iter());
        assert_eq!(facts.iter().map(|f| f.dim).collect::<Vec<_>>(), [33, 7]);
        assert!((facts[0].value - 0.06).abs() < 1e-6 && facts[0].minor == Some(true) && facts[0].centre == 0.0);
        assert!((facts[0].low - 0.01).abs() < 1e-4 && (facts[0].high - 0.03).abs() < 1e-4, "{facts:?}");
        assert!(facts[1].low <= facts[1].high && facts[1].centre != 0.0);
    }
}
