//! What a client of the control socket is told of the view that its command has opened.

use crate::app::Model;
use crate::app::commands::map::MapAction;
use crate::app::commands::screen::ScreenAction;
use crate::app::outcomes::{Asker, Outcome};
use crate::tui::pages;
use crate::tui::pane::Page;
use crate::tui::screen::Screen;

/// What the commands of clients have opened, until their outcomes are known.
#[derive(Clone, Debug, Default)]
pub struct Opened(Vec<(Asker, View)>);

/// What a command has opened.
#[derive(Clone, Debug)]
struct View {
    /// The page; `None` for a list, or the panel.
    page: Option<Page>,
    /// What is said of what only a screen can show.
    words: String,
}

impl Opened {
    /// Notes what a command of the screen, which was carried out, has opened for a client that waits for its outcome.
    pub fn note(&mut self, action: &ScreenAction, asker: Asker, screen: &Screen) {
        let view = match action {
            ScreenAction::Info => {
                let state = if screen.info { "open" } else { "closed" };
                View { page: None, words: format!("the panel about the track under the cursor is {state}") }
            }
            action if opens_a_view(action) => {
                let page = screen.page.map(|(page, _)| page);
                let title = screen.open_view().title(page.and_then(|page| page.about));
                let words = match screen.unseen {
                    true => format!("the view {title} is open; `jukebox` in a terminal shows it"),
                    false => format!("the screen shows the view {title}"),
                };
                View { page, words }
            }
            _ => return,
        };
        self.0.retain(|(other, _)| *other != asker);
        self.0.push((asker, view));
    }

    /// The outcome of a client's command. Where nothing else is to be said, it has the text of the page that was opened,
    /// which is made only now: what the page tells may have come meanwhile.
    pub fn told(&mut self, asker: Asker, outcome: Outcome, screen: &Screen, model: &Model) -> Outcome {
        let at = self.0.iter().position(|(other, _)| *other == asker);
        match (outcome, at.map(|at| self.0.swap_remove(at))) {
            (Ok(None), Some((_, View { page, words }))) => {
                let bindings = screen.keymap.bindings();
                Ok(Some(page.and_then(|page| pages::told(page, model, bindings)).unwrap_or(words)))
            }
            (outcome, _) => outcome,
        }
    }
}

/// Whether a command is there to open a view.
fn opens_a_view(action: &ScreenAction) -> bool {
    match action {
        ScreenAction::Why(_)
        | ScreenAction::Answer
        | ScreenAction::Errors
        | ScreenAction::Log(_)
        | ScreenAction::Lyrics
        | ScreenAction::Train
        | ScreenAction::Sound
        | ScreenAction::Spectrogram
        | ScreenAction::Help(_)
        | ScreenAction::Library
        | ScreenAction::Queue
        | ScreenAction::Playlists
        | ScreenAction::Signature
        | ScreenAction::Card(_)
        | ScreenAction::View(_)
        | ScreenAction::ViewNamed(_)
        | ScreenAction::FocusNext => true,
        ScreenAction::Map(action) => *action == MapAction::Show,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::app::{Effect, Msg, commands};
    use crate::tui::fixture::{Harness, cards};
    use crate::tui::pages;

    const ASKER: u64 = 7;

    /// What a client is told so far; `None` while it waits.
    fn answer(h: &Harness) -> Option<Result<Option<String>, String>> {
        h.effects.0.iter().find_map(|effect| match effect {
            Effect::Answer { asker: ASKER, outcome } => Some(outcome.clone()),
            _ => None,
        })
    }

    fn send(h: &mut Harness, line: &str) -> Option<Result<Option<String>, String>> {
        h.effects.0.clear();
        let line = commands::parse(line).unwrap();
        h.message(Msg::command(line.action).on_behalf(Some(ASKER)));
        answer(h)
    }

    #[test]
    fn a_client_is_told_what_a_page_says() {
        let mut h = Harness::new(40, (80, 24));
        h.play_and_fill();
        let long = format!("{}the end", "a long story ".repeat(12));
        h.message(Msg::Fault { path: "/music/broken.flac".into(), why: long.clone().into() });
        let mut told = |line: &str| send(&mut h, line).unwrap().unwrap().unwrap();
        assert!(told("why 1").contains("Picked by the engine"), "{}", told("why 1"));
        assert!(told("help seek").starts_with("seek "), "{}", told("help seek"));
        for line in ["errors", "log", "log file"] {
            // Asked again it is told again, although the page is open.
            for _ in 0..2 {
                assert!(told(line).contains(&format!("broken.flac: {long}")), "{line}: {}", told(line));
            }
        }
        assert_eq!(told("log watch"), "Nothing was noted since the start.");
        assert!(told("answer").starts_with("Nothing was asked yet"));
        assert!(h.ui.screen.shows(pages::ANSWER) && h.ui.opened.0.is_empty());
        assert!(send(&mut h, "why 99").unwrap().is_err());
        // Keys open and close as before.
        h.keys("<esc>:errors<enter>");
        assert!(h.ui.screen.shows(pages::LOG));
        h.keys(":errors<enter>");
        assert!(h.ui.screen.page.is_none());
    }

    #[test]
    fn a_page_is_told_once_it_has_what_it_tells() {
        let mut h = Harness::new(40, (80, 24));
        assert_eq!(send(&mut h, "dims 7"), None, "the cards are asked for");
        h.message(Msg::Cards(cards()).on_behalf(Some(ASKER)));
        h.message(Msg::Ended(ASKER));
        let told = answer(&h).unwrap().unwrap().unwrap();
        assert!(told.starts_with("dimension 7"), "{told}");
    }

    #[test]
    fn what_only_a_screen_can_show_is_named() {
        let mut h = Harness::new(40, (80, 24));
        let mut told = |line: &str| send(&mut h, line).unwrap().unwrap();
        assert_eq!(told("queue").as_deref(), Some("the screen shows the view Queue"));
        assert_eq!(told("view map").as_deref(), Some("the screen shows the view Map"));
        assert_eq!(told("down 3"), None, "a movement opens nothing");
        told("library");
        assert_eq!(told("info").as_deref(), Some("the panel about the track under the cursor is open"));
        h.ui.screen.unseen = true;
        let told = send(&mut h, "queue").unwrap().unwrap().unwrap();
        assert!(told.starts_with("the view Queue is open"), "{told}");
    }
}
