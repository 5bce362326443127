//! How soon what happened is drawn. A key is answered at once; what happens behind, while the library is analysed for
//! hours, is no reason for more than two frames a second.

use std::time::Duration;

use crossterm::event::Event as Terminal;

use crate::app::{Effect, Model, Msg};
use crate::audio::Event;

/// How soon something is to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Haste {
    /// Nothing that is seen has changed.
    #[default]
    Never,
    /// At most two frames a second.
    Soon,
    /// At most ten frames a second.
    Often,
    /// At most 30 frames a second.
    Now,
    /// At most 125 frames a second: what the user did. Were this limited to the 30 of [`Haste::Now`], any other frame
    /// would hold up the key after it for up to 33 ms, and, as keys are repeated about as often, the keys after that too.
    AtOnce,
}

/// Whether carrying out an effect means that something may have changed on the screen.
pub fn stirs(effect: &Effect) -> bool {
    !matches!(
        effect,
        Effect::Save(_)
            | Effect::SavePlace(_)
            | Effect::Face { .. }
            | Effect::Answer { .. }
            | Effect::Announce { .. }
            | Effect::Arrange(_)
            | Effect::Inspect(_)
            | Effect::Cover(_)
            | Effect::Chart(_)
            | Effect::Within(_)
            | Effect::Trace(_)
            | Effect::Mix(_)
    )
}

impl Haste {
    /// How soon what a message changes is to be seen. `Never` is for those that mostly change nothing; whether they did
    /// is found out afterwards.
    pub fn of(msg: &Msg, model: &Model) -> Haste {
        match msg {
            Msg::For { msg, .. } => Haste::of(msg, model),
            Msg::Tick { .. }
            | Msg::Progress(_)
            | Msg::Loudness(_)
            | Msg::Look(_)
            | Msg::Announce
            | Msg::Ended(_)
            | Msg::Arrange(_)
            | Msg::Inspect(_)
            | Msg::CoverWanted(_)
            | Msg::Chart(_)
            | Msg::Area(_)
            | Msg::Player(Event::Position { .. } | Event::Underruns(_)) => Haste::Never,
            Msg::Player(Event::Spectrum(_)) if model.play.spectrum.is_some() || model.sound_view.shown => Haste::Often,
            Msg::Player(Event::Spectrum(_)) => Haste::Never,
            // The first catalog is waited for.
            Msg::Catalog(_) if !model.catalog.is_empty() => Haste::Soon,
            Msg::Traced { .. }
            | Msg::Heard
            | Msg::Space(_)
            | Msg::Names(_)
            | Msg::Engines(_)
            | Msg::Logged(_)
            | Msg::Fits(_)
            | Msg::Scanned { .. }
            | Msg::Fault { .. }
            | Msg::FaultGone(_)
            | Msg::Unsupported(_)
            | Msg::Files(_)
            | Msg::CoverChanged(_)
            | Msg::Noted(_)
            | Msg::Imported { .. }
            | Msg::SavedNames(_)
            | Msg::PlaylistNames(_)
            | Msg::Added(_)
            | Msg::Moods(_)
            | Msg::Runs(_)
            | Msg::Hour(_) => Haste::Soon,
            _ => Haste::Now,
        }
    }

    /// How soon what an event of the terminal changes is to be seen. Of many sizes in a row few are drawn.
    pub fn of_event(event: &Terminal) -> Haste {
        match event {
            Terminal::Key(_) | Terminal::Paste(_) | Terminal::Mouse(_) => Haste::AtOnce,
            Terminal::Resize(..) => Haste::Now,
            Terminal::FocusGained | Terminal::FocusLost => Haste::Never,
        }
    }

    /// When the next frame is due, if one is; `drawn` is when the last one was drawn.
    pub fn due(self, drawn: Option<Duration>) -> Option<Duration> {
        let least = match self {
            Haste::Never => return None,
            Haste::Soon => Duration::from_millis(500),
            Haste::Often => Duration::from_millis(100),
            Haste::Now => Duration::from_millis(33),
            Haste::AtOnce => Duration::from_millis(8),
        };
        Some(drawn.map_or(Duration::ZERO, |at| at + least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;

    #[test]
    fn the_first_frame_is_drawn_at_once_and_the_next_by_its_haste() {
        let at = Duration::from_millis;
        assert_eq!((Haste::Never.due(None), Haste::Never.due(Some(at(5)))), (None, None));
        assert_eq!((Haste::Soon.due(None), Haste::Now.due(None)), (Some(at(0)), Some(at(0))));
        assert_eq!((Haste::Soon.due(Some(at(5))), Haste::Now.due(Some(at(5)))), (Some(at(505)), Some(at(38))));
        assert_eq!(Haste::Often.due(Some(at(5))), Some(at(105)));
        assert_eq!(Haste::AtOnce.due(Some(at(5))), Some(at(13)));
        let order = [Haste::Never, Haste::Soon, Haste::Often, Haste::Now, Haste::AtOnce];
        assert!(order.is_sorted());
    }

    #[test]
    fn only_what_happens_behind_waits() {
        let (empty, model) = (fixture::model(0), fixture::model(3));
        let catalog = || Msg::Catalog(fixture::catalog(9));
        assert_eq!((Haste::of(&catalog(), &empty), Haste::of(&catalog(), &model)), (Haste::Now, Haste::Soon));
        assert_eq!(Haste::of(&Msg::error("no"), &model), Haste::Now);
        let spectrum = Msg::Player(Event::Spectrum(Default::default()));
        assert_eq!(Haste::of(&spectrum, &model), Haste::Never, "it is not shown");
        let mut seen = fixture::model(3);
        seen.sound_view.shown = true;
        assert_eq!(Haste::of(&spectrum, &seen), Haste::Often);
        let asked = Msg::For { asker: 1, msg: Box::new(Msg::Heard) };
        assert_eq!(Haste::of(&asked, &model), Haste::Soon);
    }
}
