//! Limits of the automatic queue: `:only`, `:never`, `:limits`, and its end: `:length`, `:until`.

use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::Model;
use crate::app::state::auto::AutoQueue;
use crate::app::state::bounds::{Bounds, Ending, Until};
use crate::app::state::filling::Filling;
use crate::app::state::order::Order;
use crate::app::update::ending;
use crate::ask::context::fault_of_limit;
use crate::config::{LimitSet, times};
use crate::library::filter::Language;
use crate::queue::{Limits, Repeat};
use crate::text;

use super::library::complete_filter;
use super::row::{Args, Completion, Row, row};
use super::words::some;

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum LimitsAction {
    /// The filter that every automatic track has to pass.
    Only(Filter),
    /// The filter that none may pass.
    Never(Filter),
    /// Say which limits hold.
    Show,
    /// Lift what a command set.
    Off,
    /// Put a named set into force.
    Set(String),
    /// How long the queue is to last in seconds of music; `None` says how long it does.
    Length(Option<f64>),
    /// The time of day at which it is to end, in minutes after midnight; `None` says when it does.
    Until(Option<u16>),
    /// The queue is no longer to end.
    Endless,
}

/// A filter as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Say which one holds.
    Show,
    /// None any more.
    Off,
    /// This one.
    Put(String),
}

use LimitsAction as Do;

/// The commands.
pub const ROWS: &[Row<LimitsAction>] = &[
    row("only", Args::Typed("[FILTER|off]", complete), "automatic tracks all pass it: genre=jazz & rating>=60", |t| {
        Ok(Do::Only(filter(t.rest)))
    }),
    row("never", Args::Typed("[FILTER|off]", complete), "automatic tracks never pass it: genre~metal | live", |t| {
        Ok(Do::Never(filter(t.rest)))
    }),
    row("limits", Args::Typed("[NAME|off]", sets), "limits of [limits.NAME]; off lifts them; alone: what holds", |t| {
        Ok(match t.rest {
            "" => Do::Show,
            "off" => Do::Off,
            name => Do::Set(name.into()),
        })
    }),
    row(
        "length",
        Args::Words("[TIME|off]", &["90m", "off"]),
        "the queue lasts so long, then the music ends: 90m, 2h",
        |t| match t.rest {
            "" => Ok(Do::Length(None)),
            "off" => Ok(Do::Endless),
            time => times::length(time)
                .map(|secs| Do::Length(Some(secs)))
                .ok_or_else(|| Refusal::wants("length", "a time like 90m or 1h30m, or off")),
        },
    ),
    row(
        "until",
        Args::Words("[TIME|off]", &["23:30", "off"]),
        "the queue and the music end at a time of day: 23:30",
        |t| match t.rest {
            "" => Ok(Do::Until(None)),
            "off" => Ok(Do::Endless),
            time => times::clock(time)
                .map(|minute| Do::Until(Some(minute)))
                .ok_or_else(|| Refusal::wants("until", "a time of day like 23:30, or off")),
        },
    ),
];

fn filter(text: &str) -> Filter {
    match some(text) {
        None => Filter::Show,
        Some(text) if text == "off" => Filter::Off,
        Some(text) => Filter::Put(text),
    }
}

/// Completes a filter, or `off`.
fn complete(typed: &str, model: &Model) -> Vec<Completion> {
    let off = Completion::new("off", "no such limit");
    complete_filter(typed, model).into_iter().chain([off]).collect()
}

fn sets(_: &str, model: &Model) -> Vec<Completion> {
    let named = model.auto.bounds.named.iter().map(|(name, set)| Completion::new(name, brief(set)));
    named.chain([Completion::new("off", "the limits of [queue] alone")]).collect()
}

fn brief(set: &LimitSet) -> String {
    let (only, never) = (set.only.clone(), set.never.clone());
    let limits = Limits { only, never, shares: set.shares().collect(), ..Limits::default() };
    text::sanitize(&limits.words().join("; "))
}

