//! Every command and the default keys as they stand in docs/manual.md, made from the tables that the help is made from.

use crate::app::Model;
use crate::app::commands::examples::example;
use crate::app::commands::row::Verb;
use crate::app::commands::{COMMANDS, Command, Line, parse};
use crate::config::Config;
use crate::text::sanitize;
use crate::tui::binding::{Binding, Context};
use crate::tui::keymap::Keymap;
use crate::tui::pages::{ANSWER, GRID, PANES};

use super::command::{usage, verbs};
use super::keys::{GROUPS, group};
use super::words;

/// The line of the manual after which the part made here begins.
const BEGIN: &str = "<!-- Commands and keys: `cargo run --example manual` writes them from the program's tables. -->";
/// The line before which it ends.
const END: &str = "<!-- The end of commands and keys. -->";

/// A manual with the commands and keys of this program between its marks; `None` if the marks are not there.
pub fn written(page: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let mut model = Model::new(&Config::default(), None);
    model.views = PANES.iter().map(|pane| pane.id()).collect();
    Some(format!("{before}{BEGIN}\n\n{}{}{END}{after}", commands(&model), keys(&model)))
}

fn commands(model: &Model) -> String {
    let mut out = String::from("## Every command\n\n");
    for name in GROUPS {
        out.push_str(&format!("### {name}\n\n| command | what it does |\n|---|---|\n"));
        for command in COMMANDS.iter().filter(|command| heading(command) == Some(name)) {
            let names = std::iter::once(usage(command)).chain(command.aliases.iter().map(ToString::to_string));
            out.push_str(&row(&[&joined(names), &cell(&command.help_in(model))]));
            let own = |verb: &&Verb| !command.args.usage().contains(verb.0);
            for (verb, args, help) in verbs(command).iter().filter(own) {
                let line = format!("{} {verb} {args}", command.name);
                out.push_str(&row(&[&code(line.trim_end()), &cell(help)]));
            }
        }
        out.push('\n');
    }
    out
}

/// The heading under which a command stands: that of its example's action.
fn heading(command: &Command) -> Option<&'static str> {
    parse(&example(command)).ok().map(|line| group(&line.action))
}

fn keys(model: &Model) -> String {
    let keymap = Keymap::default();
    let mut out = String::from("## Every default key\n\n");
    for name in GROUPS {
        let everywhere = keymap.bindings().iter().filter(|binding| binding.context == Context::Global);
        let of_group = |line: &Line| group(&line.action) == name;
        out.push_str(&table(&format!("Everywhere: {}", name.to_lowercase()), everywhere, of_group, model));
    }
    let views = PANES.iter().copied().chain([GRID, ANSWER]);
    let places = views.map(|pane| (format!("In the view `{}`", pane.id()), Context::View(pane.id())));
    for (title, context) in std::iter::once(("In every list".to_string(), Context::List)).chain(places) {
        let own = keymap.bindings().iter().filter(|binding| binding.context == context);
        out.push_str(&table(&title, own, |_| true, model));
    }
    out
}

/// The keys of a context, all keys of one command line in a row; nothing if there are none.
fn table<'a>(
    title: &str,
    bindings: impl Iterator<Item = &'a Binding>,
    wanted: impl Fn(&Line) -> bool,
    model: &Model,
) -> String {
    let mut rows: Vec<(&Line, Vec<String>)> = Vec::new();
    for binding in bindings {
        let Some(line) = binding.line.as_ref().filter(|line| wanted(line)) else { continue };
        match rows.iter_mut().find(|(known, _)| *known == line) {
            Some((_, keys)) => keys.push(sanitize(&binding.text)),
            None => rows.push((line, vec![sanitize(&binding.text)])),
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!("### {title}\n\n| key | command | what it does |\n|---|---|---|\n");
    for (line, keys) in rows {
        let typed = format!("{} {}", line.command.name, line.argument);
        let (typed, about) = (typed.trim_end(), words::about(line, model));
        let about = about.strip_prefix(&format!("{typed}: ")).unwrap_or(&about);
        out.push_str(&row(&[&joined(keys.into_iter()), &code(typed), &cell(about)]));
    }
    out + "\n"
}

fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.map(|part| code(&part)).collect::<Vec<_>>().join(" · ")
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}

/// A text in a cell of a table, in which a `|` would begin the next one.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../../../docs/manual.md");

    #[test]
    fn the_manual_has_the_commands_and_keys_of_the_program() {
        let fresh = written(MANUAL).expect("the marks are there");
        assert!(fresh == MANUAL, "docs/manual.md is older: run `cargo run --example manual` and commit it");
    }

    #[test]
    fn every_command_and_every_bound_key_stands_in_it_once() {
        let fresh = written(&format!("{BEGIN}\n{END}")).unwrap();
        let (commands, keys) = fresh.split_once("## Every default key").unwrap();
        for command in COMMANDS.iter() {
            let begins = |row: &&str| row.starts_with(&format!("| {}", code(&usage(command))));
            assert_eq!(commands.lines().filter(begins).count(), 1, "{}", command.name);
        }
        let listed: usize = keys
            .lines()
            .filter(|row| row.starts_with("| `"))
            .filter_map(|row| row.split(" | ").next())
            .map(|keys| keys.split(" · ").count())
            .sum();
        let bound = Keymap::default().bindings().iter().filter(|binding| binding.line.is_some()).count();
        assert_eq!(listed, bound);
    }

    #[test]
    fn only_what_is_between_the_marks_is_made_anew() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let fresh = written(&page).unwrap();
        assert!(fresh.starts_with(&format!("before\n{BEGIN}\n\n## Every command\n")), "{fresh}");
        assert!(fresh.ends_with(&format!("\n{END}\nafter\n")) && !fresh.contains("old\n"), "{fresh}");
        assert_eq!(written("without marks"), None);
        assert_eq!(written(&fresh), Some(fresh));
    }
}
