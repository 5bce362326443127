//! How many of something a command line asks for.

/// A number from 1. None at all would only look like a search that finds nothing.
pub(super) fn from_one(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(0) => Err("it must be at least 1".into()),
        Ok(count) => Ok(count),
        Err(why) => Err(why.to_string()),
    }
}
