//! Completion of the `:` line: whole lines, each with what it would do.

use crate::latent::{ALL_DIMS, Choice, named};
use crate::library::playlist::sort;

mod course;

use super::commands::{ArgKind, COMMANDS, find};
use super::playlist;
use super::sets::{SETS, VERBS};
use super::state::model::Model;
use crate::ask::taste;

/// A line that completes what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The whole line, without the colon.
    pub line: String,
    /// What its last word is or does; empty where that is plain.
    pub doc: String,
}

impl Completion {
    fn new(line: impl Into<String>, doc: impl Into<String>) -> Completion {
        Completion { line: line.into(), doc: doc.into() }
    }
}

/// The lines that complete what was typed so far (without the colon), the likeliest first.
pub fn complete(line: &str, model: &Model) -> Vec<Completion> {
    let Some((word, rest)) = line.split_once(' ') else {
        let mut names: Vec<Completion> =
            COMMANDS.iter().filter(|c| c.name.starts_with(line)).map(|c| Completion::new(c.name, c.doc)).collect();
        // Whoever types an alias in full wants that.
        let alias = COMMANDS.iter().filter(|c| c.aliases.contains(&line));
        names.extend(alias.map(|c| Completion::new(line, c.doc)));
        return names;
    };
    let Ok(spec) = find(word) else { return Vec::new() };
    let rest = rest.trim_start();
    let offered: Vec<Completion> = match spec.arg {
        Some(ArgKind::Theme) => plain(&model.themes),
        Some(ArgKind::Engine) => plain(&model.engines),
        Some(ArgKind::Switch) => plain(&["on".to_string(), "off".to_string()]),
        Some(ArgKind::Filter) => filter(rest, model),
        Some(ArgKind::ReplayGain) => plain(&["off", "track", "album", "smart"].map(String::from)),
        Some(ArgKind::Seconds) => plain(&["off", "4"].map(String::from)),
        Some(ArgKind::Sleep) => plain(&["45m", "track", "album", "off"].map(String::from)),
        Some(ArgKind::Output) => {
            let known = model.sounds.devices.iter().map(|d| Completion::new(&d.id, &d.about));
            [Completion::new("default", "what the system has chosen")].into_iter().chain(known).collect()
        }
        Some(ArgKind::Taste) => taste::VERBS.iter().map(|(verb, doc)| Completion::new(*verb, *doc)).collect(),
        Some(ArgKind::Repeat) => plain(&["off", "all", "one"].map(String::from)),
        Some(ArgKind::Shuffle) => plain(&["off", "tracks", "albums"].map(String::from)),
        Some(ArgKind::View) => plain(&(1..=7).map(|n| n.to_string()).collect::<Vec<_>>()),
        Some(ArgKind::Playlist) => playlists(rest, model),
        Some(ArgKind::Direction) => course::directions(rest, model),
        Some(ArgKind::Mood) => course::moods(rest, model),
        // Names are offered in quotes, which whoever types leaves out.
        Some(ArgKind::Journey | ArgKind::Blend) => {
            let line = |c: Completion| Completion { line: format!("{} {}", spec.name, c.line), ..c };
            return course::names(rest, spec.arg == Some(ArgKind::Blend), model).into_iter().map(line).collect();
        }
        Some(ArgKind::Sort) => sort::KEYS.iter().map(|(key, _)| Completion::new(*key, "")).collect(),
        Some(ArgKind::Dims) => signature(rest, model),
        Some(ArgKind::Dim) => dims(model).map(|dim| Completion::new(named::label(dim), meaning(dim, model))).collect(),
        _ => Vec::new(),
    };
    offered
        .into_iter()
        .filter(|c| c.line.starts_with(rest))
        .map(|c| Completion { line: format!("{} {}", spec.name, c.line), ..c })
        .collect()
}

