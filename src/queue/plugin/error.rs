//! Errors of plugins: of their chains, their files, their options, and their scripts.

use std::path::PathBuf;

use thiserror::Error;

use crate::text::sanitize;

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
    #[error("no engine '{}'; there are: {}", sanitize(name), there.join(", "))]
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
    #[error("{}", sanitize(&format!("{engine} has no option '{option}'; {}", listed(there))))]
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

fn listed(options: &[String]) -> String {
    if options.is_empty() { "it has none".into() } else { format!("there are: {}", options.join(", ")) }
}

/// Why a script does not start, or gave no answer.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ScriptError {
    /// It ended with an error: the message of the script, of Luau or of a host function, in one line with the script's
    /// line where known.
    #[error("{0}")]
    Raised(String),
    /// It used up its steps or its time; where it was, or its name.
    #[error("{0}: took too long and was stopped")]
    TooLong(String),
    /// It wanted more memory than it may have.
    #[error("{engine} wanted more than {mib} MiB of memory and was stopped")]
    OutOfMemory {
        /// The plugin's name.
        engine: String,
        /// The limit.
        mib: usize,
    },
    /// It does not return the function of its kind.
    #[error("{engine}/main.luau must return a table with a function '{function}'")]
    NoFunction {
        /// The plugin's name.
        engine: String,
        /// The function.
        function: &'static str,
    },
    /// Its answer is no list.
    #[error("{engine}: {function} must return a list, not a {got}")]
    NoList {
        /// The plugin's name.
        engine: String,
        /// The function that answered.
        function: &'static str,
        /// The type of the answer.
        got: &'static str,
    },
    /// A key of its answer is neither true nor false.
    #[error(
        "{engine}: '{key}' of {function}'s answer {}",
        got.map_or("cannot be read".into(), |got| format!("must be true or false, not a {got}"))
    )]
    NoSwitch {
        /// The plugin's name.
        engine: String,
        /// The function that answered.
        function: &'static str,
        /// The key.
        key: &'static str,
        /// The type of its value; `None` where it cannot be read.
        got: Option<&'static str>,
    },
    /// What it wants to remember cannot be kept.
    #[error("{engine}: {why}")]
    State {
        /// The plugin's name.
        engine: String,
        /// Why not.
        why: StateError,
    },
    /// Its `test.luau` returns something else than a table of functions.
    #[error("{engine}/test.luau must return a table of functions, not a {got}")]
    NoTests {
        /// The plugin's name.
        engine: String,
        /// The type of what it returns.
        got: &'static str,
    },
    /// An entry of the table that its `test.luau` returns is no function with a name.
    #[error("{engine}/test.luau must return a table of functions: {why}")]
    NoTest {
        /// The plugin's name.
        engine: String,
        /// What Luau said.
        why: Box<ScriptError>,
    },
}

/// Why what a plugin remembers, `ctx.state`, cannot be kept.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum StateError {
    /// The script put something else into its place.
    #[error("ctx.state must stay a table")]
    NoTable,
    /// It is too large; the limit.
    #[error("ctx.state is larger than {kib} KiB")]
    TooLarge {
        /// The limit.
        kib: usize,
    },
    /// Its tables are nested too deeply; how deep they may be.
    #[error("ctx.state has tables in tables more than {0} deep, or one that is in itself")]
    TooDeep(usize),
    /// A table has a key of this type.
    #[error("ctx.state has a key that is a {0}; keys are texts, or 1 to n")]
    Key(&'static str),
    /// A table is a list and has other keys as well.
    #[error("ctx.state has a table that is both a list and has other keys")]
    Mixed,
    /// It holds a value of this type.
    #[error("ctx.state holds a {0}, which cannot be remembered")]
    Value(&'static str),
    /// It holds a number that is infinite or none.
    #[error("ctx.state has a number that is not finite")]
    NotFinite,
    /// It holds a text in another encoding.
    #[error("ctx.state has a text that is not UTF-8")]
    NotUtf8,
    /// Luau cannot read it.
    #[error("ctx.state cannot be read")]
    Unreadable,
    /// The file cannot be written.
    #[error("{}: cannot be written: {why}", file.display())]
    Unwritten {
        /// The file.
        file: PathBuf,
        /// What the system said, and what can be done.
        why: String,
    },
}

macro_rules! shown {
    ($($error:ty),*) => {
        $(/// For callers that only show the error.
        impl From<$error> for String {
            fn from(error: $error) -> String {
                error.to_string()
            }
        })*
    };
}

shown!(ChainError, PluginError, SourceError, SettingError, ScriptError);
