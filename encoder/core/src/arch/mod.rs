//! The architectures (docs/design.md, "Encoders"): each is a file with a function from an image to features, listed in
//! the table here.

mod crnn;
mod densenet1d;
mod ear;
pub(crate) mod musicnn;
mod paper;
mod resnet1d;
mod strobe;

use serde::{Deserialize, Serialize};

use crate::fault::UnknownName;
use crate::heads::Heads;
use crate::net::{Net, Plan, Pool};
use crate::recipe::{Form, Norm, Pooling};
use crate::strobe::{BANDS, STEPS};
use crate::{DIMS, Input, MEL_STEPS};

/// The encoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Architecture {
    /// A small residual 2-D network on 3 s at full rate: the default.
    Ear,
    /// A small residual 2-D network on strobe images.
    Strobe,
    /// The paper's Tables 2 and 3, with max pools as written.
    Paper,
    /// The same with the average pools that its authors used.
    PaperAvg,
    /// The paper's layers with mel bands as channels and kernels over time (its Figure 3, left).
    Paper1d,
    /// What the paper's authors probably ran as one-dimensional: kernels over frequency.
    Paper3x1,
    /// A residual network over time (the paper's §6.4, after Bian & Wang 2019).
    Resnet1d,
    /// A densely connected network over time (the same).
    Densenet1d,
    /// Convolutions, then a recurrent layer (the paper's §6.5).
    Crnn,
    /// An imported public music tagger ([`crate::import`]), never trained; evaluates every second band and frame.
    Musicnn,
    /// The same at full rate.
    MusicnnFull,
}

impl Architecture {
    /// The architectures that can be trained.
    pub const ALL: [Architecture; 9] = [
        Architecture::Ear,
        Architecture::Strobe,
        Architecture::Paper,
        Architecture::PaperAvg,
        Architecture::Paper1d,
        Architecture::Paper3x1,
        Architecture::Resnet1d,
        Architecture::Densenet1d,
        Architecture::Crnn,
    ];

