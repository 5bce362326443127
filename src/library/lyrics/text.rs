//! The lines of a song with their times, and which of them sound at a moment.

use serde::{Deserialize, Serialize};

/// The lyrics of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lyrics {
    /// The lines; in the order of their times if they are timed.
    pub lines: Vec<Line>,
    /// Whether the lines have times.
    pub timed: bool,
    /// Whether lines were left out because there are too many.
    pub cut: bool,
    /// Where they come from: a file's name or `tags` (sanitised).
    pub from: String,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it begins, in milliseconds; 0 if the lyrics are not timed.
    pub at: u32,
    /// Its text (sanitised); empty between verses.
    pub text: String,
    /// When its words begin, in the order of the text; empty if only the whole line has a time.
    pub words: Vec<Word>,
}

/// The beginning of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// When it begins, in milliseconds.
    pub at: u32,
    /// The byte of the line's text at which it begins.
    pub from: u32,
}

/// What sounds at a moment: the lines from `first` to before `end`, which begin at the same time (a line and its
/// translation, say).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lit {
    /// The index of the first line.
    pub first: usize,
    /// The index after the last line.
    pub end: usize,
    /// How many of their words have begun.
    pub words: usize,
}

impl Line {
    /// How many words have begun.
    fn begun(&self, ms: i64) -> usize {
        self.words.iter().filter(|word| i64::from(word.at) <= ms).count()
    }

    /// The length in bytes of the part of the text that has begun: all of it where words have no times.
    pub fn sung(&self, ms: i64) -> usize {
        let next = self.words.iter().find(|word| i64::from(word.at) > ms);
        next.map_or(self.text.len(), |word| (word.from as usize).min(self.text.len()))
    }
}

impl Lyrics {
    /// Whether there is nothing to read in them.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.text.is_empty())
    }

    /// What sounds at `ms` milliseconds; `None` before the first line, and if the lyrics are not timed.
    pub fn lit(&self, ms: i64) -> Option<Lit> {
        if !self.timed {
            return None;
        }
        let end = self.lines.partition_point(|line| i64::from(line.at) <= ms);
        let at = self.lines.get(end.checked_sub(1)?)?.at;
        let first = self.lines.partition_point(|line| line.at < at);
        let words = self.lines.get(first..end)?.iter().map(|line| line.begun(ms)).sum();
        Some(Lit { first, end, words })
    }

    /// The first moment after `ms` milliseconds at which something else sounds.
    pub fn next(&self, ms: i64) -> Option<i64> {
        if !self.timed {
            return None;
        }
        let end = self.lines.partition_point(|line| i64::from(line.at) <= ms);
        let line = self.lines.get(end).map(|line| i64::from(line.at));
        let lit = self.lit(ms).and_then(|lit| self.lines.get(lit.first..lit.end)).unwrap_or_default();
        let words = lit.iter().flat_map(|line| &line.words).map(|word| i64::from(word.at)).filter(|at| *at > ms);
        words.chain(line).min()
    }
}
