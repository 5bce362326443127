//! `:direction`, `:journey` and `:blend`.

use std::sync::Arc;

use crate::describe::reason;
use crate::library::{Catalog, Song};
use crate::queue::{Blend, Course, Origin, Queue, Repeat, Way};
use crate::track::TrackId;

use super::super::course::{BlendAction, CourseAction};
use super::super::effect::{Effect, SetOrder};
use super::super::state::auto::{AutoQueue, Following, Renewal};
use super::super::state::model::Model;
use super::meant::count;
use super::signature;
use crate::ask::names::Part;

/// Carries `:direction` and `:journey` out.
pub(super) fn act(
    model: &mut Model,
    action: CourseAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, String> {
    Ok(Some(match action {
        CourseAction::Show => match model.course() {
            Some(words) => format!("{words}; :direction off ends it"),
            None => "no direction and no journey; :direction tempo up begins one".into(),
        },
        CourseAction::Off => {
            let course = model.auto.course.take().ok_or("no direction and no journey is under way")?;
            model.auto.replace();
            format!("{} is off", reason::way(&course.way, &model.catalog))
        }
        CourseAction::Direction { dim, up, steps } => {
            if model.anchor().is_empty() {
                return Err("nothing to start from: play a track or add one to the queue".into());
            }
            begin(model, Way::Direction { dim, up }, steps)?
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
            return Ok(None);
        }
    }))
}

/// Begins a course: the automatic items ahead give way to it. What to say.
pub(super) fn begin(model: &mut Model, way: Way, steps: u16) -> Result<String, String> {
    if matches!(way, Way::Journey { from, to } if from == to) {
        return Err("that journey ends where it begins".into());
    }
    ready(model)?;
    let auto = &mut model.auto;
    auto.courses = auto.courses.wrapping_add(1);
    let course = Course::new(auto.courses, way, steps);
    auto.course = Some(course);
    auto.replace();
    let words = reason::way(&way, &model.catalog);
    Ok(format!("{words}: the next {} tracks; :direction off ends it", course.steps))
}

/// Whether the queue can take a course.
fn ready(model: &Model) -> Result<(), String> {
    if !model.auto.on {
        return Err("the queue does not fill itself: :auto on first".into());
    }
    if model.order.modes.repeat == Repeat::All {
        return Err("the queue goes round and takes nothing in: :repeat off first".into());
    }
    Ok(())
}

/// Notes how far the course is; once its last track is past, it has ended. What to say.
pub(super) fn progress(auto: &mut AutoQueue, queue: &Queue, catalog: &Catalog) -> Option<String> {
    let course = auto.course.as_mut()?;
    let mut plays = false;
    if let Some(item) = queue.playing()
        && let Origin::Auto(why) = &item.origin
    {
        course.reach(item.song.track, why);
        plays = course.own(why).is_some();
    }
    if course.left() > 0 || plays || auto.renewal != Renewal::No {
        return None;
    }
    let own = |origin: &Origin| matches!(origin, Origin::Auto(why) if course.own(why).is_some());
    if queue.ahead().iter().any(|i| own(&i.origin)) {
        return None;
    }
    let course = auto.course.take()?;
    let words = reason::way(&course.way, catalog);
    let follows = auto.following.as_ref().map_or("the playlist", |f| &f.name);
    // A course that could not be followed at all was told already.
    (course.reached.at > 0).then(|| format!("{words} has ended: the queue goes on with {follows}"))
}

/// Carries `:blend` out; what to say.
pub(super) fn act_on_blend(
    auto: &mut AutoQueue,
    queue: &Queue,
    action: BlendAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, String> {
    let BlendAction::Of { plus, minus } = action else {
        let left = auto.following.take_if(|f| f.blend.is_some()).ok_or("the queue follows no blend")?;
        auto.replace();
        effects.push(signature::describe(auto, queue));
        return Ok(Some(format!("the queue follows the playlist again, no longer {}", left.name)));
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
                "playlist" if queue.playlist().is_empty() => return Err("there is no playlist yet".into()),
                "playlist" => parts.push(Part::Tracks { label: name, tracks: queue.playlist() }),
                _ => parts.push(Part::Named(name)),
            }
        }
        Ok(parts)
    };
    let plus = if plus.is_empty() { each().collect() } else { parts(plus)? };
    effects.push(Effect::Sets(SetOrder::Blend { plus, minus: parts(minus)? }));
    Ok(None)
}

/// The sets of a blend were found; it is followed from now on. What to say.
pub(super) fn blend(auto: &mut AutoQueue, name: &str, blend: Blend) -> String {
    let name = crate::text::sanitize(name);
    // The choice of dimensions of a saved signature or a mood goes with it.
    if let Some(left) = auto.following.take().filter(|f| f.blend.is_none()) {
        auto.choice = left.before.unwrap_or_default();
    }
    let mut members: Vec<TrackId> = blend.plus.concat();
    members.sort_unstable();
    members.dedup();
    let said = format!("the queue follows {name} ({}); :blend off goes back", count(members.len(), "track"));
    auto.following = Some(Following { name, members, blend: Some(blend), before: None });
    auto.replace();
    said
}
