//! The queue: adding, removing and moving items, and playback modes.

use super::row::Selection;
use super::words::or_selected;
use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::auto::AutoQueue;
use crate::app::state::{Model, State};
use crate::app::update::meant::{self, count};
use crate::app::update::playlist::kept;
use crate::app::update::{modes, playback};
use crate::ask::known::Known;
use crate::library::Song;
use crate::library::journal::Verdict;
use std::path::PathBuf;
use std::sync::Arc;

use crate::library::playlist::sort::{self, Order};
use crate::queue::{Mode, Queue, Repeat, Shuffle};
use crate::text::either;

use super::row::{Args, Completion, ENTRIES, PATH, Row, SWITCH, Takes, free, row};
use super::words::{Entry, ON_OFF, entries, one_of, some};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueAction {
    /// Add the files at a path, or else the selection, to the hand-added tracks.
    Enqueue(Option<PathBuf>),
    /// Add them right after the playing track.
    EnqueueNext(Option<PathBuf>),
    /// Remove items; none means the selected ones.
    Remove(Vec<Entry>),
    /// Play an item; none means the selected one.
    Jump(Option<Entry>),
    /// Empty the queue.
    Clear,
    /// Set a playback mode.
    Mode(Mode),
    /// Put an item before another.
    Move(Entry, Entry),
    /// Sort the hand-added tracks; in the library's view its list instead.
    Sort(Sorting),
}

use QueueAction as Do;

/// How a list is to be sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sorting {
    /// By the key after the present one.
    Next,
    /// In the list's own order.
    Off,
    /// By these keys.
    By(Vec<Order>),
}

/// The commands.
pub const ROWS: &[Row<QueueAction>] = &[
    row("enqueue", PATH, "add to what you chose, before automatic tracks", |t| {
        Ok(Do::Enqueue(some(t.rest).map(PathBuf::from)))
    })
    .or(&["add"])
    .takes(Takes::SONGS_IF_BARE),
    row("enqueue-next", PATH, "add right after the playing track", |t| {
        Ok(Do::EnqueueNext(some(t.rest).map(PathBuf::from)))
    })
    .takes(Takes::SONGS_IF_BARE),
    row("remove", ENTRIES, "take tracks out of the queue", |t| {
        Ok(Do::Remove(
            entries(t.rest).ok_or_else(|| Refusal::wants("remove", "numbers of tracks ahead, like 3 or 3 4 5"))?,
        ))
    })
    .takes(Takes::Items { unmarks: true }),
    row("jump", ENTRIES, "play a track of the queue now", |t| match entries(t.rest).as_deref() {
        Some([]) => Ok(Do::Jump(None)),
        Some([one]) => Ok(Do::Jump(Some(*one))),
        _ => Err(Refusal::wants("jump", "the number of a track ahead, like 3")),
    })
    .takes(Takes::Items { unmarks: false }),
    row("clear", Args::None, "empty the queue; the playing track goes on", |_| Ok(Do::Clear)),
    row(
        "shuffle",
        Args::Words("[off|tracks|albums]", &["off", "tracks", "albums"]),
        "the order of what you added; alone: the next kind",
        |t| {
            let kinds = [("off", Shuffle::Off), ("tracks", Shuffle::Tracks), ("albums", Shuffle::Albums)];
            Ok(Do::Mode(Mode::Shuffle(one_of(t, &kinds)?)))
        },
    )
    .or(&["random"]),
    row(
        "repeat",
        Args::Words("[off|all|one]", &["off", "all", "one"]),
        "the queue or the track again and again; alone: the next kind",
        |t| {
            let kinds = [("off", Repeat::Off), ("all", Repeat::All), ("one", Repeat::One)];
            Ok(Do::Mode(Mode::Repeat(one_of(t, &kinds)?)))
        },
    ),
    row("continue", SWITCH, "whether the next track follows by itself", |t| {
        Ok(Do::Mode(Mode::Continue(one_of(t, &ON_OFF)?)))
    }),
    row("consume", SWITCH, "whether what was played leaves the queue", |t| {
        Ok(Do::Mode(Mode::Consume(one_of(t, &ON_OFF)?)))
    }),
    row("move", free("N TO"), "put a track of the queue before another: move 5 1", |t| {
        match entries(t.rest).as_deref() {
            Some([from, to]) => Ok(Do::Move(*from, *to)),
            _ => Err(Refusal::wants("move", "two numbers of tracks ahead, like 5 1")),
        }
    }),
    row(
        "sort",
        Args::Typed("[KEY,…|off]", keys),
        "sort the library, or your part of the queue: tempo,-year; alone: next",
        |t| match t.rest {
            "" => Ok(Do::Sort(Sorting::Next)),
            "off" => Ok(Do::Sort(Sorting::Off)),
            text => Ok(Do::Sort(Sorting::By(sort::keys(text)?))),
        },
    ),
];

