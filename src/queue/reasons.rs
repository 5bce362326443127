//! Why a track fits a signature.

use super::facts::Common;
use super::{Context, Why};
use crate::latent::{DIMS, Latent, Member, Scorer, Signature, Space, Yardstick, lexicon};
use crate::track::TrackId;

/// The name of the engine that gives these reasons.
pub(super) const NAME: &str = "signature";
/// How many dimensions a reason names.
const DIMS_NAMED: usize = 3;
/// The nearest member is looked for among this many, spread evenly over a long playlist.
const MEMBERS_COMPARED: usize = 256;

/// What a signature has to say of any track.
#[derive(Debug)]
pub(super) struct Reasons {
    /// Made once for all: its tables cost more than a scan.
    pub scorer: Scorer,
    yardstick: Yardstick,
    nearest: Nearest,
    common: Common,
    /// The words that are said of many members.
    words: Vec<String>,
}

impl Reasons {
    /// Of a signature and the members that it was made of.
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

    /// Why a row fits.
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

/// The words that are said of at least a third of the members, of at most so many as are compared.
fn words(space: &Space, members: &[Member]) -> Vec<String> {
    let step = members.len().div_ceil(MEMBERS_COMPARED).max(1);
    let rows: Vec<u32> = members.iter().step_by(step).map(|m| m.row).collect();
    lexicon::shared(space.lexicon(), space.tags(), &rows)
}

/// Finds the member nearest to a point, by the Euclidean distance over the encoder's dimensions of the signature, or over all
/// of them where it has named dimensions only.
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
