//! Operations on signatures of sets, carried out on the engine thread, which has the library; file access may be slow.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::app::effect::SetOrder;
use crate::app::msg::Msg;
use crate::ask::answers::Answers;
use crate::ask::names::Part;
use crate::ask::report::SignatureCard;
use crate::ask::set::{Set, Side};
use crate::describe;
use crate::queue::Blend;
use crate::store::exported;
use crate::track::TrackId;

use super::set_error::SetError;

/// Carries out an order; an error becomes a notice.
pub(super) fn carry_out(answers: &Answers, order: SetOrder) -> Vec<Msg> {
    match done(answers, order) {
        Ok(messages) => messages,
        Err(why) => vec![Msg::error(why.to_string())],
    }
}

fn done(answers: &Answers, order: SetOrder) -> Result<Vec<Msg>, SetError> {
    let names = || Msg::SavedNames(answers.signatures.names());
    Ok(match order {
        SetOrder::Save { name, side } => {
            let count = answers.save(&name, &side)?;
            vec![Msg::success(format!("saved {name}: {}", tracks(count))), names()]
        }
        SetOrder::Use(name) => {
            let (members, choice, missing) = answers.saved(&name)?;
            if members.is_empty() {
                return Err(SetError::Signature { name, missing });
            }
            vec![Msg::Follow { name, members, choice }]
        }
        SetOrder::Mood(name) => {
            let (members, choice, missing) = answers.saved(&name)?;
            if members.is_empty() {
                return Err(SetError::Mood { name, missing });
            }
            vec![Msg::Mood { name, members, choice }]
        }
        SetOrder::Journey { from, to, via, steps, seed } => {
            let via = via.iter().map(|part| answers.one(part)).collect::<Result<Vec<TrackId>, _>>()?;
            vec![Msg::Journey { from: answers.one(&from)?, to: answers.one(&to)?, via, steps, seed }]
        }
        SetOrder::Blend { plus, minus } => {
            let found = |parts: &[Part]| parts.iter().map(|part| answers.part(part)).collect::<Result<Vec<_>, _>>();
            let (plus, minus) = (found(&plus)?, found(&minus)?);
            let signed = |sign: &str, parts: &[(String, Vec<TrackId>)]| -> Vec<String> {
                parts.iter().map(|(label, _)| format!("{sign}{label}")).collect()
            };
            let name = [signed("+", &plus), signed("−", &minus)].concat().join(" ");
            let sets = |parts: Vec<(String, Vec<TrackId>)>| parts.into_iter().map(|(_, tracks)| tracks).collect();
            vec![Msg::Blend { name, blend: Blend { plus: sets(plus), minus: sets(minus) } }]
        }
        SetOrder::List => vec![names(), Msg::Told { title: "Saved signatures".into(), lines: list(answers) }],
        SetOrder::Compare(a, b) => {
            let comparison = answers.compare(&a, &b)?;
            let lines = describe::compare::lines(&comparison, Some(&answers.cards()));
            vec![Msg::Told { title: "Comparison".into(), lines }]
        }
        SetOrder::Export { side, file } => {
            let file = export(answers, &side, &file)?;
            vec![Msg::success(format!("written: {}", file.display()))]
        }
    })
}

/// A line for each saved signature: its name, its tracks, its dimensions; or what is wrong with its file.
fn list(answers: &Answers) -> Vec<String> {
    let names = answers.signatures.names();
    if names.is_empty() {
        return vec!["no saved signatures yet; :signature save NAME saves the playlist's".into()];
    }
    let line = |name: String| match answers.saved(&name) {
        Ok((members, choice, missing)) => {
            let gone = if missing > 0 { format!(", {missing} more not in the library") } else { String::new() };
            format!("{name}: {}{gone}, {choice}", tracks(members.len()))
        }
        Err(why) => why.to_string(),
    };
    names.into_iter().map(line).collect()
}

/// A signature with its members, as it is exported.
#[derive(Serialize)]
struct Export {
    name: String,
    generation: String,
    members: Vec<ExportedMember>,
    signature: SignatureCard,
}

#[derive(Serialize)]
struct ExportedMember {
    track: String,
    path: String,
    title: String,
    artist: String,
}

/// Writes a signature into a file that is not there yet.
fn export(answers: &Answers, side: &Side, file: &Path) -> Result<PathBuf, SetError> {
    let file = home_relative(file);
    let signature = answers.signature(side)?;
    let ids: Vec<TrackId> = match &side.set {
        Set::Saved(name) => answers.saved(name)?.0,
        Set::Tracks(tracks) => tracks.clone(),
        Set::Files { .. } | Set::Artist(_) | Set::Library => Vec::new(),
    };
    let member = |track: &TrackId| {
        let song = answers.catalog.of_track(*track)?;
        Some(ExportedMember {
            track: track.to_string(),
            path: song.path.to_string_lossy().into_owned(),
            title: song.title(),
            artist: song.artist().into(),
        })
    };
    let export = Export {
        name: side.label.clone(),
        generation: answers.space.generation().into(),
        members: ids.iter().filter_map(member).collect(),
        signature,
    };
    let explain = |cause| SetError::Unwritten { file: file.clone(), cause };
    let text = serde_json::to_string_pretty(&export).map_err(|e| explain(e.into()))?;
    // Never overwrites a file.
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).open(&file).map_err(explain)?;
    let written = out
        .write_all(crate::text::json(&text).as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.sync_all());
    if let Err(e) = written {
        // A partial file would block the next attempt.
        let _ = std::fs::remove_file(&file);
        return Err(explain(e));
    }
    exported::permit(&file);
    Ok(file)
}

/// `~/night.json` as a shell would read it.
pub(super) fn home_relative(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path.to_path_buf(),
    }
}

fn tracks(n: usize) -> String {
    if n == 1 { "1 track".into() } else { format!("{n} tracks") }
}
