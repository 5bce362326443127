//! The words shown for a track: which of the encoder's tags apply to it.
//!
//! A tag head gives every track a probability for every tag, and the common ones (rock) are likely everywhere. A word
//! is shown for a track when it is likely, and more so than for most of the library: `p ≥ ½`, or `p ≥ 0.1` where the
//! track is in the top `UPPER` of its library and `p` is at least `LIFT` times the library's mean. So in a jazz-only
//! library jazz is shown for the tracks that the encoder is sure of, and no word is shown for everything by chance.

use serde::{Deserialize, Serialize};

use super::tags::Tags;
use super::vocabulary::{Kind, Term, terms};

/// A word at least this likely is shown whatever the library.
const SURE: f32 = 0.5;
/// A word less likely than this is never shown.
const LEAST: f32 = 0.1;
/// The top share of the library in which a track must be.
const UPPER: f32 = 0.3;
/// How many times the library's mean a word's probability must be.
const LIFT: f32 = 1.5;
/// The most words shown for one track or set.
pub const MOST: usize = 5;

/// A word's probability and standing for one track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The word, as it is shown.
    pub word: String,
    /// The encoder's own name of the word's likeliest tag.
    pub tag: String,
    /// How likely it is, 0 to 1.
    pub probability: f32,
    /// The share of the library for which it is less likely, 0 to 1.
    pub standing: f32,
    /// Whether it is shown for the track.
    pub said: bool,
}

/// The message for an encoder without a tag head.
pub const NO_WORDS: &str = "the encoder in use has no words; the one that ships has: `jukebox model use shipped`";

/// The words of an encoder.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    terms: Vec<Term>,
}

impl Lexicon {
    /// The words for these tags.
    pub fn of(tags: &[String]) -> Lexicon {
        Lexicon { terms: terms(tags) }
    }

    /// Every word.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The index of the word that a text means.
    pub fn find(&self, text: &str) -> Option<usize> {
        self.terms.iter().position(|term| term.is(text))
    }

    /// A word's probability and standing for a row; `None` where the encoder has no data.
    pub fn say(&self, word: usize, tags: &Tags, row: u32) -> Option<Said> {
        let term = self.terms.get(word)?;
        let (probability, tag) = term.strongest(tags, row)?;
        let standing = tags.standing(row, tag)?;
        let outstanding = probability >= LEAST && standing >= 1.0 - UPPER && probability >= LIFT * tags.mean(tag);
        Some(Said {
            word: term.name.clone(),
            tag: tags.names().get(tag).cloned().unwrap_or_default(),
            probability,
            standing,
            said: term.kind != Kind::Weak && (probability >= SURE || outstanding),
        })
    }

    /// All words of a row, the likeliest first.
    pub fn all(&self, tags: &Tags, row: u32) -> Vec<Said> {
        let mut all: Vec<Said> = (0..self.terms.len()).filter_map(|word| self.say(word, tags, row)).collect();
        all.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.word.cmp(&b.word)));
        all
    }

    /// The words shown for a row, in display order: at most [`MOST`], moods and styles first; of two near synonyms
    /// (rock, hard rock) the narrower.
    pub fn said(&self, tags: &Tags, row: u32) -> Vec<String> {
        let mut said: Vec<(Kind, Said)> = (0..self.terms.len())
            .filter_map(|word| Some((self.terms[word].kind, self.say(word, tags, row)?)))
            .filter(|(_, said)| said.said)
            .collect();
        // Rank by likely and rare.
        said.sort_by(|(_, a), (_, b)| worth(b).total_cmp(&worth(a)).then_with(|| a.word.cmp(&b.word)));
        // Of the voice words, keep only the likeliest.
        let voices = |kind: Kind| kind == Kind::Voice;
        let voice = said.iter().filter(|(kind, _)| voices(*kind)).map(|(_, s)| s.probability).fold(0.0, f32::max);
        said.retain(|(kind, s)| !voices(*kind) || s.probability == voice);
        // Decades are guesses from the sound: show one only when it is sure.
        said.retain(|(kind, s)| *kind != Kind::Era || s.probability >= SURE);
        let names: Vec<String> = said.iter().map(|(_, s)| s.word.clone()).collect();
        said.retain(|(_, s)| !names.iter().any(|other| other.ends_with(&format!(" {}", s.word))));
        said.truncate(MOST);
        said.sort_by_key(|(kind, _)| *kind);
        let mut words: Vec<String> = said.into_iter().map(|(_, s)| s.word).collect();
        if let Some(guitar) = words.iter().position(|w| w == "guitar")
            && let Some(acoustic) = words.iter().position(|w| w == "acoustic")
        {
            words[acoustic] = "acoustic guitar".into();
            words.remove(guitar);
        }
        words
    }
}

