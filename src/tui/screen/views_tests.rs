//! The columns of the library, the playlists, the mouse, and frames of every size.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Size;

use crate::app::effect::PlaylistOrder;
use crate::app::state::lists::{Kind, Listed, Placing};
use crate::app::{Effect, Msg, fixture};
use crate::audio::Command;
use crate::library::grouping::By;
use crate::tui::fixture::Harness;
use crate::tui::layout::Pane;
use crate::tui::list::Column;

fn mouse(h: &mut Harness, kind: MouseEventKind, (column, row): (u16, u16)) {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    h.ui.event(Event::Mouse(event), &mut h.effects);
}

fn click(h: &mut Harness, at: (u16, u16)) {
    mouse(h, MouseEventKind::Down(MouseButton::Left), at);
    mouse(h, MouseEventKind::Up(MouseButton::Left), at);
}

/// Where a text stands in the frame.
fn place(h: &Harness, text: &str) -> (u16, u16) {
    let frame = h.text();
    let found = frame.lines().enumerate().find_map(|(y, line)| Some((line.find(text)?, y, line)));
    let (at, y, line) = found.unwrap_or_else(|| panic!("no {text:?} in\n{frame}"));
    (crate::text::width(&line[..at]) as u16, y as u16)
}

fn lists(h: &Harness) -> Vec<Listed> {
    let songs = |n: usize| h.ui.model.catalog.songs()[..n].to_vec();
    let list = |kind, name: &str, n| Listed::new(kind, name.into(), String::new(), songs(n), 0);
    vec![list(Kind::Playlist, "evening", 5), list(Kind::Smart, "calm", 3), list(Kind::Signature, "late-night", 2)]
}

#[test]
fn the_columns_of_the_library_move_by_groups_albums_and_tracks() {
    let mut h = Harness::new(65, (120, 40));
    let state = |h: &Harness| (h.ui.screen.column(), h.ui.screen.library.at);
    assert_eq!(state(&h), (Column::Tracks, 0));
    h.keys("hj");
    assert_eq!(state(&h), (Column::Albums, 10), "the next album");
    h.keys("hj");
    assert_eq!(state(&h), (Column::Groups, 30), "the next artist");
    h.keys("e");
    assert_eq!(h.ui.model.queue.items().len(), 30, "an artist is added whole");
    h.keys("G");
    assert_eq!(state(&h).1, 60);
    h.keys("gglle");
    assert_eq!((state(&h).0, h.ui.model.queue.items().len()), (Column::Tracks, 31));
    // A screen without the column moves by tracks.
    h.keys("hh");
    h.ui.resize(Size { width: 70, height: 24 });
    assert_eq!(h.ui.screen.column(), Column::Tracks);
    h.keys("/nina<enter>");
    assert_eq!(state(&h).1, 30, "songs are searched");
    h.ui.resize(Size { width: 120, height: 40 });
    h.keys("gg/坂本<enter>");
    assert_eq!(state(&h), (Column::Groups, 60), "groups are searched by their names");
}

