//! The title of the terminal's window.

use crate::app::{Model, State};

/// What plays or is paused, `Artist – Title`; otherwise the program's name.
pub fn title(model: &Model) -> String {
    let playing = model.playing().filter(|_| model.play.state != State::Stopped);
    let Some(item) = playing else { return "jukebox".into() };
    match item.song.artist() {
        "" => item.song.title(),
        artist => format!("{artist} – {}", item.song.title()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::Harness;

    #[test]
    fn the_window_is_named_after_what_plays() {
        let mut h = Harness::new(40, (80, 24));
        assert_eq!(title(&h.ui.model), "jukebox");
        h.keys("<enter>");
        let song = h.ui.model.playing().unwrap().song.clone();
        let named = format!("{} – {}", song.artist(), song.title());
        assert_eq!(title(&h.ui.model), named);
        h.keys("<space>");
        assert_eq!(title(&h.ui.model), named, "paused");
        h.keys("v");
        assert_eq!(title(&h.ui.model), "jukebox", "stopped");
    }
}
