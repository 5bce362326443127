//! `:signature` and `:dims`.

use std::sync::Arc;

use crate::latent::Choice;
use crate::library::Song;
use crate::queue::Queue;
use crate::track::TrackId;

use super::super::effect::{Effect, SetOrder};
use super::super::sets::{SetName, SignatureAction};
use super::super::state::auto::{AutoQueue, Following};
use super::meant::count;
use crate::ask::set::{Set, Side};

/// Carries `:signature` out; what to say.
pub(super) fn act(
    auto: &mut AutoQueue,
    queue: &Queue,
    action: SignatureAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, String> {
    let order = match action {
        SignatureAction::Show => {
            effects.push(Effect::Screen("view", "3".into()));
            effects.push(describe(auto, queue));
            return Ok(None);
        }
        SignatureAction::Choose(choice) => {
            let said = choose(auto, choice);
            effects.push(describe(auto, queue));
            return Ok(Some(said));
        }
        SignatureAction::Save(name) => SetOrder::Save { name, side: playlist(auto, queue)? },
        SignatureAction::Use(name) => SetOrder::Use(name),
        SignatureAction::List => SetOrder::List,
        SignatureAction::Delete(name) => SetOrder::Delete(name),
        SignatureAction::Compare(a, b) if a == b => return Err("these two are the same".into()),
        SignatureAction::Compare(a, b) => {
            SetOrder::Compare(side(auto, queue, a, selected)?, side(auto, queue, b, selected)?)
        }
        SignatureAction::Export(None, file) => SetOrder::Export { side: playlist(auto, queue)?, file },
        SignatureAction::Export(Some(name), file) => {
            SetOrder::Export { side: side(auto, queue, SetName::Saved(name), selected)?, file }
        }
    };
    effects.push(Effect::Sets(order));
    Ok(None)
}

/// Shows what the dimensions mean, or one of them.
pub(super) fn dims(dim: Option<u8>, effects: &mut Vec<Effect>) {
    let argument = dim.map(crate::latent::named::label).unwrap_or_default();
    effects.push(Effect::Cards);
    effects.push(Effect::Screen("card", argument));
}

/// A saved signature was read, and is followed from now on; what to say.
pub(super) fn follow(auto: &mut AutoQueue, name: &str, members: Vec<TrackId>, choice: Choice) -> String {
    let name = crate::text::sanitize(name);
    let said = format!("the queue follows {name} ({}); :signature auto goes back", count(members.len(), "track"));
    auto.following = Some(Following { name, members, ..Following::default() });
    auto.choice = choice;
    auto.replace();
    said
}

/// Shows an answer of several lines; its title and its lines, sanitised.
pub(super) fn told(title: &str, lines: &[String], effects: &mut Vec<Effect>) -> (String, Vec<String>) {
    let safe = |text: &str| {
        // Sanitising removes runs of spaces, which align the columns.
        text.split(' ').map(crate::text::sanitize).collect::<Vec<_>>().join(" ")
    };
    effects.push(Effect::Screen("answer", String::new()));
    (safe(title), lines.iter().map(|line| safe(line)).collect())
}

/// Asks for a description of the signature that is followed.
pub(super) fn describe(auto: &AutoQueue, queue: &Queue) -> Effect {
    Effect::Signature { playlist: auto.anchor(queue), choice: auto.choice.clone() }
}

fn choose(auto: &mut AutoQueue, choice: Choice) -> String {
    let left = if choice == Choice::Auto { auto.following.take() } else { None };
    let said = match (&choice, left) {
        (_, Some(left)) => format!("the queue follows the playlist again, no longer {}", left.name),
        (Choice::Auto, None) => "signature: dimensions chosen by test".to_string(),
        (Choice::All, _) => "signature: all dimensions, softly".to_string(),
        (Choice::Without(_), _) => {
            format!("signature: chosen by test, without {}", choice.to_string().replace('-', ""))
        }
        (Choice::Dims(_), _) => format!("signature: {choice}"),
    };
    // A choice made while a mood's hours last is the user's own after them, too.
    if let Some(before) = auto.following.as_mut().and_then(|f| f.before.as_mut()) {
        before.clone_from(&choice);
    }
    auto.choice = choice;
    auto.replace();
    said
}

/// What the queue follows, with the choice of dimensions.
fn playlist(auto: &AutoQueue, queue: &Queue) -> Result<Side, String> {
    let tracks = auto.anchor(queue);
    if tracks.is_empty() {
        return Err("there is no playlist yet: play a track or add one to the queue".into());
    }
    let label = auto.following.as_ref().map_or("playlist".to_string(), |f| f.name.clone());
    Ok(Side { label, set: Set::Tracks(tracks), choice: Some(auto.choice.to_string()) })
}

/// A set by its name.
fn side(auto: &AutoQueue, queue: &Queue, name: SetName, selected: &[Arc<Song>]) -> Result<Side, String> {
    let song = || {
        let playing = queue.playing().map(|item| &item.song);
        selected.first().or(playing).ok_or("no track is selected or playing")
    };
    match name {
        SetName::Playlist => playlist(auto, queue),
        SetName::Library => Ok(Side { label: "library".into(), set: Set::Library, choice: None }),
        SetName::Saved(name) => Ok(Side { label: name.clone(), set: Set::Saved(name), choice: None }),
        // The engine's thread finds the album's tracks.
        SetName::Album => {
            let song = song()?;
            let label = if song.album().is_empty() { "the album".to_string() } else { song.album().to_string() };
            Ok(Side { label, set: Set::Files { paths: vec![song.path.to_path_buf()], albums: true }, choice: None })
        }
        SetName::Artist => {
            let artist = song()?.artist();
            if artist.is_empty() {
                return Err("that track names no artist".into());
            }
            Ok(Side { label: artist.to_string(), set: Set::Artist(artist.to_string()), choice: None })
        }
    }
}
