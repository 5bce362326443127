//! Reads what a script answers. Nothing in it is trusted, and every entry that is refused is said with the reason.

use mlua::Value;
use thiserror::Error;

use super::api::{self, MOST_PROPOSALS};
use super::script_error::ScriptError;
use crate::queue::{Context, Proposal, Why};
use crate::text::{either, sanitize};
use crate::track::TrackId;

/// Longer reasons are truncated to this many bytes before they are sanitised.
const MOST_WHY: usize = 4096;
/// So many refused entries are said one by one.
const MOST_REFUSED: usize = 5;

/// The answer of a source or of a rank.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The proposals.
    pub proposals: Vec<Proposal>,
    /// Whether their order is to be kept.
    pub ordered: bool,
    /// Whether the queue ends after them.
    pub done: bool,
    /// The entries that were refused, with the reasons.
    pub refused: Vec<String>,
}

impl Answer {
    /// Proposals whose order is the policy's affair.
    pub fn of(proposals: Vec<Proposal>) -> Answer {
        Answer { proposals, ..Answer::default() }
    }
}

/// Reads an answer. `function` is the function that gave it, `engine` the name for the reasons, and `former` finds the
/// proposal of a track that a rank was given; `None` for a source, which may propose any track.
pub(super) fn read(
    (engine, function): (&str, &'static str),
    context: &Context,
    answer: Value,
    former: Option<&dyn Fn(TrackId) -> Option<Proposal>>,
) -> Result<Answer, ScriptError> {
    let Value::Table(list) = answer else {
        return Err(ScriptError::NoList { engine: engine.into(), function, got: answer.type_name() });
    };
    // Raw reads invoke no metamethods, so no script code runs from here on.
    let switch = |key| {
        let fault = |got| ScriptError::NoSwitch { engine: engine.into(), function, key, got };
        match list.raw_get::<Value>(key) {
            Ok(Value::Nil) => Ok(false),
            Ok(Value::Boolean(on)) => Ok(on),
            Ok(other) => Err(fault(Some(other.type_name()))),
            Err(_) => Err(fault(None)),
        }
    };
    let mut out = Answer { ordered: switch("ordered")?, done: switch("done")?, ..Answer::default() };
    let all = list.raw_len();
    let mut refused = 0;
    for place in 1..=all.min(MOST_PROPOSALS) {
        let entry = list.raw_get::<Value>(place).unwrap_or(Value::Nil);
        match proposal(engine, context, place, &entry, former) {
            Ok(proposal) => out.proposals.push(proposal),
            Err(why) => {
                refused += 1;
                if refused <= MOST_REFUSED {
                    out.refused.push(format!("{engine}: entry {place} of {function}'s answer: {why}"));
                }
            }
        }
    }
    if refused > MOST_REFUSED {
        let more = refused - MOST_REFUSED;
        out.refused.push(format!("{engine}: {more} more {} refused", either(more, "entry was", "entries were")));
    }
    if all > MOST_PROPOSALS {
        out.refused.push(format!("{engine}: of {all} entries the first {MOST_PROPOSALS} count"));
    }
    Ok(out)
}

/// Why an entry of an answer is refused.
#[derive(Debug, Error)]
enum Refusal {
    #[error("a {0} where a table with an id belongs")]
    NoTable(&'static str),
    #[error("it has no id")]
    NoId,
    #[error("its id is none of a track")]
    BadId,
    #[error("there is no track {0} in the library")]
    NoTrack(TrackId),
    #[error("it was not among the proposals; a rank cannot add tracks")]
    Added,
    #[error("its score is a {0}, not a number")]
    NoScore(&'static str),
    #[error("its score is not a finite number")]
    NotFinite,
}

/// Reads one entry of the answer.
fn proposal(
    engine: &str,
    context: &Context,
    place: usize,
    entry: &Value,
    former: Option<&dyn Fn(TrackId) -> Option<Proposal>>,
) -> Result<Proposal, Refusal> {
    let Value::Table(entry) = entry else {
        return Err(Refusal::NoTable(entry.type_name()));
    };
    let get = |key: &str| entry.raw_get::<Value>(key).unwrap_or(Value::Nil);
    let id = match get("id") {
        Value::Nil => return Err(Refusal::NoId),
        id => api::parse(&id).ok_or(Refusal::BadId)?,
    };
    if context.catalog.of_track(id).is_none() {
        return Err(Refusal::NoTrack(id));
    }
    let known = match former {
        None => None,
        Some(former) => Some(former(id).ok_or(Refusal::Added)?),
    };
    // A missing score defaults to one that keeps the list's order.
    let score = match get("score") {
        Value::Nil => -(place as f32),
        Value::Number(score) => score as f32,
        Value::Integer(score) => score as f32,
        other => return Err(Refusal::NoScore(other.type_name())),
    };
    if !score.is_finite() {
        return Err(Refusal::NotFinite);
    }
    let text = reason(&get("why"));
    let why = match known {
        // The reasons of the source stay, unless the rank has one of its own.
        Some(known) if text.is_empty() || text == known.why.text => known.why,
        Some(known) => Why { text, ..known.why },
        None => Why { engine: engine.to_string(), text, ..Why::default() },
    };
    Ok(Proposal { id, score, why })
}

/// A reason as it is shown. The string may be as large as the memory limit and shared by all entries, so only its start
/// is copied.
fn reason(why: &Value) -> String {
    match why {
        Value::String(text) => {
            let bytes = text.as_bytes();
            sanitize(&String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_WHY)]))
        }
        _ => String::new(),
    }
}
