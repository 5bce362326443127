//! Undo of changes of playlists, on a disk.

use std::collections::VecDeque;

use super::undo::{filled, items, notice};
use super::*;
use crate::library::playlists::Playlists;
use crate::library::signatures::{Saved, Signatures};
use crate::paths::Paths;
use crate::runtime::orders::{self, Clerk};
use crate::runtime::playlists::find;

/// A session with playlists on a disk, whose questions are answered at once.
pub(super) struct World {
    pub model: Model,
    clerk: Clerk,
    dir: std::path::PathBuf,
    paths: Paths,
    /// Removed at the end.
    _home: tempfile::TempDir,
}

/// A playlist with lines that nobody understands, in an old encoding.
const FOREIGN: &[u8] = b"#EXTM3U\r\n#EXTVLCOPT:x\r\n#caf\xe9\r\nhttp://radio/?a#b\r\n/gone.mp3\r\n";

impl World {
    /// With the playlists `a`, `b` and, a smart one, `calm`; the first has lines that nobody understands.
    pub fn new(model: Model) -> World {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let dir = paths.playlists();
        std::fs::create_dir_all(&dir).unwrap();
        let songs = model.catalog.songs();
        let file = |n: usize| format!("{}\r\n", songs[n].path.display()).into_bytes();
        std::fs::write(dir.join("a.m3u8"), [FOREIGN.to_vec(), file(30), file(31)].concat()).unwrap();
        std::fs::write(dir.join("b.m3u8"), [file(35), file(36), file(37)].concat()).unwrap();
        std::fs::write(dir.join("calm.smart"), "genre=ambient\n").unwrap();
        World { clerk: Clerk::new(&paths), dir, paths, model, _home: home }
    }

    /// Gives a command and does what follows from it. All effects.
    pub fn give(&mut self, line: &str, selected: &[&Arc<Song>]) -> Vec<Effect> {
        let effects = give(&mut self.model, line, selected);
        self.serve(effects)
    }

    pub fn serve(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut waiting: VecDeque<Effect> = effects.into();
        let mut done = Vec::new();
        while let Some(effect) = waiting.pop_front() {
            let answers = match effect.clone() {
                Effect::Note(event) => vec![Msg::Noted(Entry { at: 1, event })],
                Effect::Playlists(order) => self.clerk.take(orders::Order::Playlists(order)),
                Effect::Moods(order) => self.clerk.take(orders::Order::Moods(order)),
                Effect::Signatures(order) => self.clerk.take(orders::Order::Signatures(order)),
                Effect::Playlist { name, playlist, placing } => {
                    vec![find(&self.model.catalog, name, &playlist, placing)]
                }
                Effect::Propose { request, want, .. } => {
                    let first = request as usize % 20;
                    let picks = proposals(&self.model, first..first + want.min(20));
                    vec![Msg::Picks { request, picks, note: None }]
                }
                _ => Vec::new(),
            };
            done.push(effect);
            for answer in answers {
                waiting.extend(update(&mut self.model, answer));
            }
        }
        done
    }

