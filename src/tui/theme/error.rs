//! Why a theme cannot be loaded.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a theme cannot be loaded. The `Display` form is one line.
#[derive(Debug, Error)]
pub enum ThemeError {
    /// There is no such theme.
    #[error("no theme '{name}'{}", instead(name, known))]
    Unknown {
        /// Its name.
        name: String,
        /// The names of those that there are.
        known: Vec<String>,
    },
    /// Its file cannot be read.
    #[error("theme {name}: {} cannot be read: {cause}", file.display())]
    Unread {
        /// Its name.
        name: String,
        /// Its file.
        file: PathBuf,
        /// The system's error.
        #[source]
        cause: io::Error,
    },
    /// Its file is no TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// The file, and the line where the parser knows it.
        place: String,
        /// What the parser says.
        message: String,
    },
    /// The theme that it inherits from cannot be loaded.
    #[error("{place}: {cause}")]
    Parent {
        /// Where it names that theme.
        place: String,
        /// Why not.
        #[source]
        cause: Box<ThemeError>,
    },
    /// It has mistakes, which leave the rest usable.
    #[error("{first}{}", and_more(*more))]
    Mistakes {
        /// The first one, with its place.
        first: String,
        /// How many more there are.
        more: usize,
    },
}

fn instead(name: &str, known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; {}", crate::text::instead(name, known)) }
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" (and {more} more)") }
}
