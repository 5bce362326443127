//! A configuration that is right, or the first thing that is not.

use std::path::Path;

use super::Config;
use super::error::{ConfigError, SettingError};
use super::faults::{Examined, examine};

impl Config {
    /// Reads a configuration file; a missing file means the defaults.
    ///
    /// # Errors
    /// The file cannot be read, or a setting in it is not valid.
    pub fn read(path: &Path) -> Result<Config, ConfigError> {
        let at = || path.to_path_buf();
        match crate::files::text(path, crate::files::SMALL) {
            Ok(text) => Config::parse(&text).map_err(|cause| ConfigError::Invalid { path: at(), cause }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(cause) => Err(ConfigError::Unread { path: at(), cause }),
        }
    }

    /// What is valid of a configuration file, with the defaults for all else; the defaults where nothing of it can be read.
    pub fn valid_of(path: &Path) -> Config {
        let text = crate::files::text(path, crate::files::SMALL).unwrap_or_default();
        examine(&text).config.unwrap_or_default()
    }

    /// Parses and validates a configuration.
    ///
    /// # Errors
    /// The first thing that is wrong, with the line number where it is known; [`examine`] finds all.
    pub fn parse(text: &str) -> Result<Config, SettingError> {
        let Examined { config, faults, .. } = examine(text);
        match faults.into_iter().next() {
            Some(first) => Err(first),
            None => Ok(config.unwrap_or_default()),
        }
    }
}
