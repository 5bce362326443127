//! Playlist engines as scripts: a folder with `plugin.toml` and `main.luau`, run in a sandbox
//! (`sandbox`) beside the built-in engines. docs/plugins.md is for those who write them.
//!
//! A plugin is looked up in the given directories, the user's first, and then among those built in,
//! so that a user's copy overrides a built-in plugin of the same name.

mod answer;
mod api;
pub mod chain;
mod error;
mod host;
mod listing;
mod loaded;
mod manifest;
pub mod options;
mod sandbox;
mod script_error;
pub mod source;
mod state;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use api::{MOST_PROPOSALS, pages};
pub use chain::Stage;
pub use error::{ChainError, Misfit, PluginError, SettingError, SourceError};
pub use host::{Script, Setup};
pub use listing::{Info, list};
pub use loaded::{Plugins, STRIKES};
pub use manifest::{API, Kind, Manifest};
pub use options::Given;
pub use sandbox::{LOAD_STEPS, LONGEST, MEMORY, PROPOSE_STEPS, SLOW};
pub use script_error::{ScriptError, StateError};
pub use source::{Origin, Source};
pub use state::{MOST_STATE, Shelf};