    /// The name used in `--encoder` and in weights files.
    pub fn name(self) -> &'static str {
        match self {
            Architecture::Ear => "ear",
            Architecture::Strobe => "strobe",
            Architecture::Paper => "paper",
            Architecture::PaperAvg => "paper-avg",
            Architecture::Paper1d => "paper-1d",
            Architecture::Paper3x1 => "paper-3x1",
            Architecture::Resnet1d => "resnet1d",
            Architecture::Densenet1d => "densenet1d",
            Architecture::Crnn => "crnn",
            Architecture::Musicnn => "musicnn",
            Architecture::MusicnnFull => "musicnn-full",
        }
    }

    /// Looks up an architecture by name, trainable or not.
    pub fn named(name: &str) -> Option<Architecture> {
        let imported = [Architecture::Musicnn, Architecture::MusicnnFull];
        Architecture::ALL.into_iter().chain(imported).find(|a| a.name() == name)
    }

    /// Whether it is an imported tagger: its tags are its own output, not a student's estimate, and it is never
    /// trained.
    pub fn is_tagger(self) -> bool {
        matches!(self, Architecture::Musicnn | Architecture::MusicnnFull)
    }

    /// A one-line description.
    pub fn about(self) -> &'static str {
        match self {
            Architecture::Ear => "a small residual 2-D network on 3 s at full rate, the default",
            Architecture::Strobe => "a small residual 2-D network on strobe images",
            Architecture::Paper => "Tower & Vegner's Table 2, max pools as written",
            Architecture::PaperAvg => "the same with average pools, as in its authors' code",
            Architecture::Paper1d => "the paper's layers over time, mel bands as channels",
            Architecture::Paper3x1 => "what the paper's authors probably ran as 1-D: kernels over frequency",
            Architecture::Resnet1d => "a residual network over time",
            Architecture::Densenet1d => "a densely connected network over time",
            Architecture::Crnn => "convolutions, then a recurrent layer",
            Architecture::Musicnn => "the public tagger MSD_musicnn, imported, every second band and frame",
            Architecture::MusicnnFull => "the same at full rate",
        }
    }

    /// The default width: channels of the first stage (`paper`: of the first layer; `densenet1d`: growth per layer;
    /// `musicnn`: of the front, the only possible one).
    pub fn width(self) -> usize {
        match self {
            Architecture::Ear => 16,
            Architecture::Strobe => 24,
            Architecture::Paper | Architecture::PaperAvg | Architecture::Paper1d | Architecture::Paper3x1 => 512,
            Architecture::Resnet1d => 128,
            Architecture::Densenet1d => 32,
            Architecture::Crnn => 32,
            Architecture::Musicnn | Architecture::MusicnnFull => 204,
        }
    }

    /// The required number of time steps of an image; `None` if several sizes are accepted ([`Architecture::takes`]).
    pub fn steps(self) -> Option<usize> {
        match self {
            Architecture::Ear | Architecture::Musicnn | Architecture::MusicnnFull => Some(Input::Patch.steps()),
            _ => None,
        }
    }

    /// Whether it takes images of this size. The paper's networks also take strobe images and images averaged to 64 × 64.
    pub fn takes(self, bands: usize, steps: usize) -> bool {
        match self.steps() {
            Some(own) => (bands, steps) == (self.bands(), own),
            None => {
                let small = self.is_paper() && (bands, steps) == (SMALL, SMALL);
                small || bands == BANDS && (steps == STEPS || steps == MEL_STEPS)
            }
        }
    }

    /// Mel bands of its images.
    pub fn bands(self) -> usize {
        self.input().bands()
    }

    /// The kind of image that it is trained on by default.
    pub fn input(self) -> Input {
        match self {
            Architecture::Ear | Architecture::Musicnn | Architecture::MusicnnFull => Input::Patch,
            Architecture::Paper | Architecture::PaperAvg | Architecture::Paper3x1 => Input::Mel,
            _ => Input::Strobe,
        }
    }

    /// Whether latents are compared by their direction: they are not whitened, and a track's latent
    /// is scaled to length 1.
    pub fn unit(self) -> bool {
        self.input() == Input::Patch
    }

    /// Whether it is one of the paper's networks, which have no normalisation layers and whose width is that of the first.
    pub fn is_paper(self) -> bool {
        use Architecture::{Paper, Paper1d, Paper3x1, PaperAvg};
        matches!(self, Paper | PaperAvg | Paper1d | Paper3x1)
    }

    /// Parameters, and multiply-accumulates per clip, at the default width with this many genres and no teacher.
    pub fn cost(self, genres: usize) -> (usize, u64) {
        Arch::of(self, genres).cost()
    }
}

impl std::fmt::Display for Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Architecture> for String {
    fn from(arch: Architecture) -> String {
        arch.name().to_owned()
    }
}

impl TryFrom<String> for Architecture {
    type Error = UnknownName;

    fn try_from(name: String) -> Result<Architecture, UnknownName> {
        let known = || Architecture::ALL.iter().map(|a| a.name()).collect();
        Architecture::named(&name).ok_or_else(|| UnknownName::Architecture { name, known: known() })
    }
}

/// Bands and steps of an image averaged for quick experiments.
pub const SMALL: usize = 64;

/// What determines a network; but for the heads, the only choices that a weights file records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arch {
    pub kind: Architecture,
    pub width: usize,
    /// Mel bands of an image.
    pub bands: usize,
    /// Time steps of an image.
    pub steps: usize,
    /// Classes of the genre head; 0 without the head.
    pub genres: usize,
    /// Tags of the tag head; 0 without the head.
    pub tags: usize,
    /// Length of the teacher's vector; 0 without a teacher.
    pub teacher: usize,
    /// Where it differs from the architecture's usual form.
    pub form: Form,
    /// The heads that it has in training only.
    pub heads: Heads,
}

impl Arch {
    /// The usual form at the default width and image size, with this many genres and no teacher.
    pub fn of(kind: Architecture, genres: usize) -> Arch {
        let (bands, steps, form) = (kind.bands(), kind.input().steps(), Form::default());
        Arch { kind, width: kind.width(), bands, steps, genres, tags: 0, teacher: 0, form, heads: Heads::default() }
    }

