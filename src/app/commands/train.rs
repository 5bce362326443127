//! `:train` and `:model`: trainings of encoders, and which encoder is in use.

use crate::app::refusal::Refusal;
use std::sync::Arc;

use crate::app::effect::{Effect, TrainOrder};
use crate::app::state::Model;
use crate::training::limit::{self, TimeOfDay};
use crate::training::runs::Run;

use super::row::{Args, Completion, Row, Verb, row, verb};
use super::screen::ScreenAction;

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrainAction {
    /// Show the runs.
    Show,
    /// Start, stop, continue or publish a training, or use another encoder.
    Order(TrainOrder),
}

/// The commands.
pub const ROWS: &[Row<TrainAction>] = &[
    row(
        "train",
        Args::Typed("[start|resume|stop|publish]", complete_train),
        "the trainings; train start 6h begins one, which goes on when the player quits",
        |t| train(t.rest),
    ),
    row(
        "model",
        Args::Typed("[list|use NAME|rollback]", complete_model),
        "the encoders; model use NAME changes the one in use, rollback goes back",
        |t| model(t.rest),
    ),
];

const TRAIN: &[Verb] = &[
    ("start", "[teacher] [6h|07:00]", "train on your library, by its genre tags or by an imported teacher"),
    ("resume", "[RUN]", "go on with a run that was stopped; alone: with the last one"),
    ("stop", "", "stop at the next safe point; what is done is kept"),
    ("publish", "[RUN]", "use the encoder of a run, whatever the guard said; alone: of the last one"),
];

const MODEL: &[Verb] = &[
    ("list", "", "the encoders, and which one is in use"),
    ("use", "NAME", "use this one; the library is listened to again where that is needed"),
    ("rollback", "", "use the one that was in use before"),
];

fn train(text: &str) -> Result<TrainAction, Refusal> {
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let run = || (!rest.is_empty()).then(|| rest.to_string());
    Ok(TrainAction::Order(match (verb, rest) {
        ("", _) => return Ok(TrainAction::Show),
        ("start", words) => TrainOrder::Start(arguments(words)?),
        ("resume", _) => TrainOrder::Resume(run()),
        ("stop", "") => TrainOrder::Stop,
        ("publish", _) => TrainOrder::Publish(run()),
        _ => return Err(Refusal::wants("train", "start, resume, stop or publish, or nothing")),
    }))
}

fn model(text: &str) -> Result<TrainAction, Refusal> {
    let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    Ok(TrainAction::Order(match (verb, rest.trim()) {
        ("" | "list", "") => TrainOrder::Models,
        ("use", name) if !name.is_empty() => TrainOrder::Use(name.into()),
        ("rollback", "") => TrainOrder::Rollback,
        _ => return Err(Refusal::wants("model", "list, use NAME or rollback")),
    }))
}

/// The arguments of `jukebox train` for the words behind `start`.
fn arguments(words: &str) -> Result<Vec<String>, Refusal> {
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |name: &str, value: Option<&str>| {
        let given = arguments.iter().any(|one| one == name || (name != "--from-teacher" && is_limit(one)));
        arguments.push(name.into());
        arguments.extend(value.map(str::to_string));
        if given { Err(Refusal::takes("train start", "one time, and teacher once")) } else { Ok(()) }
    };
    for word in words.split_whitespace() {
        match word {
            "teacher" => add("--from-teacher", None)?,
            time if time.contains(':') => {
                time.parse::<TimeOfDay>().map_err(Refusal::argument)?;
                add("--until", Some(time))?;
            }
            length => {
                limit::parse_for(length).map_err(|_| {
                    let length = crate::text::sanitize(length);
                    Refusal::wants("train start", format!("a time like 6h or 07:00, or teacher, not '{length}'"))
                })?;
                add("--for", Some(length))?;
            }
        }
    }
    Ok(arguments)
}

fn is_limit(argument: &str) -> bool {
    matches!(argument, "--for" | "--until")
}

fn complete_train(rest: &str, model: &Model) -> Vec<Completion> {
    let Some((verb_typed, _)) = rest.split_once(' ') else { return TRAIN.iter().map(verb).collect() };
    let runs = model.training.board.iter().flat_map(|board| &board.runs);
    let fits = |run: &&Arc<Run>| match verb_typed {
        "resume" => run.goes_on(),
        "publish" => run.has_model && !run.state.is_running(),
        _ => false,
    };
    runs.filter(fits).map(|run| Completion::new(format!("{verb_typed} {}", run.name), run.words())).collect()
}

fn complete_model(rest: &str, _: &Model) -> Vec<Completion> {
    if rest.contains(' ') { Vec::new() } else { MODEL.iter().map(verb).collect() }
}

/// Carries a command out.
pub(super) fn act(action: TrainAction, effects: &mut Vec<Effect>) {
    effects.push(match action {
        TrainAction::Show => Effect::Screen(ScreenAction::Train),
        TrainAction::Order(order) => Effect::Train(order),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(words: &str) -> Result<Vec<String>, Refusal> {
        match train(&format!("start {words}"))? {
            TrainAction::Order(TrainOrder::Start(arguments)) => Ok(arguments),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_training_is_started_with_a_limit_or_a_teacher() {
        assert_eq!(start(""), Ok(Vec::new()));
        assert_eq!(start("6h").unwrap(), ["--for", "6h"]);
        assert_eq!(start("teacher 07:00").unwrap(), ["--from-teacher", "--until", "07:00"]);
        for bad in ["soon", "6h 7h", "6h 07:00", "25:00", "teacher teacher", "--out /"] {
            assert!(start(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn runs_and_encoders_are_named_or_meant() {
        let order = |order| Ok(TrainAction::Order(order));
        assert_eq!(train(""), Ok(TrainAction::Show));
        assert_eq!(train("stop"), order(TrainOrder::Stop));
        assert_eq!(train("resume"), order(TrainOrder::Resume(None)));
        assert_eq!(train("publish 2026-11-23-071502"), order(TrainOrder::Publish(Some("2026-11-23-071502".into()))));
        assert_eq!((model(""), model("list")), (order(TrainOrder::Models), order(TrainOrder::Models)));
        assert_eq!(model("use ear-2026-11-23"), order(TrainOrder::Use("ear-2026-11-23".into())));
        assert_eq!(model("rollback"), order(TrainOrder::Rollback));
        for bad in ["stop now", "halt"] {
            assert!(train(bad).is_err(), "{bad}");
        }
        for bad in ["use", "rollback x", "delete x"] {
            assert!(model(bad).is_err(), "{bad}");
        }
    }
}
