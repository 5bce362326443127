//! The options of a plugin: what `plugin.toml` declares, and what the user set.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Value;

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
    fn read(&self, value: &Value) -> Result<Setting, String> {
        match (self.kind, value) {
            (Kind::Number, Value::Integer(n)) => self.in_range(*n as f64),
            (Kind::Number, Value::Float(n)) => self.in_range(*n),
            (Kind::Text, Value::String(text)) => Ok(Setting::Text(text.clone())),
            (Kind::Boolean, Value::Boolean(on)) => Ok(Setting::Switch(*on)),
            (kind, _) => Err(format!("it must be {}", kind.words())),
        }
    }

    fn in_range(&self, n: f64) -> Result<Setting, String> {
        let (least, most) = (self.min.unwrap_or(f64::MIN), self.max.unwrap_or(f64::MAX));
        if (least..=most).contains(&n) {
            return Ok(Setting::Number(n));
        }
        Err(match (self.min, self.max) {
            (Some(min), Some(max)) => format!("it must be {min} to {max}"),
            (Some(min), None) => format!("it must be at least {min}"),
            (None, Some(max)) => format!("it must be at most {max}"),
            (None, None) => "it must be a finite number".to_string(),
        })
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
        let range = match (self.min, self.max) {
            (Some(min), Some(max)) => format!(", {min} to {max}"),
            (Some(min), None) => format!(", at least {min}"),
            (None, Some(max)) => format!(", at most {max}"),
            (None, None) => String::new(),
        };
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

/// Checks the declarations themselves.
///
/// # Errors
/// The option whose default does not fit its own type or range.
pub fn check(declared: &BTreeMap<String, Declared>) -> Result<(), String> {
    for (name, option) in declared {
        option.read(&option.default).map_err(|why| format!("options.{name}: the default: {why}"))?;
    }
    Ok(())
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
) -> Result<Vec<(String, Setting)>, String> {
    let set = given.into_iter().flatten().map(|(option, _)| option).chain(typed.iter().map(|(option, _)| option));
    if let Some(unknown) = set.into_iter().find(|option| !declared.contains_key(*option)) {
        let names: Vec<&str> = declared.keys().map(String::as_str).collect();
        let there = if names.is_empty() { "it has none".into() } else { format!("there are: {}", names.join(", ")) };
        return Err(crate::text::sanitize(&format!("{name} has no option '{unknown}'; {there}")));
    }
    let value = |(option, declared): (&String, &Declared)| {
        let typed = typed.iter().rev().find(|(name, _)| name == option).map(|(_, text)| declared.typed(text));
        let value = typed.as_ref().or_else(|| given?.get(option)).unwrap_or(&declared.default);
        let setting = declared
            .read(value)
            .map_err(|why| crate::text::sanitize(&format!("{name}: the option '{option}' is {value}; {why}")))?;
        Ok((option.clone(), setting))
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
        assert_eq!(check(&options), Ok(()));
        let given: BTreeMap<String, Value> = toml::from_str("n = 40\ngenre = \"jazz\"").unwrap();
        let typed = |text: &str| {
            let (name, value) = text.split_once('=').unwrap();
            vec![(name.to_string(), value.to_string())]
        };
        let n = |found: Result<Vec<(String, Setting)>, String>| found.map(|all| all[1].1.clone());
        assert_eq!(n(settle("x", &options, None, &[])), Ok(Setting::Number(30.0)));
        assert_eq!(n(settle("x", &options, Some(&given), &[])), Ok(Setting::Number(40.0)));
        assert_eq!(n(settle("x", &options, Some(&given), &typed("n=50"))), Ok(Setting::Number(50.0)));
        for (text, says) in [
            ("n=0", "x: the option 'n' is 0.0; it must be 1 to 600"),
            ("n=much", "x: the option 'n' is \"much\"; it must be a number"),
            ("on=yes", "x: the option 'on' is \"yes\"; it must be true or false"),
            ("m=1", "x has no option 'm'; there are: genre, n, on"),
        ] {
            assert_eq!(settle("x", &options, None, &typed(text)).unwrap_err(), says);
        }
        let wrong = declared("n = { type = \"number\", default = 0, min = 1 }");
        assert_eq!(check(&wrong).unwrap_err(), "options.n: the default: it must be at least 1");
    }
}
