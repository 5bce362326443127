//! Section 5, and what section 6 concludes from it.

use crate::training::lab::answer::Answer::{Failed, Held, Incomparable, Mixed};
use crate::training::lab::answer::Predicts::{Higher, MuchLower, Same};
use crate::training::lab::arm::Experiment::{Fig3, Transfer};
use crate::training::lab::claim::{CARD, Claim, FIGURES, Ours, arms, claim, measured};
use crate::training::lab::measures::Measure::{Best, Both, Fall};

pub(super) static CLAIMS: &[Claim] = &[
    claim(
        "§5.1, Table 4",
        "51.4 % genre accuracy on FMA-small",
        "51.4 % without dropout; the runs of their figure reach 45.9 % (branch `preserved-682`, [authors.tsv](paper/authors.tsv)); \
         their log (README of 5c603a9) has 46 % for the baseline and \"51% after 100 epochs\" for 25 % dropout. Best epoch on the 900 \
         validation clips (`latent_analysis.ipynb`) of a random split; the test step is commented out",
        Ours::Accuracy(0.514),
    )
    .headline(),
    claim(
        "§5.1, Table 4",
        "that is more than was reached without augmentation",
        "51.4 against 51.2 %",
        Ours::Known("not repeated; of 900 clips one standard error is 1.7 points", Incomparable, ": their splits differ"),
    ),
    claim(
        "§5.1, Table 4",
        "transfer learning and a network trained for the genres come equally far: a new head on a frozen encoder",
        "51.2 %, of others, against 51.4 %",
        arms(Transfer, &[["frozen", "scratch"]], Both, Same),
    ),
    claim(
        "§5.1, Table 4",
        "… a fine-tuned encoder",
        "not compared",
        arms(Transfer, &[["fine-tuned", "scratch"]], Both, Same),
    ),
    claim(
        "§5.1",
        "one vector for a clip costs accuracy",
        "argued",
        Ours::Open("no arm keeps the steps of a clip apart up to its head"),
    ),
    claim(
        "§5.1, Figure 3 right",
        "batch normalisation severely limits learning",
        "20 to 27 against 45.9 %, their log: \"steady at 25%\"; on powers, of an older network (commit e97fb11: 64 channels first, \
         kernels of 3×3, max pools, normalisation between convolution and ReLU)",
        arms(Fig3, &[["bn", "baseline"]], Best, MuchLower),
    )
    .headline(),
    claim(
        "§5.1",
        "… because spectrograms vary widely: with decibels it hurts less",
        "suspected",
        Ours::Decibels(Higher),
    ),
    claim(
        "§5.1",
        "… because batches of 16 are small: in batches of 64 it hurts less",
        "suspected",
        arms(Fig3, &[["bn-batch64", "batch64"], ["bn", "baseline"]], Best, Higher),
    ),
    claim(
        "§5.1",
        "… because of the architecture",
        "suspected",
        Ours::Open(
            "no arm normalises other networks by the authors' recipe; what normalisation does with decibels in this one is in \
             [the ablation](#which-choice-explains-what)",
        ),
    ),
    claim(
        "§5.1, Figure 3 right",
        "dropout neither helps nor hurts",
        "their log: \"Comparable performance to baseline, but achieves 51% after 100 epochs\"; the paper's best model has none",
        arms(Fig3, &[["dropout-100", "baseline-100"]], Best, Same),
    )
    .headline(),
    claim(
        "§5.1, Figure 3 right",
        "… early in a session",
        "if one of their curves is dropout, it lags until about epoch 47 of 50",
        arms(Fig3, &[["dropout", "baseline"]], Best, Same),
    ),
    claim("§5.1", "… which shows that the network generalises well", "argued", Ours::Generalises),
    claim(
        "§5.1",
        "dropout prevents deterioration in sessions of 100 epochs",
        "not pictured",
        arms(Fig3, &[["dropout-100", "baseline-100"]], Fall, Higher),
    ),
    claim(
        "§5.1, Figure 3 left",
        "2-D convolutions beat 1-D ones",
        "pictured; the 1-D ones are said to extend over time",
        arms(Fig3, &[["baseline", "1d"]], Best, Higher),
    )
    .headline(),
    claim(
        "§5.1, Figure 3 left",
        "… as they ran it",
        "probably commit 0d324f0 (\"3x1 conv\"): kernels of 3×1 on (mel, time) in five of seven layers, over frequency. Their log of a \
         smaller network: \"Run 49: Swapped for Conv1D, no further changes. Faster convergence, better accuracy (42%)\" (commit \
         0752119)",
        arms(Fig3, &[["baseline", "3x1"]], Best, Higher),
    ),
    claim(
        "§5.1",
        "1-D filters have fewer parameters and cost less",
        "argued",
        measured(
            "`paper-1d` has 1,495,240 parameters and 32 M multiply-accumulates for a strobe image; `paper` has 2,233,032 and \
             11.2 G",
            CARD,
            Held,
            "",
        ),
    ),
    claim(
        "§1.1, §5.2",
        "neighbours are more alike than random tracks of the genre",
        "judged by ear; cosine, the three nearest of 900",
        measured(
            "on Emotify the ten nearest by other artists, with `ear`, are 21.1 % (18.3 to 23.6) closer in their descriptors than the \
             other artists' tracks of the genre",
            FIGURES,
            Held,
            "",
        ),
    ),
    claim(
        "§5.2",
        "neighbours are alike in percussion above all, and most consistently",
        "judged by ear",
        measured(
            "in the same comparison percussiveness is number 7 of 11, by `strobe`, a network of genres (16.0 % closer, 10.0 to 21.7; \
             brightness, the first, 38.7, 33.4 to 44.4), as by `ear` (20.8 %, 15.5 to 26.3; energy 43.8, 38.2 to 48.7). Onsets, much \
             of what is heard as percussion, are sixth by `strobe` (16.1) and second by `ear` (35.5); percussiveness is mismeasured \
             (rank correlation with librosa's .72). On Debian's music, 61 queries, it is fifth (11.7 %, −14.7 to 25.9) and third \
             (25.7 %, 6.2 to 38.1)",
            FIGURES,
            Failed,
            ": brightness, noisiness and energy come first in a network of genres, percussiveness seventh of eleven",
        ),
    )
    .headline(),
    claim(
        "§5.2",
        "queues of nearest neighbours are less cohesive than those of a signature",
        "judged by ear; no signature in the code",
        measured(
            "with `strobe` on two collections they are slightly more cohesive in the latent (differences within a queue, player − \
             nearest: +.020, .015 to .025; +.017, .014 to .021) and no different in the descriptors; the player's, by signatures, \
             keep to the genre better (+3.8 points, 2.0 to 5.5; +2.4, 0.7 to 5.2)",
            FIGURES,
            Mixed,
            "",
        ),
    ),
    claim(
        "§5.2",
        "a latent space that learned genres has clusters of predominantly one genre",
        "judged by ear",
        measured(
            "`strobe`: of the ten nearest, a share of 0.444 is of the genre, by chance 0.13",
            CARD,
            Mixed,
            ": far more than by chance, but less than half",
        ),
    ),
    claim(
        "§6",
        "32 numbers keep what matters",
        "the accuracy above",
        measured(
            "genre P@10 on other music by the 32 numbers of `ear` 72.9 (63.1–80.3), by descriptors 51.1 (42.2–58.5), by bliss 55.7 \
             (49.2–61.3)",
            FIGURES,
            Held,
            "",
        ),
    ),
];
