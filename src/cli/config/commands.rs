//! Whether there is what the commands of keys name: engines, themes, sets of limits, filters.

use super::finding::{Finding, Findings};
use super::themes;
use crate::app::commands;
use crate::ask::context::fault_of_limit;
use crate::config::{Bound, Config};
use crate::library::filter::Language;
use crate::paths::Paths;
use crate::queue::Director;
use crate::text::instead;

/// What commands may name.
pub(super) struct Known<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where themes are.
    pub paths: &'a Paths,
    /// Knows the engines.
    pub engines: &'a Director,
    /// The language of filters.
    pub language: &'a Language,
}

impl Known<'_> {
    /// Checks the arguments of the commands of all keys. What is no command was told before.
    pub fn check(&self, found: &mut Findings<'_>) {
        found.all.extend(self.config.keys.bound.iter().filter_map(|bound| {
            let table = if bound.context.is_empty() { "keys".into() } else { format!("keys.{}", bound.context) };
            let text = format!("[{table}] \"{}\": {}", bound.keys, self.fault(bound)?);
            Some(Finding { line: Some(bound.line), is_fault: true, text })
        }));
    }

    fn fault(&self, bound: &Bound) -> Option<String> {
        let line = commands::parse(bound.command.trim()).ok()?;
        let argument = line.argument.trim();
        match (line.command.name, argument) {
            (_, "") | ("only" | "never" | "limits", "off") => None,
            ("engine", engine) => self.engines.check(engine).err().map(|why| why.to_string()),
            ("theme", theme) => themes::mistakes(theme, self.paths).err(),
            ("only" | "never", filter) => fault_of_limit(filter, self.language),
            ("limits", name) if !self.config.limits.contains_key(name) => {
                let names: Vec<&String> = self.config.limits.keys().collect();
                let instead = if names.is_empty() { "there are none".into() } else { instead(name, &names) };
                Some(format!("no [limits.{name}]; {instead}"))
            }
            _ => None,
        }
    }
}
