//! Searches of the library for scripts: by filter, by distance, sorted.

use std::collections::HashSet;
use std::rc::Rc;

use mlua::{Lua, Table, Value};

use crate::latent::{Scorer, Space, named, searcher};
use crate::library::Song;
use crate::library::journal::Tallies;
use crate::library::playlist::sort::{self, SortKey};
use crate::track::TrackId;

use super::args::{self, at};
use super::call::{Call, Found, MOST_IDS, field, ids};
use super::place::{Place, similarity};
use crate::queue::plugin::sandbox::Limits;

/// The most proposals of an answer, and tracks that `nearest` finds.
pub const MOST_PROPOSALS: usize = 500;
/// How many hits a query has unless it says otherwise.
const USUAL: usize = 100;
/// So many tracks can be passed over at most.
const MOST_OFFSET: usize = 1_000_000;
/// Cost in steps, one for every so many tracks: of a scan by distance, of a filter that was not asked for before in this
/// call, and of sorting.
const SCANNED_A_STEP: u64 = 32;
const FILTERED_A_STEP: u64 = 8;
const SORTED_A_STEP: u64 = 4;
/// The places of descriptors among the named dimensions.
const TEMPO: usize = 0;
const BRIGHTNESS: usize = 3;
const ENERGY: usize = 10;

/// The tracks that pass a filter; asked for once a call.
fn filtered(call: &Call, limits: &Limits, filter: &str) -> mlua::Result<Rc<Found>> {
    if let Some(found) = call.found.borrow().get(filter) {
        return Ok(found.clone());
    }
    limits.pay(call.context.catalog.len() as u64 / FILTERED_A_STEP)?;
    let find = || call.context.find.tracks(filter, usize::MAX).map_err(mlua::Error::runtime);
    // The first filter may be the first since the library changed: then the texts of all its songs are prepared.
    let first = call.found.borrow().is_empty();
    let mut tracks = if first { limits.uncounted(find) } else { find() }?;
    let mut set = HashSet::with_capacity(tracks.len());
    // What the limits keep out could not be queued, and would fill the place of what can.
    tracks.retain(|track| call.context.allowed(*track) && set.insert(*track));
    let found = Rc::new(Found { tracks, set });
    call.found.borrow_mut().insert(filter.to_string(), found.clone());
    Ok(found)
}

/// `lib:search(filter, k)`
pub(super) fn search(lua: &Lua, call: &Call, limits: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let filter = args::text(at(args, 0), "the filter")?;
    let filter = filter.ok_or_else(|| args::wants("the filter", "a text", &Value::Nil))?;
    let k = args::count(at(args, 1), USUAL, MOST_IDS, "k")?;
    let found = filtered(call, limits, &filter)?;
    let first = &found.tracks[..k.min(found.tracks.len())];
    Ok(Value::Table(ids(lua, first)?))
}

/// `lib:nearest(to, k, near)`
pub(super) fn nearest(lua: &Lua, call: &Call, limits: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let how = args::table(at(args, 2), "the third argument")?;
    args::known(how, &["filter", "without"], "lib:nearest")?;
    let k = args::count(at(args, 1), USUAL, MOST_PROPOSALS, "k")?;
    let out = lua.create_table()?;
    let asked = Asked::of(how)?;
    if let Some(to) = Place::of(call, limits, at(args, 0), false, "what lib:nearest is to be near")? {
        let found = asked.filter.as_deref().map(|filter| filtered(call, limits, filter)).transpose()?;
        near(lua, call, limits, (&to, found.as_deref(), &asked.without), 0..k, &out)?;
    }
    Ok(Value::Table(out))
}

/// What `nearest` and `query` have in common.
struct Asked {
    filter: Option<String>,
    without: HashSet<TrackId>,
}

impl Asked {
    fn of(how: Option<&Table>) -> mlua::Result<Asked> {
        let filter = args::text(&field(how, "filter"), "filter")?;
        Ok(Asked { filter, without: args::without(&field(how, "without"))?.into_iter().collect() })
    }
}

