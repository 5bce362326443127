//! The words that arguments of several commands are made of.

use crate::app::state::Model;
use crate::latent::{ALL_DIMS, Choice, Found, Names};

use super::row::Completion;

/// Where to go in a track, or what to set the volume to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount<T> {
    /// To exactly this.
    To(T),
    /// By so much, in either direction.
    By(T),
}

/// Names an item of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The nth ahead, counted from 1.
    Nth(usize),
    /// The item of a serial number, written `#12`.
    Serial(u64),
}

/// Words that switch something.
pub const ON_OFF: [(&str, bool); 2] = [("on", true), ("off", false)];

/// The text, unless it is empty.
pub fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

/// What a word means of a few; `None` for no word.
///
/// # Errors
/// `wants`: it is none of them.
pub fn one_of<T: Copy>(word: &str, choices: &[(&str, T)], wants: &str) -> Result<Option<T>, String> {
    if word.is_empty() {
        return Ok(None);
    }
    choices.iter().find(|(name, _)| *name == word).map(|(_, value)| Some(*value)).ok_or_else(|| wants.to_string())
}

/// Splits a sign from a text: 1 or -1.
pub fn signed(text: &str) -> (Option<f64>, &str) {
    match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (Some(1.0), rest),
        (_, Some(rest)) => (Some(-1.0), rest),
        _ => (None, text),
    }
}

/// `3 4 #17`; an empty text is no entries. `None` when a word is none.
pub fn entries(text: &str) -> Option<Vec<Entry>> {
    text.split([' ', ',']).filter(|w| !w.is_empty()).map(entry).collect()
}

/// `3` or `#17`.
pub fn entry(word: &str) -> Option<Entry> {
    match word.strip_prefix('#') {
        Some(serial) => serial.parse().ok().map(Entry::Serial),
        None => word.parse().ok().filter(|n| *n > 0).map(Entry::Nth),
    }
}

/// The entries that were named, else the selected items.
pub fn or_selected(entries: Vec<Entry>, items: &[u64]) -> Vec<Entry> {
    if entries.is_empty() { items.iter().map(|serial| Entry::Serial(*serial)).collect() } else { entries }
}

/// A dimension as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// By its number or as a descriptor; counted from 0.
    Dim(u8),
    /// By a name that is looked up among the names of this library when the command is carried out.
    Named(String),
}

impl Wanted {
    /// Which one it is.
    ///
    /// # Errors
    /// One line: there is none of that name, and the nearest names.
    pub fn find(&self, names: &Names) -> Result<Found, String> {
        match self {
            Wanted::Dim(dim) => Ok(Found { dim: *dim, turned: false }),
            Wanted::Named(name) => names.one(name),
        }
    }
}

/// The dimension that a word names; `None` when there is no word.
///
/// # Errors
/// One line: there is no such number, or several are named.
pub fn dimension(text: &str) -> Result<Option<Wanted>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<Choice>() {
        Ok(Choice::Dims(picks)) if picks.len() == 1 => Ok(picks.first().map(|p| Wanted::Dim(p.dim))),
        Ok(_) => Err("one dimension is wanted, like 7, tempo or calm".into()),
        Err(_) if is_name(text) => Ok(Some(Wanted::Named(text.to_string()))),
        Err(why) => Err(why),
    }
}

/// Whether a text may be a name that the encoder or the user gave: one of letters, with hyphens or spaces between.
fn is_name(text: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '&' | ' ');
    text.starts_with(char::is_alphabetic) && text.chars().all(fine)
}

/// Whether every word of a choice of dimensions is a number or may be a name.
pub fn may_be_names(text: &str) -> bool {
    let name = |word: &str| {
        let word = word.split_once('*').map_or(word, |(name, _)| name);
        let word = word.strip_prefix('-').unwrap_or(word);
        is_name(word) || word.parse::<u32>().is_ok()
    };
    let mut words = text.split(',').map(str::trim).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(name) && text.chars().any(char::is_alphabetic)
}

/// A word of a line, and whether it stood in quotes.
pub struct Word {
    /// The word without quotes.
    pub text: String,
    /// Whether it had any.
    pub quoted: bool,
}

/// The words of a line; what stands in double quotes is one word.
///
/// # Errors
/// One line: a quote is open.
pub fn quoted(line: &str) -> Result<Vec<Word>, String> {
    let mut words: Vec<Word> = Vec::new();
    let (mut open, mut within) = (false, false);
    for c in line.chars() {
        if c.is_whitespace() && !open {
            within = false;
            continue;
        }
        if !within {
            words.push(Word { text: String::new(), quoted: false });
            within = true;
        }
        let Some(word) = words.last_mut() else { continue };
        match c {
            '"' => (open, word.quoted) = (!open, true),
            c => word.text.push(c),
        }
    }
    if open { Err("a quote is open: \"So What\"".into()) } else { Ok(words) }
}

/// Every dimension, counted from 0: those of the shown signature first.
pub fn dimensions(model: &Model) -> impl Iterator<Item = u8> {
    let shown: Vec<u8> = model.signature.iter().flat_map(|s| s.dims.iter().map(|d| d.dim.saturating_sub(1))).collect();
    let rest: Vec<u8> = (0..ALL_DIMS as u8).filter(|d| !shown.contains(d)).collect();
    shown.into_iter().chain(rest)
}

/// What a dimension means: from its card, or what a named one measures.
pub fn meaning(dim: u8, model: &Model) -> String {
    let of_card = model.cards().map_or("", |cards| cards.meaning(dim));
    if let Some(axis) = model.names.axis(dim).filter(|_| of_card.is_empty()) {
        return format!("{} ↔ {}", axis.low, axis.high);
    }
    let named = usize::from(dim).checked_sub(crate::latent::DIMS).and_then(|i| crate::latent::NAMED.get(i));
    if of_card.is_empty() { named.map_or(String::new(), |n| n.doc.to_string()) } else { of_card.to_string() }
}

/// One dimension, completed by its name.
pub fn complete_dimension(_: &str, model: &Model) -> Vec<Completion> {
    dimensions(model).map(|dim| Completion::new(model.names.label(dim), meaning(dim, model))).collect()
}
