//! The trial of a signature, as the signature view shows it: dimensions used, weighed and left out one by one, other sets
//! looked at and compared. Nothing counts until `:trial keep`.

use crate::app::refusal::Refusal;
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::sets::{SetName, WHOM, Whom, WhomName};
use crate::app::state::Model;
use crate::app::state::filling::{Filling, Stock};
use crate::app::state::trial::Trial;
use crate::app::update::trial;
use crate::ask::set::{Set, Side};
use crate::latent::Choice;
use crate::library::Song;

use super::dimension::{self, Change};
use super::row::{Args, Completion, Row, Takes, row};
use super::screen::ScreenAction;
use super::signature::side;
use super::words::Wanted;

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum TrialAction {
    /// Do something about a dimension; `None` means the one under the cursor of the signature view.
    Dimension(Option<Wanted>, Change),
    /// Let the tracks decide about all dimensions.
    TestAll,
    /// Say what is tried.
    Show,
    /// Let what is tried count.
    Keep,
    /// Give up what is tried.
    GiveUp,
    /// Look at the signature of a set.
    Of(WhomName),
    /// Compare with a set; `None` for no longer.
    Beside(Option<WhomName>),
}

/// The commands.
pub const ROWS: &[Row<TrialAction>] = &[
    row(
        "dimension",
        Args::Typed("VERB [DIM] …", dimension::complete),
        "try a dimension: use 3, never 3, test 3, weigh 3 +0.5, rename, play, lead",
        |t| match t.rest {
            "test all" => Ok(TrialAction::TestAll),
            rest => dimension::parse(rest).map(|(dim, change)| TrialAction::Dimension(dim, change)),
        },
    ),
    row(
        "trial",
        Args::Words("[keep|off]", &["keep", "off"]),
        "what is tried; let it count, or give it up",
        |t| match t.rest {
            "" => Ok(TrialAction::Show),
            "keep" => Ok(TrialAction::Keep),
            "off" => Ok(TrialAction::GiveUp),
            _ => Err(Refusal::wants("trial", "keep or off, or nothing")),
        },
    ),
    row("signature-of", Args::Typed("[WHOM]", complete_whom), "look at the signature of a set before it counts", |t| {
        t.rest.parse().map(TrialAction::Of)
    })
    .takes(Takes::Marks),
    row("compare", Args::Typed("[WHOM|off]", complete_whom), "show another set beside the signature", |t| {
        match t.rest {
            "" | "off" => Ok(TrialAction::Beside(None)),
            whom => whom.parse().map(|whom| TrialAction::Beside(Some(whom))),
        }
    })
    .takes(Takes::Marks),
];

/// Completes the name of a set.
fn complete_whom(rest: &str, model: &Model) -> Vec<Completion> {
    if rest.starts_with("playlist ") {
        let list = |name: &String| Completion::new(format!("playlist {name}"), "a playlist");
        return model.saved_playlists.iter().map(list).collect();
    }
    let words = WHOM.iter().map(|&(name, doc)| Completion::new(name, doc));
    let saved = model.saved_signatures.iter().map(|name| Completion::new(name, "a saved signature"));
    words.chain([Completion::new("playlist ", "a playlist by its name")]).chain(saved).collect()
}

impl TrialAction {
    /// The action about the dimension under the cursor, where the command names none.
    #[must_use]
    pub fn about(&self, under_cursor: Option<u8>) -> TrialAction {
        match self {
            TrialAction::Dimension(None, change) => {
                TrialAction::Dimension(under_cursor.map(Wanted::Dim), change.clone())
            }
            other => other.clone(),
        }
    }

    /// The beginning of the line to be typed, where the command needs words for the dimension under the cursor.
    pub fn begins(&self, under_cursor: Option<u8>) -> Option<String> {
        match self {
            TrialAction::Dimension(None, Change::Rename(_)) => {
                Some(format!("dimension rename {}", u32::from(under_cursor?) + 1))
            }
            _ => None,
        }
    }
}

