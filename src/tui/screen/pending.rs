//! Keys that were typed but not carried out yet: a count, and the beginning of a sequence.

use crossterm::event::KeyCode;

use crate::app::commands::Line;
use crate::tui::binding::Meaning;
use crate::tui::keys::{Key, count_digits};

/// The largest count.
const MOST: usize = 9999;
/// Number of digits kept of a count: any count of so many exceeds `MOST`.
const DIGITS: usize = 5;

/// The keys typed since the last command: digits of a count, if any, then the others.
#[derive(Clone, Debug, Default)]
pub struct Pending(Vec<Key>);

/// What the keys typed so far ask for.
#[derive(Debug, PartialEq)]
pub enum Step<'a> {
    /// Further keys are awaited.
    Wait,
    /// These, without the count before them, are not bound, and all are forgotten.
    Unbound(Vec<Key>),
    /// They are bound to this command; with the count typed before them.
    Run(&'a Line, Option<usize>),
}

impl Pending {
    /// Adds a key. `meaning` looks a sequence up.
    ///
    /// A digit is a count first. A binding that itself begins with a digit wins over a count as soon as a further key
    /// tells the two apart.
    pub fn push<'a>(&mut self, key: Key, meaning: impl Fn(&[Key]) -> Meaning<'a>) -> Step<'a> {
        let counting = self.digits() == self.0.len();
        if counting && key.digit().is_some_and(|digit| digit > 0 || !self.0.is_empty()) {
            if self.0.len() < DIGITS {
                self.0.push(key);
            }
            return Step::Wait;
        }
        self.0.push(key);
        let (digits, rest) = self.0.split_at(self.digits());
        let whole = if digits.is_empty() { Meaning::Nothing } else { meaning(&self.0) };
        let step = match (whole, meaning(rest)) {
            (Meaning::Command(line), _) => Step::Run(line, None),
            (Meaning::Prefix, _) | (_, Meaning::Prefix) => return Step::Wait,
            (Meaning::Nothing, Meaning::Command(line)) => Step::Run(line, self.count()),
            (Meaning::Nothing, Meaning::Nothing) => Step::Unbound(rest.to_vec()),
        };
        self.0.clear();
        step
    }

    /// The command that the digits typed so far are bound to, if nothing but digits was typed: without a further key
    /// they are no count.
    pub fn digits_alone<'a>(&self, meaning: impl Fn(&[Key]) -> Meaning<'a>) -> Option<&'a Line> {
        if self.0.is_empty() || self.digits() < self.0.len() {
            return None;
        }
        match meaning(&self.0) {
            Meaning::Command(line) => Some(line),
            Meaning::Prefix | Meaning::Nothing => None,
        }
    }

    /// Forgets the keys. Returns whether there were any.
    pub fn clear(&mut self) -> bool {
        let any = !self.0.is_empty();
        self.0.clear();
        any
    }

    /// The characters typed, for the status row.
    pub fn text(&self) -> String {
        let chars = self.0.iter().filter_map(|key| match key.code {
            KeyCode::Char(c) if !c.is_control() => Some(c),
            _ => None,
        });
        chars.collect()
    }

    fn digits(&self) -> usize {
        count_digits(&self.0)
    }

    fn count(&self) -> Option<usize> {
        let digits = self.0.iter().take(self.digits()).filter_map(|key| key.digit());
        let count = digits.fold(0, |count: usize, digit| count.saturating_mul(10).saturating_add(digit as usize));
        (count > 0).then_some(count.min(MOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands;
    use crate::tui::keys::parse;

    /// Types keys; what the last of them asked for, as the command's name and the count.
    fn typed(bound: &[(&str, &str)], keys: &str) -> (Pending, String) {
        let bound: Vec<(Vec<Key>, Line)> =
            bound.iter().map(|(keys, line)| (parse(keys).unwrap(), commands::parse(line).unwrap())).collect();
        let meaning = |keys: &[Key]| match bound.iter().find(|(all, _)| all.starts_with(keys)) {
            Some((all, line)) if all.len() == keys.len() => Meaning::Command(line),
            Some(_) => Meaning::Prefix,
            None => Meaning::Nothing,
        };
        let mut pending = Pending::default();
        let mut said = String::new();
        for key in parse(keys).unwrap() {
            said = match pending.push(key, meaning) {
                Step::Wait => "…".into(),
                Step::Unbound(_) => "-".into(),
                Step::Run(line, count) => format!("{} {count:?}", line.command.name),
            };
        }
        if let Some(line) = pending.digits_alone(meaning) {
            said.push_str(line.command.name);
        }
        (pending, said)
    }

    #[test]
    fn counts_come_before_sequences() {
        let bound = [("j", "down"), ("gg", "top"), ("0", "stop"), ("2", "queue")];
        let said = |keys: &str| typed(&bound, keys).1;
        assert_eq!(said("j"), "down None");
        assert_eq!((said("1 2 0 j"), said("3 g g")), ("down Some(120)".into(), "top Some(3)".into()));
        assert_eq!((said("0"), said("g 5"), said("1 x")), ("stop None".into(), "-".into(), "-".into()));
        assert_eq!(said("9 9 9 9 9 9 9 j"), "down Some(9999)");
        // A lone digit may be a binding; one that is not goes on waiting as a count.
        assert_eq!((said("2"), said("3"), said("2 2")), ("…queue".into(), "…".into(), "…".into()));
        assert_eq!(typed(&bound, "1 g").0.text(), "1g");
    }

    #[test]
    fn sequences_may_begin_with_a_digit() {
        let bound =
            [("1 x", "stop"), ("1 g x", "next"), ("4 2", "queue"), ("j", "down"), ("gg", "top"), ("x", "clear")];
        let said = |keys: &str| typed(&bound, keys).1;
        assert_eq!(
            (said("1 x"), said("x"), said("2 x")),
            ("stop None".into(), "clear None".into(), "clear Some(2)".into())
        );
        assert_eq!((said("1 j"), said("1 1 x")), ("down Some(1)".into(), "clear Some(11)".into()));
        // The longer of two that begin alike decides when they part.
        assert_eq!((said("1 g x"), said("1 g g")), ("next None".into(), "top Some(1)".into()));
        assert_eq!((said("4 2"), said("4 2 j")), ("…queue".into(), "down Some(42)".into()));
    }

    #[test]
    fn alt_with_a_digit_is_a_key_at_once() {
        let bound = [("alt-2", "queue"), ("2", "library")];
        let (pending, said) = typed(&bound, "alt-2");
        assert_eq!((said.as_str(), pending.text().as_str()), ("queue None", ""));
    }
}
