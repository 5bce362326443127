//! Completion of names of artists, albums, tracks and saved signatures, for `:journey` and `:blend`.

use std::collections::HashSet;

use crate::app::state::Model;

use super::row::Completion;

/// About the most names that are offered.
const MOST: usize = 50;

/// The lines with the last word completed to a name; with `signs`, a `+` or `-` before it is kept.
pub fn complete(rest: &str, signs: bool, model: &Model) -> Vec<Completion> {
    let (mut open, mut start) = (false, 0);
    for (at, c) in rest.char_indices() {
        match c {
            '"' => open = !open,
            c if c.is_whitespace() && !open => start = at + c.len_utf8(),
            _ => {}
        }
    }
    let (lead, word) = rest.split_at(start);
    let bare = if signs { word.trim_start_matches(['+', '-']) } else { word };
    let sign = &word[..word.len() - bare.len()];
    let typed = bare.trim_start_matches('"').to_lowercase();
    let offer = |name: &str, doc: &str| {
        let plain = !name.contains(|c: char| c.is_whitespace() || c == '"') && name.parse::<u64>().is_err();
        let name = if plain { name.to_string() } else { format!("\"{}\"", name.replace('"', "")) };
        Completion::new(format!("{lead}{sign}{name}"), doc)
    };
    let own: &[(&str, &str)] = match signs {
        true => &[("playlist", "what you chose"), ("off", "no blend")],
        false => &[("off", "no journey"), ("via", "goes by what is named next")],
    };
    let saved = model.saved_signatures.iter().map(|name| (name.as_str(), "saved"));
    let mut offered: Vec<Completion> = own
        .iter()
        .copied()
        .chain(saved)
        .filter(|(name, _)| name.starts_with(&typed) && (*name != "off" || lead.is_empty() && sign.is_empty()))
        // Before it stands where the journey leads.
        .filter(|(name, _)| *name != "via" || !lead.is_empty() && !word.starts_with('"'))
        .map(|(name, doc)| offer(name, doc))
        .collect();
    // A single letter fits too many names.
    if typed.chars().count() < 2 {
        return offered;
    }
    let mut seen = HashSet::new();
    for song in model.catalog.songs() {
        let title = song.title();
        for (name, doc) in [(song.artist(), "artist"), (song.album(), "album"), (title.as_str(), "track")] {
            if begins(name, &typed) && seen.insert((name.to_string(), doc)) {
                offered.push(offer(name, doc));
            }
        }
        if offered.len() >= MOST {
            break;
        }
    }
    offered
}

/// Whether a name starts with the lower-case text `typed`, ignoring the name's case.
fn begins(name: &str, typed: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    typed.chars().all(|c| letters.next() == Some(c))
}

#[cfg(test)]
mod tests {
    use super::super::complete::complete;
    use crate::app::fixture;
    use crate::library::Mood;

    fn lines(line: &str) -> Vec<String> {
        let mut model = fixture::model(40);
        model.saved_signatures = vec!["late-night".into()];
        model.moods.list = Some(vec![Mood { name: "late-night".into(), from: 22, to: 2 }]);
        complete(line, &model).into_iter().map(|c| c.line).collect()
    }

    #[test]
    fn directions_and_moods() {
        assert_eq!(lines("direction tem"), ["direction tempo "]);
        assert_eq!(lines("direction tempo u"), ["direction tempo up"]);
        assert!(lines("direction ke").is_empty(), "a key has no way up");
        assert_eq!(lines("mood l"), ["mood late-night ", "mood list"]);
        assert_eq!(lines("mood delete "), ["mood delete late-night"]);
    }

    #[test]
    fn names_are_offered_in_quotes() {
        assert_eq!(lines("journey nina"), ["journey \"Nina Simone\""]);
        assert_eq!(lines("journey \"so wh"), ["journey \"So What\""]);
        assert_eq!(lines("journey \"So What\" arm"), ["journey \"So What\" \"Army of Me\""]);
        assert_eq!(lines("journey \"So What\" vi"), ["journey \"So What\" via"]);
        assert_eq!(lines("journey \"So What\" via \"arm"), ["journey \"So What\" via \"Army of Me\""]);
        assert_eq!(lines("blend +playlist -nina"), ["blend +playlist -\"Nina Simone\""]);
        assert_eq!(lines("blend +la"), ["blend +late-night"]);
        assert_eq!(lines("blend o"), ["blend off"]);
    }
}
