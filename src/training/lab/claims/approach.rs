//! Sections 1 to 4: the task, the data, the network.

use crate::training::lab::answer::Answer::{Consistent, Failed, Held, Incomparable, Mixed};
use crate::training::lab::answer::Predicts::Lower;
use crate::training::lab::arm::Experiment::Table4;
use crate::training::lab::claim::{Claim, DATA, FIGURES, Ours, arms, claim, measured};
use crate::training::lab::measures::Measure::Test;

pub(super) static CLAIMS: &[Claim] = &[
    claim(
        "§1",
        "collaborative filtering cannot recommend what nobody has heard, sound can",
        "argued",
        Ours::Open("no data of other listeners is at hand"),
    ),
    claim(
        "§1.1",
        "FMA-small has 8,000 songs of 8 genres",
        "their code could not read six of them (`latent_analysis.ipynb` of their repository)",
        measured("8,000 clips, 8 genres; 7,194 were at hand", DATA, Held, ""),
    ),
    claim(
        "§2, §4.2",
        "genre accuracy is a proxy for the quality of recommendations",
        "argued",
        measured(
            "genre and artist rank two encoders alike on music that neither has heard: `ear`, which learned a tagger's tags, \
             several of which are genres, but no genre labels, has genre P@10 72.9 (63.1–80.3) and finds 42.6 % of an artist's \
             tracks on other albums; `strobe`, which learned genre labels, 58.8 (48.8–67.3) and 29.9 %",
            FIGURES,
            Consistent,
            ", of two encoders",
        ),
    ),
    claim(
        "§3.2, Table 1",
        "others reach 51.2 to 68.9 % on FMA-small",
        "quoted",
        Ours::Known(
            "not repeated; networks of these kinds are compared on one split in [Table 4](#table-4)",
            Incomparable,
            ": their splits differ",
        ),
    ),
    claim(
        "§4.1, Figure 1",
        "genres differ in their spectrograms",
        "two pictures, of jazz and hip-hop",
        measured(
            "ridge regression on mean, deviation and delta of the mel bands finds the genre of 43.9 % of the clips, chance 12.5 %; \
             for pictures `jukebox spectrogram ONE TWO --svg OUT` or `jukebox lab fig1 --data fma:DIR`",
            DATA,
            Held,
            "",
        ),
    ),
    claim(
        "§4.2",
        "a good latent space is clustered by genre",
        "argued",
        measured(
            "`ear`, which learned a tagger's tags, several of which are genres, but no genre labels: genre P@10 72.9 \
             (63.1–80.3), random order 25.3",
            FIGURES,
            Held,
            "",
        ),
    ),
    claim(
        "§4.2, §5.2",
        "a signature of a few dimensions extends a playlist well",
        "an idea, no code",
        measured(
            "AUC of members left out by a few dimensions alone, by all of them, each weighed by its evidence, and by the \
             Euclidean distance to the mean: with `ear` .907, .922 and .919, with `strobe` .865, .880 and .847; all dimensions − \
             Euclidean distance, points: with `ear` +0.3 (−0.2 to 0.9), with `strobe` +3.2 (0.9 to 5.6); of a few dimensions the \
             difference has no interval",
            FIGURES,
            Mixed,
            ": all dimensions beat the Euclidean distance with `strobe` only; whether a few do is not shown",
        ),
    ),
    claim(
        "§4.2",
        "albums, playlists and users have signatures",
        "an idea, no code",
        measured(
            "AUC of tracks left out of albums and artists, by signature: with `ear` .922 (.872–.957), with `strobe` .880; no data of \
             other people's playlists and listening is at hand",
            FIGURES,
            Consistent,
            ", of albums and artists",
        ),
    ),
    claim(
        "§4.3",
        "spectrograms are redundant over time, so that a first layer may have a stride of 5",
        "argued",
        Ours::Open("no arm has another stride in its first layer"),
    ),
    claim(
        "§4.3",
        "2-D convolutions give invariance to pitch: augmentation, which shifts mel bands among other things, adds less to them",
        "argued; §6.3 expects the same of mel bands as channels",
        arms(Table4, &[["paper-augmented", "paper"], ["paper-1d-augmented", "paper-1d"]], Test, Lower),
    ),
    claim(
        "§4.3",
        "Kaiming initialisation suits deep networks with ReLU",
        "cited",
        Ours::Open("nothing else was tried: `paper` has it here too"),
    ),
    claim(
        "§4.3, Table 2",
        "seven convolutions and pools of stride 1×1 end in 32 numbers",
        "the code's pools have the stride of their window and take the mean",
        Ours::Known(
            "with stride 1×1 they end in 32 × 58 × 244 numbers, with the window's in 32; that network has 2,233,032 parameters \
             and 22.34 GMAC a clip (`jukebox model show --layers paper`, with every difference between text, code and program)",
            Failed,
            " as written",
        ),
    ),
    claim(
        "§4.4, Table 3",
        "the head has five dense layers and ends in a ReLU",
        "Table 3 has four; the code has four and ends in a sigmoid, before the cross-entropy",
        Ours::Known(
            "`paper` has four; [the ablation](#which-choice-explains-what) compares the sigmoid with none",
            Failed,
            " as written",
        ),
    ),
    claim(
        "§4.4",
        "the head is best kept shallow beside the encoder",
        "argued",
        Ours::Open("no arm has a head of another depth"),
    ),
];