/// Carries a command out; what to say.
pub(super) fn act(
    model: &mut Model,
    action: TrialAction,
    songs: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    match action {
        TrialAction::Dimension(wanted, change) => {
            let wanted = wanted.ok_or(Refusal::impossible(
                "name a dimension, like: dimension use 3; in the view of the signature the cursor does",
            ))?;
            let dim = wanted.find(&model.names)?.dim;
            dimension::act(model, dim, change, effects)
        }
        TrialAction::TestAll => {
            model.trial.try_choice(Choice::Auto, &model.auto);
            Ok(Some(dimension::tried(&model.trial, "the tracks decide about every dimension")))
        }
        TrialAction::Show => Ok(Some(match model.trial.changed() {
            true => format!("tried: {}", model.names.told(&model.trial.choice(&model.auto))),
            false => "nothing is tried".into(),
        })),
        TrialAction::Keep => {
            trial::keep(&mut model.trial, &mut model.auto, &model.queue, &model.names, effects).map(Some)
        }
        TrialAction::GiveUp => match model.trial.give_up() {
            true => Ok(Some("as before: nothing was changed".into())),
            false => Err(Refusal::NothingTo("nothing is tried")),
        },
        TrialAction::Of(WhomName::Set(SetName::Library)) => {
            Err(Refusal::impossible("the library has no signature of its own; :compare library shows it beside one"))
        }
        TrialAction::Of(name) => {
            let whom = whom(model, name, songs)?;
            model.trial.look_at(whom);
            show(model.trying(), effects);
            Ok(None)
        }
        TrialAction::Beside(name) => {
            let beside = name.map(|name| whom(model, name, songs)).transpose()?;
            model.trial.compare(beside);
            show(model.trying(), effects);
            Ok(None)
        }
    }
}

/// Opens the view of the signature. What it shows is asked for here, so that a client hears whether the set was found.
fn show((trial, mut filling, stock): (&mut Trial, Filling<'_>, Stock<'_>), effects: &mut Vec<Effect>) {
    trial.seen = true;
    effects.push(Effect::Screen(ScreenAction::Signature));
    trial::renew(trial, &mut filling, stock, effects);
}

/// The set that a name means now.
fn whom(model: &Model, name: WhomName, songs: &[Arc<Song>]) -> Result<Whom, Refusal> {
    Ok(match name {
        WhomName::Followed | WhomName::Set(SetName::Playlist) => Whom::Followed,
        WhomName::Queue => Whom::Queue,
        WhomName::Playlist(name) if model.saved_playlists.contains(&name) => Whom::Playlist(name),
        WhomName::Playlist(name) => {
            return Err(Refusal::unknown(format!("no playlist '{}'", crate::text::sanitize(&name)), ""));
        }
        WhomName::Marks if songs.is_empty() => {
            return Err(Refusal::NothingTo("no tracks are marked: m marks them in a list"));
        }
        WhomName::Marks => {
            let tracks = songs.iter().map(|song| song.track).collect();
            Whom::Set(Side { label: "the marked tracks".into(), set: Set::Tracks(tracks), choice: None })
        }
        WhomName::Set(name) => Whom::Set(side(&model.auto, &model.queue, name, songs)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::{Action, parse};

    fn read(line: &str) -> TrialAction {
        match parse(line).map(|line| line.action) {
            Ok(Action::Trial(action)) => action,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn what_is_tried_is_kept_or_given_up() {
        assert_eq!(read("dimension test all"), TrialAction::TestAll);
        assert_eq!(read("dimension use 3"), TrialAction::Dimension(Some(Wanted::Dim(2)), Change::Use));
        assert_eq!(
            (read("trial"), read("trial keep"), read("trial off")),
            (TrialAction::Show, TrialAction::Keep, TrialAction::GiveUp)
        );
        assert_eq!(read("signature-of"), TrialAction::Of(WhomName::Followed));
        assert_eq!(read("signature-of marks"), TrialAction::Of(WhomName::Marks));
        assert_eq!((read("compare"), read("compare off")), (TrialAction::Beside(None), TrialAction::Beside(None)));
        assert_eq!(read("compare library"), TrialAction::Beside(Some(WhomName::Set(SetName::Library))));
        assert!(parse("trial maybe").unwrap_err().to_string().contains("keep or off"));
    }

    #[test]
    fn the_cursor_stands_in_for_a_dimension() {
        let bare = TrialAction::Dimension(None, Change::Rename(String::new()));
        assert_eq!(bare.begins(Some(6)).as_deref(), Some("dimension rename 7"));
        assert_eq!(read("dimension never").about(Some(2)), read("dimension never 3"));
        assert_eq!(read("dimension never 3").about(Some(9)), read("dimension never 3"));
        assert_eq!(read("dimension rename 3 x").begins(Some(2)), None);
    }
}