#[test]
fn the_library_is_grouped_anew_around_the_song_under_the_cursor() {
    let mut h = Harness::new(65, (120, 40));
    h.keys("7j:by year<enter>");
    let song = h.ui.model.catalog.songs()[7].clone();
    assert_eq!((h.ui.screen.by, h.ui.screen.rows.song(h.ui.screen.library.at)), (By::Year, Some(&song)));
    assert!(h.text().contains("Years 1") && h.text().contains("1970"), "{}", h.text());
    h.keys("y");
    assert_eq!((h.ui.screen.by, h.ui.screen.rows.song(h.ui.screen.library.at)), (By::Composer, Some(&song)));
    h.keys(":by colour<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("album-artist"));
}

#[test]
fn saved_lists_are_opened_added_and_looked_into() {
    let mut h = Harness::new(40, (120, 40));
    h.keys(":playlists<enter>");
    assert!(h.effects.0.iter().any(|e| matches!(e, Effect::Lists)));
    let lists = lists(&h);
    h.message(Msg::Lists(lists));
    let text = h.text();
    for word in ["Playlists", "Smart playlists", "Signatures", "evening", "calm", "late-night"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    h.keys("e");
    let ordered = |h: &Harness, placing| {
        let order = PlaylistOrder::Open { name: "evening".into(), placing };
        h.effects.0.contains(&Effect::Playlists(order))
    };
    assert!(ordered(&h, Placing::Append), "the whole list, as one change");
    h.keys("lje");
    assert_eq!(h.ui.model.queue.items().len(), 1, "a track of it");
    h.keys("h<enter>");
    assert!(ordered(&h, Placing::Open { from: 0 }));
    // A signature is no playlist: its tracks are added.
    h.keys("Ge");
    assert_eq!(h.ui.model.queue.items().len(), 3);
    h.keys("1");
    h.ui.timeout(&mut h.effects);
    h.keys(":delete-list<enter>y");
    let deleted = |e: &Effect| matches!(e, Effect::Playlists(PlaylistOrder::Step(..)));
    assert!(!h.effects.0.iter().any(deleted), "what cannot be seen is not deleted");
    h.message(Msg::Lists(Vec::new()));
    h.keys("3");
    h.ui.timeout(&mut h.effects);
    assert!(h.text().contains("Nothing is saved yet"));
    // What is saved afterwards is read again while the view is seen, and else when it is opened.
    let asked = |h: &Harness| h.effects.0.iter().filter(|e| matches!(e, Effect::Lists)).count();
    let before = asked(&h);
    h.message(Msg::PlaylistNames(vec!["new".into()]));
    assert_eq!(asked(&h), before + 1);
    h.keys("1");
    h.ui.timeout(&mut h.effects);
    h.message(Msg::PlaylistNames(vec!["newer".into()])).message(Msg::SavedNames(vec!["calm".into()]));
    assert_eq!(asked(&h), before + 1);
    h.keys("3");
    h.ui.timeout(&mut h.effects);
    assert_eq!(asked(&h), before + 2);
}

#[test]
fn the_mouse_clicks_tabs_rows_and_the_progress() {
    let mut h = Harness::new(65, (120, 40));
    h.play_and_fill();
    let at = place(&h, "2 Queue");
    click(&mut h, at);
    assert_eq!(h.ui.screen.focus, Pane::Queue);
    let third = h.ui.model.queue.items()[3].clone();
    let row = place(&h, "▶").1 + 3;
    click(&mut h, (20, row));
    assert_eq!((h.ui.screen.queue.at, h.ui.model.queue.current()), (3, Some(0)));
    h.ui.model.now = Duration::from_secs(60);
    click(&mut h, (20, row));
    assert_eq!(h.ui.model.queue.current(), Some(0), "two slow clicks are no double click");
    click(&mut h, (20, row));
    assert_eq!(h.ui.model.playing().unwrap().serial, third.serial);
    // Half of the bar is half of the track.
    let bar =
        crate::tui::draw::player::bar_of(&h.ui.model, crate::tui::layout::Layout::of(h.buffer().area).unwrap().player);
    click(&mut h, (bar.x + bar.width / 2, bar.y));
    let sought = h.effects.0.iter().rev().find_map(|e| match e {
        Effect::Player(Command::Seek(secs)) => Some(*secs),
        _ => None,
    });
    let (sought, length) = (sought.expect("a seek"), h.ui.model.duration());
    assert!((sought / length - 0.5).abs() < 0.02, "{sought} of {length}");
    mouse(&mut h, MouseEventKind::ScrollUp, (10, bar.y));
    assert_eq!(h.ui.model.play.volume, 85, "the wheel over the player");
    mouse(&mut h, MouseEventKind::ScrollDown, (10, 10));
    assert_eq!(h.ui.screen.queue.at, 6, "the wheel over the list");
}

#[test]
fn a_row_of_the_queue_is_dragged() {
    let mut h = Harness::new(65, (120, 40));
    h.play_and_fill().keys("2");
    h.ui.timeout(&mut h.effects);
    let serials = |h: &Harness| h.ui.model.queue.items().iter().map(|i| i.serial).collect::<Vec<_>>();
    let before = serials(&h);
    let row = place(&h, "▶").1;
    mouse(&mut h, MouseEventKind::Down(MouseButton::Left), (20, row + 3));
    mouse(&mut h, MouseEventKind::Drag(MouseButton::Left), (20, row + 1));
    mouse(&mut h, MouseEventKind::Up(MouseButton::Left), (20, row + 1));
    assert_eq!(serials(&h)[1], before[3]);
    assert_eq!(h.ui.screen.queue.at, 1, "the cursor stays with the item");
    assert_eq!(h.ui.model.undoable().map(|(n, _)| n), Some(1), "a drag is one step");
    mouse(&mut h, MouseEventKind::Drag(MouseButton::Left), (20, row + 5));
    assert_eq!(serials(&h)[1], before[3], "nothing is held any more");
}

#[test]
fn clicks_in_the_library_choose_column_group_and_track() {
    let mut h = Harness::new(65, (120, 40));
    let at = place(&h, "坂本龍一");
    click(&mut h, at);
    assert_eq!((h.ui.screen.column(), h.ui.screen.library.at), (Column::Groups, 60));
    let at = place(&h, "Sea Line");
    click(&mut h, at);
    assert_eq!(h.ui.screen.column(), Column::Tracks);
    assert!(h.ui.screen.rows.song(h.ui.screen.library.at).unwrap().title().contains("Sea Line"));
}

#[test]
fn what_comes_next_and_why_is_always_told() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut h = Harness::new(240, size);
        h.play_and_fill();
        let text = h.text();
        assert!(text.contains("then: ") && text.contains("because"), "{size:?}:\n{text}");
        h.keys(":repeat one<enter>");
        assert!(h.text().contains("this track again"), "{size:?}");
    }
}

