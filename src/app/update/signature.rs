//! `:signature` and `:dims`, carried out.

use std::sync::Arc;

use crate::latent::Choice;
use crate::library::Song;
use crate::track::TrackId;

use super::super::effect::{Effect, SetOrder};
use super::super::sets::{Set, SetName, Side, SignatureAction};
use super::super::state::model::{Following, Model};
use super::autoqueue;

/// Carries out what stands behind `:signature`.
pub(super) fn act(
    model: &mut Model,
    action: SignatureAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let order = match action {
        SignatureAction::Show => {
            effects.push(Effect::Screen("view", "3".into()));
            describe(model, effects);
            return Ok(());
        }
        SignatureAction::Choose(choice) => {
            choose(model, choice, effects);
            return Ok(());
        }
        SignatureAction::Save(name) => SetOrder::Save { name, side: playlist(model)? },
        SignatureAction::Use(name) => SetOrder::Use(name),
        SignatureAction::List => SetOrder::List,
        SignatureAction::Delete(name) => SetOrder::Delete(name),
        SignatureAction::Compare(a, b) if a == b => return Err("these two are the same".into()),
        SignatureAction::Compare(a, b) => SetOrder::Compare(side(model, a, selected)?, side(model, b, selected)?),
        SignatureAction::Export(None, file) => SetOrder::Export { side: playlist(model)?, file },
        SignatureAction::Export(Some(name), file) => {
            SetOrder::Export { side: side(model, SetName::Saved(name), selected)?, file }
        }
    };
    effects.push(Effect::Sets(order));
    Ok(())
}

/// Shows what the dimensions mean, or one card.
pub(super) fn dims(dim: Option<u8>, effects: &mut Vec<Effect>) {
    let argument = dim.map(crate::latent::named::label).unwrap_or_default();
    effects.push(Effect::Cards);
    effects.push(Effect::Screen("card", argument));
}

/// A saved signature was read: from now on the queue follows it.
pub(super) fn follow(
    model: &mut Model,
    name: String,
    members: Vec<TrackId>,
    choice: Choice,
    effects: &mut Vec<Effect>,
) {
    let name = crate::text::sanitize(&name);
    model.say(format!("the queue follows {name} ({}); :signature auto goes back", tracks(members.len())));
    model.auto.following = Some(Following { name, members, ..Following::default() });
    model.auto.choice = choice;
    autoqueue::replace(model);
    describe(model, effects);
}

/// An answer of several lines.
pub(super) fn told(model: &mut Model, title: &str, lines: &[String], effects: &mut Vec<Effect>) {
    let safe = |text: &str| {
        // Sanitising takes runs of spaces, which columns are made of.
        text.split(' ').map(crate::text::sanitize).collect::<Vec<_>>().join(" ")
    };
    model.told = Some((safe(title), lines.iter().map(|line| safe(line)).collect()));
    effects.push(Effect::Screen("answer", String::new()));
}

fn choose(model: &mut Model, choice: Choice, effects: &mut Vec<Effect>) {
    let left = if choice == Choice::Auto { model.auto.following.take() } else { None };
    model.say(match (&choice, left) {
        (_, Some(left)) => format!("the queue follows the playlist again, no longer {}", left.name),
        (Choice::Auto, None) => "signature: dimensions chosen by test".to_string(),
        (Choice::All, _) => "signature: all dimensions, softly".to_string(),
        (Choice::Without(_), _) => {
            format!("signature: chosen by test, without {}", choice.to_string().replace('-', ""))
        }
        (Choice::Dims(_), _) => format!("signature: {choice}"),
    });
    // A choice made while a mood's hours last is the user's own after them, too.
    if let Some(before) = model.auto.following.as_mut().and_then(|f| f.before.as_mut()) {
        before.clone_from(&choice);
    }
    model.auto.choice = choice;
    autoqueue::replace(model);
    describe(model, effects);
}

pub(super) fn describe(model: &Model, effects: &mut Vec<Effect>) {
    effects.push(Effect::Signature { playlist: model.anchor(), choice: model.auto.choice.clone() });
}

/// What the queue follows, with the choice in force.
fn playlist(model: &Model) -> Result<Side, String> {
    let tracks = model.anchor();
    if tracks.is_empty() {
        return Err("there is no playlist yet: play a track or add one to the queue".into());
    }
    let label = model.auto.following.as_ref().map_or("playlist".to_string(), |f| f.name.clone());
    Ok(Side { label, set: Set::Tracks(tracks), choice: Some(model.auto.choice.to_string()) })
}

/// A set by its name.
fn side(model: &Model, name: SetName, selected: &[Arc<Song>]) -> Result<Side, String> {
    let song = || {
        let playing = model.playing().map(|item| &item.song);
        selected.first().or(playing).ok_or("no track is selected or playing")
    };
    match name {
        SetName::Playlist => playlist(model),
        SetName::Library => Ok(Side { label: "library".into(), set: Set::Library, choice: None }),
        SetName::Saved(name) => Ok(Side { label: name.clone(), set: Set::Saved(name), choice: None }),
        // Which tracks those are is looked up off the ui's thread.
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

fn tracks(n: usize) -> String {
    if n == 1 { "1 track".into() } else { format!("{n} tracks") }
}
