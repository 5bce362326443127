//! Courses (directions and journeys) and blends: starting, following and ending them.

use crate::describe::reason;
use crate::latent::Names;
use crate::library::Catalog;
use crate::queue::{Blend, Course, Origin, Queue, Repeat, Way};
use crate::track::TrackId;

use super::super::refusal::Refusal;
use super::super::state::auto::{AutoQueue, Following, Renewal};
use super::super::state::model::Model;
use super::meant::count;

/// Starts a course, which replaces the automatic items ahead. Returns the notice.
pub(in crate::app) fn begin(
    auto: &mut AutoQueue,
    (queue, repeat): (&Queue, Repeat),
    (catalog, names): (&Catalog, &Names),
    course: Course,
) -> Result<String, Refusal> {
    let points = course.points();
    if !course.leads_on() {
        return Err(Refusal::impossible(match points.len() {
            2 => "that journey ends where it begins",
            _ => "that journey goes from a track to the same track",
        }));
    }
    if course.steps < course.fewest() {
        let least = format!("a journey by {} points has {} tracks at least", points.len(), course.fewest());
        return Err(Refusal::impossible(least));
    }
    ready(auto, repeat)?;
    auto.courses = auto.courses.wrapping_add(1);
    let course = Course { number: auto.courses, ..course };
    auto.course = Some(course);
    auto.replace();
    let words = match points.is_empty() {
        true => reason::way(&course.way, catalog, Some(names)),
        false => points.iter().map(|&point| reason::title(point, catalog)).collect::<Vec<_>>().join(" → "),
    };
    let again = if course.seed > 0 { format!("; seed:{} goes this way again", course.seed) } else { String::new() };
    let next = match course.steps {
        1 => "the next track".into(),
        steps => format!("the next {steps} tracks"),
    };
    // It begins behind what the user has added.
    let behind = match queue.ahead().iter().filter(|item| item.origin == Origin::Hand).count() {
        0 => String::new(),
        own => format!(" after your {own}"),
    };
    Ok(format!("{words}: {next}{behind}{again}; :direction off ends it"))
}

/// Starts a journey whose points were found. Returns the notice.
///
/// # Errors
/// Those of [`begin`].
pub(super) fn journey(
    model: &mut Model,
    (from, to): (TrackId, TrackId),
    via: &[TrackId],
    steps: u16,
    seed: Option<u32>,
) -> Result<String, Refusal> {
    // Another way each time.
    let seed = seed.unwrap_or_else(|| model.order.lot());
    let course = Course::new(0, Way::Journey { from, to }, steps).by(via, seed);
    begin(&mut model.auto, (&model.queue, model.order.modes.repeat), (&*model.catalog, &*model.names), course)
}

/// Checks that a course can be started.
pub(in crate::app) fn ready(auto: &AutoQueue, repeat: Repeat) -> Result<(), Refusal> {
    if !auto.on {
        return Err(Refusal::Mode { now: "the queue does not fill itself", instead: ": :auto on first" });
    }
    if repeat == Repeat::All {
        return Err(Refusal::Mode { now: "the queue goes round and takes nothing in", instead: ": :repeat off first" });
    }
    Ok(())
}

/// Updates the progress of the course and ends it after its last track. Returns a notice when it has ended.
pub(in crate::app) fn progress(
    auto: &mut AutoQueue,
    queue: &Queue,
    catalog: &Catalog,
    names: &Names,
) -> Option<String> {
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
    let words = reason::way(&course.way, catalog, Some(names));
    let follows = auto.following.as_ref().map_or("the playlist", |f| &f.name);
    // A course without a single track was reported already.
    (course.reached.at > 0).then(|| format!("{words} has ended: the queue goes on with {follows}"))
}

/// Follows a blend whose sets were resolved. Returns the notice.
pub(in crate::app) fn blend(auto: &mut AutoQueue, name: &str, blend: Blend) -> String {
    let name = crate::text::sanitize(name);
    // Leaving a saved signature or a mood also drops its choice of dimensions.
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
