//! All that is wrong with a configuration, not only the first fault, and where its settings stand.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, Error};

use super::contradictions::contradictions;
use super::error::{SettingError, SettingFault};
use super::{Config, keys, ranges};
use crate::text::meant;

/// A configuration that was read as far as it can be.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// The settings that are valid, with the defaults for all others; `None` where the text is not TOML.
    pub config: Option<Config>,
    /// What is wrong, in the order of the file.
    pub faults: Vec<SettingError>,
    /// Where the settings stand.
    pub places: Places,
}

/// The lines of the settings of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<Vec<String>, usize>);

impl Places {
    fn of(table: &DeTable<'_>, line_at: &impl Fn(usize) -> usize) -> Places {
        let mut places = Places::default();
        places.note(table, &mut Vec::new(), line_at);
        places
    }

    fn note(&mut self, table: &DeTable<'_>, path: &mut Vec<String>, line_at: &impl Fn(usize) -> usize) {
        for (key, value) in table {
            path.push(key.get_ref().to_string());
            self.0.insert(path.clone(), line_at(key.span().start));
            if let Some(inner) = value.get_ref().as_table() {
                self.note(inner, path, line_at);
            }
            path.pop();
        }
    }

    /// The line of a setting by the names on the way to it, or else of the innermost table on that way.
    pub fn line(&self, path: &[&str]) -> Option<usize> {
        let mut on_the_way = (1..=path.len()).rev().map(|length| &path[..length]);
        let written = |path: &[&str]| self.0.get(&path.iter().map(ToString::to_string).collect::<Vec<_>>());
        on_the_way.find_map(written).copied()
    }
}

/// Reads a configuration and finds everything that is wrong with it. A setting with a fault is left out, so that the
/// others can be looked at too; only what is no TOML is not read any further.
pub fn examine(text: &str) -> Examined {
    let (text, earlier) = keys::latest(text);
    let text = &*text;
    let line_at = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let fault = |e: &Error| {
        let message = shortened(e.message());
        SettingError { line: e.span().map(|span| line_at(span.start)), cause: SettingFault::Toml(message) }
    };
    let (mut root, wrong) = DeTable::parse_recoverable(text);
    let places = Places::of(root.get_ref(), &line_at);
    if !wrong.is_empty() {
        return Examined { config: None, faults: in_order(wrong.iter().map(fault).collect()), places };
    }
    let mut faults = Vec::new();
    for (span, cause) in ranges::faults(root.get_ref()) {
        faults.push(SettingError { line: Some(line_at(span.start)), cause });
        taken_out(root.get_mut(), &span);
    }
    let config = loop {
        match Config::deserialize(Deserializer::from(root.clone())) {
            Ok(config) => break Some(config),
            Err(e) => {
                faults.push(fault(&e));
                if !e.span().is_some_and(|span| taken_out(root.get_mut(), &span)) {
                    break None;
                }
            }
        }
    };
    let config = config.map(|mut config| {
        config.keys.finish(earlier, line_at);
        faults.extend(contradictions(&config, &faults).into_iter().map(|(path, cause)| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            SettingError { line: places.line(&path), cause }
        }));
        config
    });
    Examined { config, faults: in_order(faults), places }
}

fn in_order(mut faults: Vec<SettingError>) -> Vec<SettingError> {
    faults.sort_by_key(|fault| fault.line);
    faults
}

/// Takes the entry, or the element of an array, out of a table that a span is about; whether there was one.
fn taken_out(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    // A table with a head of its own does not span what is in it, so the innermost entries are looked at first.
    for (_, value) in table.iter_mut() {
        let within = match value.get_mut() {
            DeValue::Table(inner) => taken_out(inner, span),
            DeValue::Array(array) => element_taken_out(array, span),
            _ => false,
        };
        if within {
            return true;
        }
    }
    let found = table.iter().find(|(key, value)| key.span() == *span || covers(&value.span(), span));
    let Some(name) = found.map(|(key, _)| key.get_ref().to_string()) else { return false };
    table.remove(name.as_str()).is_some()
}

