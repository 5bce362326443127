//! Parsers and completion for arguments that several commands share.

use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::latent::{ALL_DIMS, Choice, Found, Names};
use crate::text::words::{Quotes, Word, split};

use super::row::{Completion, Typed};

/// An absolute or relative amount: a seek, or a volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount<T> {
    /// To exactly this.
    To(T),
    /// By this much, with a sign.
    By(T),
}

/// A reference to an item of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The nth item ahead, counted from 1.
    Nth(usize),
    /// The item with a serial number, written `#12`.
    Serial(u64),
}

/// The words for switches.
pub const ON_OFF: [(&str, bool); 2] = [("on", true), ("off", false)];

/// The text, unless it is empty.
pub fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

/// The value of an argument among choices; `None` for an empty one.
///
/// # Errors
/// What the command wants, if the word is none of them.
pub fn one_of<T: Copy>(typed: Typed, choices: &[(&str, T)]) -> Result<Option<T>, Refusal> {
    if typed.rest.is_empty() {
        return Ok(None);
    }
    let found = choices.iter().find(|(name, _)| *name == typed.rest);
    found.map(|(_, value)| Some(*value)).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        typed.wants(match names.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => names.concat(),
        })
    })
}

/// Splits a leading sign, as 1 or -1, from a text.
pub fn signed(text: &str) -> (Option<f64>, &str) {
    match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (Some(1.0), rest),
        (_, Some(rest)) => (Some(-1.0), rest),
        _ => (None, text),
    }
}

/// Parses `3 4 #17`; an empty text gives no entries. `None` if a word is not an entry.
pub fn entries(text: &str) -> Option<Vec<Entry>> {
    text.split([' ', ',']).filter(|w| !w.is_empty()).map(entry).collect()
}

/// Parses `3` or `#17`.
pub fn entry(word: &str) -> Option<Entry> {
    match word.strip_prefix('#') {
        Some(serial) => serial.parse().ok().map(Entry::Serial),
        None => word.parse().ok().filter(|n| *n > 0).map(Entry::Nth),
    }
}

/// The entries given, or else the selected items.
pub fn or_selected(entries: Vec<Entry>, items: &[u64]) -> Vec<Entry> {
    if entries.is_empty() { items.iter().map(|serial| Entry::Serial(*serial)).collect() } else { entries }
}

/// A dimension as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Given by its number or as a descriptor; counted from 0.
    Dim(u8),
    /// A name, which is looked up in this library's names when the command is carried out.
    Named(String),
}

impl Wanted {
    /// Resolves the dimension.
    ///
    /// # Errors
    /// One line: no dimension has that name, and the nearest names.
    pub fn find(&self, names: &Names) -> Result<Found, Refusal> {
        match self {
            Wanted::Dim(dim) => Ok(Found { dim: *dim, turned: false }),
            Wanted::Named(name) => Ok(names.one(name)?),
        }
    }
}

/// Parses one dimension; `None` for an empty text.
///
/// # Errors
/// One line: the number does not exist, or several dimensions are given.
pub fn dimension(text: &str) -> Result<Option<Wanted>, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<Choice>() {
        Ok(Choice::Dims(picks)) if picks.len() == 1 => Ok(picks.first().map(|p| Wanted::Dim(p.dim))),
        Ok(_) => Err(Refusal::argument("one dimension is wanted, like 7, tempo or calm")),
        Err(_) if is_name(text) => Ok(Some(Wanted::Named(text.to_string()))),
        Err(why) => Err(why.into()),
    }
}

/// Whether a text may be a name: it starts with a letter and has only letters, digits, `-`, `_`, `&` and spaces.
fn is_name(text: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '&' | ' ');
    text.starts_with(char::is_alphabetic) && text.chars().all(fine)
}

/// Whether every item of a comma-separated choice of dimensions may be a name or a number, and one is a name.
pub fn may_be_names(text: &str) -> bool {
    let name = |word: &str| {
        let word = word.split_once('*').map_or(word, |(name, _)| name);
        let word = word.strip_prefix('-').unwrap_or(word);
        is_name(word) || word.parse::<u32>().is_ok()
    };
    let mut words = text.split(',').map(str::trim).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(name) && text.chars().any(char::is_alphabetic)
}

/// Splits a line into words; text in double quotes is one word.
///
/// # Errors
/// One line: a quote is open.
pub fn quoted(line: &str) -> Result<Vec<Word>, Refusal> {
    Ok(split(line, Quotes::Double)?)
}

/// All dimensions, counted from 0, those of the signature shown first.
pub fn dimensions(model: &Model) -> impl Iterator<Item = u8> {
    let shown: Vec<u8> = model.signature.iter().flat_map(|s| s.dims.iter().map(|d| d.dim.saturating_sub(1))).collect();
    let rest: Vec<u8> = (0..ALL_DIMS as u8).filter(|d| !shown.contains(d)).collect();
    shown.into_iter().chain(rest)
}

/// The meaning of a dimension: from its card, its pair of words, or the description of a named dimension.
pub fn meaning(dim: u8, model: &Model) -> String {
    let of_card = model.cards().map_or("", |cards| cards.meaning(dim));
    if let Some(axis) = model.names.axis(dim).filter(|_| of_card.is_empty()) {
        return format!("{} ↔ {}", axis.low, axis.high);
    }
    let named = usize::from(dim).checked_sub(crate::latent::DIMS).and_then(|i| crate::latent::NAMED.get(i));
    if of_card.is_empty() { named.map_or(String::new(), |n| n.doc.to_string()) } else { of_card.to_string() }
}

/// Completes one dimension by its name.
pub fn complete_dimension(_: &str, model: &Model) -> Vec<Completion> {
    dimensions(model).map(|dim| Completion::new(model.names.label(dim), meaning(dim, model))).collect()
}