/// `lib:query(query)`
pub(super) fn query(lua: &Lua, call: &Call, limits: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let how = args::table(at(args, 0), "the query")?;
    args::known(how, &["filter", "near", "sort", "without", "limit", "offset"], "lib:query")?;
    let asked = Asked::of(how)?;
    let offset = args::count(&field(how, "offset"), 0, MOST_OFFSET, "offset")?;
    let limit = args::count(&field(how, "limit"), USUAL, MOST_IDS, "limit")?;
    let keys = match args::text(&field(how, "sort"), "sort")? {
        Some(sort) => Some(sort::keys(&sort).map_err(mlua::Error::runtime)?),
        None => None,
    };
    let to = field(how, "near");
    let to = if to.is_nil() { None } else { Some(Place::of(call, limits, &to, false, "near")?) };
    let out = lua.create_table()?;
    let found = asked.filter.as_deref().map(|filter| filtered(call, limits, filter)).transpose()?;
    match (to, keys) {
        // Near tracks of which none is analysed.
        (Some(None), _) => {}
        (Some(Some(to)), None) => {
            near(lua, call, limits, (&to, found.as_deref(), &asked.without), offset..offset + limit, &out)?;
        }
        (to, keys) => {
            let mut tracks = match &found {
                Some(found) => found.tracks.clone(),
                None => call.context.catalog.tracks().filter(|track| call.context.allowed(*track)).collect(),
            };
            tracks.retain(|track| !asked.without.contains(track));
            let to = to.flatten();
            if to.is_some() {
                tracks.retain(|track| call.context.space.row(*track).is_some());
            }
            if let Some(keys) = keys {
                limits.pay(tracks.len() as u64 / SORTED_A_STEP)?;
                let known = Known::of(call, to.as_ref());
                let song = |track: &TrackId| call.context.catalog.of_track(*track);
                tracks.sort_by_cached_key(|track| song(track).map(|song| sort::place(song, &keys, &known)));
            }
            let to = to.as_ref().map(|to| (to, to.scorer()));
            for track in tracks.iter().skip(offset).take(limit) {
                let told = to.as_ref().and_then(|(to, scorer)| {
                    let row = call.context.space.row(*track)?;
                    Some((*to, row, call.context.space.distance(scorer, row)))
                });
                out.raw_push(hit(lua, call, *track, told, None)?)?;
            }
        }
    }
    Ok(Value::Table(out))
}

/// Adds the tracks nearest to a place, of those that a filter found, without some, in a range of ranks.
fn near(
    lua: &Lua,
    call: &Call,
    limits: &Limits,
    (to, found, without): (&Place, Option<&Found>, &HashSet<TrackId>),
    ranks: std::ops::Range<usize>,
    out: &Table,
) -> mlua::Result<()> {
    let space = &call.context.space;
    limits.pay(space.len() as u64 / SCANNED_A_STEP)?;
    let keep = |row: u32| {
        let passes = |id: TrackId| {
            found.is_none_or(|found| found.set.contains(&id)) && !without.contains(&id) && call.context.lists(id)
        };
        !to.holds(row) && space.id(row).is_some_and(passes)
    };
    let points = to.points(&call.context);
    // A filter rejects most of what an index gives.
    let hits = match to.near().filter(|_| found.is_none()) {
        Some(near) => searcher::nearest(call.context.searcher.as_deref(), space, &near, ranks.end, &keep),
        None => space.scan(&to.scorer(), ranks.end, &keep),
    };
    for near in hits.into_iter().skip(ranks.start) {
        let Some(id) = space.id(near.row) else { continue };
        out.raw_push(hit(lua, call, id, Some((to, near.row, near.distance)), Some(&points))?)?;
    }
    Ok(())
}

fn hit(
    lua: &Lua,
    call: &Call,
    id: TrackId,
    near: Option<(&Place, u32, f32)>,
    points: Option<&[Scorer]>,
) -> mlua::Result<Table> {
    let entry = lua.create_table()?;
    entry.raw_set("id", id.to_string())?;
    if let Some((to, row, measured)) = near {
        entry.raw_set("distance", to.told(measured))?;
        if let Some(points) = points {
            entry.raw_set("sim", similarity(points, &call.context.space.point(row)))?;
        }
    }
    Ok(entry)
}

/// What songs are sorted by beside their tags.
struct Known<'a> {
    tallies: &'a Tallies,
    space: &'a Space,
    to: Option<Scorer>,
}

impl Known<'_> {
    fn of<'a>(call: &'a Call, to: Option<&Place>) -> Known<'a> {
        Known { tallies: &call.context.tallies, space: &call.context.space, to: to.map(Place::scorer) }
    }
}

impl sort::Facts for Known<'_> {
    fn value(&self, song: &Song, key: SortKey) -> Option<f64> {
        let sound = |place: usize| {
            let values = self.space.named(self.space.row(song.track)?);
            values.get(place).copied().filter(|value| value.is_finite())
        };
        match key {
            SortKey::Tempo => sound(TEMPO).map(named::bpm).map(f64::from),
            SortKey::Energy => sound(ENERGY).map(f64::from),
            SortKey::Brightness => sound(BRIGHTNESS).map(f64::from),
            // The nearest first.
            SortKey::Fit => Some(self.space.distance(self.to.as_ref()?, self.space.row(song.track)?).into()),
            SortKey::Plays => Some(self.tallies.of_song(song).plays.into()),
            SortKey::Rating => self.tallies.of_song(song).rating.map(f64::from),
            _ => None,
        }
    }
}
