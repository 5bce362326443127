//! The first page of the help: the keys of a view, those of lists, all others, and every command.

use crate::app::Model;
use crate::app::commands::screen::ScreenAction;
use crate::app::commands::{Action, Line};
use crate::tui::binding::{Binding, Context, Scope, says, typeable};
use crate::tui::pane::{Pane, Shown};

use super::entry::Entry;
use super::topics::TOPICS;
use super::{command, words};

/// The commands whose keys stand in the first line, and a word for each. `view` stands for all views with a key.
const ESSENTIAL: [(&str, &str); 6] = [
    ("command-line", "command"),
    ("search", "find"),
    ("type-filter", "filter"),
    ("view", "views"),
    ("focus-next", "other list"),
    ("ask-quit", "quit"),
];

/// The headings of the keys that are bound everywhere, in their order; [`group`] chooses one.
pub const GROUPS: [&str; 8] = [
    "Playing",
    "Moving and choosing",
    "Finding and typing",
    "Views",
    "Queue and playlists",
    "Ratings and answers",
    "What the queue follows",
    "Program",
];

/// Bindings with their commands.
type Bound<'a> = Vec<(&'a Binding, &'a Line)>;

/// The keys that can be typed in `view`, those that matter most in it first, then every command.
pub fn overview(view: Option<&dyn Pane>, shown: &Shown) -> Vec<Entry> {
    let &Shown { model, bindings, .. } = shown;
    let scope = view.map_or(Scope { view: "", is_list: false }, |view| view.scope());
    let first = view.map_or(&[][..], |view| view.hints());
    let all: Bound = typeable(bindings, scope).collect();
    let place = |line: &Line| first.iter().position(|(words, _)| says(line, words));
    let is_own = |binding: &Binding, line: &Line| matches!(binding.context, Context::View(_)) || place(line).is_some();

    let mut entries = vec![Entry::Flow(essential(&all)), hint(&all)];
    if let Some(view) = view {
        let mut own: Bound = all.iter().copied().filter(|(binding, line)| is_own(binding, line)).collect();
        own.sort_by_key(|(_, line)| place(line).unwrap_or(usize::MAX));
        section(&mut entries, &format!("This view: {}", view.title(None)), &own, model);
    }
    let others = || all.iter().copied().filter(|(binding, line)| !is_own(binding, line));
    let in_lists: Bound = others().filter(|(binding, _)| binding.context == Context::List).collect();
    section(&mut entries, "Every list", &in_lists, model);
    for name in GROUPS {
        let everywhere = others().filter(|(binding, _)| binding.context == Context::Global);
        let keys: Bound = everywhere.filter(|(_, line)| group(&line.action) == name).collect();
        section(&mut entries, &format!("Everywhere: {}", name.to_lowercase()), &keys, model);
    }
    entries.push(Entry::Blank);
    entries.push(Entry::Text("A number before a motion repeats it: 5j. :help keys tells how keys are changed.".into()));
    entries.push(Entry::Blank);
    entries.push(Entry::Heading("Commands, typed after :".into()));
    entries.extend(command::rows(model));
    entries.push(Entry::Blank);
    entries.push(Entry::Heading("More help".into()));
    entries.extend(TOPICS.iter().map(|topic| Entry::row(format!(":help {}", topic.name), topic.about)));
    entries.push(Entry::row(":help seek", "one command: how it is written, its keys and an example"));
    entries
}

/// A heading and rows, unless there are none. All keys of one command line share a row.
fn section(entries: &mut Vec<Entry>, heading: &str, keys: &[(&Binding, &Line)], model: &Model) {
    if keys.is_empty() {
        return;
    }
    entries.extend([Entry::Blank, Entry::Heading(heading.to_string())]);
    let mut seen: Vec<&Line> = Vec::new();
    for (_, line) in keys {
        if seen.contains(line) {
            continue;
        }
        seen.push(line);
        // Each for itself: between them two blanks stay.
        let same = keys.iter().filter(|(_, l)| l == line).map(|(b, _)| crate::text::sanitize(&b.text));
        let same: Vec<String> = same.collect();
        entries.push(Entry::row(same.join("  "), words::about(line, model)));
    }
}

/// The first keys of the most needed commands.
fn essential(all: &[(&Binding, &Line)]) -> Vec<(String, String)> {
    let items = ESSENTIAL.iter().filter_map(|(name, word)| {
        let mut keys = all.iter().filter(|(_, line)| line.command.name == *name);
        let key = match *name {
            "view" => views(all)?,
            _ => keys.find(|(_, line)| line.argument.is_empty())?.0.text.clone(),
        };
        Some((key, word.to_string()))
    });
    items.collect()
}

/// The keys of the first and the last view.
fn views(all: &[(&Binding, &Line)]) -> Option<String> {
    let mut views: Vec<(usize, &str)> = Vec::new();
    for (binding, line) in all {
        if let Action::Screen(ScreenAction::View(number)) = line.action
            && views.iter().all(|(known, _)| *known != number)
        {
            views.push((number, binding.text.as_str()));
        }
    }
    let (first, last) = (views.iter().min()?, views.iter().max()?);
    Some(if first == last { first.1.to_string() } else { format!("{}–{}", first.1, last.1) })
}

fn hint(all: &[(&Binding, &Line)]) -> Entry {
    let search = all.iter().find(|(_, line)| line.command.name == "search").map(|(binding, _)| binding.text.as_str());
    let narrows = search.map_or(String::new(), |key| format!("{key} narrows this help to what you type. "));
    Entry::Text(format!("{narrows}:help TOPIC says more about a topic or a command."))
}

/// The heading under which a key that is bound everywhere stands.
pub fn group(action: &Action) -> &'static str {
    match action {
        Action::Playback(_) | Action::Sound(_) => "Playing",
        Action::Queue(_)
        | Action::Playlist(_)
        | Action::Expand(_)
        | Action::Heard(_)
        | Action::Save(_)
        | Action::Undo(_) => "Queue and playlists",
        Action::Rating(_) | Action::Answer(_) | Action::Taste(_) => "Ratings and answers",
        Action::Auto(_)
        | Action::Limits(_)
        | Action::Share(_)
        | Action::Signature(_)
        | Action::Course(_)
        | Action::Blend(_)
        | Action::Mood(_)
        | Action::Trial(_)
        | Action::Dims(_) => "What the queue follows",
        Action::Library(_) => "Finding and typing",
        Action::Session(_) => "Program",
        Action::Lyrics(_) | Action::Map(_) | Action::Picture(_) | Action::Train(_) => "Views",
        Action::Screen(action) => match action {
            ScreenAction::Move(_)
            | ScreenAction::Column(_)
            | ScreenAction::Confirm
            | ScreenAction::Mark
            | ScreenAction::GotoPlaying => "Moving and choosing",
            ScreenAction::Find { .. } | ScreenAction::FindAgain { .. } => "Finding and typing",
            ScreenAction::Type(_) | ScreenAction::Begin(_) => "Finding and typing",
            ScreenAction::Cancel
            | ScreenAction::AskQuit
            | ScreenAction::Redraw
            | ScreenAction::Suspend
            | ScreenAction::Detach => "Program",
            _ => "Views",
        },
    }
}
