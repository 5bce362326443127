//! The log: what went wrong and what happened behind the screen, the newest first.

use std::ops::Range;
use std::path::Path;

use crate::app::Model;
use crate::app::state::log::Matter;
use crate::text;
use crate::tui::draw::Span;
use crate::tui::log::{self, Row};
use crate::tui::pane::{At, Focus, Open, Pane, Shown, broken, plain, wrapped};
use crate::tui::theme::Role;

/// From this width on a row names what it is about.
const WITH_MATTER: usize = 60;
/// Columns of a time of day.
const TIME: usize = 8;
/// Columns of the longest name of a matter.
const MATTER: usize = 8;
/// The most rows on either side of the cursor that a screen shows.
const SEEN: usize = 300;
/// Columns by which a whole message is indented.
const INDENT: usize = 4;

/// The log page; `about` is what it is limited to (`tui::log::matter`).
pub struct Log;

impl Pane for Log {
    fn id(&self) -> &'static str {
        "log"
    }

    fn title(&self, about: Option<u64>) -> &'static str {
        match log::matter(about) {
            None => "Log",
            Some(Matter::Error) => "Log: errors",
            Some(Matter::File) => "Log: files",
            Some(Matter::Watch) => "Log: watching and analysis",
            Some(Matter::Engine) => "Log: engines",
            Some(Matter::Playback) => "Log: playback",
        }
    }

    fn open(&self, _: &Model, at: At) -> Open {
        match at.page {
            // The key that has opened it closes it.
            Some(page) if page.pane.id() == self.id() => Open::Page(page.about),
            _ => Open::Page(None),
        }
    }

    fn narrows(&self) -> bool {
        true
    }

    fn is_table(&self, _: Option<u64>) -> bool {
        true
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[("log next", "kind"), ("search", "narrow"), ("confirm", "whole message"), ("cancel", "back")]
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        laid(shown).0
    }

    fn laid(&self, shown: &Shown) -> (Vec<Vec<Span>>, Option<Focus>) {
        let (lines, under) = laid(shown);
        (lines, Some(Focus::Cursor(under)))
    }

    /// Every row with its whole message.
    fn told(&self, shown: &Shown) -> Vec<String> {
        let &Shown { model, about, .. } = shown;
        let only = log::matter(about);
        let rows = log::rows(model, only, "");
        if rows.is_empty() {
            return plain(&self.lines(shown));
        }
        let (today, _) = model.log.clock(model.log.moment(model.now));
        let (mut lines, mut before) = (Vec::new(), 0);
        for row in &rows {
            lines.extend(day(model, row, today, &mut before));
            let matter = if only.is_none() { text::fit(row.matter.name(), MATTER + 1) } else { String::new() };
            let line =
                format!("{} {} {matter}{}", text::fit(&time(model, row), TIME), row.kind.sign(), message(model, row));
            lines.push(line.trim_end().to_string());
        }
        lines
    }
}

/// The lines, and those of the row under the cursor.
fn laid(shown: &Shown) -> (Vec<Vec<Span>>, Range<usize>) {
    let &Shown { model, narrow, about, columns, log: cursor, .. } = shown;
    let only = log::matter(about);
    let rows = log::rows(model, only, narrow);
    if rows.is_empty() {
        let nothing = match only {
            _ if !narrow.trim().is_empty() => format!("Nothing here has \"{}\" in it.", text::sanitize(narrow)),
            Some(Matter::File) => "Every file can be used.".into(),
            Some(Matter::Error) => "No errors since the start.".into(),
            _ => "Nothing was noted since the start.".into(),
        };
        return (wrapped(&nothing, columns, Role::Text), 0..0);
    }
    let (today, _) = model.log.clock(model.log.moment(model.now));
    let (mut lines, mut under, mut before) = (Vec::new(), 0..0, 0);
    for (index, row) in rows.iter().enumerate() {
        lines.extend(day(model, row, today, &mut before).map(|when| vec![(when, Role::Heading)]));
        let first = lines.len();
        // What is far from the cursor is not seen; its line only counts.
        let near = index.abs_diff(cursor.at) <= SEEN;
        lines.push(if near { line(model, row, only.is_none(), columns) } else { Vec::new() });
        if index == cursor.at {
            if cursor.open {
                whole(model, row, columns, &mut lines);
            }
            under = first..lines.len();
        }
    }
    (lines, under)
}

