//! Keys and commands, generated from the keymap and the table of commands.

use crate::app::Model;
use crate::app::commands::signature::VERBS;
use crate::app::commands::{COMMANDS, Line};
use crate::text;
use crate::tui::draw::Span;
use crate::tui::pane::{Pane, Shown, blank};
use crate::tui::theme::Role;

/// The help page.
pub struct Help;

impl Pane for Help {
    fn id(&self) -> &'static str {
        "help"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Help"
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        lines(shown)
    }
}

fn lines(shown: &Shown) -> Vec<Vec<Span>> {
    let &Shown { model, bindings, columns, .. } = shown;
    let mut lines = vec![vec![("Keys".to_string(), Role::Heading)]];
    let mut seen: Vec<&Line> = Vec::new();
    for binding in bindings {
        // All keys of one command share a row.
        if seen.contains(&&binding.line) {
            continue;
        }
        seen.push(&binding.line);
        let same = bindings.iter().filter(|b| b.line == binding.line);
        let keys: Vec<&str> = same.map(|b| b.text.as_str()).collect();
        lines.push(row(&text::sanitize(&keys.join("  ")), &about(&binding.line, model), columns));
    }
    lines.push(blank());
    lines.push(vec![("A number before a motion repeats it: 5j.  ".to_string(), Role::Dim)]);
    lines.push(blank());
    lines.push(vec![("Commands".to_string(), Role::Heading), ("  after :".to_string(), Role::Dim)]);
    for command in COMMANDS.iter() {
        let usage = command.args.usage();
        if command.is_of_the_screen() && usage.is_empty() {
            continue;
        }
        lines.push(row(format!("{} {usage}", command.name).trim_end(), &command.help_in(model), columns));
        if command.name == "signature" {
            // Each of its verbs has a row, except the first two, which its usage shows.
            for (verb, args, help) in &VERBS[2..] {
                lines.push(row(&format!("  {} {verb} {args}", command.name), help, columns));
            }
        }
    }
    lines
}

/// What a bound command does: its help text, or the command line itself if it has an argument.
fn about(line: &Line, model: &Model) -> String {
    match line.argument.as_str() {
        "" => line.command.help_in(model),
        argument => text::sanitize(&format!("{} {argument}", line.command.name)),
    }
}

fn row(left: &str, right: &str, columns: usize) -> Vec<Span> {
    let first = 30.min(columns / 2);
    let rest = columns.saturating_sub(first + 2);
    vec![
        (format!("  {}", text::fit(left, first)), Role::Key),
        (text::fit(right, text::width(right).min(rest)), Role::Text),
    ]
}
