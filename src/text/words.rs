//! Splits a line into words, some of them quoted.

use thiserror::Error;

/// How words are quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// Double quotes keep blanks; everything else stands for itself, as in `Don't`.
    Double,
    /// As in a shell: single and double quotes, and a backslash except within single quotes. Nothing is expanded.
    Shell,
}

/// A word of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The word without quotes.
    pub text: String,
    /// Whether any of it was quoted.
    pub quoted: bool,
}

/// Why a line cannot be split. Its `Display` form is one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SplitError {
    /// A quote is open; the character that would close it.
    #[error("a quote is open: another {0} is missing")]
    OpenQuote(char),
    /// Nothing follows a backslash.
    #[error("nothing follows the backslash at the end")]
    Backslash,
}

/// Splits a line at blanks that are not quoted.
///
/// # Errors
/// A quote is open, or nothing follows a backslash.
pub fn split(line: &str, quotes: Quotes) -> Result<Vec<Word>, SplitError> {
    let shell = quotes == Quotes::Shell;
    let (mut words, mut word, mut open) = (Vec::new(), None::<Word>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let letter = match c {
            c if open == Some(c) => {
                open = None;
                continue;
            }
            c if open.is_none() && (c == '"' || c == '\'' && shell) => {
                open = Some(c);
                word.get_or_insert_default().quoted = true;
                continue;
            }
            c if open.is_none() && c.is_whitespace() => {
                words.extend(word.take());
                continue;
            }
            '\\' if shell && open != Some('\'') => chars.next().ok_or(SplitError::Backslash)?,
            c => c,
        };
        word.get_or_insert_default().text.push(letter);
    }
    words.extend(word);
    match open {
        Some(quote) => Err(SplitError::OpenQuote(quote)),
        None => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str, quotes: Quotes) -> Vec<String> {
        split(line, quotes).unwrap().into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn a_line_is_split_as_by_a_shell() {
        let of = |line: &str| words(line, Quotes::Shell);
        assert_eq!(of("notify-send  'a b' \"c \\\" d\" e\\ f ''"), ["notify-send", "a b", "c \" d", "e f", ""]);
        assert_eq!(of("a'\\'b"), ["a\\b"]);
        assert_eq!(of("  "), Vec::<String>::new());
        assert_eq!(of("echo $HOME `x` ;rm"), ["echo", "$HOME", "`x`", ";rm"], "nothing is expanded");
        assert!(split("a 'b", Quotes::Shell).unwrap_err().to_string().contains("another '"));
        assert!(split("a\\", Quotes::Shell).is_err());
    }

    #[test]
    fn names_keep_apostrophes_and_backslashes() {
        let of = |line: &str| words(line, Quotes::Double);
        assert_eq!(of("\"So What\" Don't AC\\DC 12"), ["So What", "Don't", "AC\\DC", "12"]);
        assert_eq!(of("+\"Nina Simone\"  \"\""), ["+Nina Simone", ""]);
        let quoted = split("\"12\" 12", Quotes::Double).unwrap().into_iter().map(|word| word.quoted);
        assert_eq!(quoted.collect::<Vec<_>>(), [true, false]);
        assert!(split("\"So What", Quotes::Double).is_err());
    }
}
