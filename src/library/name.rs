//! The names that users give to playlists and signatures.

use std::fmt;

use thiserror::Error;

/// Maximum length of a name in characters.
const LONGEST: usize = 40;
/// Words with another meaning in the `:signature` command.
const TAKEN: [&str; 4] = ["playlist", "album", "artist", "library"];

/// What a name is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A playlist.
    Playlist,
    /// A signature.
    Signature,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Named::Playlist => "playlist",
            Named::Signature => "signature",
        })
    }
}

/// Why a name is not allowed. Its `Display` form is one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// It is empty or too long.
    #[error("a {of}'s name has 1 to {most} characters", most = LONGEST)]
    Length {
        /// What it was to be given to.
        of: Named,
    },
    /// It has characters that are not allowed.
    #[error("'{name}' cannot be a {of}'s name: use letters, digits, - and _ without spaces, such as late-night")]
    Characters {
        /// What it was to be given to.
        of: Named,
        /// The name, safe for a terminal.
        name: String,
    },
    /// It has another meaning in a command.
    #[error("'{name}' means the {name} itself; choose another name")]
    Reserved {
        /// The name.
        name: String,
    },
}

/// For callers that only show the error.
impl From<NameError> for String {
    fn from(error: NameError) -> String {
        error.to_string()
    }
}

/// Checks a name: letters, digits, `-`, `_` and `.`, not beginning with `-` or `.`, at most 40 characters, and not a
/// reserved word. So a name is one word of a command line, and never a path.
///
/// # Errors
/// Why it is not allowed.
pub fn check(name: &str, of: Named) -> Result<(), NameError> {
    let safe = crate::text::sanitize(name);
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(NameError::Length { of });
    }
    if safe != name || !name.chars().all(good) || name.starts_with(['.', '-']) {
        return Err(NameError::Characters { of, name: safe });
    }
    if TAKEN.contains(&name) {
        return Err(NameError::Reserved { name: safe });
    }
    Ok(())
}
