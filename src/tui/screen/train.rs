//! The view of the trainings: the cursor in the list of runs, and what its keys do.

use ratatui::layout::Position;

use crate::app::commands::screen::OnTrain;
use crate::app::{Model, Msg};
use crate::training::runs::Run;
use crate::tui::list::window;
use crate::tui::pages;
use crate::tui::prompt::Prompt;
use crate::tui::train::{Areas, NO_RUN, Sure, areas};

use super::Screen;

/// How many runs there are.
fn count(model: &Model) -> usize {
    model.training.board.as_ref().map_or(0, |board| board.runs.len())
}

impl Screen {
    /// The place of the run under the cursor.
    pub fn train_at(&self, model: &Model) -> usize {
        let runs = model.training.board.as_ref().map_or(&[][..], |board| &board.runs);
        let at = |name: &String| runs.iter().position(|run| run.name == *name);
        self.train.name.as_ref().and_then(at).unwrap_or(0)
    }

    /// The run under the cursor.
    pub fn train_run<'a>(&self, model: &'a Model) -> Option<&'a Run> {
        model.training.board.as_ref()?.runs.get(self.train_at(model)).map(|run| &**run)
    }

    /// Moves the cursor by so many runs.
    pub(super) fn step_train(&mut self, step: isize, model: &Model) {
        self.goto_train(self.train_at(model).saturating_add_signed(step), model);
    }

    /// Moves the cursor to a run. At the first one it stays there, also when another begins.
    pub(super) fn goto_train(&mut self, row: usize, model: &Model) {
        let row = row.min(count(model).saturating_sub(1));
        let run = model.training.board.as_ref().and_then(|board| board.runs.get(row));
        self.train.name = run.filter(|_| row > 0).map(|run| run.name.clone());
    }

    /// Goes to the next run in whose name, data or state the text stands, wrapping around.
    pub(super) fn find_run(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        let runs = model.training.board.as_ref().map_or(&[][..], |board| &board.runs);
        let (at, len, sought) = (self.train_at(model), runs.len(), text.to_lowercase());
        let holds = |row: &usize| {
            let said = |run: &Run| format!("{} {} {} {}", run.name, run.arch, run.data, run.words()).to_lowercase();
            runs.get(*row).is_some_and(|run| said(run).contains(&sought))
        };
        let found = (1..=len).map(|step| (if back { at + len - step } else { at + step }) % len).find(holds);
        match found {
            Some(row) => self.goto_train(row, model),
            None => return vec![Msg::error(format!("no run is called like '{text}'"))],
        }
        Vec::new()
    }

    /// Shows what changed of every dimension in the place of the curves, or the curves again.
    pub(super) fn confirm_train(&mut self, model: &Model) -> Vec<Msg> {
        if count(model) == 0 {
            return vec![Msg::hint(NO_RUN)];
        }
        let known = self.train_run(model).is_some_and(|run| !run.correlation.is_empty());
        if !self.train.open && !known {
            return vec![Msg::hint("the dimensions of this run were not compared with those of the encoder before")];
        }
        self.train.open = !self.train.open;
        Vec::new()
    }

    /// Asks before something is done.
    pub(super) fn ask_train(&mut self, on: OnTrain, model: &Model) -> Vec<Msg> {
        if !self.shows(pages::TRAIN) {
            return vec![Msg::error("ask-train works in the trainings only; :train and :model work everywhere")];
        }
        match Sure::new(on, model.training.board.as_deref(), self.train_run(model)) {
            Ok(sure) => self.prompt = Some(Prompt::confirming(sure, model)),
            Err(why) => return vec![Msg::hint(why)],
        }
        Vec::new()
    }

    fn train_areas(&self) -> Option<Areas> {
        self.layout().map(|layout| areas(layout.body, self.train.open))
    }

    /// Keeps the cursor and the scroll position within the runs.
    pub(super) fn settle_train(&mut self, model: &Model) {
        if !self.shows(pages::TRAIN) {
            self.train.open = false;
            return;
        }
        let height = self.train_areas().map_or(0, |areas| usize::from(areas.list.height));
        self.train.top = window(self.train.top, self.train_at(model), count(model), height, self.margin());
        self.train.open &= self.train_run(model).is_some_and(|run| !run.correlation.is_empty());
    }

    /// Puts the cursor on the run under the mouse; whether there is one.
    pub(super) fn press_train(&mut self, at: Position, model: &Model) -> bool {
        let Some(areas) = self.train_areas().filter(|areas| areas.list.contains(at)) else { return false };
        let row = self.train.top + usize::from(at.y - areas.list.y);
        let hit = row < count(model);
        if hit {
            self.goto_train(row, model);
        }
        hit
    }
}
