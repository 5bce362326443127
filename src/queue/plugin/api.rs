//! The interface for scripts, version 1:
//!
//! - `ctx.now`: the playing track (a table as from `get`) or nil; `ctx.seeds`: ids of the playlist
//!   (or of the playing track); `ctx.queue`: upcoming ids; `ctx.history`: played ids, the latest
//!   last; `ctx.want`: the number of tracks asked for; `ctx.rng()`: the next random number in [0,
//!   1), the same sequence for the same session.
//! - `ctx.lib:nearest(ids, k)`: the k tracks with the smallest signature distance to the ids as a
//!   set, without the ids, as `{id, distance, sim}`; `sim` is the similarity to the most similar of
//!   the ids.
//! - `ctx.lib:get(id)`: `{id, title, artist, album, genres, year, secs}` or nil;
//!   `ctx.lib:sim(a, b)`: 1 for the same sound, about 0.37 for two random tracks, nil when either
//!   is not analysed.
//! - `ctx.lib:search(filter, k)`: ids of the first k songs that match a filter
//!   (`jukebox search --grammar`), in library order.
//!
//! Ids are opaque strings. Host functions cannot be interrupted, so each is bounded and charged for
//! its work in steps.

use std::cell::RefCell;
use std::rc::Rc;

use mlua::{Lua, LuaString, Table, Value, Variadic};

use crate::latent::{DIMS, Scorer, Space};
use crate::queue::Context;
use crate::track::TrackId;

use super::sandbox::Limits;

/// Further proposals are ignored.
pub const MOST_PROPOSALS: usize = 500;
/// Maximum length of a list of ids given to a script; the latest are kept.
const MOST_IDS: usize = 1000;
/// Maximum number of ids that `nearest` uses.
const MOST_SEEDS: usize = 200;
/// Filters are truncated to this many characters.
const MOST_FILTER: usize = 1000;
/// Cost of a host call in steps, chosen so that it takes about as long as that many steps of Luau
/// code. `nearest` costs one more for every `TRACKS_A_STEP` tracks of the library, `search` one
/// more for every `SONGS_A_STEP` songs.
const WORK: u64 = 16;
const TRACKS_A_STEP: u64 = 32;
const SONGS_A_STEP: u64 = 8;

/// The context that host functions use during a call. `None` between calls, so that a script that
/// keeps its `ctx` does not keep a library alive.
pub(super) type Current = Rc<RefCell<Option<Rc<Context>>>>;

/// Builds the `ctx` table for one call.
pub(super) fn context(lua: &Lua, current: &Current, limits: &Limits, want: usize) -> mlua::Result<Table> {
    let now = running(current)?;
    let situation = &now.situation;
    let table = lua.create_table()?;
    table.raw_set("now", situation.playing.map(|id| track(lua, &now, id)).transpose()?.flatten())?;
    table.raw_set("seeds", ids(lua, now.anchor())?)?;
    table.raw_set("queue", ids(lua, &situation.ahead)?)?;
    table.raw_set("history", ids(lua, &situation.heard)?)?;
    table.raw_set("want", want)?;
    let rng = RefCell::new(fastrand::Rng::with_seed(now.seed));
    table.raw_set("rng", lua.create_function(move |_, ()| Ok(rng.borrow_mut().f64()))?)?;
    table.raw_set("lib", library(lua, current, limits)?)?;
    Ok(table)
}

