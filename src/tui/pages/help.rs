//! Keys and commands, made from the keymap and the commands table.

use crate::app::commands::{ArgKind, COMMANDS, Scope};
use crate::app::sets::VERBS;
use crate::text;
use crate::tui::draw::Span;
use crate::tui::keymap::Keymap;
use crate::tui::theme::Role;

use super::blank;

/// The help page.
pub fn lines(keymap: &Keymap, columns: usize) -> Vec<Vec<Span>> {
    let mut lines = vec![vec![("Keys".to_string(), Role::Heading)]];
    let mut seen: Vec<&str> = Vec::new();
    for binding in keymap.bindings() {
        // All keys of one command stand together.
        if seen.contains(&binding.command.as_str()) {
            continue;
        }
        seen.push(&binding.command);
        let same = keymap.bindings().iter().filter(|b| b.command == binding.command);
        let keys: Vec<&str> = same.map(|b| b.text.as_str()).collect();
        lines.push(row(&text::sanitize(&keys.join("  ")), &about(&binding.command), columns));
    }
    lines.push(blank());
    lines.push(vec![("A number before a motion repeats it: 5j.  ".to_string(), Role::Dim)]);
    lines.push(blank());
    lines.push(vec![("Commands".to_string(), Role::Heading), ("  after :".to_string(), Role::Dim)]);
    for spec in COMMANDS.iter().filter(|c| c.scope == Scope::Session || c.arg.is_some()) {
        let usage = spec.arg.map(|a| format!(" {}", a.usage())).unwrap_or_default();
        lines.push(row(&format!("{}{usage}", spec.name), spec.doc, columns));
        if spec.arg == Some(ArgKind::Dims) {
            // This one has verbs of its own; the first two stand in its usage.
            for (verb, args, doc) in &VERBS[2..] {
                lines.push(row(&format!("  {} {verb} {args}", spec.name), doc, columns));
            }
        }
    }
    lines
}

/// What a bound command line does: the table's words, with the line itself when it has an argument.
fn about(command: &str) -> String {
    let name = command.split(' ').next().unwrap_or_default();
    match COMMANDS.iter().find(|c| c.name == name) {
        Some(spec) if command == spec.name => spec.doc.to_string(),
        _ => text::sanitize(command),
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