/// The day of a row, where it is another one than that of the row above it, which was so many days ago.
fn day(model: &Model, row: &Row, today: u64, before: &mut u64) -> Option<String> {
    let days = row.at.map_or(*before, |at| today.saturating_sub(model.log.clock(at).0));
    let same = std::mem::replace(before, days) == days;
    (!same).then(|| if days == 1 { "yesterday".into() } else { format!("{days} days ago") })
}

/// The time of day of a row; empty where it is unknown.
fn time(model: &Model, row: &Row) -> String {
    row.at.map_or_else(String::new, |at| model.log.clock(at).1)
}

/// The file and the message of a row, and how often it came.
fn message(model: &Model, row: &Row) -> String {
    let file = row.path.map_or_else(String::new, |path| format!("{}: ", below(model, path)));
    let times = if row.times > 1 { format!(" ×{}", row.times) } else { String::new() };
    format!("{file}{}{times}", row.text)
}

/// A row on one line: time, sign, what it is about, file and message.
fn line(model: &Model, row: &Row, named: bool, columns: usize) -> Vec<Span> {
    let named = named && columns >= WITH_MATTER;
    let matter = if named { format!("{} ", text::fit(row.matter.name(), MATTER)) } else { String::new() };
    let used = TIME + 1 + 1 + 1 + text::width(&matter);
    vec![
        (format!("{} ", text::fit(&time(model, row), TIME)), Role::Dim),
        (format!("{} ", row.kind.sign()), row.kind.into()),
        (matter, Role::Dim),
        (text::fit(&message(model, row), columns.saturating_sub(used)), Role::Text),
    ]
}

/// The whole message of a row, and its file.
fn whole(model: &Model, row: &Row, columns: usize, lines: &mut Vec<Vec<Span>>) {
    let room = columns.saturating_sub(INDENT).max(1);
    let mut add = |text: &str, role: Role| {
        for part in broken(text, room) {
            lines.push(vec![(" ".repeat(INDENT), Role::Text), (text[part].to_string(), role)]);
        }
    };
    add(&row.text, Role::Text);
    if let Some(path) = row.path {
        add(&text::sanitize(&path.to_string_lossy()), Role::Dim);
        if model.catalog.of_path(path).is_some() {
            add("enter goes to it in the library", Role::Hint);
        }
    }
}

