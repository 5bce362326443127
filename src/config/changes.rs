//! What another version of the configuration file changes while the program runs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use toml::Value;
use toml::de::DeTable;

use super::error::ConfigError;
use super::keys::latest;
use super::{Column, Config, DEFAULT, Keys, ranges};

/// The settings that differ between two versions of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The file's name, for messages.
    pub file: String,
    /// Another theme.
    pub theme: Option<NewTheme>,
    /// Another preset or other keys: the preset and all of the user's keys.
    pub keys: Option<(String, Keys)>,
    /// Other columns of the queue.
    pub columns: Option<Vec<Column>>,
    /// The settings that take effect at the next start, as in `queue.ahead`.
    pub later: Vec<String>,
}

/// A theme that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTheme {
    /// Its name.
    pub name: String,
    /// Where it is asked for, such as `config.toml: line 3`.
    pub place: String,
}

/// How many settings are named that have to wait.
const NAMED: usize = 3;

impl Changes {
    /// What differs between two versions; `None` if nothing does. `file` is the file's name for messages.
    ///
    /// # Errors
    /// The new version is not valid.
    pub fn between(old: &str, new: &str, file: &str) -> Result<Option<Changes>, ConfigError> {
        let after = Config::parse(new).map_err(|cause| ConfigError::Invalid { path: file.into(), cause })?;
        let before = Config::parse(old).unwrap_or_default();
        let theme = (after.ui.theme != before.ui.theme).then(|| {
            let place = line_of(new, "ui.theme").map_or(file.to_string(), |line| format!("{file}: line {line}"));
            NewTheme { name: after.ui.theme.clone(), place }
        });
        // The same keys on other lines are the same keys.
        let commands = |config: &Config| -> Vec<[String; 3]> {
            let bound = config.keys.bound.iter();
            bound.map(|b| [b.context.clone(), b.keys.clone(), b.command.clone()]).collect()
        };
        let same = after.ui.preset == before.ui.preset && commands(&after) == commands(&before);
        let keys = (!same).then_some((after.ui.preset, after.keys));
        let columns = (after.ui.columns != before.ui.columns).then_some(after.ui.columns.queue);
        let (old, new) = (values(old), values(new));
        let settings: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let later = settings.into_iter().filter(|key| old.get(*key) != new.get(*key)).cloned().collect();
        let changes = Changes { file: file.to_string(), theme, keys, columns, later };
        let none = Changes { file: file.to_string(), ..Changes::default() };
        Ok((changes != none).then_some(changes))
    }

    /// What is to be said about them.
    pub fn words(&self) -> String {
        let read = format!("{}: read anew", self.file);
        let named = self.later.get(..NAMED).unwrap_or(self.later.as_slice()).join(", ");
        match self.later.len() {
            0 => read,
            1 => format!("{read}; {named} takes effect at the next start"),
            n if n <= NAMED => format!("{read}; {named} take effect at the next start"),
            n => format!("{read}; {named} and {} more take effect at the next start", n - NAMED),
        }
    }
}

/// The settings that cannot change while the program runs, by their dotted keys, with the defaults of those that a file
/// does not have.
fn values(text: &str) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    // A key that is bound twice is no valid TOML, but valid here.
    for text in [Cow::Borrowed(DEFAULT), latest(text).0] {
        if let Ok(table) = text.parse() {
            flatten(table, "", &mut values);
        }
    }
    values.retain(|key, _| {
        !["ui.theme", "ui.preset", "ui.columns.queue"].contains(&key.as_str()) && !key.starts_with("keys.")
    });
    values
}

fn flatten(table: toml::Table, above: &str, values: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        let key = if above.is_empty() { name } else { format!("{above}.{name}") };
        match value {
            Value::Table(inner) => flatten(inner, &key, values),
            value => drop(values.insert(key, value)),
        }
    }
}

/// The line of a setting, counted from 1.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let (valid, _) = latest(text);
    let table = DeTable::parse(&valid).ok()?;
    let start = ranges::find(table.get_ref(), key)?.span().start;
    Some(text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(old: &str, new: &str) -> Option<Changes> {
        Changes::between(old, new, "config.toml").unwrap()
    }

    #[test]
    fn what_is_written_otherwise_but_means_the_same_is_no_change() {
        assert_eq!(between("", DEFAULT), None);
        assert_eq!(between("# mine\n[keys]\n\"x\" = \"next\"\n", "[keys]\n\n\"x\" = 'next'"), None);
        assert_eq!(between("[queue]\nahead = 15\n", ""), None);
    }

    #[test]
    fn themes_and_keys_change_at_once_and_the_rest_later() {
        let changes = between("", "[ui]\n\ntheme = \"nord\"\n").unwrap();
        let theme = NewTheme { name: "nord".into(), place: "config.toml: line 3".into() };
        assert_eq!((changes.theme.as_ref(), changes.words().as_str()), (Some(&theme), "config.toml: read anew"));
        let back = between("[ui]\ntheme = \"nord\"\n", "").unwrap().theme.unwrap();
        assert_eq!((back.name, back.place), (Config::default().ui.theme, "config.toml".to_string()));

        let changes = between("", "[keys]\n\"x\" = \"noop\"\n[player]\nfade = 1.0\n").unwrap();
        let (preset, keys) = changes.keys.clone().unwrap();
        let bound = &keys.bound[0];
        assert_eq!(
            (preset.as_str(), bound.keys.as_str(), bound.command.as_str(), bound.line),
            ("default", "x", "noop", 2)
        );
        let other = between("", "[ui]\npreset = \"cmus\"\n").unwrap();
        assert_eq!((other.keys.unwrap().0.as_str(), other.later.len()), ("cmus", 0));
        assert_eq!(changes.later, ["player.fade"]);
        assert_eq!(changes.words(), "config.toml: read anew; player.fade takes effect at the next start");
        assert_eq!(between("[keys]\n\"x\" = \"noop\"\n", "").unwrap().keys, Some(("default".into(), Keys::default())));

        let changes = between("", "[ui]\nmouse = false\ncolumns.queue = [\"title\", \"length\"]\n").unwrap();
        assert_eq!(changes.columns, Some(vec![Column::Title, Column::Length]));
        assert_eq!(changes.words(), "config.toml: read anew; ui.mouse takes effect at the next start");
    }

    #[test]
    fn many_settings_are_counted() {
        let two = between("", "[queue]\nahead = 20\n[filters]\nfresh = \"plays=0\"\n").unwrap();
        assert!(two.words().ends_with("; filters.fresh, queue.ahead take effect at the next start"), "{}", two.words());
        let text = "[queue]\nahead = 20\nrefill = 5\nauto = false\n[queue.weights]\nfit = 2.0\nrun = 0.0\n";
        let words = between("", text).unwrap().words();
        assert!(words.contains("queue.ahead, queue.auto, queue.refill and 2 more take effect"), "{words}");
    }

    #[test]
    fn a_mistake_is_told_with_file_and_line() {
        let why = Changes::between("", "[ui]\nthene = \"nord\"\n", "config.toml").unwrap_err().to_string();
        assert!(why.starts_with("config.toml: line 2: unknown field `thene`"), "{why}");
        let why = Changes::between("", "[player]\n\nvolume = 300\n", "config.toml").unwrap_err().to_string();
        assert!(why.starts_with("config.toml: line 3: player.volume is 300"), "{why}");
    }
}
