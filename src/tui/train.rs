//! The view of the trainings: its cursor, the areas that it is drawn in, and the questions before something is done.

use ratatui::layout::Rect;

use crate::app::Refusal;
use crate::app::commands::Action;
use crate::app::commands::screen::OnTrain;
use crate::app::commands::train::TrainAction;
use crate::app::effect::TrainOrder;
use crate::training::runs::{Board, Run, State};

/// From this width of the body on, the list stands beside the curves.
const BESIDE: u16 = 104;
/// From this height below the head on, there are curves above the list where it does not stand beside them.
const WITH_CURVES: u16 = 10;
/// From this width on, two curves stand side by side.
const TWO: u16 = 64;
/// Rows of the head: the heading, the state, how far it is.
const HEAD: u16 = 3;

/// Where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The name of the run under it; `None` for the first.
    pub name: Option<String>,
    /// The first row shown.
    pub top: usize,
    /// Whether what changed of every dimension stands in the place of the curves.
    pub open: bool,
}

/// The areas of the view. One that the body has no room for is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// Heading, state, how far the run is.
    pub head: Rect,
    /// The curve of the loss, with its heading.
    pub loss: Rect,
    /// The curve of what is measured on the validation clips, with its heading.
    pub score: Rect,
    /// Verdict, data, dimensions.
    pub detail: Rect,
    /// The heading of the list.
    pub list_head: Rect,
    /// The runs.
    pub list: Rect,
}

/// The areas in a body; `open` is whether the dimensions stand in the place of the curves.
pub fn areas(body: Rect, open: bool) -> Areas {
    let head = Rect { height: HEAD.min(body.height), ..body };
    let rest = Rect { y: head.bottom(), height: body.height - head.height, ..body };
    let none = Rect { width: 0, height: 0, ..rest };
    let with_list = |areas: Areas, list: Rect| Areas {
        list_head: Rect { height: 1.min(list.height), ..list },
        list: Rect { y: list.y + 1.min(list.height), height: list.height.saturating_sub(1), ..list },
        ..areas
    };
    let bare = Areas { head, loss: none, score: none, detail: none, list_head: none, list: none };
    if body.width >= BESIDE {
        let right = (rest.width * 2 / 5).min(60);
        let left = Rect { width: rest.width - right - 2, ..rest };
        let right = Rect { x: left.right() + 2, width: right, ..rest };
        if open {
            return with_list(Areas { detail: left, ..bare }, right);
        }
        let (loss, score) = halves(left, false);
        let (list, detail) = halves(right, false);
        return with_list(Areas { loss, score, detail, ..bare }, list);
    }
    if open {
        return Areas { detail: rest, ..bare };
    }
    if rest.height < WITH_CURVES {
        return with_list(bare, rest);
    }
    let (list, detail) = ((rest.height / 3).clamp(4, 12), (rest.height / 6).clamp(2, 6));
    let curves = Rect { height: rest.height - list - detail, ..rest };
    let detail = Rect { y: curves.bottom(), height: detail, ..rest };
    let list = Rect { y: detail.bottom(), height: list, ..rest };
    let (loss, score) = if curves.width >= TWO { halves(curves, true) } else { (curves, none) };
    with_list(Areas { loss, score, detail, ..bare }, list)
}

/// The two halves of an area, side by side or one above the other.
fn halves(area: Rect, beside: bool) -> (Rect, Rect) {
    if beside {
        let width = area.width / 2;
        let first = Rect { width: width.saturating_sub(1), ..area };
        return (first, Rect { x: area.x + width, width: area.width - width, ..area });
    }
    let height = area.height / 2;
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// What is said where something needs a run and there is none.
pub const NO_RUN: &str = "no run yet: a starts one, as :train start does";

/// A question that a key answers, and what is done if the answer is yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sure {
    /// The question.
    pub question: String,
    /// The command.
    pub action: Action,
}

impl Sure {
    /// The question before something is done about the run under the cursor.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn new(on: OnTrain, board: Option<&Board>, run: Option<&Run>) -> Result<Sure, Refusal> {
        let none = board.is_none_or(|board| board.runs.is_empty());
        let (question, order) = match on {
            OnTrain::Resume | OnTrain::Publish if none => return Err(Refusal::NothingTo(NO_RUN)),
            OnTrain::Stop => {
                let running = board.is_some_and(|board| board.holder.is_some());
                if !running {
                    return Err(Refusal::NothingTo("no training is running"));
                }
                ("Stop the training? What is done is kept, and it can be gone on with. (y/n) ".into(), TrainOrder::Stop)
            }
            OnTrain::Resume => {
                let run =
                    run.filter(|run| run.goes_on()).ok_or(Refusal::NothingTo("this run cannot be gone on with"))?;
                (format!("Go on with the training {}? (y/n) ", run.name), TrainOrder::Resume(Some(run.name.clone())))
            }
            OnTrain::Publish => {
                let run = run.ok_or(Refusal::NothingTo("there is no run under the cursor"))?;
                if run.state.is_running() || !run.has_model {
                    return Err(Refusal::impossible("this run has no finished encoder"));
                }
                let against = match run.state {
                    State::Aside => "The guard kept it aside. ",
                    State::Published(_) => "",
                    _ => "It was not judged. ",
                };
                let question =
                    format!("{against}Use the encoder of {}, and listen to the library anew? (y/n) ", run.name);
                (question, TrainOrder::Publish(Some(run.name.clone())))
            }
            OnTrain::Rollback => {
                let before = board
                    .and_then(|board| board.before.as_deref())
                    .ok_or(Refusal::NothingTo("no other encoder was in use before"))?;
                (format!("Go back to the encoder {before}? (y/n) "), TrainOrder::Rollback)
            }
        };
        Ok(Sure { question, action: TrainAction::Order(order).into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_lie_in_the_body_and_apart() {
        for width in (0..220).step_by(7) {
            for height in 0..60 {
                for open in [false, true] {
                    let body = Rect { x: 1, y: 1, width, height };
                    let Areas { head, loss, score, detail, list_head, list } = areas(body, open);
                    let all = [head, loss, score, detail, list_head, list].map(|area| area.intersection(body));
                    let whole = all.iter().map(|area| area.area()).sum::<u32>();
                    let asked =
                        [head, loss, score, detail, list_head, list].iter().map(|area| area.area()).sum::<u32>();
                    assert_eq!(whole, asked, "{body:?}: an area is outside");
                    for (at, one) in all.iter().enumerate() {
                        let over = |other: &&Rect| one.intersection(**other).area() > 0;
                        assert_eq!(all[at + 1..].iter().find(over), None, "{body:?} {open}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_small_view_has_a_list_and_a_usual_one_curves() {
        let of = |width, height| areas(Rect { x: 0, y: 0, width, height }, false);
        assert!(of(78, 9).list.height >= 5 && of(78, 9).loss.height == 0);
        let usual = of(78, 16);
        assert!(usual.loss.height >= 6 && usual.score.width >= 30 && usual.list.height >= 3, "{usual:?}");
        let wide = of(118, 31);
        assert!(wide.list.x > wide.loss.right() && wide.detail.height >= 10, "{wide:?}");
    }
}