/// What completes the last word of a filter: a field or a named filter.
pub fn filter(text: &str, model: &Model) -> Vec<Completion> {
    let start = text.rfind(|c: char| c.is_whitespace() || "!(&|".contains(c)).map_or(0, |i| i + 1);
    // What begins is one byte or more; the found one may be a wide space.
    let Some((before, word)) = text.split_at_checked(start) else { return Vec::new() };
    if let Some(begun) = word.strip_prefix('@') {
        let names = model.language.names().filter(|n| n.starts_with(begun));
        return names.map(|n| Completion::new(format!("{before}@{n}"), "a filter of yours")).collect();
    }
    // One letter may be the beginning of anything.
    if word.len() < 2 {
        return Vec::new();
    }
    let fields = model.language.fields().iter().filter(|f| f.name.starts_with(word) && f.name != word);
    fields.map(|f| Completion::new(format!("{before}{}", f.name), f.doc)).collect()
}

fn plain(words: &[String]) -> Vec<Completion> {
    words.iter().map(|w| Completion::new(w, "")).collect()
}

/// Every dimension, counted from 0: those of the shown signature first.
fn dims(model: &Model) -> impl Iterator<Item = u8> {
    let shown: Vec<u8> = model.signature.iter().flat_map(|s| s.dims.iter().map(|d| d.dim.saturating_sub(1))).collect();
    let rest: Vec<u8> = (0..ALL_DIMS as u8).filter(|d| !shown.contains(d)).collect();
    shown.into_iter().chain(rest)
}

/// What a dimension means: from its card, or what a named one measures.
fn meaning(dim: u8, model: &Model) -> String {
    let of_card = model.cards().map_or("", |cards| cards.meaning(dim));
    let named = usize::from(dim).checked_sub(crate::latent::DIMS).and_then(|i| crate::latent::NAMED.get(i));
    if of_card.is_empty() { named.map_or(String::new(), |n| n.doc.to_string()) } else { of_card.to_string() }
}

/// What can stand behind `playlist`.
fn playlists(rest: &str, model: &Model) -> Vec<Completion> {
    match rest.split_once(' ') {
        Some((verb, _)) => {
            let names = model.saved_playlists.iter().filter(|_| verb != "list" && verb != "save");
            names.map(|name| Completion::new(format!("{verb} {name}"), "saved")).collect()
        }
        None => playlist::VERBS
            .iter()
            .map(|(verb, args, doc)| {
                let room = if args.is_empty() { "" } else { " " };
                Completion::new(format!("{verb}{room}"), dotted(args, doc))
            })
            .collect(),
    }
}

/// What can stand behind `signature`.
fn signature(rest: &str, model: &Model) -> Vec<Completion> {
    if let Some((verb, rest)) = rest.split_once(' ') {
        return verb_argument(verb, rest, model);
    }
    let (head, last) = rest.rsplit_once(',').map_or(("", rest), |(h, l)| (h, l));
    let lead = if head.is_empty() { String::new() } else { format!("{head},") };
    // What is there already decides whether dimensions are used or left out.
    let used: Vec<u8> = match head.parse::<Choice>() {
        Ok(Choice::Dims(picks)) => picks.iter().map(|p| p.dim).collect(),
        Ok(Choice::Without(dims)) => dims,
        _ => Vec::new(),
    };
    if let Some((dim, _)) = last.split_once('*') {
        let weights = [("2", "counts double"), ("3", "counts three times"), ("0.5", "counts half")];
        return weights.iter().map(|(w, doc)| Completion::new(format!("{lead}{dim}*{w}"), *doc)).collect();
    }
    let without = last.starts_with('-') || head.starts_with('-');
    let sign = if without { "-" } else { "" };
    let dims = dims(model).filter(|dim| !used.contains(dim)).map(|dim| {
        let what = meaning(dim, model);
        let doc = if without { dotted("without", &what) } else { what };
        Completion::new(format!("{lead}{sign}{}", named::label(dim)), doc)
    });
    let verb = |&(verb, args, doc): &(&str, &str, &str)| {
        // A verb that wants more is offered with room for it.
        let room = if args.is_empty() { "" } else { " " };
        Completion::new(format!("{verb}{room}"), dotted(args, doc))
    };
    let (first, others) = VERBS.split_at(2);
    let verbs = |list: &[_]| if head.is_empty() { list.iter().map(verb).collect() } else { Vec::new() };
    verbs(first).into_iter().chain(dims).chain(verbs(others)).collect()
}

