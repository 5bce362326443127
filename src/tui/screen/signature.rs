//! The view of the signature: a cursor among the dimensions and one in the card, and what enter and escape mean there.

use ratatui::layout::Position;

use crate::app::commands::dimension::Change;
use crate::app::commands::trial::TrialAction;
use crate::app::commands::words::Wanted;
use crate::app::{Model, Msg};
use crate::ask::trial::{Counting, Row, Tried};
use crate::describe::short;
use crate::latent::Choice;
use crate::tui::list::window;
use crate::tui::pages;
use crate::tui::prompt::{Prompt, Purpose};
use crate::tui::signature::{Areas, Cursor, Example, areas};

use super::Screen;

/// What is tried, as far as it is known.
fn tried(model: &Model) -> Option<&Tried> {
    model.trial.tried.as_deref()
}

fn rows(model: &Model) -> &[Row] {
    tried(model).map_or(&[], |tried| &tried.rows)
}

/// The dimensions of an exact list as [`Cursor::listed`]; none where the choice is no list.
fn listed(model: &Model) -> u64 {
    let list = tried(model).filter(|tried| matches!(tried.choice, Choice::Dims(_)));
    let yours = list.into_iter().flat_map(|tried| &tried.rows).filter(|row| row.counting == Counting::Yours);
    yours.fold(0, |bits, row| bits | 1_u64.checked_shl(u32::from(row.dim)).unwrap_or(0))
}

impl Screen {
    /// The place of the row under the cursor.
    pub fn signature_at(&self, model: &Model) -> usize {
        let at = |dim| rows(model).iter().position(|row| row.dim == dim);
        self.signature.dim.and_then(at).unwrap_or(0)
    }

    /// The dimension under the cursor, counted from 0.
    pub fn signature_dim(&self, model: &Model) -> Option<u8> {
        rows(model).get(self.signature_at(model)).map(|row| row.dim)
    }

    /// Moves the cursor by so many rows, or by so many examples of the card.
    pub(super) fn step_signature(&mut self, step: isize, model: &Model) {
        if let Some(example) = &mut self.signature.inside {
            *example = example.stepped(step);
            return;
        }
        let last = rows(model).len().saturating_sub(1);
        self.goto_signature(self.signature_at(model).saturating_add_signed(step).min(last), model);
    }

    /// Moves the cursor to a row.
    pub(super) fn goto_signature(&mut self, row: usize, model: &Model) {
        let rows = rows(model);
        if self.signature.inside.is_some() {
            self.signature.inside = Some(Example::FIRST.stepped(isize::try_from(row).unwrap_or(isize::MAX)));
        } else if let Some(row) = rows.get(row.min(rows.len().saturating_sub(1))) {
            self.signature.dim = Some(row.dim);
        }
    }

    /// Goes to the next row whose name or meaning has the text, wrapping around.
    pub(super) fn find_dimension(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        let (rows, at, sought) = (rows(model), self.signature_at(model), text.to_lowercase());
        let holds = |row: usize| {
            let meaning = model.cards().and_then(|cards| cards.card(rows[row].dim)).map_or("", |card| &card.meaning);
            format!("{} {meaning}", short::name(model.cards(), rows[row].dim)).to_lowercase().contains(&sought)
        };
        let len = rows.len();
        let found =
            (1..=len).map(|step| (if back { at + len - step } else { at + step }) % len).find(|row| holds(*row));
        let Some(row) = found else { return vec![Msg::error(format!("no dimension is called like '{text}'"))] };
        self.signature.inside = None;
        self.signature.dim = Some(rows[row].dim);
        Vec::new()
    }

    /// Goes into the card, or back to the rows.
    pub(super) fn enter_card(&mut self, into: bool, model: &Model) -> Vec<Msg> {
        let any = self.has_examples(model);
        self.signature.inside = (into && any).then_some(Example::FIRST);
        match into && !any {
            true => vec![Msg::hint("this dimension has no ends to listen to")],
            false => Vec::new(),
        }
    }