    /// The playlists' files and their contents, without those that were kept of former ones.
    pub fn playlists(&self) -> Vec<(String, Vec<u8>)> {
        let names = std::fs::read_dir(&self.dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let read = |name: String| (name.clone(), std::fs::read(self.dir.join(name)).unwrap());
        let mut all: Vec<_> = names.filter(|name| !name.ends_with('~')).map(read).collect();
        all.sort();
        all
    }

    /// Undoes the last step, which has this name.
    #[track_caller]
    fn undo(&mut self, what: &str) {
        assert_eq!(self.model.undoable().map(|(_, last)| last), Some(what));
        self.give("undo", &[]);
        assert_eq!(notice(&self.model), format!("undone: {what}"));
    }
}

#[test]
fn every_change_of_a_playlist_is_undone_byte_for_byte() {
    let changes = [
        ("playlist delete a", "playlist delete a"),
        ("playlist rename a x", "playlist rename a x"),
        ("playlist duplicate a x", "playlist duplicate a x"),
        ("playlist duplicate calm still", "playlist duplicate calm still"),
        ("playlist add a", "playlist add a"),
        ("playlist add new", "playlist add new"),
        ("playlist save new", "playlist save new"),
        ("playlist save! a", "playlist save a"),
        ("playlist delete calm", "playlist delete calm"),
        ("playlist smart! calm genre=drone", "playlist smart calm"),
        ("playlist smart new genre=drone", "playlist smart new"),
    ];
    let mut world = World::new(filled());
    let before = world.playlists();
    for (line, what) in changes {
        world.give(line, &[]);
        assert_ne!(world.playlists(), before, "{line}");
        world.undo(what);
        assert_eq!((world.playlists(), world.model.undoable()), (before.clone(), None), "{line}");
    }
    assert_eq!(world.model.saved_playlists, ["a", "b", "calm"]);
    // All of them in turn, with other steps between them.
    let queue = items(&world.model);
    let lines =
        ["playlist add a", "clear", "playlist rename a x", "playlist delete b", "rate 3", "playlist rename x b"];
    for line in lines {
        world.give(line, &[]);
    }
    for what in ["playlist rename x b", &format!("rate {} off → 3", queue[0].song.title()), "playlist delete b"] {
        world.undo(what);
    }
    assert_eq!(world.model.undoable(), Some((3, "playlist rename a x")));
    for what in ["playlist rename a x", "clear (15 tracks)", "playlist add a"] {
        world.undo(what);
    }
    assert_eq!((world.playlists(), items(&world.model)), (before, queue));
}

#[test]
fn a_change_that_failed_leaves_no_step_and_a_taken_name_keeps_it() {
    let mut world = World::new(filled());
    for line in [
        "playlist delete nope",
        "playlist rename a b",
        "playlist duplicate a b",
        "playlist save a",
        "playlist smart a genre=drone",
    ] {
        world.give(line, &[]);
        assert!(world.model.notice.as_ref().unwrap().kind == Kind::Error && world.model.undoable().is_none(), "{line}");
    }
    let before = world.playlists();
    world.give("playlist delete a", &[]);
    // Another program saves one of this name.
    std::fs::write(world.dir.join("a.m3u8"), "another").unwrap();
    let now = world.playlists();
    world.give("undo", &[]);
    let told = "there is another playlist 'a' now: rename or delete it, then undo again";
    assert!(world.model.notice.as_ref().unwrap().kind == Kind::Error && notice(&world.model) == told);
    assert_eq!((world.playlists(), world.model.undoable()), (now, Some((1, "playlist delete a"))));
    Playlists::in_dir(world.dir.clone()).rename("a", "c").unwrap();
    world.undo("playlist delete a");
    std::fs::remove_file(world.dir.join("c.m3u8")).unwrap();
    assert_eq!(world.playlists(), before);
}

#[test]
fn an_opened_playlist_of_the_disk_is_undone() {
    let mut world = World::new(filled());
    let before = items(&world.model);
    world.give("playlist open b", &[]);
    assert_eq!(world.model.playing().unwrap().song, world.model.catalog.songs()[35]);
    world.undo("open b (3 tracks)");
    assert_eq!(world.model.queue.ahead(), before);
    world.give("playlist append a", &[]);
    world.undo("append a (2 tracks)");
    assert_eq!(world.model.queue.ahead(), before);
}

#[test]
fn signatures_and_moods_are_undone_with_their_files() {
    let mut world = World::new(filled());
    let signatures = Signatures::in_dir(world.paths.signatures());
    signatures.save("night", &Saved::default()).unwrap();
    update(&mut world.model, Msg::SavedNames(signatures.names()));
    let moods = |world: &World| {
        let list = world.model.moods.list.iter().flatten();
        list.map(|mood| format!("{} {}", mood.name, mood.hours())).collect::<Vec<_>>()
    };
    world.give("mood night 22-2", &[]);
    world.give("mood night 23-3", &[]);
    assert_eq!(moods(&world), ["night 23-3"]);
    world.give("signature rename night dusk", &[]);
    assert_eq!((moods(&world), &world.model.saved_signatures), (vec!["dusk 23-3".into()], &vec!["dusk".to_string()]));
    world.give("signature duplicate dusk dawn", &[]);
    world.give("signature delete dusk", &[]);
    assert_eq!((moods(&world).len(), world.model.saved_signatures.as_slice()), (0, &["dawn".to_string()][..]));
    world.undo("signature delete dusk");
    assert_eq!((moods(&world), world.model.saved_signatures.len()), (vec!["dusk 23-3".to_string()], 2));
    world.undo("signature duplicate dusk dawn");
    world.undo("signature rename night dusk");
    assert_eq!(moods(&world), ["night 23-3"]);
    world.give("mood delete night", &[]);
    for what in ["mood delete night", "mood night 23-3", "mood night 22-2"] {
        world.undo(what);
    }
    assert_eq!((moods(&world).len(), world.model.saved_signatures.as_slice()), (0, &["night".to_string()][..]));
    for line in ["signature delete nope", "signature rename night ../x", "mood delete nope"] {
        world.give(line, &[]);
        assert!(world.model.notice.as_ref().unwrap().kind == Kind::Error && world.model.undoable().is_none(), "{line}");
    }
}