fn element_taken_out(array: &mut DeArray<'_>, span: &Range<usize>) -> bool {
    for value in array.iter_mut() {
        if let DeValue::Table(inner) = value.get_mut()
            && taken_out(inner, span)
        {
            return true;
        }
    }
    let before = array.len();
    let kept: DeArray<'_> = array.iter().filter(|value| !covers(&value.span(), span)).cloned().collect();
    let fewer = kept.len() < before;
    *array = kept;
    fewer
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// What the reader says of an unknown name, with the name that is meant in place of all that there are, where one is near.
/// It says it in words only: "unknown field `volum`, expected one of `volume`, `device`".
fn shortened(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = ["unknown field ", "unknown variant "].into_iter().find(|begin| message.starts_with(begin));
    if let (Some(begin), Some(word)) = (unknown, names.next())
        && let Some(near) = meant(word, names)
    {
        return format!("{begin}`{word}`; did you mean `{near}`?");
    }
    message.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        examine(text).faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_fault_is_told_in_the_order_of_the_file() {
        let text = "[plyaer]\nvolume = 3\n[player]\nvolume = 300\nvolum = 4\nreplaygain = \"loud\"\n[ui]\nmouse = 1\n\
                    [ui.columns]\nqueue = [\"titel\", \"why\", \"zzzzzz\"]\n[queue]\nahead = 5\n[analysis]\n\
                    device = \"gpu\"\n[limits.off]\n[limits.party]\nartist_spacing = 500\nlength = \"soon\"\n";
        let told = told(text);
        let begins = [
            "line 1: unknown field `plyaer`; did you mean `player`?",
            "line 4: player.volume is 300; it must be 0 to 100 percent",
            "line 5: unknown field `volum`; did you mean `volume`?",
            "line 6: player.replaygain must be",
            "line 8: invalid type: integer `1`",
            "line 10: unknown variant `titel`; did you mean `title`?",
            "line 10: unknown variant `zzzzzz`, expected one of",
            "line 11: queue.refill must not exceed queue.ahead",
            "line 14: analysis.device must be",
            "line 15: limits.off needs another name",
            "line 17: limits.party.artist_spacing must be",
            "line 18: limits.party.length must be",
        ];
        assert_eq!(told.len(), begins.len(), "{told:#?}");
        for (said, begin) in told.iter().zip(begins) {
            assert!(said.starts_with(begin), "{said}\n{begin}");
        }
    }

    #[test]
    fn what_is_valid_is_kept() {
        let examined =
            examine("[player]\nvolume = 7\nfade = 99.0\n[queue]\nengine = 4\nleave_out = [\"x\", \"podcasts\"]\n");
        let config = examined.config.unwrap();
        assert_eq!((config.player.volume, config.player.fade), (7, Config::default().player.fade));
        assert_eq!(config.queue.leave_out, [super::super::Kind::Podcasts]);
        assert_eq!(examined.faults.len(), 3);
    }

    #[test]
    fn a_number_out_of_range_does_not_contradict_others() {
        assert_eq!(told("[queue]\nahead = 5\nrefill = 999\n").len(), 1);
    }

    #[test]
    fn what_is_no_toml_is_told_with_all_its_lines() {
        let examined = examine("[player\nvolume = 3\n[ui]\nmouse = tru\n");
        assert!(examined.config.is_none() && examined.faults.len() >= 2, "{:?}", examined.faults);
        assert_eq!(examined.faults[0].line, Some(1));
        assert!(examined.faults.iter().any(|fault| fault.line == Some(4)), "{:?}", examined.faults);
    }

    #[test]
    fn settings_have_their_lines() {
        let places = examine("[hooks]\non_track = \"x\"\n[limits.\"a.b\"]\nonly = \"\"\n").places;
        let lines = [&["hooks", "on_track"][..], &["hooks", "on_state"], &["limits", "a.b", "only"], &["ui", "theme"]];
        assert_eq!(lines.map(|path| places.line(path)), [Some(2), Some(1), Some(4), None]);
    }
}
