//! The view of the sound: what is computed while it is shown, and only then.

use std::path::Path;
use std::time::Duration;

use crate::audio::Command;
use crate::notice::Kind;
use crate::picture::Panel;
use crate::queue::Queue;
use crate::sound::trace::{Piece, Trace};
use crate::track::FileFault;

use super::super::effect::Effect;
use super::super::state::faults::{Faults, is_deadly};
use super::super::state::log::{Log, Matter};
use super::super::state::playback::Playback;
use super::super::state::sound_view::SoundView;

/// Begins to compute what the view shows, or ends it. `named`: the names of the dimensions are known.
pub(super) fn show(view: &mut SoundView, play: &Playback, named: bool, shown: bool, effects: &mut Vec<Effect>) {
    view.show(shown);
    // The player sends the spectrum for the view, or for the line of what plays.
    effects.push(Effect::Player(Command::Spectrum(view.shown || play.spectrum.is_some())));
    if !shown {
        effects.push(Effect::Trace(None));
    } else if !named {
        effects.push(Effect::Cards);
    }
}

/// Has the next piece of what plays traced while the view is shown.
pub(super) fn follow(view: &mut SoundView, queue: &Queue, play: &Playback, faults: &Faults) -> Option<Effect> {
    if !view.shown {
        return None;
    }
    let times = (play.position, play.length(queue));
    let song = queue.playing().filter(|item| !item.away).map(|item| &item.song)?;
    // Its samples would end the worker too.
    if is_deadly(faults, &song.path) {
        return None;
    }
    let piece = view.next(&song.path, song.track, times)?;
    Some(Effect::Trace(Some((song.path.to_path_buf(), piece))))
}

/// Takes a piece. Why there is none is noted in the log.
pub(super) fn traced(
    view: &mut SoundView,
    (log, now): (&mut Log, Duration),
    (path, piece): (&Path, &Piece),
    found: Result<Box<Trace>, FileFault>,
) {
    let found = found.map_err(|why| crate::text::sanitize(&why.to_string()));
    if view.take(path, piece, found.as_deref().map_err(String::as_str))
        && let Err(why) = found
    {
        let words = format!("its spectrogram was not made: {why}");
        log.add(now, Matter::File, Kind::Obstacle, &words, Some(path));
    }
}

/// Takes the spectrogram of a file's beginning.
pub(super) fn figure(view: &mut SoundView, path: &Path, found: Result<Box<Panel>, FileFault>) {
    view.figure(path, found);
}

#[cfg(test)]
mod tests {
    use super::super::super::commands::playback::PlaybackAction;
    use super::super::super::commands::sound::SoundAction;
    use super::super::super::fixture;
    use super::super::super::msg::Msg;
    use super::super::super::state::model::Model;
    use super::super::update;
    use super::*;
    use crate::audio::Event;
    use crate::audio::player::spectrum::BANDS;

    fn asked(effects: &[Effect]) -> Vec<&Effect> {
        let of_view = |effect: &&Effect| {
            matches!(effect, Effect::Trace(_) | Effect::Cards | Effect::Player(Command::Spectrum(_)))
        };
        effects.iter().filter(of_view).collect()
    }

    fn playing() -> (Model, Vec<Effect>) {
        let mut model = fixture::model(3);
        let path = model.catalog.songs()[0].path.to_path_buf();
        let effects = update(&mut model, Msg::command(PlaybackAction::Play(Some(path))));
        (model, effects)
    }

    #[test]
    fn nothing_is_computed_while_the_view_is_not_seen() {
        let (mut model, effects) = playing();
        assert!(asked(&effects).is_empty(), "{effects:?}");
        let ask = |model: &mut Model, msg| update(model, msg);
        let effects = ask(&mut model, Msg::SoundShown(true));
        let path = model.playing().unwrap().song.path.to_path_buf();
        assert_eq!(asked(&effects)[..2], [&Effect::Player(Command::Spectrum(true)), &Effect::Cards]);
        let Some(Effect::Trace(Some((of, piece)))) = asked(&effects).last().copied().cloned() else {
            panic!("{effects:?}")
        };
        assert_eq!((of, piece.first), (path.clone(), 0));
        // A piece that is there has the next one made.
        let found = Ok(Box::new(Trace::empty(piece.columns)));
        let effects = ask(&mut model, Msg::Traced { path: path.clone(), piece, found });
        let next = asked(&effects).last().copied().cloned();
        let Some(Effect::Trace(Some((_, next)))) = next else { panic!("{effects:?}") };
        assert_eq!(next.first, piece.columns);
        update(&mut model, Msg::Player(Event::Spectrum([0.5; BANDS])));
        assert_eq!(model.sound_view.bands, [0.5; BANDS]);
        let effects = ask(&mut model, Msg::SoundShown(false));
        assert_eq!(asked(&effects), [&Effect::Player(Command::Spectrum(false)), &Effect::Trace(None)]);
        let found = Ok(Box::new(Trace::empty(next.columns)));
        for msg in [
            Msg::Traced { path, piece: next, found },
            Msg::Player(Event::Spectrum([0.9; BANDS])),
            Msg::Player(Event::Position { token: model.play.current, secs: 9.0 }),
            Msg::Tick { now: model.now },
        ] {
            let effects = ask(&mut model, msg);
            assert!(asked(&effects).is_empty(), "{effects:?}");
        }
        assert_eq!(model.sound_view.bands, [0.0; BANDS]);
    }

    #[test]
    fn the_spectrum_goes_on_for_the_line_of_what_plays() {
        let (mut model, _) = playing();
        update(&mut model, Msg::command(SoundAction::Spectrum(Some(true))));
        update(&mut model, Msg::SoundShown(true));
        let off = update(&mut model, Msg::command(SoundAction::Spectrum(Some(false))));
        assert!(off.contains(&Effect::Player(Command::Spectrum(true))), "the view wants it: {off:?}");
        update(&mut model, Msg::command(SoundAction::Spectrum(Some(true))));
        let hidden = update(&mut model, Msg::SoundShown(false));
        assert!(hidden.contains(&Effect::Player(Command::Spectrum(true))), "the line wants it: {hidden:?}");
    }

    #[test]
    fn what_cannot_be_read_is_told_once() {
        let (mut model, _) = playing();
        let effects = update(&mut model, Msg::SoundShown(true));
        let Some(Effect::Trace(Some((path, piece)))) = asked(&effects).last().copied().cloned() else {
            panic!("{effects:?}")
        };
        let found = Err(FileFault::from("no \u{1b}[31msound in it"));
        let effects = update(&mut model, Msg::Traced { path, piece, found });
        assert!(asked(&effects).is_empty(), "{effects:?}");
        let track = model.playing().unwrap().song.track;
        let fault = model.sound_view.picture(track).unwrap().fault.clone().unwrap();
        assert!(fault.contains("sound in it") && !fault.contains('\u{1b}'), "{fault:?}");
    }
}
