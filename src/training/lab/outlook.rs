//! The configurations of two experiments: what the paper gave up or only suggests (§6), by networks small enough to be
//! trained on some hundred tracks, and what a network that learned elsewhere is worth (Table 4).

use jukebox_encoder::{Architecture, Augment};

use super::parts::Take;
use crate::training::Config;

/// Bands of a strobe image that are 2.2 semitones above 1 kHz; below, bands are wider in pitch.
const BANDS: usize = 4;

/// An arm without its name's surroundings.
pub struct Outline {
    /// Its name.
    pub name: &'static str,
    /// Its configuration.
    pub config: Config,
    /// The clips that it takes.
    pub take: Take,
    /// Whether it begins from an encoder that shipped.
    pub starts: bool,
}

/// The arm with which the others of the outlook are compared.
pub const PLAIN: &str = "plain";
/// The arm of the decoder at full weight.
pub const DECODER: &str = "decoder-1";
/// All arms with a decoder.
pub const DECODERS: [&str; 3] = ["decoder-0.1", DECODER, "described-decoder"];
/// The arm that guesses descriptors from scratch, and the one that does from a network of genres.
pub const DESCRIBED: [&str; 2] = ["described", "described-fine-tuned"];
/// The arm that learns from three windows of a track.
pub const WINDOWS: &str = "windows-3";
/// The arm with which the others of the experiment on transfer are compared.
pub const SCRATCH: &str = "scratch";

/// The arms of the outlook: `strobe` on the half minute in the middle of each track, without a teacher, augmentation or a
/// second view, and with one thing changed. Those that do not begin from scratch begin from the `strobe` that shipped, which
/// learned the genres of FMA-small.
pub fn outlook() -> Vec<Outline> {
    let plain = || small(Config { augment: Augment::none(), batch: 32, shard: 32, ..Config::of(Architecture::Strobe) });
    let arm = |name, config| Outline { name, config, take: Take::Middle, starts: false };
    let take = |name, take| Outline { take, ..arm(name, plain()) };
    let from = |name, config| Outline { starts: true, ..arm(name, config) };
    let heads = |decode: f32, describe: f32| Config { decode, describe, ..plain() };
    let rolled = Augment { shift: BANDS, ..Augment::none() };
    vec![
        arm(PLAIN, plain()),
        arm(DECODERS[0], heads(0.1, 0.0)),
        arm(DECODER, heads(1.0, 0.0)),
        arm(DESCRIBED[0], heads(0.0, 0.5)),
        arm(DECODERS[2], heads(1.0, 0.5)),
        take("pitch-resampled", Take::Pitched),
        arm("pitch-rolled", Config { augment: rolled, ..plain() }),
        take(WINDOWS, Take::Windows),
        take("windows-drawn", Take::Drawn),
        from("strobe-frozen", frozen(plain())),
        from("strobe-fine-tuned", tuned(plain())),
        from(DESCRIBED[1], Config { describe: 0.5, ..tuned(plain()) }),
    ]
}

/// The arms of the experiment on transfer: `ear` on the patches of each track with its usual masks, and genres alone to
/// learn. Those that do not begin from scratch begin from the `ear` that ships, which learned a tagger's tags.
pub fn transfer() -> Vec<Outline> {
    let plain = || {
        let usual = Config::of(Architecture::Ear);
        small(Config { cosines: 0.0, tags: 0.0, contrast: 0.0, ..usual })
    };
    let arm = |name, config, starts| Outline { name, config, take: Take::All, starts };
    vec![arm(SCRATCH, plain(), false), arm("frozen", frozen(plain()), true), arm("fine-tuned", tuned(plain()), true)]
}

/// For so few clips that a run has some hundred steps: one view, no teacher, and an average over fewer steps.
fn small(config: Config) -> Config {
    Config { agree: 0.0, distil: 0.0, average: 0.98, ..config }
}

/// A new head on an encoder that stays as it is.
fn frozen(config: Config) -> Config {
    Config { frozen: true, ..config }
}

/// All of an encoder, at the rate of fine-tuning.
fn tuned(config: Config) -> Config {
    Config { rate: tuning(config.rate), ..config }
}

/// The rate of fine-tuning where networks are trained from scratch at this one: a tenth of it.
pub fn tuning(rate: f64) -> f64 {
    rate / 10.0
}
