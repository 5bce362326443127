//! `ctx`: what a script sees of the session during one call.

use std::cell::RefCell;

use mlua::{Lua, Table};

use super::call::{Call, MOST_IDS, ids};
use super::track;
use crate::queue::Context;
use crate::queue::plugin::options::Setting;

/// What of `ctx` lives as long as the script.
pub struct Kept {
    /// `ctx.lib`
    pub lib: Table,
    /// `ctx.options`
    pub options: Table,
    /// `ctx.state`
    pub state: Table,
}

/// Builds the `ctx` table for one call.
pub fn context(lua: &Lua, call: &Call, kept: &Kept, want: usize) -> mlua::Result<Table> {
    let context = &call.context;
    let situation = &context.situation;
    let table = lua.create_table()?;
    table.raw_set("now", situation.playing.map(|id| track::table(lua, context, id)).transpose()?.flatten())?;
    table.raw_set("seeds", ids(lua, context.anchor())?)?;
    table.raw_set("queue", ids(lua, &situation.ahead)?)?;
    table.raw_set("history", history(lua, context)?)?;
    table.raw_set("want", want)?;
    table.raw_set("time", time(lua, context)?)?;
    let rng = RefCell::new(fastrand::Rng::with_seed(context.seed));
    let next = move |_: &Lua, n: Option<f64>| {
        let share = rng.borrow_mut().f64();
        Ok(match n {
            None => share,
            // `as` converts NaN and negative numbers to 0.
            Some(n) => (share * f64::from((n as u32).max(1))).floor() + 1.0,
        })
    };
    table.raw_set("rng", lua.create_function(next)?)?;
    table.raw_set("options", &kept.options)?;
    table.raw_set("state", &kept.state)?;
    table.raw_set("lib", &kept.lib)?;
    Ok(table)
}

fn history(lua: &Lua, context: &Context) -> mlua::Result<Table> {
    let heard = &context.situation.heard;
    let out = lua.create_table()?;
    for id in &heard[heard.len().saturating_sub(MOST_IDS)..] {
        let entry = lua.create_table()?;
        entry.raw_set("id", id.to_string())?;
        let at = context.catalog.of_track(*id).and_then(|song| context.tallies.of_song(song).last_played);
        entry.raw_set("at", at)?;
        out.raw_push(entry)?;
    }
    Ok(out)
}

fn time(lua: &Lua, context: &Context) -> mlua::Result<Table> {
    let now = &context.time;
    let table = lua.create_table()?;
    table.raw_set("unix", now.unix)?;
    table.raw_set("year", now.year)?;
    let parts =
        [("month", now.month), ("day", now.day), ("hour", now.hour), ("minute", now.minute), ("weekday", now.weekday)];
    for (name, value) in parts {
        table.raw_set(name, value)?;
    }
    Ok(table)
}

/// The table of the options, which a script cannot change.
pub fn options(lua: &Lua, settings: &[(String, Setting)]) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (name, setting) in settings {
        let name = name.as_str();
        match setting {
            Setting::Number(number) => table.raw_set(name, *number)?,
            Setting::Text(text) => table.raw_set(name, text.as_str())?,
            Setting::Switch(on) => table.raw_set(name, *on)?,
        }
    }
    table.set_readonly(true);
    Ok(table)
}
