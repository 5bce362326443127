//! What a training is asked to do.

use std::path::PathBuf;

use super::{Config, Device};

/// What to train.
#[derive(Clone, Debug)]
pub struct Options {
    /// `strobe:DIR`, a directory that [`DataSet::read`](super::DataSet::read) reads.
    pub data: String,
    /// The run directory; made when it is not there.
    pub out: PathBuf,
    /// How to train: epochs, seed, and the rest.
    pub config: Config,
    /// Where to train.
    pub device: Device,
    /// Go on with the run that is in `out`.
    pub resume: bool,
    /// The bytes of an encoder's file to begin from. The run keeps them, so that `resume` needs none.
    pub start: Option<Vec<u8>>,
    /// Measure the finished encoder on the test split and write that into its file. Do it once, at the end: a test
    /// split that choices were made by is none any more.
    pub test: bool,
}

impl Options {
    /// A fresh training with the default configuration on whatever device there is.
    pub fn new(data: impl Into<String>, out: impl Into<PathBuf>) -> Options {
        let config = Config::default();
        let (device, start) = (Device::Auto, None);
        Options { data: data.into(), out: out.into(), config, device, resume: false, start, test: true }
    }
}
