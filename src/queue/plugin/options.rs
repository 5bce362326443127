//! The options of a plugin: what `plugin.toml` declares, and what the user set.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Value;

use super::error::{Misfit, SettingError, range};

/// What the user sets in `config.toml`: option → value, for each plugin.
pub type Given = BTreeMap<String, BTreeMap<String, Value>>;

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// On or off.
    Switch(bool),
}

/// An option as `plugin.toml` declares it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Its type.
    #[serde(rename = "type")]
    kind: Kind,
    default: Value,
    min: Option<f64>,
    max: Option<f64>,
    /// What it does.
    #[serde(default)]
    pub description: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Number,
    Text,
    Boolean,
}

impl Declared {
    /// Checks a value against type and range.
    fn read(&self, value: &Value) -> Result<Setting, Misfit> {
        match (self.kind, value) {
            (Kind::Number, Value::Integer(n)) => self.in_range(*n as f64),
            (Kind::Number, Value::Float(n)) => self.in_range(*n),
            (Kind::Text, Value::String(text)) => Ok(Setting::Text(text.clone())),
            (Kind::Boolean, Value::Boolean(on)) => Ok(Setting::Switch(*on)),
            (kind, _) => Err(Misfit::Type(kind.words())),
        }
    }

    fn in_range(&self, n: f64) -> Result<Setting, Misfit> {
        let (least, most) = (self.min.unwrap_or(f64::MIN), self.max.unwrap_or(f64::MAX));
        match (least..=most).contains(&n) {
            true => Ok(Setting::Number(n)),
            false => Err(Misfit::Range { min: self.min, max: self.max }),
        }
    }

    /// A value that was typed, as in `:engine evening minutes=40`.
    fn typed(&self, text: &str) -> Value {
        match self.kind {
            Kind::Number => text.parse().map_or_else(|_| Value::String(text.into()), Value::Float),
            Kind::Boolean => text.parse().map_or_else(|_| Value::String(text.into()), Value::Boolean),
            Kind::Text => Value::String(text.into()),
        }
    }

    /// Type, range and default in words.
    pub fn words(&self) -> String {
        let range = range(self.min, self.max).map_or(String::new(), |range| format!(", {range}"));
        format!("{}{range} [{}]", self.kind.words(), self.default)
    }
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Number => "a number",
            Kind::Text => "a text",
            Kind::Boolean => "true or false",
        }
    }
}

/// An option of which `min` or `max` is no finite number, and which of the two.
pub(super) fn endless(declared: &BTreeMap<String, Declared>) -> Option<(&str, &'static str)> {
    declared.iter().find_map(|(name, option)| {
        let ends = [("min", option.min), ("max", option.max)];
        let (end, _) = ends.into_iter().find(|(_, value)| value.is_some_and(|value| !value.is_finite()))?;
        Some((name.as_str(), end))
    })
}

/// An option whose default does not fit its own type or range, and why.
pub(super) fn unfit_default(declared: &BTreeMap<String, Declared>) -> Option<(&str, Misfit)> {
    declared.iter().find_map(|(name, option)| Some((name.as_str(), option.read(&option.default).err()?)))
}

/// The value of each option: what was typed with the engine's name, else what stands in `config.toml`, else the default.
///
/// # Errors
/// An option that the plugin does not have, or a value that does not fit.
pub fn settle(
    name: &str,
    declared: &BTreeMap<String, Declared>,
    given: Option<&BTreeMap<String, Value>>,
    typed: &[(String, String)],
) -> Result<Vec<(String, Setting)>, SettingError> {
    let set = given.into_iter().flatten().map(|(option, _)| option).chain(typed.iter().map(|(option, _)| option));
    if let Some(unknown) = set.into_iter().find(|option| !declared.contains_key(*option)) {
        let there = declared.keys().cloned().collect();
        return Err(SettingError::Unknown { engine: name.into(), option: unknown.clone(), there });
    }
    let value = |(option, declared): (&String, &Declared)| {
        let typed = typed.iter().rev().find(|(name, _)| name == option).map(|(_, text)| declared.typed(text));
        let value = typed.as_ref().or_else(|| given?.get(option)).unwrap_or(&declared.default);
        match declared.read(value) {
            Ok(setting) => Ok((option.clone(), setting)),
            Err(why) => {
                let (engine, option, value) = (name.into(), option.clone(), value.to_string());
                Err(SettingError::Unfit { engine, option, value, why })
            }
        }
    };
    declared.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> BTreeMap<String, Declared> {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_narrowest_statement_counts_and_must_fit() {
        let options = declared(
            "n = { type = \"number\", default = 30, min = 1, max = 600 }\n\
             genre = { type = \"text\", default = \"\" }\non = { type = \"boolean\", default = true }",
        );
        assert_eq!(unfit_default(&options), None);
        let given: BTreeMap<String, Value> = toml::from_str("n = 40\ngenre = \"jazz\"").unwrap();
        let typed = |text: &str| {
            let (name, value) = text.split_once('=').unwrap();
            vec![(name.to_string(), value.to_string())]
        };
        let n = |found: Result<Vec<(String, Setting)>, SettingError>| found.map(|all| all[1].1.clone());
        assert_eq!(n(settle("x", &options, None, &[])), Ok(Setting::Number(30.0)));
        assert_eq!(n(settle("x", &options, Some(&given), &[])), Ok(Setting::Number(40.0)));
        assert_eq!(n(settle("x", &options, Some(&given), &typed("n=50"))), Ok(Setting::Number(50.0)));
        for (text, says) in [
            ("n=0", "x: the option 'n' is 0.0; it must be 1 to 600"),
            ("n=much", "x: the option 'n' is \"much\"; it must be a number"),
            ("on=yes", "x: the option 'on' is \"yes\"; it must be true or false"),
            ("m=1", "x has no option 'm'; there are: genre, n, on"),
        ] {
            assert_eq!(settle("x", &options, None, &typed(text)).unwrap_err().to_string(), says);
        }
        let wrong = declared("n = { type = \"number\", default = 0, min = 1 }");
        let (option, why) = unfit_default(&wrong).unwrap();
        assert_eq!((option, why.to_string().as_str()), ("n", "it must be at least 1"));
    }
}
