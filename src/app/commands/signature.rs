//! `:signature`: chooses the dimensions, and saves, follows and compares signatures.

use super::screen::ScreenAction;
use crate::app::effect::Effect;
use crate::app::effect::{SetOrder, SignatureOrder};
use crate::app::refusal::Refusal;
use crate::app::state::auto::AutoQueue;
use crate::app::state::undo::Undo;
use crate::app::update::signature::describe;
use crate::library::Song;
use crate::queue::Queue;
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::sets::{SETS, SetName};
use crate::app::state::Model;
use crate::ask::set::{Set, Side};
use crate::latent::{Choice, Names};
use crate::library::signatures;

use super::row::{Args, Completion, Row, Takes, Verb, explained, row, verb};
use super::words::{dimensions, may_be_names, meaning};

/// What `:signature …` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum SignatureAction {
    /// Show it.
    Show,
    /// Use these dimensions; `auto` also follows the playlist again.
    Choose(Choice),
    /// The same by names (`calm,tempo`), which are resolved when the action is carried out.
    Named(String),
    /// Save the playlist's signature under a name.
    Save(String),
    /// Follow a saved signature instead of the playlist.
    Use(String),
    /// List the saved signatures.
    List,
    /// Delete a saved signature.
    Delete(String),
    /// Rename a saved signature.
    Rename(String, String),
    /// Copy a saved signature under another name.
    Duplicate(String, String),
    /// Show the distance between two sets.
    Compare(SetName, SetName),
    /// Export a saved signature, or without a name the playlist's, as JSON.
    Export(Option<String>, PathBuf),
}

/// The command.
pub const ROWS: &[Row<SignatureAction>] = &[row(
    "signature",
    Args::Typed("[LIST|off|auto]", complete),
    "show; go by dimensions (3,calm,tempo), without (-5), all (off), by test (auto)",
    |t| parse(t.rest),
)
.or(&["sig"])
.takes(Takes::SONGS)];

/// The verbs of `:signature` with their arguments and help texts.
pub const VERBS: &[Verb] = &[
    ("auto", "", "the tracks of the playlist decide which dimensions count"),
    ("off", "", "all dimensions, each as far as the tracks agree in it"),
    ("save", "NAME", "keep this signature"),
    ("use", "NAME", "the queue follows a saved signature, until :signature auto"),
    ("list", "", "the saved signatures"),
    ("delete", "NAME", "remove a saved signature"),
    ("rename", "NAME NEW", "give a saved signature another name"),
    ("duplicate", "NAME NEW", "copy a saved signature, under another name"),
    ("compare", "A B", "how far two are apart: names, playlist, album, artist, library"),
    ("export", "[NAME] FILE", "write a signature as JSON"),
];

fn parse(text: &str) -> Result<SignatureAction, Refusal> {
    let text = text.trim();
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let name = || -> Result<String, Refusal> {
        if rest.is_empty() {
            return Err(Refusal::wants(format!("signature {verb}"), "a name, like late-night"));
        }
        signatures::check(rest)?;
        Ok(rest.to_string())
    };
    Ok(match verb {
        "" => SignatureAction::Show,
        "save" => SignatureAction::Save(name()?),
        "use" => SignatureAction::Use(name()?),
        "delete" => SignatureAction::Delete(name()?),
        "rename" | "duplicate" => {
            let (from, to) = rest.split_once(char::is_whitespace).ok_or_else(|| {
                Refusal::wants(format!("signature {verb}"), "a saved name and another one: late-night night")
            })?;
            let (from, to) = (from.to_string(), to.trim().to_string());
            signatures::check(&from)?;
            signatures::check(&to)?;
            if verb == "rename" { SignatureAction::Rename(from, to) } else { SignatureAction::Duplicate(from, to) }
        }
        "list" if rest.is_empty() => SignatureAction::List,
        "list" => return Err(Refusal::takes("signature list", "no argument")),
        "compare" => {
            let words: Vec<&str> = rest.split_whitespace().collect();
            let [a, b] = words[..] else {
                return Err(Refusal::wants(
                    "signature compare",
                    "two: saved names, playlist, album, artist or library",
                ));
            };
            SignatureAction::Compare(a.parse()?, b.parse()?)
        }
        "export" => export(rest)?,
        _ => match text.parse::<Choice>() {
            Ok(choice) => SignatureAction::Choose(choice),
            Err(why) => match meant(verb) {
                Some(verb) => return Err(verb),
                None if may_be_names(text) => SignatureAction::Named(text.to_string()),
                None => return Err(why.into()),
            },
        },
    })
}

/// The refusal of a word that resembles a verb, with that verb.
fn meant(word: &str) -> Option<Refusal> {
    // Edits in up to a third of its letters: `sad`, a word of the encoder, must not pass as `save`.
    let (verb, args, _) = VERBS.iter().find(|(verb, ..)| crate::text::edits(word, verb) <= word.len() / 3)?;
    let instead = format!("; did you mean {}?", format!("{verb} {args}").trim_end());
    Some(Refusal::unknown(format!("no dimension '{word}'"), instead))
}

