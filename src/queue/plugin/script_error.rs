//! Errors of scripts.

use std::path::PathBuf;

use thiserror::Error;

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
