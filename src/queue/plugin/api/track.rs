//! The table of a track that a script gets.

use std::hash::{DefaultHasher, Hash, Hasher};

use mlua::{Lua, Table};

use crate::latent::{NAMED, named};
use crate::library::Song;
use crate::queue::Context;
use crate::track::TrackId;

use super::args;

/// The most genres of a track that a script gets.
const MOST_GENRES: usize = 32;
/// The place of the tempo among the named dimensions, which is kept in turns.
const TEMPO: usize = 0;

/// The table of a track; `None` when the library does not have it.
pub(super) fn table(lua: &Lua, context: &Context, id: TrackId) -> mlua::Result<Option<Table>> {
    let Some(song) = context.catalog.of_track(id) else { return Ok(None) };
    let tags = &song.tags;
    let table = lua.create_table()?;
    table.raw_set("id", song.track.to_string())?;
    table.raw_set("title", song.title())?;
    table.raw_set("artist", song.artist())?;
    table.raw_set("album", song.album())?;
    table.raw_set("album_id", album_id(song))?;
    table.raw_set("genres", lua.create_sequence_from(tags.genres.iter().take(MOST_GENRES).map(String::as_str))?)?;
    table.raw_set("year", tags.year)?;
    table.raw_set("track", tags.track)?;
    table.raw_set("disc", tags.disc)?;
    table.raw_set("secs", song.secs)?;
    let tally = context.tallies.of_song(song);
    table.raw_set("rating", tally.rating)?;
    table.raw_set("loved", tally.loved)?;
    table.raw_set("plays", tally.plays)?;
    table.raw_set("skips", tally.skips)?;
    table.raw_set("heard", tally.last_played)?;
    table.raw_set("added", (song.added > 0).then_some(song.added))?;
    let row = args::row(context, song.track);
    table.raw_set("tags", words(lua, context, row)?)?;
    table.raw_set("sound", sound(lua, context, row)?)?;
    Ok(Some(table))
}

/// The same text for all tracks of an album.
fn album_id(song: &Song) -> Option<String> {
    if song.album().is_empty() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    song.album_key().hash(&mut hasher);
    Some(format!("{:016x}", hasher.finish()))
}

/// The words that the encoder says of a row, with their probabilities.
fn words(lua: &Lua, context: &Context, row: Option<u32>) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    let (space, lexicon) = (&context.space, context.space.lexicon());
    let Some(row) = row else { return Ok(table) };
    for word in 0..lexicon.terms().len() {
        if let Some(said) = lexicon.say(word, space.tags(), row).filter(|said| said.said) {
            table.raw_set(said.word, said.probability)?;
        }
    }
    Ok(table)
}

fn sound(lua: &Lua, context: &Context, row: Option<u32>) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    let Some(row) = row else { return Ok(table) };
    for (place, (dim, value)) in NAMED.iter().zip(context.space.named(row)).enumerate() {
        if value.is_finite() {
            table.raw_set(dim.name, if place == TEMPO { named::bpm(value) } else { value })?;
        }
    }
    Ok(table)
}
