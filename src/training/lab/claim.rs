//! A claim of the paper, and what tests it.

use super::answer::{Answer, Predicts};
use super::arm::Experiment;
use super::measures::Measure;
use super::trained_heads::Head;

/// A claim of the paper.
pub struct Claim {
    /// Where the paper makes it.
    pub place: &'static str,
    /// The claim.
    pub words: &'static str,
    /// What the paper has for it, and its authors' code and log where they say more or something else.
    pub theirs: &'static str,
    /// What tests it.
    pub ours: Ours,
    /// Whether the summary of the page answers it.
    pub headline: bool,
}

/// What tests a claim.
pub enum Ours {
    /// The accuracy of the authors' recipe, which the claim states.
    Accuracy(f64),
    /// The difference of arms.
    Arms(Comparison),
    /// How the effect of batch normalisation with decibels differs from that with powers.
    Decibels(Predicts),
    /// Whether the authors' network does as well on clips that it has not seen.
    Generalises,
    /// Whether a head that the paper gave up can be trained.
    Head(Head),
    /// What is known without a run.
    Known(&'static str, Answer, &'static str),
    /// What other commands measured.
    Measured {
        /// What came out. Every number in it stands on the page.
        words: &'static str,
        /// The page that tells how, as seen from docs/paper.md.
        page: &'static str,
        /// The answer.
        answer: Answer,
        /// What narrows it.
        more: &'static str,
    },
    /// Nothing yet; the command that would test it, or why there is none.
    Open(&'static str),
}

/// The difference of two arms, or of two such differences.
pub struct Comparison {
    /// Their experiment.
    pub experiment: Experiment,
    /// The first arm of a pair minus the second, and the first pair minus the second if there are two.
    pub pairs: &'static [[&'static str; 2]],
    /// What is compared.
    pub measure: Measure,
    /// What the claim says of it.
    pub predicts: Predicts,
}

impl Comparison {
    /// The names of its arms.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.pairs.iter().flatten().copied()
    }
}

impl Claim {
    /// The same, answered in the summary.
    pub const fn headline(self) -> Claim {
        Claim { headline: true, ..self }
    }
}

/// A claim with its place, its words, what the paper has for it, and what tests it.
pub const fn claim(place: &'static str, words: &'static str, theirs: &'static str, ours: Ours) -> Claim {
    Claim { place, words, theirs, ours, headline: false }
}

/// Arms that are compared.
pub const fn arms(
    experiment: Experiment,
    pairs: &'static [[&'static str; 2]],
    measure: Measure,
    predicts: Predicts,
) -> Ours {
    Ours::Arms(Comparison { experiment, pairs, measure, predicts })
}

/// What another page has, with the answer and what narrows it.
pub const fn measured(words: &'static str, page: &'static str, answer: Answer, more: &'static str) -> Ours {
    Ours::Measured { words, page, answer, more }
}

/// The page of most measurements.
pub const FIGURES: &str = "measurements.md";
/// That of the data sets.
pub const DATA: &str = "data.md";
/// The card of an encoder that learned the genres of FMA-small.
pub const CARD: &str = "../models/strobe.md";