#[test]
fn every_state_draws_at_every_size() {
    let mut models = vec![fixture::model(0), fixture::model(1), fixture::model(240)];
    models[2].fits = Arc::default();
    for model in models {
        let songs = model.catalog.len();
        let mut h = Harness::of(model, (120, 40), "terminal", crate::tui::colour::Depth::True);
        if songs > 1 {
            h.play_and_fill();
            let lists = lists(&h);
            h.message(Msg::Lists(lists));
        }
        for view in [
            ":library",
            ":info",
            ":sort -tempo",
            ":queue",
            ":info",
            ":playlists",
            ":signature",
            ":dims",
            ":errors",
            ":why",
            ":help",
            ":lyrics",
            ":sound",
            ":spectrogram",
            ":log",
            ":by genre",
        ] {
            h.keys(view).keys("<enter>");
            for width in [0, 1, 39, 40, 59, 60, 79, 80, 100, 119, 120, 160, 200] {
                for height in [0, 1, 9, 10, 12, 15, 16, 20, 24, 30, 40, 60] {
                    h.size = (width.max(1), height.max(1));
                    h.ui.resize(Size { width, height });
                    h.keys("jhkl");
                    h.buffer();
                }
            }
            h.keys("<esc>");
        }
    }
}

#[test]
fn a_click_does_not_move_the_rows_under_the_mouse() {
    let mut h = Harness::new(65, (79, 24));
    h.keys("40j");
    let top = h.ui.screen.library.top;
    let body = crate::tui::layout::Layout::of(h.buffer().area).unwrap().body;
    for row in [body.y + 1, body.bottom() - 1] {
        click(&mut h, (20, row));
        assert_eq!(h.ui.screen.library.top, top, "row {row}");
        h.message(Msg::Tick { now: Duration::from_secs(1) });
        assert_eq!(h.ui.screen.library.top, top, "nor later");
    }
    h.keys("j");
    assert!(h.ui.screen.library.top > top, "a key keeps rows around the cursor");
}

#[test]
fn what_a_view_hides_is_not_meant() {
    let mut h = Harness::new(40, (120, 40));
    h.play_and_fill().keys("jm:errors<enter>**");
    let playing = h.ui.model.playing().unwrap().song.track;
    assert!(h.ui.model.tallies.of(playing).loved, "what plays");
    let marked = h.ui.model.catalog.songs()[1].track;
    assert!(!h.ui.model.tallies.of(marked).loved && !h.ui.screen.marks.songs.is_empty());
}

#[test]
fn a_page_is_laid_out_once_for_each_change() {
    let mut h = Harness::new(12, (80, 24));
    let laid = |h: &Harness| {
        let (page, _) = h.ui.screen.page.expect("a page");
        h.ui.screen.laid(page, &h.ui.model, h.ui.screen.over(page.pane))
    };
    h.keys("?");
    let first = laid(&h);
    h.keys("jjk");
    assert!(Arc::ptr_eq(&first, &laid(&h)), "scrolling changes no line");
    h.keys("/queue");
    let narrowed = laid(&h);
    assert!(narrowed.lines.len() < first.lines.len());
    h.message(Msg::error("no"));
    assert!(!Arc::ptr_eq(&narrowed, &laid(&h)), "what the session says may be on it");
    h.keys("<esc><esc>:log<enter>j");
    assert!(laid(&h).lines.len() < first.lines.len());
}
