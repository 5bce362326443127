//! `:direction`, `:journey` and `:blend`, carried out.

use std::sync::Arc;

use crate::describe::reason;
use crate::library::Song;
use crate::queue::{Blend, Course, Origin, Repeat, Way};
use crate::track::TrackId;

use super::super::course::{BlendAction, CourseAction, Part};
use super::super::effect::{Effect, SetOrder};
use super::super::state::model::{Following, Model, Renewal};
use super::commands::count;
use super::{autoqueue, signature};

/// Carries out what stands behind `:direction` and `:journey`.
pub(super) fn act(
    model: &mut Model,
    action: CourseAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    match action {
        CourseAction::Show => match model.course() {
            Some(words) => model.say(format!("{words}; :direction off ends it")),
            None => model.say("no direction and no journey; :direction tempo up begins one"),
        },
        CourseAction::Off => {
            let course = model.auto.course.take().ok_or("no direction and no journey is under way")?;
            let words = reason::way(&course.way, &model.catalog);
            autoqueue::replace(model);
            model.say(format!("{words} is off"));
        }
        CourseAction::Direction { dim, up, steps } => {
            if model.anchor().is_empty() {
                return Err("nothing to go by: play a track or add one to the queue".into());
            }
            begin(model, Way::Direction { dim, up }, steps)?;
        }
        CourseAction::Journey { ends, steps } => {
            ready(model)?;
            let playing = || model.playing().map(|item| item.song.track).ok_or("nothing plays: name two ends");
            let track = |track| Part::Tracks { label: String::new(), tracks: vec![track] };
            let (from, to) = match (&ends[..], selected) {
                ([a, b], _) => (Part::Named(a.clone()), Part::Named(b.clone())),
                ([b], _) => (track(playing()?), Part::Named(b.clone())),
                (_, [a, .., b]) => (track(a.track), track(b.track)),
                (_, [b]) => (track(playing()?), track(b.track)),
                _ => return Err("journey wants where to go: a title in quotes, or two marked tracks".into()),
            };
            effects.push(Effect::Sets(SetOrder::Journey { from, to, steps }));
        }
    }
    Ok(())
}

/// The ends of a journey were found.
pub(super) fn journey(model: &mut Model, from: TrackId, to: TrackId, steps: u16) {
    let begun = match from == to {
        true => Err("that journey ends where it begins".to_string()),
        false => begin(model, Way::Journey { from, to }, steps),
    };
    if let Err(why) = begun {
        model.complain(why);
    }
}

/// Begins a course: the automatic tail gives way to it.
fn begin(model: &mut Model, way: Way, steps: u16) -> Result<(), String> {
    ready(model)?;
    model.auto.courses = model.auto.courses.wrapping_add(1);
    let course = Course::new(model.auto.courses, way, steps);
    model.auto.course = Some(course);
    autoqueue::replace(model);
    let words = reason::way(&way, &model.catalog);
    model.say(format!("{words}: the next {} tracks; :direction off ends it", course.steps));
    Ok(())
}

/// Whether the queue can take a course.
fn ready(model: &Model) -> Result<(), String> {
    if !model.auto.on {
        return Err("the queue does not fill itself: :auto on first".into());
    }
    if model.modes.repeat == Repeat::All {
        return Err("the queue goes round and takes nothing in: :repeat off first".into());
    }
    Ok(())
}

/// Takes note of how far the course is; once its last track is past, it has ended.
pub(super) fn progress(model: &mut Model) {
    let Some(mut course) = model.auto.course else { return };
    let mut plays = false;
    if let Some(item) = model.queue.playing()
        && let Origin::Auto(why) = &item.origin
    {
        course.reach(item.song.track, why);
        plays = course.own(why).is_some();
    }
    model.auto.course = Some(course);
    let comes = model.queue.ahead().iter().any(|i| matches!(&i.origin, Origin::Auto(why) if course.own(why).is_some()));
    if course.left() == 0 && !plays && !comes && model.auto.renewal == Renewal::No {
        model.auto.course = None;
        let words = reason::way(&course.way, &model.catalog);
        let follows = model.auto.following.as_ref().map_or("the playlist", |f| &f.name);
        // What could not be followed was told already.
        if course.reached.at > 0 {
            model.say(format!("{words} has ended: the queue goes on with {follows}"));
        }
    }
}

/// Carries out what stands behind `:blend`.
pub(super) fn act_on_blend(
    model: &mut Model,
    action: BlendAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let BlendAction::Of { plus, minus } = action else {
        let left = model.auto.following.take_if(|f| f.blend.is_some()).ok_or("the queue follows no blend")?;
        autoqueue::replace(model);
        model.say(format!("the queue follows the playlist again, no longer {}", left.name));
        signature::describe(model, effects);
        return Ok(());
    };
    if plus.is_empty() && selected.is_empty() {
        return Err("blend wants names with + or - before them, or selected tracks: +\"Nina Simone\" -metal".into());
    }
    let each = || selected.iter().map(|song| Part::Tracks { label: song.title(), tracks: vec![song.track] });
    let parts = |names: Vec<String>| -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        for name in names {
            match name.as_str() {
                "" if selected.is_empty() => return Err("no track is selected: put a name behind the sign".into()),
                "" => parts.extend(each()),
                "playlist" if model.queue.playlist().is_empty() => return Err("there is no playlist yet".into()),
                "playlist" => parts.push(Part::Tracks { label: name, tracks: model.queue.playlist() }),
                _ => parts.push(Part::Named(name)),
            }
        }
        Ok(parts)
    };
    let plus = if plus.is_empty() { each().collect() } else { parts(plus)? };
    effects.push(Effect::Sets(SetOrder::Blend { plus, minus: parts(minus)? }));
    Ok(())
}

/// The sets of a blend were found: from now on the queue follows it.
pub(super) fn blend(model: &mut Model, name: &str, blend: Blend, effects: &mut Vec<Effect>) {
    let name = crate::text::sanitize(name);
    // What a saved signature or a mood went by goes with it.
    if let Some(left) = model.auto.following.take().filter(|f| f.blend.is_none()) {
        model.auto.choice = left.before.unwrap_or_default();
    }
    let mut members: Vec<TrackId> = blend.plus.concat();
    members.sort_unstable();
    members.dedup();
    model.say(format!("the queue follows {name} ({}); :blend off goes back", count(members.len(), "track")));
    model.auto.following = Some(Following { name, members, blend: Some(blend), before: None });
    autoqueue::replace(model);
    signature::describe(model, effects);
}