fn library(lua: &Lua, current: &Current, limits: &Limits) -> mlua::Result<Table> {
    let lib = lua.create_table()?;
    // The first argument of each function is `lib` itself, because of the `:` call syntax.
    let (c, l) = (current.clone(), limits.clone());
    lib.raw_set(
        "nearest",
        lua.create_function(move |lua, (_, seeds, k): (Value, Table, f64)| {
            let context = running(&c)?;
            l.pay(WORK + context.space.len() as u64 / TRACKS_A_STEP)?;
            nearest(lua, &context, &seeds, k)
        })?,
    )?;
    let (c, l) = (current.clone(), limits.clone());
    lib.raw_set(
        "get",
        lua.create_function(move |lua, (_, id): (Value, Variadic<Value>)| {
            l.pay(WORK)?;
            id.first().and_then(parse).map_or(Ok(None), |id| track(lua, &*running(&c)?, id))
        })?,
    )?;
    let (c, l) = (current.clone(), limits.clone());
    lib.raw_set(
        "search",
        lua.create_function(move |lua, (_, filter, k): (Value, LuaString, f64)| {
            let context = running(&c)?;
            l.pay(WORK + context.catalog.songs().len() as u64 / SONGS_A_STEP)?;
            let filter = filter.to_str()?.chars().take(MOST_FILTER).collect::<String>();
            let found = context.find.tracks(&filter, (k as usize).min(MOST_IDS)).map_err(mlua::Error::runtime)?;
            ids(lua, &found)
        })?,
    )?;
    let (c, l) = (current.clone(), limits.clone());
    lib.raw_set(
        "sim",
        lua.create_function(move |_, (_, a, b): (Value, Value, Value)| {
            l.pay(WORK)?;
            let context = running(&c)?;
            let row = |id: &Value| parse(id).and_then(|id| context.space.row(id));
            Ok(row(&a).zip(row(&b)).map(|(a, b)| similarity(&context.space, a, b)))
        })?,
    )?;
    Ok(lib)
}

fn running(current: &Current) -> mlua::Result<Rc<Context>> {
    current.borrow().clone().ok_or_else(|| mlua::Error::runtime("ctx is valid only while propose runs"))
}

/// exp(−d²/2), d being the root mean square difference of the scores.
fn similarity(space: &Space, a: u32, b: u32) -> f32 {
    (-0.5 * space.difference(a, b).powi(2)).exp()
}

fn nearest(lua: &Lua, context: &Context, seeds: &Table, k: f64) -> mlua::Result<Table> {
    // `as` converts NaN and negative numbers to 0.
    let k = (k as usize).min(MOST_PROPOSALS);
    let count = seeds.raw_len().min(MOST_SEEDS);
    let tracks: Vec<TrackId> =
        (1..=count).filter_map(|i| seeds.raw_get::<Value>(i).ok().as_ref().and_then(parse)).collect();
    let out = lua.create_table()?;
    let Some((signature, members)) = context.signature(&tracks) else { return Ok(out) };
    let space = &context.space;
    let keep = |row: u32| {
        members.iter().all(|m| m.row != row) && space.id(row).is_some_and(|id| context.catalog.of_track(id).is_some())
    };
    let points: Vec<Scorer> = members.iter().map(|m| Scorer::around(&space.point(m.row), 0..DIMS as u8)).collect();
    for hit in space.scan(&signature.scorer(), k, &keep) {
        let Some(id) = space.id(hit.row) else { continue };
        let z = space.point(hit.row);
        let square = points.iter().map(|p| p.distance(&z)).min_by(f32::total_cmp).unwrap_or(0.0);
        let entry = lua.create_table()?;
        entry.raw_set("id", id.to_string())?;
        entry.raw_set("distance", hit.distance)?;
        entry.raw_set("sim", (-0.5 * square).exp())?;
        out.raw_push(entry)?;
    }
    Ok(out)
}

/// Parses an id; `None` if it is malformed. The length is checked first, since a string may be
/// huge.
pub(super) fn parse(id: &Value) -> Option<TrackId> {
    let id = id.as_string().filter(|id| id.as_bytes().len() == 32)?;
    id.to_str().ok()?.parse().ok()
}

fn ids(lua: &Lua, tracks: &[TrackId]) -> mlua::Result<Table> {
    lua.create_sequence_from(tracks[tracks.len().saturating_sub(MOST_IDS)..].iter().map(TrackId::to_string))
}

fn track(lua: &Lua, context: &Context, id: TrackId) -> mlua::Result<Option<Table>> {
    let Some(song) = context.catalog.of_track(id) else { return Ok(None) };
    let table = lua.create_table()?;
    table.raw_set("id", id.to_string())?;
    table.raw_set("title", song.title())?;
    table.raw_set("artist", song.artist())?;
    table.raw_set("album", song.album())?;
    table.raw_set("genres", lua.create_sequence_from(song.tags.genres.iter().take(32).map(String::as_str))?)?;
    table.raw_set("year", song.tags.year)?;
    table.raw_set("secs", song.secs)?;
    Ok(Some(table))
}
