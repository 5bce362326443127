//! The rows of the library: made at once where that is quick, else asked for from the engine's thread. Until they come
//! the former ones stay.

use crate::app::commands::queue::{QueueAction, Sorting};
use crate::app::{Model, Msg};
use crate::library::playlist::sort::{self, SortKey};
use crate::queue::Origin;
use crate::tui::layout::Pane;
use crate::tui::list::{Rows, Wanted};
use crate::tui::requests::QueueSort;

use super::Screen;

/// The most songs that are grouped or sorted at once: a few milliseconds.
const AT_ONCE: usize = 2000;

impl Screen {
    /// The rows that the library is to have.
    fn wanted(&self, model: &Model) -> Wanted {
        let catalog = model.shown().clone();
        // What was found stands in its own order, the best first.
        let sort = if catalog.is_ranked() { Vec::new() } else { self.sort.clone() };
        // Neither a narrow screen nor the grid shows groups.
        let bare = self.grid.on || self.layout().is_none_or(|layout| layout.library().groups.width == 0);
        Wanted {
            whole: bare && !sort.is_empty(),
            gathered: self.grid.on && (catalog.is_ranked() || !sort.is_empty()),
            revision: model.revisions.of(&sort),
            catalog,
            by: self.by,
            sort,
            root: model.music.clone(),
        }
    }

    /// Sees to it that the rows are those of the catalog, the grouping and the order.
    pub(super) fn settle_rows(&mut self, model: &Model) {
        let wanted = self.wanted(model);
        if *self.rows.wanted() == wanted {
            self.requests.rows = None;
            return;
        }
        let quick = wanted.catalog.len() <= AT_ONCE;
        if quick || (wanted.is_plain() && self.rows.wanted().is_plain()) {
            self.requests.rows = None;
            return self.put_rows(Rows::of(wanted, &model.known()), model);
        }
        if self.rows.is_empty() {
            // Better another order than none while a large library is grouped for the first time.
            let by = Default::default();
            let plain = Wanted { by, sort: Vec::new(), whole: false, gathered: false, ..wanted.clone() };
            self.put_rows(Rows::of(plain, &model.known()), model);
        }
        // While the same rows are being made, newer facts wait.
        if !self.requests.rows.as_ref().is_some_and(|(asked, _)| asked.is_like(&wanted)) {
            self.requests.rows = Some((wanted, false));
        }
    }

    /// Takes rows that were asked for, unless others are wanted by now.
    pub fn arranged(&mut self, rows: Rows, model: &Model) {
        self.requests.rows.take_if(|(asked, _)| asked == rows.wanted());
        if rows.wanted().is_like(&self.wanted(model)) && rows.wanted().revision >= self.shown_revision(&rows) {
            self.put_rows(rows, model);
        }
    }

    /// The revision of the facts by which the present rows are sorted, if they are the same rows; else 0.
    fn shown_revision(&self, rows: &Rows) -> u64 {
        let now = self.rows.wanted();
        if now.is_like(rows.wanted()) { now.revision } else { 0 }
    }

    /// Shows other rows, with the cursor on the same song.
    fn put_rows(&mut self, rows: Rows, model: &Model) {
        let group = self.rows.group_of(self.library.at).and_then(|group| self.rows.groups().get(group));
        let group = group.map(|group| group.name.clone());
        self.rows = rows;
        if let Some(path) = self.song.as_deref()
            && let Some(entry) = self.rows.entry_in(path, group.as_deref())
        {
            self.library.at = entry;
        }
        self.marks.songs.retain(|path| model.catalog.of_path(path).is_some());
    }

    /// What is to be asked for now; each thing once.
    pub fn requests(&mut self, model: &Model) -> Vec<Msg> {
        let mut msgs = Vec::new();
        if let Some((wanted, sent)) = &mut self.requests.rows
            && !std::mem::replace(sent, true)
        {
            msgs.push(Msg::Arrange(Box::new(wanted.clone())));
        }
        if std::mem::take(&mut self.requests.lists) {
            msgs.push(Msg::Browse);
        }
        msgs.extend(self.ask_for_chart(model));
        msgs.extend(self.inspect(model));
        msgs.extend(self.ask_for_cover(model));
        msgs
    }

    /// Sorts the library's list, or has the session sort what the user chose for the queue.
    pub(super) fn sort(&mut self, sorting: &Sorting, model: &Model) -> Vec<Msg> {
        let covered = self.page.is_some_and(|(page, _)| page.pane.is_view());
        match self.focus {
            Pane::Library if !covered => self.sort_library(sorting, model),
            Pane::Queue if !covered => self.sort_queue(sorting, model),
            _ => vec![Msg::error("sort works in the library and in the queue")],
        }
    }

    fn sort_library(&mut self, sorting: &Sorting, model: &Model) -> Vec<Msg> {
        self.sort = match sorting {
            Sorting::Next => sort::next(&self.sort).into_iter().collect(),
            Sorting::Off => Vec::new(),
            Sorting::By(keys) => keys.clone(),
        };
        if model.shown().is_ranked() {
            return vec![Msg::hint("what was found stands in its own order, the best first; the rest will be sorted")];
        }
        Vec::new()
    }

    fn sort_queue(&mut self, sorting: &Sorting, model: &Model) -> Vec<Msg> {
        let keys = match sorting {
            // After the last key comes the first.
            Sorting::Next => sort::next(&self.queue_sort.keys).or_else(|| sort::next(&[])).into_iter().collect(),
            Sorting::Off => return vec![Msg::command(QueueAction::Sort(Sorting::Off))],
            Sorting::By(keys) => keys.clone(),
        };
        self.queue_sort = QueueSort { keys: keys.clone(), asked: Some(model.queue.revision()), order: Vec::new() };
        vec![Msg::command(QueueAction::Sort(Sorting::By(keys)))]
    }

    /// The head of a column of the queue was clicked: sorts what the user chose by it, the second time the other way round.
    pub(super) fn sort_queue_by(&mut self, key: SortKey, model: &Model) -> Vec<Msg> {
        let (_, down) = key.first();
        let again = self.queue_order().first() == Some(&(key, down));
        self.sort_queue(&Sorting::By(vec![(key, down != again)]), model)
    }

    /// Notes the order in which the queue was sorted, and forgets it once the tracks stand in another one. Those that were
    /// played are gone from its beginning.
    pub(super) fn settle_queue_sort(&mut self, model: &Model) {
        let revision = model.queue.revision();
        let QueueSort { asked, order, .. } = &mut self.queue_sort;
        if revision == self.revision || (asked.is_none() && order.is_empty()) {
            return;
        }
        let chosen = model.queue.ahead().iter().filter(|item| item.origin == Origin::Hand).map(|item| item.serial);
        let chosen: Vec<u64> = chosen.collect();
        if asked.take_if(|before| *before != revision).is_some() {
            *order = chosen;
        } else if !order.ends_with(&chosen) {
            order.clear();
        }
    }

    /// The head of a column was clicked: sorts the library by it, the second time the other way round, the third time
    /// not at all.
    pub(super) fn sort_by(&mut self, key: SortKey) {
        let first = key.first();
        self.sort = match self.sort.first() {
            Some(now) if *now == first => vec![(key, !first.1)],
            Some((now, _)) if *now == key => Vec::new(),
            _ => vec![first],
        };
    }
}
