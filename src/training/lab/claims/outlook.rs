//! Section 6: what the paper gave up, and what it suggests.

use crate::training::lab::answer::Answer::Held;
use crate::training::lab::answer::Predicts::{Higher, Lower};
use crate::training::lab::arm::Experiment::{Outlook, Table4};
use crate::training::lab::claim::{Claim, FIGURES, Ours, arms, claim, measured};
use crate::training::lab::measures::Measure::{Both, Precision, Reconstruction, Test};
use crate::training::lab::trained_heads::Head;

pub(super) static CLAIMS: &[Claim] = &[
    claim(
        "§6.1",
        "a decoder beside the genres is extremely difficult to train",
        "abandoned; squared error on powers of up to thousands beside the cross-entropy",
        Ours::Head(Head::Decoder),
    )
    .headline(),
    claim(
        "§6.1",
        "… the authors' network on whole images",
        "abandoned",
        Ours::Open("not run: `jukebox train --data fma:DIR --encoder paper --width 64 --recipe authors --decode 0.01`"),
    ),
    claim(
        "§6.1",
        "with a decoder recommendations are better",
        "believed, and said to be hard to measure",
        arms(Outlook, &[["decoder-1", "plain"]], Precision, Higher),
    ),
    claim(
        "§6.2",
        "EchoNest's features do not converge, from a network of genres they may",
        "abandoned; a sigmoid was to guess standardised tempo",
        Ours::Head(Head::Descriptors),
    )
    .headline(),
    claim(
        "§6.2",
        "danceability is too abstract for a spectrogram to tell",
        "suspected",
        Ours::Open(
            "not run: `jukebox train --data fma:DIR --encoder paper --width 64 --recipe authors --describe 0.5` with EchoNest's file; the \
             program's own danceability is a formula of the beat, and no judgement",
        ),
    ),
    claim(
        "§6.2",
        "a decoder tells what they add: with them it rebuilds better",
        "planned",
        arms(Outlook, &[["described-decoder", "decoder-1"]], Reconstruction, Lower),
    ),
    claim(
        "§6.3, Table 4",
        "augmentation raises accuracy",
        "64.7 against 51.2 %, of others",
        arms(Table4, &[["paper-augmented", "paper"]], Test, Higher),
    ),
    claim(
        "§6.3",
        "shifting the pitch raises accuracy",
        "with overlapping windows 64.7 against 51.2 %, of others",
        arms(Outlook, &[["pitch-resampled", "plain"]], Both, Higher),
    ),
    claim(
        "§6.3",
        "… as the mel image is shifted",
        "not said",
        arms(Outlook, &[["pitch-rolled", "plain"]], Both, Higher),
    ),
    claim(
        "§6.3",
        "overlapping windows raise accuracy",
        "with shifted pitch 64.7 against 51.2 %, of others",
        arms(Outlook, &[["windows-3", "plain"]], Both, Higher),
    ),
    claim(
        "§6.3",
        "… shown as often as one window would be",
        "not said",
        arms(Outlook, &[["windows-drawn", "plain"]], Both, Higher),
    ),
    claim(
        "§6.3",
        "mel bands as channels generalise better",
        "suggested",
        arms(Table4, &[["paper-1d", "paper"]], Test, Higher),
    ),
    claim(
        "§6.3",
        "… and make shifted pitch needless: augmentation, which shifts mel bands among other things, adds less to them",
        "suggested; §4.3 expects the same of 2-D convolutions",
        arms(Table4, &[["paper-augmented", "paper"], ["paper-1d-augmented", "paper-1d"]], Test, Higher),
    ),
    claim(
        "§6.4, Table 4",
        "a ResNet beats a CNN, both with augmentation",
        "66.7 against 64.7 %, of others",
        arms(Table4, &[["resnet1d-augmented", "paper-augmented"]], Test, Higher),
    ),
    claim(
        "§6.4, Table 4",
        "a DenseNet beats a ResNet, both with augmentation",
        "68.9 against 66.7 %, of others",
        arms(Table4, &[["densenet1d-augmented", "resnet1d-augmented"]], Test, Higher),
    ),
    claim(
        "§6.5",
        "recurrent networks suit genres",
        "suggested",
        arms(Table4, &[["crnn-augmented", "paper-augmented"]], Test, Higher),
    ),
    claim(
        "§6.5",
        "… better than this program's network without recurrence, `strobe`",
        "not compared",
        arms(Table4, &[["crnn-augmented", "strobe-augmented"]], Test, Higher),
    ),
    claim(
        "§6.5",
        "recurrent networks suit the choice of the next song",
        "suggested",
        measured(
            "a GRU over the last tracks is used where it predicts better: by 20, 17 and 10 of 20 simulated users who follow one of \
             three rules, by none of 60 who follow none",
            FIGURES,
            Held,
            ", in simulation",
        ),
    ),
];
