//! The difference between two sets, in words.

use serde::{Deserialize, Serialize};

use crate::latent::DimReport;

use super::{Cards, signature};

/// A comparison of two sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The user's name for the first.
    pub a: String,
    /// The user's name for the second.
    pub b: String,
    /// Analysed members of the first.
    pub members_a: usize,
    /// Analysed members of the second.
    pub members_b: usize,
    /// The Bhattacharyya distance of their signatures, 0 for equal ones (`latent::compare`).
    pub distance: f64,
    /// The dimensions of either, the most different first.
    pub dims: Vec<Difference>,
}

/// One dimension of two sets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The first set in it.
    pub a: DimReport,
    /// The second set in it.
    pub b: DimReport,
    /// Its contribution to the distance, before averaging over dimensions.
    pub distance: f32,
}

/// Number of dimensions put into words.
const MOST: usize = 8;

/// What a Bhattacharyya distance means to a listener. Two sets as tight as albums mostly are (variance 0.4) and one
/// standard deviation of the library apart in every dimension are at 0.31.
pub fn kinship(distance: f64) -> &'static str {
    match distance {
        d if d < 0.05 => "hardly distinguishable",
        d if d < 0.15 => "much alike",
        d if d < 0.35 => "related",
        d if d < 0.8 => "different",
        _ => "worlds apart",
    }
}

/// The comparison in lines: the distance in words, then the dimensions that differ most.
pub fn lines(c: &Comparison, cards: Option<&Cards>) -> Vec<String> {
    let tracks = |n: usize| if n == 1 { "1 track".to_string() } else { format!("{n} tracks") };
    let heads = format!("{} ({}) and {} ({})", c.a, tracks(c.members_a), c.b, tracks(c.members_b));
    let mut out = vec![format!("{heads} are {}: distance {:.2}", kinship(c.distance), c.distance)];
    for d in c.dims.iter().take(MOST) {
        let name = signature::name(&d.a);
        let meaning = cards.map(|cards| cards.meaning(d.a.dim.saturating_sub(1))).unwrap_or_default();
        let sides = if d.a.circular {
            String::from("differ around the circle")
        } else {
            format!("{:+.1} ± {:.1} against {:+.1} ± {:.1}", d.a.mean, d.a.spread, d.b.mean, d.b.spread)
        };
        let meaning = if meaning.is_empty() { String::new() } else { format!("  {meaning}") };
        out.push(format!("{name:>13}  {:.2}  {sides}{meaning}", d.distance));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_reads_well() {
        let dim = |mean, spread| DimReport { dim: 7, name: "7".into(), mean, spread, ..DimReport::default() };
        let c = Comparison {
            a: "late-night".into(),
            b: "playlist".into(),
            members_a: 12,
            members_b: 1,
            distance: 0.42,
            dims: vec![Difference { a: dim(1.5, 0.4), b: dim(-0.5, 0.8), distance: 1.26 }],
        };
        let cards = Cards {
            cards: vec![super::super::Card { meaning: "dark ↔ bright".into(), ..Default::default() }; 32],
            ..Cards::default()
        };
        assert_eq!(
            lines(&c, Some(&cards)),
            [
                "late-night (12 tracks) and playlist (1 track) are different: distance 0.42",
                "            7  1.26  +1.5 ± 0.4 against -0.5 ± 0.8  dark ↔ bright",
            ]
        );
        assert_eq!(kinship(0.0), "hardly distinguishable");
        assert_eq!(kinship(f64::INFINITY), "worlds apart");
    }
}
