//! `:dims`: what the dimensions mean.

use super::row::{Args, Row, row};
use super::screen::ScreenAction;
use super::words::{complete_dimension, dimension};
use crate::app::effect::Effect;

/// Show what the dimensions mean, or the card of one, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DimsAction(pub Option<u8>);

/// The command.
pub const ROWS: &[Row<DimsAction>] = &[row(
    "dims",
    Args::Typed("[N|NAME]", complete_dimension),
    "what the dimensions mean; with a number or name, its card",
    |t| Ok(DimsAction(dimension(t.rest)?)),
)];

/// Carries the command out.
pub(super) fn act(DimsAction(dim): DimsAction, effects: &mut Vec<Effect>) {
    effects.push(Effect::Cards);
    effects.push(Effect::Screen(ScreenAction::Card(dim)));
}
