use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::row::Selection;
use crate::app::{Effect, Msg};
use crate::library::Song;
use crate::tui::art::Protocol;
use crate::tui::fixture::Harness;

/// A session that plays, on a terminal that shows pictures as half blocks.
fn playing(size: (u16, u16)) -> Harness {
    let mut h = Harness::new(60, size);
    h.hang_covers(Protocol::Blocks).play_and_fill();
    h
}

fn asked(h: &Harness) -> Vec<(String, (u16, u16))> {
    let of = |effect: &Effect| match effect {
        Effect::Cover(wanted) => Some((wanted.path.display().to_string(), wanted.within)),
        _ => None,
    };
    h.effects.0.iter().filter_map(of).collect()
}

/// The half blocks of each row that has some, counted.
fn blocks(h: &Harness) -> Vec<usize> {
    let text = h.text();
    let rows = text.lines().map(|line| line.matches('▀').count());
    rows.filter(|count| *count > 0).collect()
}

#[test]
fn a_cover_hangs_beside_what_plays_where_there_is_room() {
    for (size, within, rows) in
        [((80, 24), (6, 6), vec![6; 3]), ((120, 40), (8, 8), vec![8; 4]), ((200, 60), (8, 8), vec![8; 4])]
    {
        let mut h = playing(size);
        assert_eq!(asked(&h).len(), 1);
        assert_eq!(asked(&h)[0].1, within, "{size:?}");
        let before = h.text();
        assert!(blocks(&h).is_empty());
        h.bring_covers();
        assert_eq!(blocks(&h), rows, "{size:?}");
        // What was told is told still.
        for words in ["▶ ", "1:23", "3:23", "80 %", "then: "] {
            assert!(before.contains(words) && h.text().contains(words), "{size:?}: {words}\n{}", h.text());
        }
        assert!(h.text().contains("vol ━"), "{}", h.text());
        assert_eq!(crate::tui::fixture::flaw(&h.buffer()), None);
    }
    assert!(asked(&playing((79, 24))).is_empty(), "no room");
    let mut none = Harness::new(60, (120, 40));
    assert!(asked(none.play_and_fill()).is_empty(), "no pictures");
}

#[test]
fn what_has_no_cover_leaves_no_place_for_one() {
    let mut h = playing((120, 40));
    let without = h.text();
    let Some(Effect::Cover(wanted)) = h.effects.0.iter().find(|e| matches!(e, Effect::Cover(_))).cloned() else {
        panic!("no request");
    };
    h.message(Msg::Cover { wanted, found: None, faults: vec!["the cover cover.jpg cannot be shown: cut off".into()] });
    assert_eq!(h.text(), without);
    assert_eq!(asked(&h).len(), 1, "once");
    h.keys(":log<enter>");
    assert!(h.text().contains("cover.jpg cannot be shown"), "{}", h.text());
}

#[test]
fn an_album_keeps_its_cover_from_track_to_track() {
    let mut h = playing((120, 40));
    h.bring_covers();
    // The next track of the album, whose cover is not known yet.
    h.keys("gg<down><enter>");
    assert!(!blocks(&h).is_empty() && asked(&h).len() == 1, "{}", h.text());
    h.effects.0.clear();
    let dir = |song: &Song| song.path.parent().map(std::path::Path::to_path_buf);
    let here = dir(&h.ui.model.playing().unwrap().song);
    let other = h.ui.model.catalog.songs().iter().find(|song| dir(song) != here).unwrap().clone();
    let selection = Selection { songs: vec![other], items: Vec::new() };
    h.message(Msg::Command { action: PlaybackAction::Play(None).into(), selection });
    assert!(blocks(&h).is_empty(), "that of another album would be wrong");
}

#[test]
fn the_panel_has_a_cover_where_nothing_has_to_go_for_it() {
    for (size, sides) in [((120, 40), Some((24, 24))), ((200, 60), Some((24, 24))), ((80, 24), None)] {
        let mut h = playing(size);
        h.bring_covers().keys("i");
        let before = h.text();
        let wanted = asked(&h).first().map(|(_, within)| *within);
        assert_eq!(wanted.is_some(), sides.is_some(), "{size:?}");
        if let (Some(wanted), Some(sides)) = (wanted, sides) {
            assert!(wanted.0 >= 8 && wanted.0 <= sides.0 && wanted.1 <= sides.1, "{size:?}: {wanted:?}");
        }
        h.bring_covers();
        assert_eq!(blocks(&h).len() > 4, sides.is_some(), "{size:?}: {}", h.text());
        for word in ["fit ", "played", "near", "not listened to yet"] {
            assert!(before.contains(word) && h.text().contains(word), "{size:?} {word}: {}", h.text());
        }
        h.keys("i");
        assert!(blocks(&h).len() <= 4, "closed");
    }
}

#[test]
fn a_page_over_a_cover_hides_it_whole() {
    use crate::tui::view::pictured;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    let mut h = Harness::new(60, (80, 24));
    h.hang_covers(Protocol::Kitty).play_and_fill().bring_covers();
    let shown = |h: &Harness| {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let mut pictures = Vec::new();
        let draw = |frame: &mut ratatui::Frame<'_>| {
            pictures = pictured(&h.ui.model, &h.ui.screen, &h.ui.theme, frame);
        };
        terminal.draw(draw).unwrap();
        pictures.len()
    };
    assert_eq!(shown(&h), 1);
    h.keys("?");
    assert_eq!(shown(&h), 0, "{}", h.text());
    assert!(!h.text().contains('\u{f3d1}'));
    h.keys("<esc>");
    assert_eq!(shown(&h), 1);
}

#[test]
fn the_mouse_finds_the_bars_beside_a_cover() {
    use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut h = playing((100, 30));
    h.bring_covers();
    let layout = h.ui.screen.layout().unwrap();
    assert!(layout.player.x > layout.cover.x);
    let bar = crate::tui::draw::player::bar_of(&h.ui.model, layout.player);
    let kind = MouseEventKind::Down(MouseButton::Left);
    let click = MouseEvent { kind, column: bar.right() - 1, row: bar.y, modifiers: KeyModifiers::NONE };
    h.effects.0.clear();
    h.ui.event(Event::Mouse(click), &mut h.effects);
    let seeks = |e: &Effect| matches!(e, Effect::Player(crate::audio::Command::Seek(_)));
    assert!(h.effects.0.iter().any(seeks), "{:?}", h.effects.0);
}
