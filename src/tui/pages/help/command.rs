//! Commands in the help: a row for each, and everything about one.

use crate::app::Model;
use crate::app::commands::examples::example;
use crate::app::commands::row::Verb;
use crate::app::commands::{COMMANDS, Command, dimension, playlist, signature};
use crate::tui::binding::Context;
use crate::tui::pane::Shown;

use super::entry::Entry;
use super::words;

/// A row for each command, and for each of its verbs that its usage does not show.
pub fn rows(model: &Model) -> Vec<Entry> {
    let mut rows = Vec::new();
    for command in COMMANDS.iter() {
        rows.push(Entry::row(usage(command), command.help_in(model)));
        let own = |verb: &&Verb| !command.args.usage().contains(verb.0);
        let verbs = verbs(command).iter().filter(own);
        rows.extend(verbs.map(|(verb, args, help)| {
            Entry::row(format!("  {} {verb} {args}", command.name).trim_end().to_string(), *help)
        }));
    }
    rows
}

/// Everything about a command: usage, other names, keys, verbs and an example.
pub fn entries(command: &Command, shown: &Shown) -> Vec<Entry> {
    let &Shown { model, bindings, .. } = shown;
    let mut entries = vec![Entry::Heading(usage(command)), Entry::Text(command.help_in(model)), Entry::Blank];
    entries.push(Entry::row("example", format!(":{}", example(command))));
    let aliases = command.aliases.join(", ");
    entries.push(Entry::row("other names", if aliases.is_empty() { "none" } else { &aliases }));
    entries.extend([Entry::Blank, Entry::Heading("Keys".into())]);
    let keys = entries.len();
    for binding in bindings {
        let Some(line) = binding.line.as_ref().filter(|line| line.command == command) else { continue };
        let place = match binding.context {
            Context::Global => String::new(),
            Context::List => "in lists: ".into(),
            Context::View(id) => format!("in the view {id}: "),
        };
        entries.push(Entry::row(binding.text.clone(), format!("{place}{}", words::about(line, model))));
    }
    if entries.len() == keys {
        let name = command.name;
        entries.push(Entry::Text(format!("None. [keys] in config.toml can bind one: \"ctrl-x\" = \"{name}\".")));
    }
    let verbs = verbs(command);
    if !verbs.is_empty() {
        entries.extend([Entry::Blank, Entry::Heading("What may follow".into())]);
        entries.extend(verbs.iter().map(|(verb, args, help)| {
            Entry::row(format!("{} {verb} {args}", command.name).trim_end().to_string(), *help)
        }));
    }
    entries
}

/// A command with its argument.
pub fn usage(command: &Command) -> String {
    format!("{} {}", command.name, command.args.usage()).trim_end().to_string()
}

/// The verbs of a command that has some.
pub fn verbs(command: &Command) -> &'static [Verb] {
    match command.name {
        "signature" => signature::VERBS,
        "playlist" => playlist::VERBS,
        "dimension" => dimension::VERBS,
        _ => &[],
    }
}