    /// Whether the dimension under the cursor has examples to go through.
    fn has_examples(&self, model: &Model) -> bool {
        let of = self.signature_dim(model).zip(tried(model));
        of.and_then(|(dim, tried)| tried.library.get(dim)).is_some_and(|library| !library.lowest.is_empty())
    }

    /// Plays the example under the cursor, or lets what is tried count.
    pub(super) fn confirm_signature(&mut self, model: &Model) -> Vec<Msg> {
        if let Some((Example { high, nth }, dim)) = self.signature.inside.zip(self.signature_dim(model)) {
            let change = Change::Play { high, nth };
            return vec![Msg::command(TrialAction::Dimension(Some(Wanted::Dim(dim)), change))];
        }
        if model.trial.changed() {
            return vec![Msg::command(TrialAction::Keep)];
        }
        vec![Msg::hint("nothing is tried yet: space uses or drops the dimension under the cursor")]
    }

    /// Goes back from the card, else gives up what is tried; `None` where there is nothing of both.
    pub(super) fn cancel_signature(&mut self, model: &Model) -> Option<Vec<Msg>> {
        if self.signature.inside.take().is_some() {
            return Some(Vec::new());
        }
        model.trial.changed().then(|| vec![Msg::command(TrialAction::GiveUp)])
    }

    /// A command of the trial about the dimension under the cursor, or the beginning of its line.
    pub(super) fn about_dimension(&mut self, action: &TrialAction, model: &Model) -> Option<TrialAction> {
        if !self.shows(pages::SIGNATURE) {
            return Some(action.clone());
        }
        let dim = self.signature_dim(model);
        match action.begins(dim) {
            Some(line) => {
                self.begin_line(&line, model);
                None
            }
            None => Some(action.about(dim)),
        }
    }

    /// Opens the command line with words to go on from: what is typed is the next one.
    pub(super) fn begin_line(&mut self, words: &str, model: &Model) {
        let mut prompt = Prompt::new(Purpose::Command, model);
        prompt.insert(words, model);
        prompt.insert(" ", model);
        self.prompt = Some(prompt);
    }

    fn signature_areas(&self) -> Option<Areas> {
        self.layout().map(|layout| areas(layout.body, self.signature.inside.is_some()))
    }

    /// Keeps the cursor and the scroll position within the rows.
    pub(super) fn settle_signature(&mut self, model: &Model) {
        if !self.shows(pages::SIGNATURE) {
            self.signature.inside = None;
            return;
        }
        let shown = listed(model);
        let tried = if model.trial.changed() { shown } else { self.signature.tried };
        // A list from elsewhere shows its own first. What was tried, kept or given up moves nothing, also while the answer
        // is awaited.
        let known = shown == self.signature.listed || shown == tried;
        if !known
            && let Some(first) = rows(model).iter().position(|row| row.counting == Counting::Yours)
            && rows(model)[self.signature_at(model)].counting != Counting::Yours
        {
            self.signature.inside = None;
            self.goto_signature(first, model);
        }
        let height = self.signature_areas().map_or(0, |areas| usize::from(areas.rows.height));
        let (at, len) = (self.signature_at(model), rows(model).len());
        let top = window(self.signature.top, at, len, height, self.margin());
        let dim = self.signature_dim(model).or(self.signature.dim);
        let any = self.has_examples(model);
        let listed = if known { self.signature.listed } else { shown };
        self.signature = Cursor { dim, top, inside: self.signature.inside.filter(|_| any), listed, tried };
    }

    /// Puts the cursor on the row under the mouse; whether there is one.
    pub(super) fn press_signature(&mut self, at: Position, model: &Model) -> bool {
        let Some(areas) = self.signature_areas().filter(|areas| areas.rows.contains(at)) else { return false };
        let row = self.signature.top + usize::from(at.y - areas.rows.y);
        if row >= rows(model).len() {
            return false;
        }
        self.signature.inside = None;
        self.goto_signature(row, model);
        true
    }
}
