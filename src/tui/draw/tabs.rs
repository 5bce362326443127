//! The bar of tabs: the views with their numbers and what is in them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::text;
use crate::tui::layout;
use crate::tui::pages::{self, PANES};
use crate::tui::pane::Pane;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::{Span, put, put_right, thousands};

/// How much the bar tells.
#[derive(Clone, Copy)]
struct Form {
    /// Whether all tabs have their full names, and not only the open one.
    full: bool,
    /// How far from the open tab the others have a name.
    named: usize,
    /// Of how many views, those of [`COUNTED`], it is told how much is in them.
    counts: usize,
    /// How many of [`HELP`] stand at the right.
    help: usize,
}

/// The forms from the one that tells most. Each tells less than the one before it and nothing more, so that a wider bar
/// never tells less. After the last one names go, those that are farthest from the open tab first.
const FORMS: [Form; 7] = [
    Form { full: true, named: usize::MAX, counts: 4, help: 2 },
    Form { full: true, named: usize::MAX, counts: 3, help: 2 },
    Form { full: true, named: usize::MAX, counts: 3, help: 1 },
    Form { full: false, named: usize::MAX, counts: 3, help: 1 },
    Form { full: false, named: usize::MAX, counts: 1, help: 1 },
    Form { full: false, named: usize::MAX, counts: 1, help: 0 },
    Form { full: false, named: usize::MAX, counts: 0, help: 0 },
];
/// The views of which is told how much is in them, the one that matters most first.
const COUNTED: [&dyn Pane; 4] = [pages::QUEUE, pages::LOG, pages::SAVED, pages::LIBRARY];
/// What stands at the right, where there is room: commands and words for them.
const HELP: [(&str, &str); 2] = [("help", "help"), ("command-line", "command")];
/// Blanks between two tabs, where there is room for more than one.
const GAPS: [usize; 3] = [3, 2, 1];

/// A tab of the bar.
struct Tab {
    /// The view's number.
    number: usize,
    /// Name and count, each behind a blank, as far as there is room for them.
    words: String,
    /// Whether it is that of the open view.
    open: bool,
    /// Its first column within the bar.
    x: usize,
}

impl Tab {
    /// Its text, in brackets if its view is open: for terminals and themes without colours.
    fn spans(&self) -> [Span; 2] {
        let (number, words) = (self.number, &self.words);
        match self.open {
            true => [(format!("[{number}"), Role::TabFocus), (format!("{words}]"), Role::TabFocus)],
            false => [(number.to_string(), Role::Key), (words.clone(), Role::Tab)],
        }
    }

    fn columns(&self) -> usize {
        self.spans().iter().map(|(text, _)| text::width(text)).sum()
    }
}

/// Draws the bar in the form for which there is room.
pub fn tabs(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let (tabs, help) = bar(model, screen, usize::from(area.width));
    put_right(buf, area, theme, &help, None);
    for tab in tabs {
        let x = area.x.saturating_add(tab.x as u16).min(area.right());
        put(buf, Rect { x, width: area.right() - x, ..area }, theme, &tab.spans(), None);
    }
}

/// The view at a column of the bar, by its number.
pub fn at(model: &Model, screen: &Screen, area: Rect, column: u16) -> Option<usize> {
    let x = usize::from(column.checked_sub(area.x)?);
    let (tabs, _) = bar(model, screen, usize::from(area.width));
    // The blanks behind a tab belong to it.
    let end = tabs.last().map_or(0, |tab| tab.x + tab.columns());
    let tab = tabs.iter().rev().find(|tab| tab.x <= x).or(tabs.first()).filter(|_| x <= end);
    tab.map(|tab| tab.number)
}

/// The tabs of the bar of so many columns, and what stands at its right end.
fn bar(model: &Model, screen: &Screen, room: usize) -> (Vec<Tab>, Vec<Span>) {
    let count = views().count();
    let nearer = (0..count).rev().map(|named| Form { named, ..FORMS[FORMS.len() - 1] });
    let mut all = FORMS.into_iter().chain(nearer).flat_map(|form| GAPS.map(|gap| made(model, screen, form, gap)));
    let mut last = None;
    let found = all.find_map(|(tabs, help)| {
        let used = tabs.last().map_or(0, |tab| tab.x + tab.columns());
        let beside = help.iter().map(|(text, _)| text::width(text)).sum::<usize>();
        let fits = used + usize::from(beside > 0) + beside <= room;
        if fits {
            return Some((tabs, help));
        }
        last = Some((tabs, help));
        None
    });
    found.or(last).unwrap_or_default()
}

