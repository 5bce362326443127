//! `[keys]` and its tables: commands bound to keys, each with its line in the file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::de::DeTable;

/// `[keys]` with the tables in it, such as `[keys.library]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The bindings in the order of the file. A key may be bound more than once; the last one counts.
    pub bound: Vec<Bound>,
}

/// A command that is bound to keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The name of the table in `[keys]` that it stands in; empty for `[keys]` itself.
    pub context: String,
    /// The keys as written.
    pub keys: String,
    /// The command line.
    pub command: String,
    /// Its line in the file, counted from 1.
    pub line: usize,
}

/// A value in `[keys]`.
enum Entry {
    Command(String),
    Table(BTreeMap<String, Spanned<String>>),
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a command, or a table of keys")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Entry, E> {
        Ok(Entry::Command(text.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Entry::Table)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Entry, D::Error> {
        // An untagged enum would lose the spans.
        from.deserialize_any(EntryVisitor)
    }
}

impl<'de> Deserialize<'de> for Keys {
    /// The lines are offsets in the text until `finish` has counted lines.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Keys, D::Error> {
        let mut bound = Vec::new();
        for (name, entry) in BTreeMap::<String, Spanned<Entry>>::deserialize(from)? {
            let line = entry.span().start;
            match entry.into_inner() {
                Entry::Command(command) => bound.push(Bound { context: String::new(), keys: name, command, line }),
                Entry::Table(table) => bound.extend(table.into_iter().map(|(keys, command)| Bound {
                    context: name.clone(),
                    keys,
                    line: command.span().start,
                    command: command.into_inner(),
                })),
            }
        }
        Ok(Keys { bound })
    }
}

impl Keys {
    /// Adds the bindings that [`latest`] took out, and turns offsets into lines.
    pub(super) fn finish(&mut self, earlier: Vec<Bound>, line_at: impl Fn(usize) -> usize) {
        self.bound.extend(earlier);
        self.bound.sort_by_key(|bound| bound.line);
        self.bound.iter_mut().for_each(|bound| bound.line = line_at(bound.line));
    }
}

/// The text without those bindings that are followed by another one of the same key in the same table, which TOML does
/// not allow, and these bindings. They become spaces, so that all offsets stay.
pub(super) fn latest(text: &str) -> (Cow<'_, str>, Vec<Bound>) {
    let mut text = Cow::Borrowed(text);
    let mut earlier = Vec::new();
    while let Some((span, bound)) = repeated(&text) {
        let Some(written) = text.get(span.clone()) else { break };
        // Line breaks stay, so that lines can still be counted.
        let blank: String = written.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        let mut rest = text.to_string();
        rest.replace_range(span, &blank);
        // What cannot be taken out alone, such as the end of a dotted key, stays a mistake.
        if mistakes(&rest) >= mistakes(&text) {
            break;
        }
        text = Cow::Owned(rest);
        earlier.push(bound);
    }
    (text, earlier)
}

/// The number of mistakes of syntax.
fn mistakes(text: &str) -> usize {
    DeTable::parse_recoverable(text).1.len()
}

/// A binding that another one of the same key follows in the same table: its span from key to command, and itself.
fn repeated(text: &str) -> Option<(Range<usize>, Bound)> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let keys = root.get_ref().get("keys")?.get_ref().as_table()?;
    let inner = keys.iter().filter_map(|(name, value)| Some((&**name.get_ref(), value.get_ref().as_table()?)));
    let tables: Vec<(&str, &DeTable<'_>)> = std::iter::once(("", keys)).chain(inner).collect();
    errors.iter().filter(|error| error.message() == "duplicate key").find_map(|error| {
        let again = error.span()?;
        let name = decoded(text.get(again.clone())?)?;
        let before = tables.iter().filter_map(|(context, table)| {
            let (key, value) = table.get_key_value(name.as_str())?;
            let bound = Bound {
                context: context.to_string(),
                keys: name.clone(),
                command: value.get_ref().as_str()?.to_string(),
                line: value.span().start,
            };
            Some((key.span().start..value.span().end, bound))
        });
        // A table's keys follow each other, so the nearest one before stands in the same table.
        before.filter(|(span, _)| !span.is_empty() && span.end <= again.start).max_by_key(|(span, _)| span.start)
    })
}

/// The name that a key of TOML stands for: without quotes and escapes.
fn decoded(key: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(&format!("{key} = 0")).ok()?;
    table.into_iter().next().map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    /// Context, keys, command and line of each binding.
    fn bound(text: &str) -> Vec<(String, String, String, usize)> {
        let keys = Config::parse(text).unwrap().keys;
        keys.bound.into_iter().map(|b| (b.context, b.keys, b.command, b.line)).collect()
    }

    fn row(context: &str, keys: &str, command: &str, line: usize) -> (String, String, String, usize) {
        (context.into(), keys.into(), command.into(), line)
    }

    #[test]
    fn bindings_know_their_context_and_line() {
        let text = "# mine\n[keys]\n\"x\" = \"next\"\n\n\"ctrl-n\" = \"stop\"\n[keys.library]\n\"x\" = \"info\"\n";
        let expected = [row("", "x", "next", 3), row("", "ctrl-n", "stop", 5), row("library", "x", "info", 7)];
        assert_eq!(bound(text), expected);
        assert_eq!(bound("[keys.list]\ng = \"top\"\n[keys]\nx = \"stop\"")[1], row("", "x", "stop", 4));
    }

    #[test]
    fn a_key_that_is_bound_again_keeps_both_and_the_rest_of_the_file() {
        let text = "[keys]\nx = \"next\"\n\"x\" = \"stop\"\n[keys.queue]\nx = \"why\"\n'y' = \"info\"\ny = \"keep\"\n\
                    x = \"undo\"\n[player]\nvolume = 7\n";
        let expected = [
            row("", "x", "next", 2),
            row("", "x", "stop", 3),
            row("queue", "x", "why", 5),
            row("queue", "y", "info", 6),
            row("queue", "y", "keep", 7),
            row("queue", "x", "undo", 8),
        ];
        assert_eq!(bound(text), expected);
        assert_eq!(Config::parse(text).unwrap().player.volume, 7);
        let dotted = Config::parse("keys.x = \"next\"\nkeys.x = \"stop\"\n").unwrap_err().to_string();
        assert!(dotted.starts_with("line 2: duplicate key"), "{dotted}");
        // Elsewhere it stays a mistake.
        let other = Config::parse("[player]\nvolume = 7\nvolume = 8\n").unwrap_err().to_string();
        assert!(other.starts_with("line 3: duplicate key"), "{other}");
    }

    #[test]
    fn what_is_no_command_is_named_with_its_line() {
        let why = Config::parse("[keys]\nx = 3\n").unwrap_err().to_string();
        assert!(why.starts_with("line 2: ") && why.contains("a command, or a table of keys"), "{why}");
        assert!(Config::parse("[keys.list]\nx = { y = 1 }\n").unwrap_err().to_string().starts_with("line 2: "));
    }
}
