//! The signature: its dimensions, their card, and the queue as it would be. `draw::signature` draws it.

use crate::app::commands::signature::SignatureAction;
use crate::app::{Model, Msg};
use crate::tui::pane::{At, Open, Pane};

/// The view of the signature.
pub struct Signature;

impl Pane for Signature {
    fn id(&self) -> &'static str {
        "signature"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Signature"
    }

    fn short(&self) -> &'static str {
        "Sig"
    }

    fn open(&self, _: &Model, _: At) -> Open {
        Open::Ask(Box::new(Msg::command(SignatureAction::Show)))
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("dimension toggle", "use or not"),
            ("dimension weigh +0.5", "more"),
            ("dimension weigh -0.5", "less"),
            ("dimension never", "never"),
            ("confirm", "keep"),
            ("cancel", "as before"),
            ("dimension test", "by test"),
            ("column-right", "examples"),
            ("command-line signature-of", "of whom"),
            ("command-line compare", "compare"),
            ("dimension rename", "rename"),
            ("command-line signature save", "save"),
            ("dimension lead up", "lead up"),
        ]
    }
}