fn made(model: &Model, screen: &Screen, form: Form, gap: usize) -> (Vec<Tab>, Vec<Span>) {
    let open = open(screen).id();
    let here = views().position(|(_, pane)| pane.id() == open).unwrap_or(0);
    let mut x = 0;
    let mut tabs = Vec::new();
    for (index, (number, pane)) in views().enumerate() {
        let mut tab = Tab { number, words: String::new(), open: pane.id() == open, x };
        if tab.open || index.abs_diff(here) <= form.named {
            tab.words = format!(" {}", if tab.open || form.full { pane.title(None) } else { pane.short() });
        }
        if COUNTED.iter().take(form.counts).any(|one| one.id() == pane.id()) {
            tab.words += &count(model, pane);
        }
        // The brackets of the open one take the place of a blank each, where there are several between two tabs.
        let (before, behind) = match (gap, tab.open) {
            (1, _) => (0, 1),
            (_, true) => (0, gap - 2),
            (_, false) => (1, gap - 1),
        };
        tab.x += before;
        x = tab.x + tab.columns() + behind;
        tabs.push(tab);
    }
    let key = |command: &str| screen.keymap.key_of(command).map(text::sanitize);
    let shown = HELP.into_iter().take(form.help).filter_map(|(command, word)| Some((key(command)?, word)));
    let mut help: Vec<Span> = Vec::new();
    for (key, word) in shown {
        let gap = if help.is_empty() { "" } else { " " };
        help.extend([(format!("{gap}{key}"), Role::Key), (format!(" {word}"), Role::Dim)]);
    }
    (tabs, help)
}

/// The views that have a tab, with their numbers.
fn views() -> impl Iterator<Item = (usize, &'static dyn Pane)> {
    PANES.iter().enumerate().filter(|(_, pane)| pane.has_tab()).map(|(i, pane)| (i + 1, *pane))
}

/// The open view.
pub fn open(screen: &Screen) -> &'static dyn Pane {
    match (&screen.page, screen.focus) {
        (Some((page, _)), _) if page.pane.is_view() => page.pane,
        (_, layout::Pane::Library) => pages::LIBRARY,
        (_, layout::Pane::Queue) => pages::QUEUE,
        (_, layout::Pane::Saved) => pages::SAVED,
    }
}

