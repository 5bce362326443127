//! The commands. Each family has a file with its rows (name, argument, help, the part of the selection it applies to),
//! its actions and its completion; [`COMMANDS`] is all of them. The `:` line, completion, keys, the control socket and
//! the help page are derived from it.

pub mod answer;
pub mod auto;
pub mod blend;
pub mod complete;
pub mod course;
pub mod dimension;
pub mod dims;
pub mod examples;
pub mod expand;
pub mod heard;
pub mod library;
pub mod limits;
pub mod lyrics;
pub mod map;
pub mod mood;
mod names;
pub mod picture;
pub mod playback;
pub mod playlist;
pub mod queue;
pub mod rating;
pub mod row;
pub mod save;
pub mod screen;
pub mod session;
pub mod share;
pub mod signature;
pub mod sound;
pub mod taste;
pub mod train;
pub mod trial;
pub mod undo;
pub mod words;

use crate::app::refusal::Refusal;
use std::fmt;
use std::sync::LazyLock;

use crate::app::effect::Effect;
use crate::app::state::Model;
use crate::notice::Kind;

use row::{Args, Row, Selection, Takes, Typed};

/// Parses a command's argument.
type Parse = Box<dyn Fn(Typed<'_>) -> Result<Action, Refusal> + Send + Sync>;

/// A command of any family.
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Its argument.
    pub args: Args,
    /// What it does, in one line.
    pub help: &'static str,
    /// The part of the selection it applies to.
    pub takes: Takes,
    parse: Parse,
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Command").field(&self.name).finish()
    }
}

impl PartialEq for Command {
    fn eq(&self, other: &Command) -> bool {
        self.name == other.name
    }
}

