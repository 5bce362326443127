//! `ctx.lib`: its functions, as `table` documents them.

use mlua::{Lua, MultiValue, Table, Value};

use super::args::{self, MOST_SEEDS, at};
use super::call::{Call, Current, MOST_IDS, ids, placed, running};
use super::place::{Place, SIGNATURE, Sign, handle, mean};
use super::{query, track};
use crate::queue::plugin::sandbox::Limits;

/// Cost of a host call in steps, chosen so that it takes about as long as that many steps of Luau code; of what is
/// proportional to the library more (`query`).
const WORK: u64 = 16;
/// An artist's tracks cost one step for every so many songs.
const SONGS_A_STEP: u64 = 32;
/// How far beyond two points the line between them can be followed, in their distances.
const FARTHEST: f64 = 4.0;

/// A function that scripts can call.
type Host = fn(&Lua, &Call, &Limits, &[Value]) -> mlua::Result<Value>;

/// Every function.
pub(super) const FUNCTIONS: [(&str, Host); 12] = [
    ("get", get),
    ("query", query::query),
    ("nearest", query::nearest),
    ("search", query::search),
    ("album", album),
    ("artist", artist),
    ("point", point),
    ("mean", mean_of),
    ("lerp", lerp),
    ("signature", signature),
    ("distance", distance),
    ("sim", sim),
];

/// Makes the table for a script.
pub fn library(lua: &Lua, current: &Current, limits: &Limits) -> mlua::Result<Table> {
    let lib = lua.create_table()?;
    let own = lib.to_pointer();
    for (name, host) in FUNCTIONS {
        let (current, limits) = (current.clone(), limits.clone());
        let function = lua.create_function(move |lua, args: MultiValue| {
            let args: Vec<Value> = args.into_iter().collect();
            let answer = running(&current).and_then(|call| {
                limits.pay(WORK)?;
                match args.split_first() {
                    Some((Value::Table(first), rest)) if first.to_pointer() == own => host(lua, &call, &limits, rest),
                    _ => Err(mlua::Error::runtime(format!("call it with a colon: lib:{name}(…)"))),
                }
            });
            answer.map_err(|e| placed(lua, &limits, e))
        })?;
        lib.raw_set(name, function)?;
    }
    lib.set_readonly(true);
    Ok(lib)
}

fn get(lua: &Lua, call: &Call, _: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let found = args::id(at(args, 0)).map(|id| track::table(lua, &call.context, id)).transpose()?.flatten();
    Ok(found.map_or(Value::Nil, Value::Table))
}

fn album(lua: &Lua, call: &Call, _: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let catalog = &call.context.catalog;
    let song = args::id(at(args, 0)).and_then(|id| catalog.of_track(id));
    let mut songs: Vec<_> = song.map(|song| catalog.album_of(song).collect()).unwrap_or_default();
    songs.sort_by_key(|song| (song.tags.disc, song.tags.track, song.path.clone()));
    let mut tracks: Vec<_> = songs.iter().map(|song| song.track).collect();
    let mut seen = std::collections::HashSet::new();
    tracks.retain(|track| seen.insert(*track));
    tracks.truncate(MOST_IDS);
    Ok(Value::Table(ids(lua, &tracks)?))
}

fn artist(lua: &Lua, call: &Call, limits: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let catalog = &call.context.catalog;
    limits.pay(catalog.len() as u64 / SONGS_A_STEP)?;
    let name = args::id(at(args, 0)).and_then(|id| catalog.of_track(id)).map(|song| song.artist());
    let mut seen = std::collections::HashSet::new();
    let same = |artist: &str| name.is_some_and(|name| !name.is_empty() && name.eq_ignore_ascii_case(artist));
    let songs = catalog.songs().iter().filter(|song| same(song.artist()));
    let tracks: Vec<_> = songs.map(|song| song.track).filter(|&track| seen.insert(track)).take(MOST_IDS).collect();
    Ok(Value::Table(ids(lua, &tracks)?))
}

fn point(lua: &Lua, call: &Call, _: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let row = args::id(at(args, 0)).and_then(|id| args::row(&call.context, id));
    handle(lua, row.map(|row| call.context.space.point(row)))
}

fn mean_of(lua: &Lua, call: &Call, _: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let Value::Table(of) = at(args, 0) else {
        return Err(args::wants("what lib:mean is of", "a list of ids", at(args, 0)));
    };
    let weights = args::table(at(args, 1), "weights")?;
    let mut points = Vec::new();
    for place in 1..=of.raw_len().min(MOST_SEEDS) {
        let row = args::id(&of.raw_get::<Value>(place)?).and_then(|id| args::row(&call.context, id));
        let weight = match weights {
            Some(weights) => args::number(&weights.raw_get::<Value>(place)?).unwrap_or(0.0),
            None => 1.0,
        };
        points.extend(row.map(|row| (call.context.space.point(row), weight)));
    }
    handle(lua, mean(points.into_iter()))
}

fn lerp(lua: &Lua, call: &Call, limits: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let t = args::number(at(args, 2)).ok_or_else(|| args::wants("t", "a number", at(args, 2)))?;
    let t = t.clamp(-FARTHEST, FARTHEST);
    let a = Place::point(call, limits, at(args, 0), "a")?;
    let b = Place::point(call, limits, at(args, 1), "b")?;
    handle(lua, a.zip(b).and_then(|(a, b)| mean([(a, 1.0 - t), (b, t)].into_iter())))
}

fn signature(lua: &Lua, call: &Call, limits: &Limits, args: &[Value]) -> mlua::Result<Value> {
    limits.pay(SIGNATURE)?;
    let tracks = args::ids(at(args, 0), MOST_SEEDS, "what lib:signature is of")?;
    match call.context.signature(&tracks) {
        Some(found) => Ok(Value::UserData(lua.create_userdata(Sign(found.into()))?)),
        None => Ok(Value::Nil),
    }
}

fn distance(_: &Lua, call: &Call, limits: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let (context, space) = (&call.context, &call.context.space);
    let Some(to) = Place::of(call, limits, at(args, 1), true, "what lib:distance is to")? else {
        return Ok(Value::Nil);
    };
    if let Some(row) = args::id(at(args, 0)).and_then(|id| args::row(context, id)) {
        return Ok(number(to.told(space.distance(&to.scorer(), row))));
    }
    let from = Place::of(call, limits, at(args, 0), true, "what lib:distance is from")?;
    match (from, &to) {
        (None, _) => Ok(Value::Nil),
        (Some(Place::Point(from)), Place::Point(_)) => Ok(number(to.told(to.scorer().distance(&from)))),
        _ => Err(mlua::Error::runtime("the distance to a list or a signature is measured from a track")),
    }
}

fn sim(_: &Lua, call: &Call, _: &Limits, args: &[Value]) -> mlua::Result<Value> {
    let space = &call.context.space;
    let row = |value: &Value| args::id(value).and_then(|id| args::row(&call.context, id));
    let rows = row(at(args, 0)).zip(row(at(args, 1)));
    Ok(rows.map_or(Value::Nil, |(a, b)| number((-0.5 * space.difference(a, b).powi(2)).exp())))
}

fn number(value: f32) -> Value {
    if value.is_finite() { Value::Number(value.into()) } else { Value::Nil }
}
