//! The choices of a training beside its network, its rate and its length, so that a run can state all of them and an
//! experiment can vary one. [`Recipe::default`] is how this program trains; [`Recipe::authors`] is how the paper's
//! authors did.

use serde::{Deserialize, Serialize};

use crate::fault::UnknownName;

/// Defines a choice between named alternatives; the names are used in options, in runs and in weights files.
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident: $($(#[$own:meta])* $variant:ident = $text:literal,)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$own])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The name in options and files.
            pub fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<$name, UnknownName> {
                $name::ALL.iter().copied().find(|one| one.name() == name).ok_or_else(|| {
                    let known = $name::ALL.iter().map(|one| one.name()).collect();
                    UnknownName::Choice { name: name.into(), known }
                })
            }
        }
    };
}

choices! {
    /// The numbers of an image that the network sees.
    #[derive(Default)]
    Levels:
    /// Decibels in 16 steps, standardised per band: the images of the player's library.
    #[default]
    Log4 = "log4",
    /// Decibels of an image of powers, standardised per band.
    Log = "log",
    /// The powers as they are.
    Power = "power",
}

choices! {
    /// How the values of a pool's window are combined.
    Pooling:
    /// The largest.
    Max = "max",
    /// The mean.
    Mean = "mean",
}

choices! {
    /// Normalisation between a convolution and its ReLU (batch normalisation; Ioffe & Szegedy 2015).
    Norm:
    /// None.
    Off = "off",
    /// By the batch in training; by running averages of the batches, which move by a tenth a step, afterwards.
    Running = "running",
    /// By the batch in training; afterwards by statistics that are measured anew on training clips.
    Recomputed = "recomputed",
}

choices! {
    /// What the genre head's last layer gives to the softmax.
    #[derive(Default)]
    Head:
    /// Its output.
    #[default]
    Logits = "logits",
    /// The sigmoid of its output, as in the authors' code: no probability of eight can then exceed 0.28.
    Sigmoid = "sigmoid",
    /// The positive part of its output, as in the paper's text.
    Relu = "relu",
}

choices! {
    /// The order of the clips.
    #[derive(Default)]
    Order:
    /// A new random order in every epoch.
    #[default]
    Shuffled = "shuffled",
    /// One random order for all epochs, with all clips: the last batch of an epoch may be smaller.
    Fixed = "fixed",
}

choices! {
    /// The course of the learning rate.
    #[derive(Default)]
    Schedule:
    /// Up in the first 15 % of the steps, then down along a cosine.
    #[default]
    OneCycle = "one-cycle",
    /// The same in every step.
    Constant = "constant",
}

choices! {
    /// The rule by which gradients change the parameters.
    #[derive(Default)]
    Optimiser:
    /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
    #[default]
    AdamW = "adamw",
    /// Adam; weight decay is added to the gradient (Kingma & Ba 2015, as PyTorch has it).
    Adam = "adam",
    /// Gradient descent with a momentum of 0.9; weight decay is added to the gradient.
    Sgd = "sgd",
}

choices! {
    /// Initial values of the dense layers, and of convolutions that are normalised.
    #[derive(Default)]
    Init:
    /// Normal, of a variance that keeps the size of the values; biases of 0.
    #[default]
    Normal = "normal",
    /// Convolutions Kaiming uniform; dense layers and all biases uniform within 1/√inputs, PyTorch's default.
    PyTorch = "pytorch",
}

/// See the module documentation. Rate, epochs, batch, width, averaging, augmentation and seed stand beside it in
/// [`Config`](crate::job::Config).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipe {
    /// The numbers that the network sees.
    pub input: Levels,
    /// The kind of its pools; `None` for the architecture's own.
    pub pool: Option<Pooling>,
    /// Its normalisation; `None` for the architecture's own.
    pub norm: Option<Norm>,
    /// Dropout rate of the values after each convolution but the last of the paper's.
    pub dropout_convolutions: f32,
    /// Dropout rate of the values after each hidden layer of the genre head.
    pub dropout_head: f32,
    /// What the genre head gives to the softmax.
    pub head: Head,
    /// The order of the clips.
    pub order: Order,
    /// The course of the learning rate.
    pub schedule: Schedule,
    /// The norm to which longer gradients are scaled down; `None` leaves them as they are.
    pub clip: Option<f64>,
    /// The optimiser.
    pub optimiser: Optimiser,
    /// Initial values.
    pub init: Init,
}

impl Default for Recipe {
    fn default() -> Recipe {
        Recipe {
            input: Levels::Log4,
            pool: None,
            norm: None,
            dropout_convolutions: 0.0,
            dropout_head: 0.0,
            head: Head::Logits,
            order: Order::Shuffled,
            schedule: Schedule::OneCycle,
            clip: Some(5.0),
            optimiser: Optimiser::AdamW,
            init: Init::Normal,
        }
    }
}

impl Recipe {
    /// What the code of the paper's authors does (`models/autoencoder.py`, `dataset.py` and `train.py` of
    /// ivegner/deep-music-cbr): powers as they are, mean pools, no normalisation, a sigmoid before the cross-entropy,
    /// one random order, Adam at a constant rate, nothing clipped. [`Config::authors`](crate::job::Config::authors)
    /// adds batch and rate.
    pub fn authors() -> Recipe {
        Recipe {
            input: Levels::Power,
            pool: Some(Pooling::Mean),
            norm: Some(Norm::Off),
            head: Head::Sigmoid,
            order: Order::Fixed,
            schedule: Schedule::Constant,
            clip: None,
            optimiser: Optimiser::Adam,
            init: Init::PyTorch,
            ..Recipe::default()
        }
    }
}

/// The choices that determine a network, and are therefore part of its weights file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Form {
    pub levels: Levels,
    pub pool: Option<Pooling>,
    pub norm: Option<Norm>,
    pub head: Head,
}

impl Form {
    pub fn of(recipe: &Recipe) -> Form {
        Form { levels: recipe.input, pool: recipe.pool, norm: recipe.norm, head: recipe.head }
    }

    pub fn is_usual(&self) -> bool {
        *self == Form::default()
    }
}