/// A file's path below the music directory, safe for the screen.
fn below(model: &Model, path: &Path) -> String {
    let under = model.music.as_deref().and_then(|music| path.strip_prefix(music).ok()).unwrap_or(path);
    text::sanitize(&under.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::app::{Msg, fixture};
    use crate::library::{Catalog, Song};
    use crate::tui::colour::Depth;
    use crate::tui::fixture::Harness;

    #[test]
    fn tags_read_in_part_stand_below_what_cannot_be_used() {
        let mut model = fixture::model(3);
        let mut songs: Vec<Song> = model.catalog.songs().iter().map(|song| Song::clone(song)).collect();
        songs[0].tag_fault = Some("its tags were read in part".into());
        songs[1].tag_fault = Some("told already".into());
        let broken = songs[1].path.to_path_buf();
        model.catalog = Catalog::new(songs.into_iter().map(Into::into).collect()).into();
        let mut h = Harness::of(model, (120, 30), "terminal", Depth::True);
        h.keys(":errors<enter>").message(Msg::Fault { path: broken, why: "its reader died".into() });
        let text = h.text();
        assert!(text.find("its reader died") < text.find("its tags were read in part"), "{text}");
        assert!(!text.contains("told already") && text.contains("Log: files"), "{text}");
        assert_eq!(h.ui.model.faults.len(), 1);
    }

    #[test]
    fn kinds_are_switched_and_what_is_typed_narrows() {
        let mut h = Harness::new(12, (120, 30));
        h.message(Msg::Fault { path: "/music/broken.flac".into(), why: "the file ends early".into() });
        h.message(Msg::error("no such thing")).message(Msg::success("done"));
        h.message(Msg::engine_error("the engine crashed"));
        h.keys(":log<enter>");
        let text = h.text();
        for shown in ["broken.flac: the file ends early", "✗ error    no such thing", "✗ engine   the engine crashed"]
        {
            assert!(text.contains(shown), "{shown}:\n{text}");
        }
        assert!(!text.contains("done"), "what was done as asked is no news:\n{text}");
        let titles = ["Log: errors", "Log: files", "Log: watching", "Log: engines", "Log: playback", "─ Log ─"];
        for title in titles {
            h.keys("y");
            assert!(h.text().contains(title), "{title}:\n{}", h.text());
        }
        h.keys("h");
        assert!(h.text().contains("Log: playback") && h.text().contains("Nothing was noted"), "{}", h.text());
        h.keys("l/ENDS<enter>");
        assert!(h.text().contains("the file ends early") && !h.text().contains("no such thing"), "{}", h.text());
        h.keys("<esc>");
        assert!(h.text().contains("no such thing"), "escape shows everything again");
        h.keys("<esc>");
        assert!(h.ui.screen.page.is_none());
        h.keys(":log nonsense<enter>");
        assert!(h.ui.model.notice.as_ref().unwrap().text.contains("log wants one of all, error, file"));
    }

    #[test]
    fn a_search_goes_on_in_both_directions() {
        let mut h = Harness::new(12, (120, 30));
        for text in ["one red", "two", "three red", "four", "five red"] {
            h.message(Msg::error(text));
        }
        let row = |h: &Harness| h.ui.screen.log.at;
        // The newest is first.
        h.keys(":log<enter>/RED<enter>n");
        assert_eq!(row(&h), 1);
        h.keys("N");
        assert_eq!(row(&h), 0);
        h.keys("N");
        assert_eq!(row(&h), 2, "it wraps around");
        // With all rows shown the cursor goes to those that have the text.
        h.keys("<esc>");
        assert_eq!(row(&h), 4, "the cursor stays on its row");
        h.keys("n");
        assert_eq!(row(&h), 0);
        h.keys("n");
        assert_eq!(row(&h), 2);
        h.keys(":search-for two<enter>");
        assert_eq!(row(&h), 3);
        h.keys(":search-for nowhere<enter>");
        assert_eq!(row(&h), 4, "which is noted above it");
        assert!(h.ui.model.notice.as_ref().unwrap().text.contains("nothing like 'nowhere'"));
    }

    #[test]
    fn enter_shows_the_whole_message_and_then_the_file() {
        let mut h = Harness::new(40, (80, 24));
        let song = h.ui.model.catalog.songs()[20].clone();
        let why = format!("{}the end", "a long story ".repeat(12));
        h.message(Msg::Fault { path: song.path.to_path_buf(), why: why.into() });
        h.message(Msg::error("later"));
        h.keys(":log<enter>");
        assert!(!h.text().contains("the end"), "{}", h.text());
        h.keys("j<enter>");
        assert!(h.text().contains("the end") && h.text().contains("enter goes to it"), "{}", h.text());
        h.message(Msg::error("later still"));
        assert!(h.text().contains("the end"), "the cursor stays on its row:\n{}", h.text());
        h.keys("<enter>");
        assert!(h.ui.screen.page.is_none());
        assert_eq!(h.ui.screen.rows.song(h.ui.screen.library.at), Some(&song));
        h.keys(":log<enter>j<enter><esc>");
        assert!(h.ui.screen.page.is_some() && !h.ui.screen.log.open, "escape closes the message first");
    }

    #[test]
    fn rows_have_the_time_of_day_and_days_their_names() {
        let mut h = Harness::new(3, (80, 24));
        h.ui.model.log.begin(23 * 3600 + 59 * 60);
        h.message(Msg::error("before midnight"));
        h.ui.model.now = Duration::from_secs(90);
        h.message(Msg::error("after it"));
        h.keys(":log<enter>");
        let text = h.text();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let at = |what: &str| lines.iter().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{text}"));
        assert!(lines[at("after it")].starts_with("00:00:30 ✗ error"), "{text}");
        assert!(lines[at("before midnight")].starts_with("23:59:00"), "{text}");
        assert!(at("after it") < at("yesterday") && at("yesterday") < at("before midnight"), "{text}");
    }
}