fn keys(_: &str, _: &Model) -> Vec<Completion> {
    sort::KEYS.iter().map(|(key, _)| *key).chain(["off"]).map(|key| Completion::new(key, "")).collect()
}

/// Carries a command out; what to say.
pub(super) fn act(
    model: &mut Model,
    action: QueueAction,
    selection: &Selection,
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let Model { queue, order, auto, catalog, .. } = model;
    let said = match action {
        Do::Enqueue(path) => {
            let songs = meant::songs(catalog, model.music.as_deref(), path, &selection.songs)?;
            let said = format!("{} added", count(songs.len(), "track"));
            choose(auto, queue, &songs, effects);
            queue.append(songs);
            order.added(queue);
            said
        }
        Do::EnqueueNext(path) => {
            let songs = meant::songs(catalog, model.music.as_deref(), path, &selection.songs)?;
            let n = songs.len();
            let said = format!("{} {} next", count(n, "track"), either(n, "comes", "come"));
            choose(auto, queue, &songs, effects);
            queue.insert_next(songs);
            said
        }
        Do::Remove(entries) => {
            let entries = or_selected(entries, &selection.items);
            if entries.is_empty() {
                let wants = "numbers of tracks ahead, like 3; in the queue, D removes the selection";
                return Err(Refusal::wants("remove", wants));
            }
            let serials = meant::serials(queue, &entries)?;
            let songs: Vec<Arc<Song>> = serials.iter().filter_map(|s| queue.get(*s)).map(|i| i.song.clone()).collect();
            let stood = model.stand();
            playback::take_out(&mut model.deck(), &serials, Verdict::Removed, effects);
            model.undo.push_queue(format!("remove {}", meant::titles(songs.iter())), stood);
            return Ok(None);
        }
        Do::Jump(entry) => {
            let [entry] = or_selected(entry.into_iter().collect(), &selection.items)[..] else {
                return Err(Refusal::wants("jump", "the number of a track ahead, like 3"));
            };
            let serial = meant::serial(queue, entry)?;
            if let Some(item) = queue.get(serial).filter(|i| i.away) {
                return Err(Refusal::Away { what: item.song.title().into(), files: "its file" });
            }
            let mut deck = model.deck();
            playback::leave(&mut deck, false, effects);
            deck.queue.jump(serial);
            playback::load(&mut deck, 0.0, false, effects);
            return Ok(None);
        }
        Do::Clear => {
            let (stood, before) = (model.stand(), model.queue.items().len());
            // The current track plays on; after `stop` nothing plays, and the queue is emptied completely.
            if model.play.state == State::Stopped {
                model.queue.reset();
            }
            model.queue.clear();
            let gone = before - model.queue.items().len();
            model.undo.push_queue(format!("clear ({})", count(gone, "track")), stood);
            "the queue is cleared".into()
        }
        Do::Mode(mode) => {
            // The other modes leave what the user added in its place.
            let stood = matches!(mode, Mode::Shuffle(_)).then(|| model.stand());
            let (kind, said) = modes::set(&mut model.order, &mut model.queue, &mut model.auto, mode);
            if let Some(stood) = stood {
                model.undo.push_queue(format!("shuffle {}", model.order.modes.shuffle.word()), stood);
            }
            model.notify(kind, said);
            return Ok(None);
        }
        Do::Move(from, to) => {
            let (from, to) = (meant::serial(queue, from)?, meant::serial(queue, to)?);
            let title = queue.get(from).map(|item| item.song.title()).unwrap_or_default();
            let stood = model.stand();
            model.queue.move_before(from, to);
            model.undo.push_queue(format!("move {title}"), stood);
            return Ok(None);
        }
        Do::Sort(Sorting::By(keys)) => {
            let stood = model.stand();
            let Model { queue, tallies, space, fits, .. } = model;
            let known = Known { tallies, space, fits };
            queue.sort_ahead(|song| sort::place(song, &keys, &known));
            model.undo.push_queue("sort", stood);
            format!("what you chose is sorted by {}", sort::text(&keys))
        }
        // Only the screen knows what was sorted by before.
        Do::Sort(Sorting::Next) => return Err(Refusal::wants("sort", "keys such as artist,-year")),
        Do::Sort(Sorting::Off) => {
            return Err(Refusal::NothingTo("the queue has no order of its own; u takes a sort back"));
        }
    };
    Ok(Some(said))
}

/// Notes that the user added these songs, for taste and for refused tracks.
fn choose(auto: &mut AutoQueue, queue: &Queue, songs: &[Arc<Song>], effects: &mut Vec<Effect>) {
    kept(auto, queue, songs, effects);
    auto.welcome(songs);
}
