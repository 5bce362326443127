//! Sets of tracks and the grammar of `:signature`, which speaks of them.

use std::path::PathBuf;

use crate::latent::Choice;
use crate::library::signatures;

/// A set as `:signature compare` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetName {
    /// What the queue follows.
    Playlist,
    /// The album of the selected, else of the playing track.
    Album,
    /// The artist of that track.
    Artist,
    /// Everything.
    Library,
    /// A saved signature.
    Saved(String),
}

/// What `:signature …` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum SignatureAction {
    /// Show it.
    Show,
    /// Go by these dimensions; `auto` also goes back to the playlist.
    Choose(Choice),
    /// Keep the playlist's under a name.
    Save(String),
    /// Follow a saved one instead of the playlist.
    Use(String),
    /// Name the saved ones.
    List,
    /// Remove a saved one.
    Delete(String),
    /// How far two sets are apart.
    Compare(SetName, SetName),
    /// Write one (the playlist's without a name) as JSON.
    Export(Option<String>, PathBuf),
}

/// The verbs of `:signature` with their arguments and what they do, for completion and help.
pub const VERBS: &[(&str, &str, &str)] = &[
    ("auto", "", "the tracks of the playlist decide which dimensions count"),
    ("off", "", "all dimensions, softly"),
    ("save", "NAME", "keep this signature"),
    ("use", "NAME", "the queue follows a saved signature, until :signature auto"),
    ("list", "", "the saved signatures"),
    ("delete", "NAME", "remove a saved signature"),
    ("compare", "A B", "how far two are apart: names, playlist, album, artist, library"),
    ("export", "[NAME] FILE", "write a signature as JSON"),
];

/// Words that name a set without its having been saved.
pub const SETS: &[(&str, &str)] = &[
    ("playlist", "what the queue follows"),
    ("album", "of the selected or playing track"),
    ("artist", "of the selected or playing track"),
    ("library", "everything"),
];

/// Reads what stands behind `:signature`.
///
/// # Errors
/// One line: what the verb wants, or which word is no dimension.
pub fn parse(text: &str) -> Result<SignatureAction, String> {
    let text = text.trim();
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let name = || match rest {
        "" => Err(format!("signature {verb} wants a name, like late-night")),
        name => signatures::check(name).map(|()| name.to_string()),
    };
    Ok(match verb {
        "" => SignatureAction::Show,
        "save" => SignatureAction::Save(name()?),
        "use" => SignatureAction::Use(name()?),
        "delete" => SignatureAction::Delete(name()?),
        "list" if rest.is_empty() => SignatureAction::List,
        "list" => return Err("signature list takes no argument".into()),
        "compare" => {
            let words: Vec<&str> = rest.split_whitespace().collect();
            let [a, b] = words[..] else {
                return Err("signature compare wants two: saved names, playlist, album, artist or library".into());
            };
            SignatureAction::Compare(a.parse()?, b.parse()?)
        }
        "export" => export(rest)?,
        _ => SignatureAction::Choose(text.parse().map_err(|why| meant(verb, why))?),
    })
}

/// A word that is nearly a verb was meant as one.
fn meant(word: &str, why: String) -> String {
    let near = VERBS.iter().find(|(verb, ..)| word.len() > 2 && verb.starts_with(&word[..word.len().min(3)]));
    match near.filter(|_| word.is_ascii()) {
        Some((verb, args, _)) => {
            format!("no dimension '{word}'; did you mean {}?", format!("{verb} {args}").trim_end())
        }
        None => why,
    }
}

fn export(rest: &str) -> Result<SignatureAction, String> {
    let wants =
        || "signature export wants a file like night.json, after a saved name if it is not the playlist's".to_string();
    let (first, file) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if rest.is_empty() {
        return Err(wants());
    }
    // A file's name may have spaces in it.
    if file.is_empty() || first.contains('/') || first.ends_with(".json") {
        return Ok(SignatureAction::Export(None, rest.into()));
    }
    signatures::check(first)?;
    Ok(SignatureAction::Export(Some(first.into()), file.trim().into()))
}

impl std::str::FromStr for SetName {
    type Err = String;

    fn from_str(word: &str) -> Result<SetName, String> {
        Ok(match word {
            "playlist" => SetName::Playlist,
            "album" => SetName::Album,
            "artist" => SetName::Artist,
            "library" => SetName::Library,
            name => {
                signatures::check(name)?;
                SetName::Saved(name.into())
            }
        })
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
        assert_eq!(parse("-5"), Ok(SignatureAction::Choose(Choice::Without(vec![4]))));
        assert_eq!(parse("auto"), Ok(SignatureAction::Choose(Choice::Auto)));
        assert_eq!(parse("save late-night"), Ok(SignatureAction::Save("late-night".into())));
        assert_eq!(parse("use  x"), Ok(SignatureAction::Use("x".into())));
        assert_eq!(parse("list"), Ok(SignatureAction::List));
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
            ("compare a", "wants two"),
            ("compare a b c", "wants two"),
            ("export", "wants a file"),
            ("list x", "takes no argument"),
            ("comapre a b", "do you mean compare A B?"),
            ("33", "no dimension 33"),
            ("temo", "no dimension 'temo'"),
        ] {
            let why = parse(line).unwrap_err();
            assert!(why.contains(says), "{line}: {why}");
        }
    }
}