    /// The body: `[N, 1, bands, steps]` → `[N, features, 1, 1]`.
    pub fn body<N: Net>(&self, net: &mut N, x: N::X) -> N::X {
        let pool = self.form.pool.map(|pool| if pool == Pooling::Max { Pool::Max } else { Pool::Mean });
        match self.kind {
            Architecture::Ear => ear::body(net, x, self.width),
            Architecture::Strobe => strobe::body(net, x, self.width),
            Architecture::Paper => paper::body(net, x, self.width, pool.unwrap_or(Pool::Max)),
            Architecture::PaperAvg => paper::body(net, x, self.width, pool.unwrap_or(Pool::Mean)),
            Architecture::Paper1d => paper::over_time(net, x, self.width, pool.unwrap_or(Pool::Max)),
            Architecture::Paper3x1 => paper::over_bands(net, x, self.width, pool.unwrap_or(Pool::Mean)),
            Architecture::Resnet1d => resnet1d::body(net, x, self.width),
            Architecture::Densenet1d => densenet1d::body(net, x, self.width),
            Architecture::Crnn => crnn::body(net, x, self.width),
            Architecture::Musicnn => musicnn::body(net, x, 2),
            Architecture::MusicnnFull => musicnn::body(net, x, 1),
        }
    }

    /// Output sizes of the genre head's layers: the paper's Table 3, or one hidden layer, then the classes; empty
    /// without genres.
    pub fn head(&self) -> Vec<usize> {
        let hidden: &[usize] = if self.kind.is_paper() { &[256, 128, 64] } else { &[64] };
        if self.genres == 0 { Vec::new() } else { hidden.iter().copied().chain([self.genres]).collect() }
    }

    /// Whether each dimension of the latent is normalised to mean 0 and variance 1 during training.
    pub fn normalises_latent(&self) -> bool {
        !self.kind.unit()
    }

    /// Whether convolutions are followed by a normalisation.
    pub fn normalises(&self) -> bool {
        match self.form.norm {
            None => !self.kind.is_paper() && !self.kind.is_tagger(),
            Some(norm) => norm != Norm::Off,
        }
    }

    /// Whether a dense layer computes the 32 numbers; in the paper's networks the last convolution
    /// does.
    pub fn has_dense_latent(&self) -> bool {
        !self.kind.is_paper()
    }

    /// Whether the genre head takes the normalised latent, or (in the paper, and where nothing is normalised) the raw
    /// one.
    pub fn head_hears_latent(&self) -> bool {
        !self.kind.is_paper() && self.normalises_latent()
    }

    /// All tensors and layers, and the cost. The normalisation of the latent has no tensor.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::new(self.normalises());
        let [features, ..] = self.body(&mut plan, [1, self.bands, self.steps]);
        if self.has_dense_latent() {
            // A bias would have no effect before a normalisation or before subtracting the mean.
            plan.dense("latent", features, DIMS, false);
        }
        let mut from = DIMS;
        let head = self.head();
        for (i, &to) in head.iter().enumerate() {
            let name = match i {
                _ if i + 1 == head.len() => "genre.out".to_owned(),
                0 => "genre.hidden".to_owned(),
                _ => format!("genre.hidden{}", i + 1),
            };
            plan.dense(&name, from, to, true);
            from = to;
        }
        if self.tags > 0 {
            plan.dense("tags", if self.kind.is_tagger() { features } else { DIMS }, self.tags, true);
        }
        if self.teacher > 0 {
            plan.dense("teacher", DIMS, self.teacher, true);
        }
        // Last, so that the others are the same with and without them, initial values included.
        self.heads.plan(&mut plan);
        plan
    }

    /// Parameters, and multiply-accumulates per clip.
    pub fn cost(&self) -> (usize, u64) {
        let plan = Arch { teacher: 0, tags: 0, heads: Heads::default(), ..*self }.plan();
        (plan.specs.iter().map(|s| s.len()).sum(), plan.macs)
    }

    /// Number of features that the body computes per clip.
    pub fn features(&self) -> usize {
        let [features, ..] = self.body(&mut Plan::new(self.normalises()), [1, self.bands, self.steps]);
        features
    }
}
