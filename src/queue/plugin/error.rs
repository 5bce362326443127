//! Errors of plugins: of their chains, their files and their options.

use thiserror::Error;

use super::script_error::ScriptError;
use crate::text::{instead, sanitize};

/// Why a text is no chain of engines. The `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// There is nothing before or behind a `|`.
    #[error("an engine's name is missing")]
    NoName,
    /// It is too long; the most engines of a chain.
    #[error("a chain has at most {0} engines")]
    TooLong(usize),
    /// A word behind an engine's name is no option.
    #[error("'{}' is no option; options are typed as name=value, engines are separated by |", sanitize(.0))]
    NoOption(String),
    /// There is no engine of this name.
    #[error("no engine '{}'; {}", sanitize(name), instead(name, there))]
    Unknown {
        /// What was typed.
        name: String,
        /// The engines that there are.
        there: Vec<String>,
    },
    /// This engine proposes tracks, but is not the first.
    #[error("{0} proposes tracks, so it can only be the first of a chain")]
    NotFirst(String),
    /// Options were typed behind this built-in engine.
    #[error("{0} has no options")]
    BuiltIn(String),
}

/// Why a plugin cannot be used. The `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PluginError {
    /// It does not exist, or its files cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What was set for it does not fit.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Its script does not start, or failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// It failed too often in a row.
    #[error("{engine} is disabled after {strikes} failures until it is changed ({last})")]
    Disabled {
        /// Its name.
        engine: String,
        /// How often it failed.
        strikes: u32,
        /// The last failure.
        last: Box<ScriptError>,
    },
}

/// Why the files of a plugin cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SourceError {
    /// What was asked for cannot be the name of a plugin.
    #[error("'{}' is not the name of an engine", sanitize(.0))]
    NoName(String),
    /// There is no plugin of this name.
    #[error("there is no engine '{0}'")]
    Missing(String),
    /// The name of its folder cannot be that of a plugin.
    #[error("rename the folder: a plugin's name has ASCII letters, digits, '-' and '_' only")]
    FolderName,
    /// A file cannot be read.
    #[error("{file} cannot be read: {why}")]
    Unreadable {
        /// The file, as it is shown.
        file: String,
        /// What the system said.
        why: String,
    },
    /// The manifest is no TOML, or has a key or value that does not belong there.
    #[error("{engine}/plugin.toml:{} {message}", line.map_or(String::new(), |line| format!("{line}:")))]
    Manifest {
        /// The plugin's name.
        engine: String,
        /// The 1-based line, where known.
        line: Option<usize>,
        /// What the parser said.
        message: String,
    },
    /// The manifest does not say which version of the interface it is for.
    #[error("{engine}/plugin.toml: the line 'api = {ours}' is missing")]
    NoApi {
        /// The plugin's name.
        engine: String,
        /// The version of this program.
        ours: u32,
    },
    /// The plugin is for another version of the interface.
    #[error("{engine} asks for api = {api}, this jukebox has api = {ours}")]
    OtherApi {
        /// The plugin's name.
        engine: String,
        /// The version that it asks for.
        api: i64,
        /// The version of this program.
        ours: u32,
    },
    /// The least or the greatest value of an option is infinite or none.
    #[error(
        "{engine}/plugin.toml: options.{option}: {end} must be a finite number; leave it out where there is no limit"
    )]
    Endless {
        /// The plugin's name.
        engine: String,
        /// The option.
        option: String,
        /// `min` or `max`.
        end: &'static str,
    },
    /// The default of an option does not fit the option's own type or range.
    #[error("{engine}/plugin.toml: options.{option}: the default: {why}")]
    Default {
        /// The plugin's name.
        engine: String,
        /// The option.
        option: String,
        /// Why it does not fit.
        why: Misfit,
    },
}

/// Why what the user set for a plugin cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SettingError {
    /// The plugin has no such option.
    #[error("{}", sanitize(&format!("{engine} has no option '{option}'; {}", listed(option, there))))]
    Unknown {
        /// The plugin's name.
        engine: String,
        /// What was set.
        option: String,
        /// The options that it has.
        there: Vec<String>,
    },
    /// The value does not fit the option's type or range.
    #[error("{}", sanitize(&format!("{engine}: the option '{option}' is {value}; {why}")))]
    Unfit {
        /// The plugin's name.
        engine: String,
        /// The option.
        option: String,
        /// The value, as TOML.
        value: String,
        /// Why it does not fit.
        why: Misfit,
    },
}

/// Why a value does not fit an option.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum Misfit {
    /// It is of another type; the right one, in words.
    #[error("it must be {0}")]
    Type(&'static str),
    /// It is a number out of range, of which either end may be open.
    #[error("it must be {}", range(*min, *max).unwrap_or_else(|| "a finite number".into()))]
    Range {
        /// The least value.
        min: Option<f64>,
        /// The greatest value.
        max: Option<f64>,
    },
}

/// The range of a number in words; `None` where it has no end.
pub(super) fn range(min: Option<f64>, max: Option<f64>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}

fn listed(option: &str, options: &[String]) -> String {
    if options.is_empty() { "it has none".into() } else { instead(option, options) }
}