fn dotted(a: &str, b: &str) -> String {
    [a, b].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(": ")
}

/// The names that a verb takes.
fn verb_argument(verb: &str, rest: &str, model: &Model) -> Vec<Completion> {
    let saved = || model.saved_signatures.iter().map(|name| Completion::new(name, "saved"));
    let words: Vec<Completion> = match verb {
        "use" | "delete" => saved().collect(),
        "export" if !rest.contains(' ') => saved().collect(),
        "compare" => SETS.iter().map(|&(name, doc)| Completion::new(name, doc)).chain(saved()).collect(),
        _ => Vec::new(),
    };
    let before = if verb == "compare" { rest.split_once(' ').map_or("", |(first, _)| first) } else { "" };
    let lead = if before.is_empty() { format!("{verb} ") } else { format!("{verb} {before} ") };
    words.into_iter().filter(|w| w.line != before).map(|w| Completion { line: lead.clone() + &w.line, ..w }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::msg::{DimReport, SignatureReport};
    use crate::describe::{Card, Cards};
    use std::sync::Arc;

    fn model() -> Model {
        let dim = |dim| DimReport { dim, ..DimReport::default() };
        let card = |n: u8| Card { dim: n, meaning: format!("means {n}"), ..Card::default() };
        Model {
            themes: vec!["mono".into(), "terminal".into()],
            saved_signatures: vec!["late-night".into(), "run".into()],
            signature: Some(SignatureReport { dims: vec![dim(7), dim(33)], ..SignatureReport::default() }),
            cards: Some(Arc::new(Cards { cards: (1..=45).map(card).collect(), ..Cards::default() })),
            ..Model::default()
        }
    }

    fn lines(line: &str) -> Vec<String> {
        complete(line, &model()).into_iter().map(|c| c.line).collect()
    }

    #[test]
    fn commands_and_their_words() {
        assert_eq!(lines("sig"), ["signature", "sig"]);
        assert!(complete("theme", &model())[0].doc.contains("colours"));
        assert_eq!(lines("theme m"), ["theme mono"]);
        assert_eq!(lines("auto "), ["auto on", "auto off"]);
        assert_eq!(lines("signature of"), ["signature off"]);
        assert_eq!(lines("view ").len(), 7);
        assert!(lines("nonsense ").is_empty());
    }

    #[test]
    fn dimensions_of_the_shown_signature_come_first_with_their_meaning() {
        let offered = complete("sig 3,", &model());
        assert_eq!(offered[0], Completion::new("signature 3,7", "means 7"));
        assert_eq!(offered[1], Completion::new("signature 3,tempo", "means 33"));
        assert_eq!(offered[2].line, "signature 3,1");
        assert!(!offered.iter().any(|c| c.line == "signature 3,3"));
        assert_eq!(lines("sig 3,te"), ["signature 3,tempo"]);
        assert_eq!(lines("sig ")[..4], ["signature auto", "signature off", "signature 7", "signature tempo"]);
        // Without cards the named ones still say what they measure.
        let bare = Model { cards: None, ..model() };
        assert!(complete("sig temp", &bare)[0].doc.contains("beats a minute"));
    }

    #[test]
    fn leaving_out_and_weights_are_offered() {
        assert_eq!(complete("sig -", &model())[0], Completion::new("signature -7", "without: means 7"));
        assert_eq!(lines("sig -7,")[0], "signature -7,-tempo");
        assert_eq!(lines("sig 3,7*"), ["signature 3,7*2", "signature 3,7*3", "signature 3,7*0.5"]);
        assert_eq!(lines("sig 7*0"), ["signature 7*0.5"]);
    }

    #[test]
    fn verbs_take_names() {
        assert_eq!(lines("sig sa"), ["signature save "]);
        assert_eq!(lines("sig use "), ["signature use late-night", "signature use run"]);
        assert_eq!(lines("sig compare pl"), ["signature compare playlist"]);
        assert_eq!(
            lines("sig compare playlist l"),
            ["signature compare playlist library", "signature compare playlist late-night"]
        );
        assert_eq!(lines("dims tem"), ["dims tempo"]);
    }
}
