//! Why keys cannot be bound.

use thiserror::Error;

use crate::app::Refusal;
use crate::config::SettingError;
use crate::text::{instead, meant};
use crate::tui::keys::KeyError;

/// Why there is no keymap. The `Display` form is one line without the name of the file.
#[derive(Debug, Error)]
pub enum KeymapError {
    /// There is no such preset.
    #[error("ui.preset is \"{name}\"; {}", instead(name, presets))]
    Preset {
        /// The name in the configuration.
        name: String,
        /// The names of the presets.
        presets: Vec<&'static str>,
    },
    /// A preset that the program brings is damaged.
    #[error(transparent)]
    Shipped(#[from] SettingError),
    /// A line of the configuration that binds nothing.
    #[error("line {line}: [{table}] {cause}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// The table that it stands in.
        table: String,
        /// What is wrong with it.
        #[source]
        cause: BindingError,
    },
}

/// What is wrong with a line that binds a key.
#[derive(Debug, Error)]
pub enum BindingError {
    /// Keys cannot be bound in its table.
    #[error("there is no such table; {}", table(name, views))]
    Table {
        /// The table's name in the configuration.
        name: String,
        /// The views that have tables.
        views: Vec<&'static str>,
    },
    /// Not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Not a command.
    #[error("\"{keys}\": {why}")]
    Command {
        /// The keys, as written.
        keys: String,
        /// What is wrong with the command.
        #[source]
        why: Refusal,
    },
}

fn table(name: &str, views: &[&'static str]) -> String {
    match meant(name, views.iter().copied().chain(["list"])) {
        Some(near) => format!("did you mean [keys.{near}]?"),
        None => format!("keys can be bound in [keys], and by view in list, {}", views.join(", ")),
    }
}