/// Carries a command out; what to say.
pub(super) fn act(
    model: &mut Model,
    action: LimitsAction,
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    Ok(Some(match action {
        Do::Show => shown(model),
        Do::Only(Filter::Show) => of("only", &model.auto.bounds.limits.only),
        Do::Never(Filter::Show) => of("never", &model.auto.bounds.limits.never),
        Do::Only(Filter::Put(filter)) => {
            check("only", &filter, &model.language)?;
            let what = format!("only {filter}");
            let said = format!("{what}: other automatic tracks give way; u takes it back");
            let limits = Limits { only: filter, ..model.auto.bounds.limits.clone() };
            model.change_bounds(|filling| put_limits(filling, limits, what, said))
        }
        Do::Never(Filter::Put(filter)) => {
            check("never", &filter, &model.language)?;
            let what = format!("never {filter}");
            let said = format!("{what}: such automatic tracks give way; u takes it back");
            let limits = Limits { never: filter, ..model.auto.bounds.limits.clone() };
            model.change_bounds(|filling| put_limits(filling, limits, what, said))
        }
        Do::Only(Filter::Off) => {
            let limits = Limits { only: String::new(), ..model.auto.bounds.limits.clone() };
            model.change_bounds(|filling| put_limits(filling, limits, "only off".into(), "only: off".into()))
        }
        Do::Never(Filter::Off) => {
            let limits = Limits { never: String::new(), ..model.auto.bounds.limits.clone() };
            model.change_bounds(|filling| put_limits(filling, limits, "never off".into(), "never: off".into()))
        }
        Do::Set(name) => {
            let (found, limits) = set(model, &name)?;
            // All of it comes at once, and is undone at once, when it is known how long it is until then: see [`until`].
            if let Some(minute) = times::clock(&found.until) {
                effects.push(Effect::Until { minute, asked: Until::Set(name) });
                return Ok(None);
            }
            let ending = times::length(&found.length).map(|secs| Ending::Heard(model.play.sounded + secs));
            model.change_bounds(|filling| enforce(filling, &name, limits, ending))
        }
        Do::Off => model.change_bounds(lift),
        Do::Length(None) | Do::Until(None) => match end_of(model) {
            Some(words) => format!("{words}; :length off lets it go on"),
            None => "the queue goes on and on; :length 90m or :until 23:30 ends it".into(),
        },
        Do::Length(Some(secs)) => {
            may_end(&model.auto, &model.order)?;
            let ending = Ending::Heard(model.play.sounded + secs);
            model.change_bounds(|filling| ending::set(filling, Some(ending)))
        }
        Do::Until(Some(minute)) => {
            may_end(&model.auto, &model.order)?;
            effects.push(Effect::Until { minute, asked: Until::End });
            return Ok(None);
        }
        Do::Endless if model.auto.bounds.ending.is_none() => {
            return Err(Refusal::NothingTo("the queue has no end set"));
        }
        Do::Endless => model.change_bounds(|filling| ending::set(filling, None)),
    }))
}

/// Puts other limits into force. Returns `what` and `said` as they are, for `Model::change_bounds`.
pub(super) fn put_limits(filling: &mut Filling<'_>, limits: Limits, what: String, said: String) -> (String, String) {
    filling.auto.change_limits(limits);
    (what, said)
}

/// Lifts what commands have set. Returns the change and what to say.
fn lift(filling: &mut Filling<'_>) -> (String, String) {
    filling.auto.limit(filling.auto.bounds.usual.clone(), None);
    ending::set(filling, None);
    let said = match filling.auto.bounds.limits.words() {
        words if words.is_empty() => "no limits any more".into(),
        words => format!("only the limits of [queue] are left: {}", words.join("; ")),
    };
    ("limits off".into(), said)
}

/// A named set with the limits that it brings, if it can come into force.
fn set(model: &Model, name: &str) -> Result<(LimitSet, Limits), Refusal> {
    let found = named(&model.auto.bounds, name)?;
    let limits = model.auto.bounds.usual.with(&found);
    check(&format!("limits.{name}.only"), &limits.only, &model.language)?;
    check(&format!("limits.{name}.never"), &limits.never, &model.language)?;
    if !found.length.is_empty() || !found.until.is_empty() {
        may_end(&model.auto, &model.order)?;
    }
    Ok((found, limits))
}

/// Puts a named set into force whose queue ends at a time of day, so many seconds from now; what to say.
///
/// # Errors
/// There is no such set any more, or the queue cannot end any more.
pub(in crate::app) fn until(model: &mut Model, name: &str, minute: u16, secs: f64) -> Result<String, Refusal> {
    let found = named(&model.auto.bounds, name)?;
    may_end(&model.auto, &model.order)?;
    let (limits, ending) = (model.auto.bounds.usual.with(&found), ending::at(model.now, minute, secs));
    Ok(model.change_bounds(|filling| enforce(filling, name, limits, Some(ending))))
}

