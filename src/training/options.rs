//! The options of a training.

use std::path::PathBuf;

use super::{Config, Device};

/// What to train.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data set in the notation of `--data`, such as `strobe:DIR`, which
    /// [`DataSet::read`](super::DataSet::read) reads.
    pub data: String,
    /// The run directory; created if it does not exist.
    pub out: PathBuf,
    /// The training configuration: epochs, seed and so on.
    pub config: Config,
    /// The device to train on.
    pub device: Device,
    /// Whether to resume the run in `out`.
    pub resume: bool,
    /// The bytes of the encoder's file to start from. The run saves them, so resuming does not need them.
    pub start: Option<Vec<u8>>,
    /// Whether to measure the finished encoder on the test split and store the result in its file. This should be done
    /// once, at the end: a test split that influenced choices is no longer a test.
    pub test: bool,
}

impl Options {
    /// A new training with the default configuration on any available device.
    pub fn new(data: impl Into<String>, out: impl Into<PathBuf>) -> Options {
        let config = Config::default();
        let (device, start) = (Device::Auto, None);
        Options { data: data.into(), out: out.into(), config, device, resume: false, start, test: true }
    }
}
