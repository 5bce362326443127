//! Finding by words: a question such as `fast electronic, no singing` becomes a ranked list, each track with its reason.
//!
//! Every phrase understood gives a track a belief b between 0.02 and 0.98 ([`evidence`]); a negated one gives 1 − b.
//! The match is their weighted geometric mean, `exp(Σ w·ln b / Σ w)`, so that phrases that fit cannot make up for one
//! that does not. Unknown words are reported; the nearest known ones substitute for them at half the weight.

pub mod evidence;
pub mod meaning;
pub mod query;
pub mod thesaurus;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::error::QuestionError;
use super::report::Hit;
use crate::latent::lexicon::NO_WORDS;
use crate::library::Catalog;
use crate::track::TrackId;
use evidence::Bench;
use meaning::{Known, Meaning};
use query::Phrase;

/// Marks a filter as a question.
const PREFIX: &str = "find:";
/// The player lists no tracks whose match is below this share of the best one's.
const CLOSE: f32 = 0.6;
/// The most tracks that the player lists.
const LISTED: usize = 500;
/// The number of tracks that represent words in a blend.
const SOUNDING: usize = 30;
/// The number of tracks that the player lists with reasons.
const TOLD: usize = 40;

/// A track that was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The track.
    #[serde(flatten)]
    pub file: Hit,
    /// How well it matches, 0 to 1.
    pub score: f32,
    /// The facts in its favour.
    pub reason: String,
}

/// The answer to a question in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The best matches, the best first.
    pub matches: Vec<Match>,
    /// The phrases understood, with `no` before negated ones.
    pub understood: Vec<String>,
    /// Sentences about what was not understood.
    pub notes: Vec<String>,
}

/// The question in a filter's text, if it is one: `find: calm piano`.
pub fn typed(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let head = text.get(..PREFIX.len())?;
    head.eq_ignore_ascii_case(PREFIX).then(|| text[PREFIX.len()..].trim())
}

/// The filter that shows the answer to a question.
pub fn as_filter(question: &str) -> String {
    format!("{PREFIX} {}", question.trim())
}

/// A parsed question.
struct Question {
    phrases: Vec<Phrase<Meaning>>,
    notes: Vec<String>,
}

impl Answers {
    /// Answers a question in words with the `count` best matches.
    ///
    /// # Errors
    /// Nothing of the question is understood, or the library is empty.
    pub fn find(&self, question: &str, count: usize) -> Result<Finding, QuestionError> {
        let question = self.understood(question)?;
        let bench = Bench::of(self);
        let ranked = self.ranked(&question, &bench);
        let songs = self.catalog.songs();
        let one = |&(score, place): &(f32, usize)| {
            let song = songs.get(place)?;
            let facts = question.phrases.iter().filter_map(|phrase| {
                let meaning = phrase.meaning.as_ref()?;
                bench.of_meaning(meaning, phrase.denied, place, song, true).fact
            });
            let mut reason: Vec<String> = Vec::new();
            for fact in facts.flat_map(|facts| facts.split(", ").map(str::to_string).collect::<Vec<_>>()) {
                if !reason.contains(&fact) {
                    reason.push(fact);
                }
            }
            Some(Match { file: Hit::of(song), score, reason: reason.join(", ") })
        };
        let told = ranked.iter().filter(|(_, place)| songs.get(*place).is_some_and(|song| self.is_told(song)));
        let matches = told.take(count).filter_map(one).collect();
        let sign = |p: &Phrase<Meaning>| if p.denied { format!("no {}", p.text) } else { p.text.clone() };
        Ok(Finding { matches, understood: question.phrases.iter().map(sign).collect(), notes: question.notes })
    }

    /// The songs that match a question, the best first, without those that match much less well.
    ///
    /// # Errors
    /// As [`Answers::find`].
    pub fn found(&self, question: &str) -> Result<Catalog, QuestionError> {
        let question = self.understood(question)?;
        let ranked = self.ranked(&question, &Bench::of(self));
        let least = ranked.first().map_or(0.0, |(best, _)| CLOSE * best);
        let close = ranked.into_iter().take_while(|(score, _)| *score >= least).take(LISTED);
        Ok(self.catalog.ranked(close.map(|(_, place)| place)))
    }

    /// Sentences about what was not understood of the question in a filter; none where the filter is no question.
    pub fn not_understood(&self, filter: &str) -> Vec<String> {
        let question = typed(filter).and_then(|text| self.understood(text).ok());
        question.map_or_else(Vec::new, |question| question.notes)
    }