/// Puts the limits of a named set into force, and the end that it brings. Returns the change and what to say.
fn enforce(filling: &mut Filling<'_>, name: &str, limits: Limits, ending: Option<Ending>) -> (String, String) {
    let mut words = limits.words();
    filling.auto.limit(limits, Some(name.to_string()));
    if ending.is_some() {
        words.push(ending::set(filling, ending).1);
    }
    let what = format!("limits {name}");
    let said = if words.is_empty() { what.clone() } else { format!("{what}: {}", words.join("; ")) };
    (what, said)
}

/// The set of this name, or which there are.
fn named(bounds: &Bounds, name: &str) -> Result<LimitSet, Refusal> {
    if let Some(found) = bounds.named.get(name) {
        return Ok(found.clone());
    }
    let name = text::sanitize(name);
    let instead = match bounds.named.is_empty() {
        true => format!(": config.toml has none, [limits.{name}] would be one"),
        false => {
            let names: Vec<&str> = bounds.named.keys().map(String::as_str).collect();
            format!("; there are: {}", names.join(", "))
        }
    };
    Err(Refusal::unknown(format!("there is no set of limits '{name}'"), instead))
}

/// What is wrong with a filter, before it counts.
fn check(name: &str, filter: &str, language: &Language) -> Result<(), Refusal> {
    match fault_of_limit(filter, language) {
        Some(fault) => Err(Refusal::Argument(format!("{name}: {fault}"))),
        None => Ok(()),
    }
}

/// Whether an end of the queue can mean anything.
fn may_end(auto: &AutoQueue, order: &Order) -> Result<(), Refusal> {
    if !auto.on {
        return Err(Refusal::Mode {
            now: "the queue holds only what you add, and ends with it",
            instead: "; :sleep 45m stops the music after a time",
        });
    }
    if order.modes.repeat != Repeat::Off {
        return Err(Refusal::Mode {
            now: "with repeat the queue does not end",
            instead: ": :repeat off first, or :sleep 45m",
        });
    }
    Ok(())
}

fn of(name: &str, filter: &str) -> String {
    match filter {
        "" => format!("{name}: off; {name} genre=jazz would be one"),
        filter => format!("{name} {filter}; :{name} off lifts it"),
    }
}

fn end_of(model: &Model) -> Option<String> {
    model.auto.bounds.end_words(model.play.sounded, model.now)
}

/// Everything that holds.
fn shown(model: &Model) -> String {
    let bounds = &model.auto.bounds;
    let words = bounds.words(model.play.sounded, model.now);
    let set = bounds.set.as_ref().map_or_else(String::new, |name| format!(" {name}"));
    match words.is_empty() {
        true => "no limits; :only genre=jazz, :never live and :length 90m set some".into(),
        false => format!("limits{set}: {}", words.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::Typed;
    use super::*;

    fn parsed(line: &str) -> Result<LimitsAction, Refusal> {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let row = ROWS.iter().find(|row| row.name == name).unwrap();
        (row.parse)(Typed { name: row.name, forced: false, rest })
    }

    #[test]
    fn lines_are_read() {
        assert_eq!(parsed("only"), Ok(Do::Only(Filter::Show)));
        assert_eq!(parsed("only off"), Ok(Do::Only(Filter::Off)));
        assert_eq!(parsed("never live"), Ok(Do::Never(Filter::Put("live".into()))));
        assert_eq!((parsed("limits"), parsed("limits off")), (Ok(Do::Show), Ok(Do::Off)));
        assert_eq!(parsed("limits party"), Ok(Do::Set("party".into())));
        assert_eq!((parsed("length 90m"), parsed("length")), (Ok(Do::Length(Some(5400.0))), Ok(Do::Length(None))));
        assert_eq!((parsed("until 23:30"), parsed("until off")), (Ok(Do::Until(Some(1410))), Ok(Do::Endless)));
        assert_eq!(parsed("length long").unwrap_err().to_string(), "length wants a time like 90m or 1h30m, or off");
        assert_eq!(parsed("until midnight").unwrap_err().to_string(), "until wants a time of day like 23:30, or off");
    }
}
