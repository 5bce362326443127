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