    /// The tracks that match a description of sound best; `None` if any of its words is unknown.
    pub(super) fn sounding(&self, text: &str) -> Option<Vec<TrackId>> {
        let question = self.understood(text).ok().filter(|question| question.notes.is_empty())?;
        let ranked = self.ranked(&question, &Bench::of(self));
        let mut seen = std::collections::HashSet::new();
        let heard = ranked.iter().filter_map(|(_, place)| Some(self.catalog.songs().get(*place)?.track));
        let tracks: Vec<TrackId> =
            heard.filter(|track| self.space.row(*track).is_some() && seen.insert(*track)).take(SOUNDING).collect();
        (!tracks.is_empty()).then_some(tracks)
    }

    /// Every song's match and index in the catalog, the best first; ties by index.
    fn ranked(&self, question: &Question, bench: &Bench) -> Vec<(f32, usize)> {
        let total: f32 = question.phrases.iter().filter_map(|p| p.meaning.as_ref()).map(|m| m.weight).sum();
        let score = |place: usize, song: &crate::library::Song| {
            let part = |phrase: &Phrase<Meaning>| {
                let meaning = phrase.meaning.as_ref()?;
                let belief = bench.of_meaning(meaning, phrase.denied, place, song, false).belief;
                Some(meaning.weight * belief.ln())
            };
            (question.phrases.iter().filter_map(part).sum::<f32>() / total.max(f32::MIN_POSITIVE)).exp()
        };
        let mut ranked: Vec<(f32, usize)> =
            self.catalog.songs().iter().enumerate().map(|(place, song)| (score(place, song), place)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked
    }

    fn understood(&self, text: &str) -> Result<Question, QuestionError> {
        if self.catalog.is_empty() {
            return Err(QuestionError::EmptyLibrary);
        }
        let known = Known::of(self);
        let words = query::words(text);
        if words.is_empty() {
            return Err(QuestionError::NoWords);
        }
        let mut notes: Vec<String> = Vec::new();
        let mut phrases = query::phrases(&words, |text, quoted| known.meaning(text, quoted));
        if phrases.iter().any(|p| p.meaning.is_none() && known.is_word_of_others(&p.text)) {
            notes.push(NO_WORDS.to_string());
        }
        for phrase in phrases.iter_mut().filter(|p| p.meaning.is_none()) {
            let word = crate::text::sanitize(&phrase.text);
            phrase.meaning = known.substitute(&phrase.text);
            let written = known.is_written(&phrase.text);
            notes.push(match &phrase.meaning {
                Some(meaning) if meaning.instead.is_empty() => {
                    format!("I do not know '{word}'; it was looked for in titles and tags")
                }
                Some(meaning) => {
                    let also = if written { ", and it was looked for in titles and tags" } else { "" };
                    format!("I do not know '{word}'; used in its place: {}{also}", meaning.instead.join(", "))
                }
                None => format!("I do not know '{word}'{}", self.nearest_words(&phrase.text)),
            });
        }
        phrases.retain(|phrase| phrase.meaning.is_some());
        match phrases.is_empty() {
            true if notes.is_empty() => Err(QuestionError::NoWords),
            true => Err(QuestionError::NotUnderstood(notes)),
            false => Ok(Question { phrases, notes }),
        }
    }

    /// The known words nearest in spelling, as the end of a sentence.
    fn nearest_words(&self, text: &str) -> String {
        let lexicon = self.lexicon();
        let own = lexicon.terms().iter().map(|term| term.name.as_str());
        let meanings = thesaurus::MEANINGS.iter().flat_map(|(words, _)| words.iter().copied());
        let near = crate::text::nearest(text, own.chain(meanings), 4);
        match near.is_empty() {
            true => String::new(),
            false => format!("; the nearest words: {}", near.join(", ")),
        }
    }
}

impl Finding {
    /// The answer as lines: what was understood and what was not, then the tracks with their reasons.
    pub fn lines(&self) -> Vec<String> {
        let mut out = vec![format!("understood: {}", self.understood.join(", "))];
        out.extend(self.notes.iter().cloned());
        out.extend(self.matches.iter().take(TOLD).map(|m| {
            let by = if m.file.artist.is_empty() { String::new() } else { format!("{} – ", m.file.artist) };
            format!("{:3.0} %  {by}{}: {}", m.score * 100.0, m.file.title, m.reason)
        }));
        out
    }
}

#[cfg(test)]
mod tests;
