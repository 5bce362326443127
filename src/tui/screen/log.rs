//! The log and the lyrics: the cursor in the log, and what its keys do.

use crate::app::commands::screen::Logged;
use crate::app::state::log::Matter;
use crate::app::{Model, Msg};
use crate::tui::layout::Pane;
use crate::tui::log::{self, Row};
use crate::tui::pages;
use crate::tui::pane::Page;

use super::Screen;

impl Screen {
    /// Whether the log is open.
    pub(super) fn is_log(&self) -> bool {
        self.shows(pages::LOG)
    }

    /// Opens the log about a matter, or closes it if that is what it shows, except for a client.
    pub(super) fn show_log(&mut self, logged: Logged) {
        let open = self.page.filter(|_| self.is_log()).map(|(page, _)| page.about);
        let about = match logged {
            Logged::Only(matter) => log::about(matter),
            Logged::Next => open.and_then(|about| another(about, 1)),
            Logged::Previous => open.and_then(|about| another(about, KINDS - 1)),
        };
        let same = open == Some(about) && !self.client;
        self.page = (!same).then_some((Page { pane: pages::LOG, about }, 0));
        self.begin_page();
    }

    /// The rows of the log; none where it is not open.
    fn log_rows<'a>(&self, model: &'a Model) -> Vec<Row<'a>> {
        match self.page.filter(|_| self.is_log()) {
            Some((page, _)) => log::rows(model, log::matter(page.about), &self.narrow),
            None => Vec::new(),
        }
    }

    pub(super) fn step_log(&mut self, step: isize, model: &Model) {
        let rows = self.log_rows(model);
        self.log.step(step, &rows);
    }

    pub(super) fn goto_log(&mut self, row: usize, model: &Model) {
        let rows = self.log_rows(model);
        self.log.go(row, &rows);
    }

    /// Moves the cursor to the next row with all words of a text (the previous one if `back`), wrapping around.
    pub(super) fn find_in_log(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        let (rows, words) = (self.log_rows(model), log::words(text));
        let (at, len) = (self.log.at, rows.len());
        let mut steps = (1..=len).map(|step| (if back { at + len - step } else { at + step }) % len);
        match steps.find(|row| rows.get(*row).is_some_and(|row| row.has(&words))) {
            Some(row) => self.log.go(row, &rows),
            None => return vec![Msg::error(format!("nothing like '{text}' here"))],
        }
        Vec::new()
    }

    /// Keeps the cursor on its row.
    pub(super) fn settle_log(&mut self, model: &Model) {
        if self.is_log() {
            let rows = self.log_rows(model);
            self.log.settle(&rows);
        }
    }

    /// Shows the whole message under the cursor; where it is shown, goes to its file in the library, or hides it.
    pub(super) fn confirm_log(&mut self, model: &Model) -> Vec<Msg> {
        if !self.log.open {
            let rows = self.log_rows(model);
            // The row is held from now on, whatever comes.
            self.log.go(self.log.at, &rows);
            self.log.open = !rows.is_empty();
            return Vec::new();
        }
        let path = self.log_rows(model).get(self.log.at).and_then(|row| row.path).map(ToOwned::to_owned);
        let Some(path) = path.filter(|path| model.catalog.of_path(path).is_some()) else {
            self.log.open = false;
            return Vec::new();
        };
        let Some(entry) = self.rows.entry(&path) else {
            return vec![Msg::hint("the filter of the library hides that file; esc in the library shows all")];
        };
        self.show(Pane::Library);
        self.library.at = entry;
        Vec::new()
    }
}

/// The number of kinds of the log, with all of them together.
const KINDS: usize = Matter::ALL.len() + 1;

/// What the page is about so many kinds further on.
fn another(about: Option<u64>, step: usize) -> Option<u64> {
    let at = log::matter(about).and_then(|matter| Matter::ALL.iter().position(|one| *one == matter));
    let next = (at.map_or(0, |at| at + 1) + step) % KINDS;
    log::about(next.checked_sub(1).and_then(|at| Matter::ALL.get(at).copied()))
}