fn export(rest: &str) -> Result<SignatureAction, Refusal> {
    let wants =
        || Refusal::wants("signature export", "a file like night.json, after a saved name if it is not the playlist's");
    let (first, file) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if rest.is_empty() {
        return Err(wants());
    }
    // A file name may contain spaces.
    if file.is_empty() || first.contains('/') || first.ends_with(".json") {
        return Ok(SignatureAction::Export(None, rest.into()));
    }
    signatures::check(first)?;
    Ok(SignatureAction::Export(Some(first.into()), file.trim().into()))
}

/// Completes the argument of `signature`.
fn complete(rest: &str, model: &Model) -> Vec<Completion> {
    if let Some((verb, rest)) = rest.split_once(' ') {
        return verb_argument(verb, rest, model);
    }
    let (head, last) = rest.rsplit_once(',').map_or(("", rest), |(h, l)| (h, l));
    let lead = if head.is_empty() { String::new() } else { format!("{head},") };
    // Dimensions already in the list are not offered again.
    let used: Vec<u8> = match model.names.choice(head) {
        Ok(Choice::Dims(picks)) => picks.iter().map(|p| p.dim).collect(),
        Ok(Choice::Without(dims)) => dims,
        Ok(Choice::Tuned { used, never }) => used.iter().map(|pick| pick.dim).chain(never).collect(),
        _ => Vec::new(),
    };
    if let Some((dim, _)) = last.split_once('*') {
        let weights = [("2", "counts double"), ("3", "counts three times"), ("0.5", "counts half")];
        return weights.iter().map(|(w, doc)| Completion::new(format!("{lead}{dim}*{w}"), *doc)).collect();
    }
    let without = last.starts_with('-') || head.starts_with('-');
    let sign = if without { "-" } else { "" };
    let dims = dimensions(model).filter(|dim| !used.contains(dim)).map(|dim| {
        let what = meaning(dim, model);
        let doc = if without { explained("without", &what) } else { what };
        Completion::new(format!("{lead}{sign}{}", model.names.label(dim)), doc)
    });
    let (first, others) = VERBS.split_at(2);
    let verbs = |list: &[_]| if head.is_empty() { list.iter().map(verb).collect() } else { Vec::new() };
    verbs(first).into_iter().chain(dims).chain(verbs(others)).collect()
}

/// Completes the names that a verb takes.
fn verb_argument(verb: &str, rest: &str, model: &Model) -> Vec<Completion> {
    let saved = || model.saved_signatures.iter().map(|name| Completion::new(name, "saved"));
    let words: Vec<Completion> = match verb {
        "use" | "delete" => saved().collect(),
        "rename" | "duplicate" if !rest.contains(' ') => saved().collect(),
        "export" if !rest.contains(' ') => saved().collect(),
        "compare" => SETS.iter().map(|&(name, doc)| Completion::new(name, doc)).chain(saved()).collect(),
        _ => Vec::new(),
    };
    let before = if verb == "compare" { rest.split_once(' ').map_or("", |(first, _)| first) } else { "" };
    let lead = if before.is_empty() { format!("{verb} ") } else { format!("{verb} {before} ") };
    words.into_iter().filter(|w| w.line != before).map(|w| Completion { line: lead.clone() + &w.line, ..w }).collect()
}

