//! The trainings: the run under the cursor with its curves, and the list of all runs. `draw::train` draws it.

use crate::tui::pane::Pane;

/// The view of the trainings.
pub struct Train;

impl Pane for Train {
    fn id(&self) -> &'static str {
        "train"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Train"
    }

    fn short(&self) -> &'static str {
        "Trn"
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("command-line train start", "start"),
            ("ask-train stop", "stop"),
            ("ask-train resume", "go on"),
            ("ask-train publish", "publish"),
            ("ask-train rollback", "roll back"),
            ("confirm", "dimensions"),
            ("cancel", "back"),
        ]
    }
}
