//! The views of sound: what plays, and the two spectrograms of `:spectrogram`. `draw::sound` and `draw::figure` draw them.

use crate::tui::pane::Pane;

/// The view of the sound of what plays.
pub struct Sound;

impl Pane for Sound {
    fn id(&self) -> &'static str {
        "sound"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Sound"
    }

    fn short(&self) -> &'static str {
        "Snd"
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("section next", "next section"),
            ("section previous", "previous"),
            ("seek +5", "forward"),
            ("seek -5", "back"),
            ("down", "list"),
            ("search", "find in it"),
            ("toggle", "pause"),
            ("cancel", "close"),
        ]
    }
}

/// The spectrograms of `:spectrogram`.
pub struct Spectrogram;

impl Pane for Spectrogram {
    fn id(&self) -> &'static str {
        "spectrogram"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Spectrogram"
    }

    fn is_view(&self) -> bool {
        true
    }

    fn has_tab(&self) -> bool {
        false
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[("cancel", "close")]
    }
}