fn worth(said: &Said) -> f32 {
    said.probability.sqrt() * said.standing
}

/// The words shown for at least a third of some rows, the most frequent first.
pub fn shared(lexicon: &Lexicon, tags: &Tags, rows: &[u32]) -> Vec<String> {
    let mut counts: Vec<(usize, String)> = Vec::new();
    for word in rows.iter().flat_map(|&row| lexicon.said(tags, row)) {
        match counts.iter_mut().find(|(_, known)| *known == word) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, word)),
        }
    }
    counts.retain(|(count, _)| 3 * count >= rows.len());
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts.into_iter().take(MOST).map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tags::encode;
    use super::*;

    const TAGS: [&str; 9] =
        ["rock", "hard rock", "female vocalists", "instrumental", "guitar", "acoustic", "Mellow", "beautiful", "80s"];

    /// Nine tracks of plain rock, and one of another kind.
    fn library(odd: [f32; 9]) -> (Lexicon, Tags) {
        let names: Vec<String> = TAGS.map(String::from).into();
        let plain = encode(&[0.3, 0.05, 0.02, 0.05, 0.05, 0.02, 0.02, 0.05, 0.1]);
        let odd = encode(&odd);
        let rows = (0..10).map(|row| Some(if row == 9 { &odd[..] } else { &plain[..] }));
        (Lexicon::of(&names), Tags::of(names.clone().into(), rows))
    }

    #[test]
    fn what_stands_out_is_said_and_what_is_everywhere_is_not() {
        let (lexicon, tags) = library([0.02, 0.01, 0.45, 0.2, 0.3, 0.4, 0.35, 0.6, 0.3]);
        assert_eq!(lexicon.said(&tags, 9), ["mellow", "acoustic guitar", "female voice"]);
        assert!(lexicon.said(&tags, 0).is_empty(), "rock at 0.3 is the library's own mean");
        let all = lexicon.all(&tags, 9);
        assert_eq!((all[0].word.as_str(), all[0].said), ("beautiful", false), "a weak word is never said");
        assert!(all.iter().any(|s| s.word == "female voice" && s.said && s.tag == "female vocalists"));
    }

    #[test]
    fn what_is_sure_is_said_everywhere_and_the_narrower_of_two() {
        let (lexicon, tags) = library([0.8, 0.7, 0.02, 0.01, 0.02, 0.01, 0.01, 0.01, 0.9]);
        assert_eq!(lexicon.said(&tags, 9), ["hard rock", "1980s"]);
        assert_eq!(shared(&lexicon, &tags, &[9, 0]), ["hard rock", "1980s"]);
        assert!(shared(&lexicon, &tags, &[9, 0, 1, 2]).is_empty());
    }

    #[test]
    fn an_encoder_without_tags_says_nothing() {
        let (lexicon, tags) = (Lexicon::of(&[]), Tags::default());
        assert!(lexicon.is_empty() && lexicon.said(&tags, 0).is_empty() && lexicon.find("rock").is_none());
    }
}
