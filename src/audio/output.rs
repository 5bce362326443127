//! Audio outputs: a device, the silent clock, or a sink that a test pulls from.

pub(crate) mod device;
mod error;
mod manual;
mod opened;
mod silent;

pub use error::OutputError;
pub use manual::{ManualOutput, ManualSink};
pub(crate) use opened::Opened;
pub(super) use opened::{Rates, Running};
pub(super) use silent::open_silent;

/// The kind of output that a player plays to.
pub enum OutputKind {
    /// A device, by default the system's default device; the silent clock while there is none.
    Auto,
    /// A silent clock: playback proceeds in real time without sound.
    Silent,
    /// A sink pulled by the test that holds the [`ManualSink`].
    Manual(ManualOutput),
}

/// Name of an output device, its rate and channels, for `jukebox doctor`; without an id of the default one.
///
/// # Errors
/// Why there is no such device.
pub fn describe(id: Option<&str>) -> Result<String, OutputError> {
    device::describe(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_device_is_described_either_way() {
        let text = describe(None).unwrap_or_else(|why| why.to_string());
        assert!(!text.is_empty() && !text.contains('\n'), "{text:?}");
    }

    #[test]
    fn no_other_device_is_described_for_one_that_is_not_there() {
        assert!(describe(Some("no such device")).is_err());
    }
}