fn count(model: &Model, pane: &dyn Pane) -> String {
    let number = match pane.id() {
        id if id == pages::LIBRARY.id() => model.shown().len(),
        id if id == pages::QUEUE.id() => model.queue.ahead().len(),
        id if id == pages::SAVED.id() => model.saved_playlists.len() + model.saved_signatures.len(),
        id if id == pages::LOG.id() => model.faults.len(),
        _ => 0,
    };
    if number == 0 { String::new() } else { format!(" {}", thousands(number)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{Harness, text};

    /// The bar of so many columns.
    fn drawn(h: &Harness, columns: u16) -> String {
        let area = Rect::new(0, 0, columns, 1);
        let mut buf = Buffer::empty(area);
        tabs(&h.ui.model, &h.ui.screen, &h.ui.theme, &mut buf, area);
        text(&buf).trim_end().to_string()
    }

    /// The number of a tab with its columns, its name and whether it has a count; and the words of help. Counts are beyond 9.
    struct Read {
        tabs: Vec<(usize, Vec<usize>, String, bool)>,
        help: usize,
    }

    fn read(bar: &str) -> Read {
        let mut read = Read { tabs: Vec::new(), help: 0 };
        let mut at = 0;
        for word in bar.split(' ') {
            let columns: Vec<usize> = (at..at + word.len()).collect();
            at += word.len() + 1;
            let bare = word.trim_matches(['[', ']']);
            let next = read.tabs.len() + 1;
            if bare.is_empty() {
                continue;
            }
            if bare == next.to_string() {
                read.tabs.push((next, columns, String::new(), false));
            } else if read.help > 0 || bare == "?" {
                read.help += 1;
            } else {
                let (_, own, name, counted) = read.tabs.last_mut().expect("a tab before its name");
                own.extend(columns);
                if bare.starts_with(|c: char| c.is_ascii_digit()) { *counted = true } else { *name += bare }
            }
        }
        assert_eq!(read.tabs.len(), 9, "{bar:?}");
        read
    }

    fn world(view: usize) -> Harness {
        let mut h = Harness::world((120, 40), "terminal");
        h.command(&format!("view {view}"));
        h
    }

    #[test]
    fn the_bar_names_every_view_at_eighty_columns() {
        for (view, columns, bar) in [
            (1, 78, "[1 Library] 2 Queue 15 3 Lists 4 Sig 5 Map 6 Snd 7 Trn 8 Dims 9 Log 40  ? help"),
            (4, 78, "1 Lib 2 Queue 15 3 Lists [4 Signature] 5 Map 6 Snd 7 Trn 8 Dims 9 Log   ? help"),
            (9, 78, "1 Lib 2 Queue 15 3 Lists 4 Sig 5 Map 6 Snd 7 Trn 8 Dims [9 Log 40]      ? help"),
            (1, 58, "[1 Library] 2 Queue 3 Lists 4 Sig 5 Map 6 Snd 7 Trn 8 9"),
            (5, 58, "1 2 Queue 3 Lists 4 Sig [5 Map] 6 Snd 7 Trn 8 Dims 9"),
            (9, 58, "1 2 Queue 3 Lists 4 Sig 5 Map 6 Snd 7 Trn 8 Dims [9 Log]"),
            (4, 40, "1 2 3 Lists [4 Signature] 5 Map 6 7 8 9"),
            (8, 30, "1 2 3 4 5 6 7 [8 Dimensions] 9"),
        ] {
            assert_eq!(drawn(&world(view), columns), bar, "view {view} in {columns} columns");
        }
        let bar = drawn(&world(2), 118);
        assert!(bar.starts_with(" 1 Library 64 [2 Queue 15] 3 Playlists  4 Signature  5 Map"), "{bar:?}");
        assert!(bar.ends_with("? help : command"), "{bar:?}");
    }

    #[test]
    fn a_wider_bar_never_tells_less_and_the_open_view_and_its_neighbours_are_always_named() {
        for view in 1..=9 {
            let h = world(view);
            let mut before: Option<Read> = None;
            for columns in 40..=200 {
                let bar = drawn(&h, columns);
                let now = read(&bar);
                for (number, _, name, _) in &now.tabs {
                    let pane = PANES[number - 1];
                    let names = if *number == view { [pane.title(None); 2] } else { [pane.title(None), pane.short()] };
                    let named = names.contains(&name.as_str());
                    let may_be_bare = number.abs_diff(view) > 1 && columns < 78;
                    assert!(named || (may_be_bare && name.is_empty()), "{columns}: {bar:?}");
                    assert!(bar.contains(&format!("[{view} ")), "{columns}: {bar:?}");
                }
                if let Some(before) = &before {
                    assert!(now.help >= before.help, "{columns}: {bar:?}");
                    for (now, before) in now.tabs.iter().zip(&before.tabs) {
                        assert!(now.2.len() >= before.2.len() && now.3 >= before.3, "{columns}: {bar:?}");
                    }
                }
                before = Some(now);
            }
            assert!(before.is_some_and(|all| all.help == 4 && all.tabs.iter().filter(|tab| tab.3).count() == 3));
        }
    }

    #[test]
    fn a_click_on_a_tab_means_its_view_in_every_form() {
        for view in 1..=9 {
            let h = world(view);
            for columns in 40..=200 {
                let area = Rect::new(7, 3, columns, 1);
                let bar = drawn(&h, columns);
                let at = |x: usize| at(&h.ui.model, &h.ui.screen, area, area.x + x as u16);
                for (number, own, ..) in read(&bar).tabs {
                    assert!(own.iter().all(|x| at(*x) == Some(number)), "{number} in {bar:?}");
                }
                if let Some(help) = bar.find('?') {
                    assert_eq!((at(help), at(bar.len() - 1)), (None, None), "{bar:?}");
                }
            }
        }
    }

    #[test]
    fn large_numbers_leave_the_names() {
        let mut h = Harness::new(12_345, (80, 24));
        h.play_and_fill();
        assert_eq!(drawn(&h, 78), "[1 Library] 2 Queue 15 3 Lists 4 Sig 5 Map 6 Snd 7 Trn 8 Dims 9 Log     ? help");
        assert!(drawn(&h, 98).starts_with("[1 Library] 2 Queue 15 3 Playlists 4 Signature"), "{}", drawn(&h, 98));
    }
}
