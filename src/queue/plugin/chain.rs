//! Engines one after another: `radio | genre-gate genre=jazz | no-repeat`.

use super::error::ChainError;

/// An engine of a chain, with the options that were typed behind its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The engine's name.
    pub name: String,
    /// Options and their values, as they were typed.
    pub typed: Vec<(String, String)>,
}

/// The longest chain.
const MOST_STAGES: usize = 8;

/// Reads a chain: names with options as `name=value`, separated by `|`.
///
/// # Errors
/// What is wrong with it. Whether there are such engines is not looked at.
pub fn parse(text: &str) -> Result<Vec<Stage>, ChainError> {
    let stages: Vec<Stage> = text.split('|').map(stage).collect::<Result<_, _>>()?;
    if stages.len() > MOST_STAGES {
        return Err(ChainError::TooLong(MOST_STAGES));
    }
    Ok(stages)
}

fn stage(text: &str) -> Result<Stage, ChainError> {
    let mut words = text.split_whitespace();
    let name = words.next().ok_or(ChainError::NoName)?.to_string();
    let option = |word: &str| {
        let (name, value) = word.split_once('=').ok_or_else(|| ChainError::NoOption(word.into()))?;
        Ok((name.to_string(), value.to_string()))
    };
    Ok(Stage { name, typed: words.map(option).collect::<Result<_, _>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_options_are_taken_apart() {
        let stage = |name: &str, typed: &[(&str, &str)]| Stage {
            name: name.into(),
            typed: typed.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        };
        assert_eq!(parse("radio"), Ok(vec![stage("radio", &[])]));
        let chain = parse(" radio | genre-gate genre=jazz keep=true|no-repeat").unwrap();
        assert_eq!(chain[1..], [stage("genre-gate", &[("genre", "jazz"), ("keep", "true")]), stage("no-repeat", &[])]);
        for (text, says) in [
            ("", "name is missing"),
            ("a | ", "name is missing"),
            ("a b", "'b' is no option"),
            ("a|a|a|a|a|a|a|a|a", "at most 8"),
        ] {
            assert!(parse(text).unwrap_err().to_string().contains(says), "{text}");
        }
    }
}
