//! The interface `org.mpris.MediaPlayer2`.

use super::wish::{Wish, Wisher};

/// The program as an object on the bus.
pub(super) struct Root {
    pub wish: Wisher,
}

#[zbus::interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    /// A terminal program has no window to raise.
    fn raise(&self) {}

    fn quit(&self) {
        (self.wish)(Wish::Line("quit".into()));
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_quit(&self) -> bool {
        true
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_raise(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn has_track_list(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn identity(&self) -> &'static str {
        "jukebox"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn desktop_entry(&self) -> &'static str {
        "jukebox"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn supported_uri_schemes(&self) -> Vec<&'static str> {
        vec!["file"]
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn supported_mime_types(&self) -> Vec<&'static str> {
        vec![
            "audio/mpeg",
            "audio/flac",
            "audio/ogg",
            "audio/x-vorbis+ogg",
            "audio/x-opus+ogg",
            "audio/x-wav",
            "audio/x-aiff",
            "audio/mp4",
            "audio/aac",
            "audio/webm",
            "audio/x-matroska",
            "audio/x-caf",
            "audio/basic",
        ]
    }
}
