//! What the paper claims, section by section, and what tests it here.

use super::arm::Experiment::{self, Fig3, Table4};
use super::effects::Measure::{self, Best, Last, Test};

/// A claim of the paper.
pub struct Claim {
    /// Where the paper makes it.
    pub place: &'static str,
    /// The claim.
    pub words: &'static str,
    /// What the paper has for it, and its authors' code and log where they say something else.
    pub theirs: &'static str,
    /// What tests it.
    pub ours: Ours,
}

/// What tests a claim.
pub enum Ours {
    /// The accuracy of the authors' recipe, which the claim states.
    Accuracy(f64),
    /// The difference of two arms.
    Arms(Comparison),
    /// The interaction of two factors of the ablation, and the sign that the claim predicts.
    Interaction([usize; 2], i8),
    /// What is known without a run, and the verdict.
    Known(&'static str, &'static str),
    /// What other commands measured.
    Measured {
        /// What came out.
        words: &'static str,
        /// The page that tells how, as seen from docs/paper.md.
        page: &'static str,
        /// The figures in `words` as they stand on that page.
        figures: &'static [&'static str],
        /// The verdict.
        verdict: &'static str,
    },
    /// Nothing yet.
    Untested,
}

/// The first of two arms minus the second.
pub struct Comparison {
    /// Their experiment.
    pub experiment: Experiment,
    /// Their names.
    pub arms: [&'static str; 2],
    /// The accuracy that is compared.
    pub measure: Measure,
    /// The sign of the difference that the claim predicts.
    pub predicts: i8,
}

const fn claim(place: &'static str, words: &'static str, theirs: &'static str, ours: Ours) -> Claim {
    Claim { place, words, theirs, ours }
}

const fn arms(experiment: Experiment, arms: [&'static str; 2], measure: Measure, predicts: i8) -> Ours {
    Ours::Arms(Comparison { experiment, arms, measure, predicts })
}

const fn measured(
    words: &'static str,
    page: &'static str,
    figures: &'static [&'static str],
    verdict: &'static str,
) -> Ours {
    Ours::Measured { words, page, figures, verdict }
}

/// The page of most measurements.
const FIGURES: &str = "measurements.md";
/// The card of an encoder that learned genres of FMA-small.
const CARD: &str = "../models/strobe.md";

/// The claims that the summary answers.
pub const HEADLINES: [&str; 3] = [BATCH, DROPOUT, PLANE];
const BATCH: &str = "batch normalisation severely limits learning";
const DROPOUT: &str = "dropout neither helps nor hurts";
const PLANE: &str = "2-D convolutions beat 1-D ones";

/// All claims, in the order of the paper.
pub static CLAIMS: &[Claim] = &[
    claim(
        "§1",
        "collaborative filtering cannot recommend what nobody has heard, sound can",
        "argued",
        Ours::Known("no data of other listeners is at hand", "not tested"),
    ),
    claim(
        "§1.1",
        "FMA-small has 8,000 songs of 8 genres",
        "8,000; 7,994 after cleaning",
        measured("8,000 clips, 8 genres; 7,194 were at hand", "data.md", &["8,000 clips", "8 genres", "7,194"], "held"),
    ),
    claim(
        "§2, §4.2",
        "genre accuracy is a proxy for the quality of recommendations",
        "argued",
        measured(
            "`strobe`, which learned genres, has genre P@10 58.7 (52.1–64.3) on other music and finds 29.9 % of an artist's \
             other albums; `ear`, which never saw a genre, 72.9 (65.5–78.8) and 42.6 %",
            FIGURES,
            &["(52.1–64.3)", "29.9", "(65.5–78.8)", "42.6"],
            "did not hold",
        ),
    ),
    claim(
        "§3.2, Table 1",
        "others reach 51.2 to 68.9 % on FMA-small",
        "quoted",
        Ours::Known("not repeated: their splits differ", "not comparable"),
    ),
    claim(
        "§4.1, Figure 1",
        "genres differ in their spectrograms",
        "two pictures",
        measured(
            "ridge regression on mean, deviation and delta of the mel bands finds 43.9 % of the genres, chance 12.5 %",
            "data.md",
            &["43.9 %", "12.5 %"],
            "held",
        ),
    ),
    claim(
        "§4.2",
        "a good latent space is clustered by genre",
        "argued",
        measured(
            "`ear`, which never saw a genre: genre P@10 72.9 (65.5–78.8), random order 25.3",
            FIGURES,
            &["(65.5–78.8)", "25.3"],
            "held",
        ),
    ),
    claim(
        "§4.2, §5.2",
        "a signature of a few dimensions extends a playlist well",
        "an idea, no code",
        measured(
            "AUC of members left out .922 (.872–.957) by all dimensions, each by its evidence, .907 by the chosen ones \
             alone, .919 by Euclid to the mean",
            FIGURES,
            &["(.872–.957)", ".907", ".919"],
            "held of signatures, not of few dimensions",
        ),
    ),
    claim(
        "§4.3, Table 2",
        "seven convolutions and pools of stride 1×1 end in 32 numbers",
        "the code's pools have the stride of their window",
        Ours::Known(
            "with stride 1×1 they end in 32 × 58 × 244 numbers, with the window's in 32 (`jukebox model show --layers paper`)",
            "did not hold as written",
        ),
    ),
    claim(
        "§4.4, Table 3",
        "the head has five dense layers and ends in a ReLU",
        "Table 3 has four; the code ends in a sigmoid",
        Ours::Known("four", "did not hold as written"),
    ),
    claim(
        "§5.1, Table 4",
        "51.4 % genre accuracy",
        "51.4 %; 45.9 % at best in the runs of their figure",
        Ours::Accuracy(0.514),
    ),
    claim(
        "§5.1, Table 4",
        "that is more than was reached without augmentation",
        "51.4 against 51.2 %",
        Ours::Known(
            "the standard error of their 900 validation clips is 1.7 points",
            "did not hold: not distinguishable",
        ),
    ),
    claim(
        "§5.1, Table 4",
        "… on a random split, which measures the same as one that keeps albums apart",
        "the paper does not say that it is random",
        arms(Table4, ["paper-random", "paper"], Test, 0),
    ),
    claim("§5.1", "one vector for a clip costs accuracy", "argued", Ours::Untested),
    claim("§5.1, Figure 3 right", BATCH, "20 to 27 against 45.9 %", arms(Fig3, ["bn", "baseline"], Best, -1)),
    claim(
        "§5.1",
        "… because spectrograms vary widely: with decibels it hurts less",
        "suspected",
        Ours::Interaction([0, 2], 1),
    ),
    claim(
        "§5.1",
        "… because batches of 16 are small: with 64 it hurts less",
        "suspected",
        arms(Fig3, ["bn-batch64", "bn"], Best, 1),
    ),
    claim(
        "§5.1, Figure 3 right",
        DROPOUT,
        "their log: 51 % after 100 epochs with it, 46 % without",
        arms(Fig3, ["dropout", "baseline"], Best, 0),
    ),
    claim(
        "§5.1",
        "dropout prevents deterioration in sessions of 100 epochs",
        "not pictured",
        arms(Fig3, ["dropout-100", "baseline-100"], Last, 1),
    ),
    claim(
        "§5.1, Figure 3 left",
        PLANE,
        "kernels of 3×1 in five of seven layers: over frequency",
        arms(Fig3, ["baseline", "1d"], Best, 1),
    ),
    claim("§5.1, Figure 3 left", "… as they ran it", "commit 0d324f0", arms(Fig3, ["baseline", "3x1"], Best, 1)),
    claim(
        "§5.1",
        "1-D filters have fewer parameters and cost less",
        "argued",
        measured(
            "`paper-1d` has 1,495,240 parameters and 32 M multiply-accumulates for a strobe image; `paper` has 2,233,032 and \
             half of 22.3 G",
            CARD,
            &["1,495,240", "32 M", "2,233,032", "22.3 G"],
            "held",
        ),
    ),
    claim("§1.1, §5.2", "neighbours are more alike than random tracks of the genre", "judged by ear", Ours::Untested),
    claim("§5.2", "neighbours are alike in percussion above all", "judged by ear", Ours::Untested),
    claim(
        "§5.2",
        "queues of nearest neighbours are less cohesive than those of a signature",
        "judged by ear; no signature in the code",
        measured(
            "slightly more cohesive in the latent (differences, player − nearest: +.020, .015 to .025) and no different in the \
             descriptors",
            FIGURES,
            &["+.020, .015 to .025", "slightly more cohesive in the latent", "no different in the"],
            "did not hold",
        ),
    ),
    claim(
        "§5.2",
        "a latent space that learned genres has clusters of predominantly one genre",
        "judged by ear",
        measured(
            "`strobe`: of the ten nearest, a share of 0.444 is of the genre, by chance 0.13",
            CARD,
            &["0.444", "0.13"],
            "held above chance, not for most",
        ),
    ),
    claim(
        "§6",
        "32 numbers keep what matters",
        "the accuracy above",
        measured(
            "genre P@10 on other music by the 32 numbers of `ear` 72.9 (65.5–78.8), by 13 descriptors 51.1 (45.1–56.2), by \
             bliss 55.7 (49.2–61.3)",
            FIGURES,
            &["(65.5–78.8)", "(45.1–56.2)", "(49.2–61.3)"],
            "held",
        ),
    ),
    claim("§6.1", "a decoder beside the genres does not train", "abandoned", Ours::Untested),
    claim(
        "§6.2",
        "EchoNest's features do not converge, from a network of genres they may",
        "abandoned",
        Ours::Untested,
    ),
    claim(
        "§6.3, Table 4",
        "augmentation raises accuracy",
        "64.7 against 51.2 %, of others",
        arms(Table4, ["paper-augmented", "paper"], Test, 1),
    ),
    claim("§6.3", "mel bands as channels generalise better", "suggested", arms(Table4, ["paper-1d", "paper"], Test, 1)),
    claim(
        "§6.4, Table 4",
        "a ResNet beats a CNN, both with augmentation",
        "66.7 against 64.7 %, of others",
        arms(Table4, ["resnet1d-augmented", "paper-augmented"], Test, 1),
    ),
    claim(
        "§6.4, Table 4",
        "a DenseNet beats a ResNet, both with augmentation",
        "68.9 against 66.7 %, of others",
        arms(Table4, ["densenet1d-augmented", "resnet1d-augmented"], Test, 1),
    ),
    claim(
        "§6.5",
        "recurrent networks suit genres",
        "suggested",
        arms(Table4, ["crnn-augmented", "paper-augmented"], Test, 1),
    ),
    claim(
        "§6.5",
        "recurrent networks suit the choice of the next song",
        "suggested",
        measured(
            "a GRU over the last tracks is used where it predicts better: for 20 of 20, 17 and 10 simulated users with a rule, \
             for none of 60 without one",
            FIGURES,
            &["20 of 20", "none of 60"],
            "held, in simulation",
        ),
    ),
];