macro_rules! families {
    ($($(#[$doc:meta])* $family:ident: $file:ident::$action:ident,)*) => {
        /// What a command asks for.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Action {
            $($(#[$doc])* $family($file::$action),)*
        }

        $(impl From<$file::$action> for Action {
            fn from(action: $file::$action) -> Action {
                Action::$family(action)
            }
        })*

        /// Every command, in the order of the help page.
        pub static COMMANDS: LazyLock<Vec<Command>> = LazyLock::new(|| {
            let mut all = Vec::new();
            $(all.extend($file::ROWS.iter().map(command));)*
            all
        });
    };
}

families! {
    /// Playback and seeking.
    Playback: playback::PlaybackAction,
    /// Output settings.
    Sound: sound::SoundAction,
    /// The queue and its order.
    Queue: queue::QueueAction,
    /// Playlists.
    Playlist: playlist::PlaylistAction,
    /// Adding to a playlist what is like it.
    Expand: expand::ExpandAction,
    /// What was heard, as tracks and playlists.
    Heard: heard::HeardAction,
    /// Writing the queue to a file.
    Save: save::SaveAction,
    /// Stars and love.
    Rating: rating::RatingAction,
    /// Answers to proposals.
    Answer: answer::AnswerAction,
    /// Undo of the last changes.
    Undo: undo::UndoAction,
    /// The automatic queue.
    Auto: auto::AutoAction,
    /// Limits of the automatic queue, and its end.
    Limits: limits::LimitsAction,
    /// Shares of genres.
    Share: share::ShareAction,
    /// Signatures.
    Signature: signature::SignatureAction,
    /// Directions and journeys.
    Course: course::CourseAction,
    /// Blends.
    Blend: blend::BlendAction,
    /// Moods.
    Mood: mood::MoodAction,
    /// Descriptions and names of the dimensions.
    Dims: dims::DimsAction,
    /// Signatures that are tried before they count.
    Trial: trial::TrialAction,
    /// The user's taste.
    Taste: taste::TasteAction,
    /// Trainings of encoders, and the encoder in use.
    Train: train::TrainAction,
    /// The library.
    Library: library::LibraryAction,
    /// Lyrics.
    Lyrics: lyrics::LyricsAction,
    /// The map.
    Map: map::MapAction,
    /// Pictures of the sound.
    Picture: picture::PictureAction,
    /// The session as a whole.
    Session: session::SessionAction,
    /// The screen.
    Screen: screen::ScreenAction,
}

fn command<A: Into<Action>>(row: &'static Row<A>) -> Command {
    let &Row { name, aliases, args, help, takes, parse } = row;
    Command { name, aliases, args, help, takes, parse: Box::new(move |typed| parse(typed).map(Into::into)) }
}

/// A command line, parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The command.
    pub command: &'static Command,
    /// Its argument as typed.
    pub argument: String,
    /// The parsed action.
    pub action: Action,
}

impl Command {
    /// Parses an argument; `forced` for a command typed with `!`.
    ///
    /// # Errors
    /// One line that says what the command wants.
    pub fn line(&'static self, argument: &str, forced: bool) -> Result<Line, Refusal> {
        let argument = argument.trim();
        if matches!(self.args, Args::None) && !argument.is_empty() {
            return Err(Refusal::takes(self.name, "no argument"));
        }
        let action = (self.parse)(Typed { name: self.name, forced, rest: argument })?;
        Ok(Line { command: self, argument: argument.to_string(), action })
    }

    /// The help text; that of `view` lists the views.
    pub fn help_in(&self, model: &Model) -> String {
        if self.help == screen::VIEW && !model.views.is_empty() { screen::views(model) } else { self.help.into() }
    }

    /// Whether it is carried out by the screen.
    pub fn is_of_the_screen(&self) -> bool {
        screen::ROWS.iter().any(|row| row.name == self.name)
    }
}

/// Carries a command out; its answer or error becomes a notice.
pub fn carry_out(model: &mut Model, action: Action, selection: &Selection, effects: &mut Vec<Effect>) {
    let chosen = model.queue.chosen();
    // `undo` restores the items ahead along with the playlist they were picked for, so they need no replacement.
    let undone = matches!(action, Action::Undo(_));
    let kind = if asks(&action) { Kind::Hint } else { Kind::Success };
    match act(model, action, selection, effects) {
        Ok(Some(said)) => model.notify(kind, said),
        Ok(None) => {}
        Err(why) => model.complain(why.to_string()),
    }
    // The playlist's signature changed; if a saved signature is followed, that does not matter.
    if !undone && model.auto.following.is_none() && model.queue.chosen() != chosen {
        model.auto.replace();
    }
}

/// Whether an action only asks how something is set, so that its answer is no success.
fn asks(action: &Action) -> bool {
    use sound::SoundAction::{Balance, Crossfade, ReplayGain, Sleep, Volume};
    matches!(
        action,
        Action::Auto(auto::AutoAction::Engine(None))
            | Action::Course(course::CourseAction::Show)
            | Action::Limits(
                limits::LimitsAction::Show
                    | limits::LimitsAction::Only(limits::Filter::Show)
                    | limits::LimitsAction::Never(limits::Filter::Show)
                    | limits::LimitsAction::Length(None)
                    | limits::LimitsAction::Until(None)
            )
            | Action::Share(share::ShareAction::Show)
            | Action::Trial(trial::TrialAction::Show)
            | Action::Lyrics(lyrics::LyricsAction::Offset(None))
            | Action::Session(session::SessionAction::Theme(None))
            | Action::Sound(Volume(None) | ReplayGain(None) | Crossfade(None) | Balance(None) | Sleep(None))
    )
}

/// Dispatches an action to its family. Returns the notice, if the family has not given it already.
fn act(
    model: &mut Model,
    action: Action,
    selection: &Selection,
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let songs = &selection.songs;
    let Model { queue, auto, names, tallies, undo, .. } = model;
    match action {
        Action::Playback(action) => playback::act(model, action, songs, effects)?,
        Action::Sound(action) => return sound::act(model, action, effects),
        Action::Queue(action) => return queue::act(model, action, selection, effects),
        Action::Playlist(action) => playlist::act(queue, &model.language, undo, action, songs, effects)?,
        Action::Expand(action) => expand::act(model, action, effects),
        Action::Heard(action) => heard::act(model, action, effects),
        Action::Save(action) => effects.push(save::act(queue, action)?),
        Action::Rating(action) => return rating::act(queue, tallies, undo, action, songs, effects).map(Some),
        Action::Answer(action) => answer::act(model, action, &selection.items, effects)?,
        Action::Undo(action) => return undo::act(model, action, effects),
        Action::Auto(action) => return auto::act(model, action, effects).map(Some),
        Action::Limits(action) => return limits::act(model, action, effects),
        Action::Share(action) => return share::act(model, action).map(Some),
        Action::Trial(action) => return trial::act(model, action, songs, effects),
        Action::Signature(signature::SignatureAction::Show) => {
            // It is to be worked out anew.
            (model.trial.seen, model.trial.asked) = (true, None);
            let show = signature::SignatureAction::Show;
            return signature::act(auto, (&*queue, &**names), undo, show, songs, effects);
        }
        Action::Signature(action) => return signature::act(auto, (&*queue, &**names), undo, action, songs, effects),
        Action::Course(action) => return course::act(model, action, songs, effects),
        Action::Blend(action) => return blend::act(auto, queue, action, songs, effects),
        Action::Mood(action) => return mood::act(auto, queue, (&model.saved_signatures, undo), action, effects),
        Action::Dims(action) => dims::act(action, names, effects)?,
        Action::Taste(action) => return Ok(taste::act(auto, &action, effects).map(Into::into)),
        Action::Train(action) => train::act(action, effects),
        Action::Library(action) => {
            return Ok(library::act(
                &mut model.filter,
                &model.language,
                auto,
                queue,
                (action, songs.as_slice()),
                effects,
            )?
            .map(Into::into));
        }
        Action::Picture(action) => picture::act(model, action, songs, effects)?,
        Action::Lyrics(action) => return lyrics::act(&mut model.singing, queue, action, effects),
        Action::Map(action) => effects.push(Effect::Screen(screen::ScreenAction::Map(action))),
        Action::Session(action) => return Ok(session::act(model, action, effects)),
        Action::Screen(action) => effects.push(Effect::Screen(action)),
    }
    Ok(None)
}

/// Parses a command line (without the colon). An empty line is an error too; callers skip it.
///
/// # Errors
/// One line that says what the command wants.
pub fn parse(line: &str) -> Result<Line, Refusal> {
    let line = line.trim();
    let line = line.strip_prefix(':').unwrap_or(line).trim_start();
    // `/text` searches, as in vi and less.
    let (word, rest) = match line.strip_prefix('/') {
        Some(text) => ("search-for", text),
        None => line.split_once(char::is_whitespace).unwrap_or((line, "")),
    };
    find(word)?.line(rest, word.ends_with('!'))
}

/// What other programs call the commands that change or write settings. Here the file is the user's own.
const SETTINGS: [&str; 7] = ["set", "setlocal", "settings", "options", "config", "save-config", "write-config"];

/// Finds a command by its name, an alias, or an abbreviation that fits only one command.
///
/// # Errors
/// One line: no such command, or which ones the abbreviation could mean.
pub fn find(word: &str) -> Result<&'static Command, Refusal> {
    let exact = COMMANDS.iter().find(|c| c.name == word || c.aliases.contains(&word));
    if let Some(command) = exact {
        return Ok(command);
    }
    let fits: Vec<_> = COMMANDS.iter().filter(|c| c.name.starts_with(word)).collect();
    match fits.as_slice() {
        [] if SETTINGS.contains(&word) => Err(Refusal::Settings),
        [] => {
            let near = COMMANDS.iter().map(|c| (crate::text::edits(word, c.name), c.name)).min();
            // Edits in up to a third of its letters.
            let near = near.filter(|(edits, _)| *edits <= word.len() / 3).map(|(_, name)| name);
            Err(Refusal::NoCommand { word: crate::text::sanitize(word), near })
        }
        [one] => Ok(one),
        many => Err(Refusal::Ambiguous { word: word.into(), fits: many.iter().map(|c| c.name).collect() }),
    }
}

#[cfg(test)]
mod tests;
