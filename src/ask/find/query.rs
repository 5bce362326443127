//! Parses a question in words into phrases, some of them negated.

use super::thesaurus::{FILLERS, NEGATIONS};

/// The most words of one phrase.
pub const LONGEST: usize = 4;
/// Further words of a question are ignored.
const MOST_WORDS: usize = 64;

/// A word of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// In lower case, without punctuation at its ends; quoted text is one word.
    pub text: String,
    /// Whether it was quoted, and is to be searched for in the files' tags.
    pub quoted: bool,
    /// Whether `-` precedes it.
    pub minus: bool,
    /// Whether a comma or semicolon precedes it.
    pub apart: bool,
}

/// The words of a question.
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut apart, mut rest) = (false, text);
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() || matches!(c, ',' | ';') {
            apart |= !c.is_whitespace();
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let minus = rest.starts_with('-') && rest.len() > 1;
        let begun = if minus { &rest[1..] } else { rest };
        let (text, quoted, left) = match begun.strip_prefix('"') {
            Some(inside) => {
                let end = inside.find('"').unwrap_or(inside.len());
                (inside[..end].to_lowercase(), true, inside.get(end + 1..).unwrap_or(""))
            }
            None => {
                let end =
                    begun.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"')).unwrap_or(begun.len());
                let word =
                    begun[..end].trim_matches(|c: char| matches!(c, '.' | '!' | '?' | '(' | ')' | '\'' | ':' | '+'));
                (word.to_lowercase(), false, &begun[end..])
            }
        };
        if !text.trim().is_empty() && words.len() < MOST_WORDS {
            words.push(Word { text: text.trim().to_string(), quoted, minus, apart: std::mem::take(&mut apart) });
        }
        // Unpaired and empty quotes are skipped.
        rest = if left.len() < rest.len() { left } else { &rest[c.len_utf8()..] };
    }
    words
}

/// A phrase with its meaning, or an unknown word.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase<M> {
    /// Its words, in lower case.
    pub text: String,
    /// Whether it is negated.
    pub denied: bool,
    /// Its meaning; `None` if unknown.
    pub meaning: Option<M>,
}

/// Splits words into the longest phrases that have a meaning. `means` gets words joined by spaces, and whether they
/// were quoted. `no`, `without` and the like negate the next phrase and those joined to it by `or`, `and` or `nor`.
pub fn phrases<M>(words: &[Word], means: impl Fn(&str, bool) -> Option<M>) -> Vec<Phrase<M>> {
    let mut out: Vec<Phrase<M>> = Vec::new();
    let (mut at, mut denying, mut joined) = (0, false, false);
    while let Some(word) = words.get(at) {
        if word.apart {
            (denying, joined) = (false, false);
        }
        let found = (1..=LONGEST.min(words.len() - at)).rev().find_map(|count| {
            let some = &words[at..at + count];
            let one = count == 1;
            // A phrase does not extend across a comma, a minus or quotes.
            if !one && (some[1..].iter().any(|w| w.apart || w.minus) || some.iter().any(|w| w.quoted)) {
                return None;
            }
            let text = some.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
            Some((count, means(&text, word.quoted)?, text))
        });
        if let Some((count, meaning, text)) = found {
            out.push(Phrase { text, denied: denying || word.minus, meaning: Some(meaning) });
            // The next phrase is negated only if joined by `or` and the like.
            (joined, at) = (std::mem::take(&mut denying), at + count);
            continue;
        }
        let text = word.text.as_str();
        if NEGATIONS.contains(&text) && !word.quoted {
            denying = true;
        } else if matches!(text, "or" | "and" | "nor" | "&") {
            denying |= joined;
        } else if !FILLERS.contains(&text) {
            out.push(Phrase { text: text.to_string(), denied: denying || word.minus, meaning: None });
            joined = std::mem::take(&mut denying);
        }
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 7] = ["calm", "female voice", "voice", "drums", "hard rock", "rock", "electronic"];

    fn read(text: &str) -> Vec<String> {
        let phrases = phrases(&words(text), |text, quoted| (quoted || KNOWN.contains(&text)).then_some(()));
        let sign = |p: &Phrase<()>| if p.denied { "-" } else { "+" };
        let told = |p: &Phrase<()>| format!("{}{}{}", sign(p), p.text, if p.meaning.is_some() { "" } else { "?" });
        phrases.iter().map(told).collect()
    }

    #[test]
    fn the_longest_phrase_is_meant() {
        assert_eq!(read("calm female voice"), ["+calm", "+female voice"]);
        assert_eq!(read("some HARD rock, please!"), ["+hard rock"]);
        assert_eq!(read("hard, rock"), ["+hard?", "+rock"]);
        assert_eq!(read("calm zither music"), ["+calm", "+zither?"]);
    }

    #[test]
    fn negation_reaches_as_far_as_it_is_joined() {
        assert_eq!(read("electronic, no drums"), ["+electronic", "-drums"]);
        assert_eq!(read("no drums or female voice, rock"), ["-drums", "-female voice", "+rock"]);
        assert_eq!(read("not hard rock calm"), ["-hard rock", "+calm"]);
        assert_eq!(read("rock -drums calm"), ["+rock", "-drums", "+calm"]);
        assert_eq!(read("without a voice"), ["-voice"]);
        assert_eq!(read("calm and rock"), ["+calm", "+rock"]);
        assert_eq!(read("no zither"), ["-zither?"]);
    }

    #[test]
    fn quotes_hold_a_text_together_and_nothing_panics() {
        assert_eq!(read("\"Half Moon\" calm"), ["+half moon", "+calm"]);
        assert_eq!(read("\"open calm"), ["+open calm"]);
        for text in ["", "-", "\"", "\"\"", "no", ",,", "- -", "é\"é", "--calm", "\"\" -\"\""] {
            let _ = read(text);
        }
        assert!(words(&"x ".repeat(1000)).len() <= MOST_WORDS);
    }
}