/// Carries `:signature` out; what to say.
pub(super) fn act(
    auto: &mut AutoQueue,
    (queue, names): (&Queue, &Names),
    undo: &mut Undo,
    action: SignatureAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let action = match action {
        SignatureAction::Named(text) => SignatureAction::Choose(names.choice(&text)?),
        other => other,
    };
    let order = match action {
        SignatureAction::Show => {
            effects.push(Effect::Screen(ScreenAction::Signature));
            effects.push(describe(auto, queue));
            return Ok(None);
        }
        SignatureAction::Choose(choice) => {
            let said = choose(auto, names, choice);
            effects.push(describe(auto, queue));
            return Ok(Some(said));
        }
        // Resolved above.
        SignatureAction::Named(_) => return Ok(None),
        SignatureAction::Save(name) => SetOrder::Save { name, side: playlist(auto, queue)? },
        SignatureAction::Use(name) => SetOrder::Use(name),
        SignatureAction::List => SetOrder::List,
        SignatureAction::Delete(name) => {
            let what = format!("signature delete {name}");
            effects.push(step(undo, what, SignatureOrder::Delete(name)));
            return Ok(None);
        }
        SignatureAction::Rename(from, to) => {
            let what = format!("signature rename {from} {to}");
            effects.push(step(undo, what, SignatureOrder::Rename(from, to)));
            return Ok(None);
        }
        SignatureAction::Duplicate(from, to) => {
            let what = format!("signature duplicate {from} {to}");
            effects.push(step(undo, what, SignatureOrder::Duplicate(from, to)));
            return Ok(None);
        }
        SignatureAction::Compare(a, b) if a == b => return Err(Refusal::impossible("these two are the same")),
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

/// A change of the files of signatures, which can be undone.
fn step(undo: &mut Undo, what: String, order: SignatureOrder) -> Effect {
    Effect::Signatures(SignatureOrder::Step(undo.push_files(what), Box::new(order)))
}

fn choose(auto: &mut AutoQueue, names: &Names, choice: Choice) -> String {
    let left = if choice == Choice::Auto { auto.following.take() } else { None };
    let said = match (&choice, left) {
        (_, Some(left)) => format!("the queue follows the playlist again, no longer {}", left.name),
        (Choice::Auto, None) => "signature: dimensions chosen by test".to_string(),
        (Choice::All, _) => "signature: all dimensions, each as far as the tracks agree in it".to_string(),
        (Choice::Without(dims), _) => {
            let labels: Vec<String> = dims.iter().map(|dim| names.label(*dim)).collect();
            format!("signature: chosen by test, without {}", labels.join(","))
        }
        (Choice::Tuned { .. }, _) => format!("signature: chosen by test, and {}", names.told(&choice)),
        (Choice::Dims(_), _) => format!("signature: {}", names.told(&choice)),
    };
    auto.adopt(choice);
    said
}

/// The set that the queue follows, with the choice of dimensions.
fn playlist(auto: &AutoQueue, queue: &Queue) -> Result<Side, Refusal> {
    let tracks = auto.anchor(queue);
    if tracks.is_empty() {
        return Err(Refusal::NoPlaylist(": play a track or add one to the queue"));
    }
    let label = auto.following.as_ref().map_or("playlist".to_string(), |f| f.name.clone());
    Ok(Side { label, set: Set::Tracks(tracks), choice: Some(auto.choice.to_string()) })
}

/// A set by its name.
pub(super) fn side(auto: &AutoQueue, queue: &Queue, name: SetName, selected: &[Arc<Song>]) -> Result<Side, Refusal> {
    let song = || {
        let playing = queue.playing().map(|item| &item.song);
        selected.first().or(playing).ok_or(Refusal::NothingSelected(" or playing"))
    };
    match name {
        SetName::Playlist => playlist(auto, queue),
        SetName::Library => Ok(Side { label: "library".into(), set: Set::Library, choice: None }),
        SetName::Saved(name) => Ok(Side { label: name.clone(), set: Set::Saved(name), choice: None }),
        // The engine thread looks up the album's tracks.
        SetName::Album => {
            let song = song()?;
            let label = if song.album().is_empty() { "the album".to_string() } else { song.album().to_string() };
            Ok(Side { label, set: Set::Files { paths: vec![song.path.to_path_buf()], albums: true }, choice: None })
        }
        SetName::Artist => {
            let artist = song()?.artist();
            if artist.is_empty() {
                return Err(Refusal::impossible("that track names no artist"));
            }
            Ok(Side { label: artist.to_string(), set: Set::Artist(artist.to_string()), choice: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_and_dimensions_are_told_apart() {
        assert_eq!(parse(""), Ok(SignatureAction::Show));
        assert_eq!(
            parse("3,7*2,tempo").map(|a| matches!(a, SignatureAction::Choose(Choice::Dims(d)) if d.len() == 3)),
            Ok(true)
        );
        assert_eq!(parse("calm, female-voice*2"), Ok(SignatureAction::Named("calm, female-voice*2".into())));
        assert_eq!(parse("-5"), Ok(SignatureAction::Choose(Choice::Without(vec![4]))));
        assert_eq!(parse("auto"), Ok(SignatureAction::Choose(Choice::Auto)));
        assert_eq!(parse("save late-night"), Ok(SignatureAction::Save("late-night".into())));
        assert_eq!(parse("use  x"), Ok(SignatureAction::Use("x".into())));
        assert_eq!(parse("list"), Ok(SignatureAction::List));
        assert_eq!(parse("rename a  b"), Ok(SignatureAction::Rename("a".into(), "b".into())));
        assert_eq!(parse("duplicate a b"), Ok(SignatureAction::Duplicate("a".into(), "b".into())));
        let both = SignatureAction::Compare(SetName::Album, SetName::Saved("x".into()));
        assert_eq!(parse("compare album x"), Ok(both));
        assert_eq!(parse("export a b.json"), Ok(SignatureAction::Export(Some("a".into()), "b.json".into())));
        assert_eq!(parse("export my file.json"), Ok(SignatureAction::Export(Some("my".into()), "file.json".into())));
        assert_eq!(parse("export /a b.json"), Ok(SignatureAction::Export(None, "/a b.json".into())));
    }

    #[test]
    fn mistakes_say_what_would_be_right() {
        for (line, says) in [
            ("save", "wants a name"),
            ("save ../x", "cannot be a signature's name"),
            ("save library", "means the library itself"),
            ("rename a", "wants a saved name and another one"),
            ("duplicate a b c", "cannot be a signature's name"),
            ("rename a library", "means the library itself"),
            ("compare a", "wants two"),
            ("compare a b c", "wants two"),
            ("export", "wants a file"),
            ("list x", "takes no argument"),
            ("comapre a b", "did you mean compare A B?"),
            ("33", "no dimension 33"),
        ] {
            let why = parse(line).unwrap_err().to_string();
            assert!(why.contains(says), "{line}: {why}");
        }
    }
}
