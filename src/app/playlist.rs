//! What `:playlist` and `:rate` can ask for.

use std::path::PathBuf;

use crate::library::playlist::smart::Smart;
use crate::library::playlist::sort;
use crate::library::playlists;

/// What `:playlist` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaylistAction {
    /// Show the names.
    List,
    /// Keep the queue under a name; whether in the place of one that is there.
    Save(String, bool),
    /// Add the selected tracks, or the playing one, to one.
    Add(String),
    /// Queue one, at the end of what was chosen.
    Append(String),
    /// Put one in the queue's place and play it.
    Open(String),
    /// Keep a filter under a name; whether in the place of one that is there.
    Smart(String, Smart, bool),
    /// Remove one.
    Delete(String),
    /// Give one another name.
    Rename(String, String),
    /// Write one into a file; whether over one that is there.
    Export(String, PathBuf, bool),
}

/// The words that can follow `playlist`, with what they take and do.
pub const VERBS: &[(&str, &str, &str)] = &[
    ("open", "NAME", "put it in the queue's place and play it"),
    ("append", "NAME", "add it to what you chose"),
    ("save", "NAME", "keep the queue; save! in the place of one that is there"),
    ("add", "NAME", "add the selected tracks to it"),
    ("smart", "NAME FILTER", "keep a filter: playlist smart calm genre=ambient sort:-added limit:50"),
    ("list", "", "show the names"),
    ("delete", "NAME", "remove it"),
    ("rename", "NAME NEW", "give it another name"),
    ("export", "NAME FILE", "write it as .m3u8, .m3u, .pls or .xspf"),
];

/// Parses what follows `playlist`.
///
/// # Errors
/// One line that says what it wants.
pub fn parse(text: &str) -> Result<PlaylistAction, String> {
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // `save!` may write over what is there.
    let (verb, over) = match verb.strip_suffix('!') {
        Some(verb @ ("save" | "smart" | "export")) => (verb, true),
        _ => (verb, false),
    };
    let rest = rest.trim();
    let wants = || {
        let args = VERBS.iter().find(|(v, ..)| *v == verb).map_or("", |(_, args, _)| args);
        format!("playlist {verb} wants {args}")
    };
    let name = || if rest.is_empty() { Err(wants()) } else { playlists::check(rest).map(|()| rest.to_string()) };
    let two =
        || rest.split_once(char::is_whitespace).map(|(a, b)| (a.to_string(), b.trim().to_string())).ok_or_else(wants);
    Ok(match verb {
        "" | "list" => PlaylistAction::List,
        "save" => PlaylistAction::Save(name()?, over),
        "add" => PlaylistAction::Add(name()?),
        "open" => PlaylistAction::Open(name()?),
        "append" => PlaylistAction::Append(name()?),
        "delete" => PlaylistAction::Delete(name()?),
        "smart" => two().and_then(|(name, line)| {
            playlists::check(&name)?;
            let smart = Smart::typed(&line)?;
            if !smart.sort.is_empty() {
                sort::keys(&smart.sort)?;
            }
            Ok(PlaylistAction::Smart(name, smart, over))
        })?,
        "rename" => two().and_then(|(from, to)| playlists::check(&to).map(|()| PlaylistAction::Rename(from, to)))?,
        "export" => two().map(|(name, file)| PlaylistAction::Export(name, file.into(), over))?,
        _ => {
            let verbs: Vec<_> = VERBS.iter().map(|(verb, ..)| *verb).collect();
            return Err(format!("playlist wants one of {}", verbs.join(", ")));
        }
    })
}

/// `0` to `5` stars, `10` to `100` percent, any percentage with its sign (`7%`), `off` for no rating. 6 to 9 alone are
/// refused: they are more likely meant as points of ten.
///
/// # Errors
/// One line that says what it wants.
pub fn rating(text: &str) -> Result<Option<u8>, String> {
    let percent = text.strip_suffix('%').map(str::trim_end);
    match (percent.unwrap_or(text).parse::<u8>(), percent) {
        (Ok(percent @ 0..=100), Some(_)) | (Ok(percent @ 10..=100), None) => Ok(Some(percent)),
        (Ok(stars @ 0..=5), None) => Ok(Some(stars * 20)),
        (Err(_), None) if text == "off" => Ok(None),
        _ => Err("rate wants 0 to 5 stars, a percentage (10 to 100, or 7%), or off".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parsed() {
        assert_eq!(parse(""), Ok(PlaylistAction::List));
        assert_eq!(parse("save late-night"), Ok(PlaylistAction::Save("late-night".into(), false)));
        assert_eq!(parse("rename a b"), Ok(PlaylistAction::Rename("a".into(), "b".into())));
        let export = |over| Ok(PlaylistAction::Export("a".into(), "/tmp/x y.pls".into(), over));
        assert_eq!(parse("export a /tmp/x y.pls"), export(false));
        assert_eq!(parse("export! a /tmp/x y.pls"), export(true));
        assert_eq!(parse("save! x"), Ok(PlaylistAction::Save("x".into(), true)));
        assert!(parse("delete! x").is_err());
        assert_eq!(parse("save").unwrap_err(), "playlist save wants NAME");
        assert!(parse("open ../x").is_err() && parse("frob").unwrap_err().contains("append"));
        assert_eq!(
            (rating("0"), rating("5"), rating("80"), rating("off")),
            (Ok(Some(0)), Ok(Some(100)), Ok(Some(80)), Ok(None))
        );
        assert_eq!((rating("9%"), rating("3 %"), rating("100%")), (Ok(Some(9)), Ok(Some(3)), Ok(Some(100))));
        for wrong in ["101", "", "6", "9", "101%", "off%", "-1"] {
            assert!(rating(wrong).is_err(), "{wrong}");
        }
    }
}
