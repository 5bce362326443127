//! The keys of the map.

use crate::app::Effect;
use crate::app::effect::{MapOrder, SetOrder};
use crate::app::state::map::Progress;
use crate::app::{Msg, fixture};
use crate::ask::map::{Colour, Kind, News};
use crate::ask::names::Part;
use crate::notice;
use crate::tui::colour::Depth;
use crate::tui::fixture::{Harness, flaw};
use crate::tui::pages;

/// A session that plays, with the map open.
fn open(size: (u16, u16)) -> Harness {
    let mut h = Harness::of(fixture::model(60), size, "terminal", Depth::True);
    h.play_and_fill().lay_out().open(pages::MAP);
    h
}

fn chart(h: &Harness) -> &crate::ask::map::Chart {
    h.ui.model.map.chart.as_deref().expect("a chart")
}

#[test]
fn the_map_is_asked_for_when_it_is_shown_and_says_how_far_it_is() {
    let mut h = Harness::of(fixture::model(60), (120, 40), "terminal", Depth::True);
    h.open(pages::MAP);
    assert_eq!(h.effects.0.last(), Some(&Effect::Map(MapOrder::Show)));
    assert!(h.text().contains("Nothing was listened to yet."), "{}", h.text());
    h.message(Msg::Map(News::Working(0.34)));
    assert!(h.text().contains("laid out: 34 %"), "{}", h.text());
    h.lay_out();
    let text = h.text();
    assert!(text.contains("Map of 60 tracks") && text.contains("colour: genre"), "{text}");
    assert!(text.contains("3 were placed later"), "{text}");
    assert!(text.chars().any(|letter| ('\u{2801}'..='\u{28ff}').contains(&letter)), "{text}");
    let bounds = h.ui.model.map.bounds;
    h.message(Msg::Map(News::Ready { tracks: 0, later: 0, bounds }));
    assert!(h.text().contains("Nothing was listened to yet."), "a map of nothing: {}", h.text());
    h.keys("<esc>");
    assert_eq!(h.effects.0.last(), Some(&Effect::Map(MapOrder::Hide)));
    h.message(Msg::Map(News::Failed("no room".into())));
    assert_eq!(h.ui.model.map.progress, Progress::Failed("no room".into()));
}

#[test]
fn laying_out_is_stopped_from_any_view_and_a_former_map_stays() {
    let mut h = Harness::of(fixture::model(60), (120, 40), "terminal", Depth::True);
    h.command("map stop");
    assert!(!h.ui.screen.shows(pages::MAP) && !h.effects.0.contains(&Effect::Map(MapOrder::Stop)));
    assert!(h.ui.model.notice.as_ref().is_some_and(|n| n.text.contains("not being laid out")));
    h.open(pages::MAP).message(Msg::Map(News::Working(0.34)));
    assert!(h.text().contains(":map stop"), "{}", h.text());
    h.keys("<esc>").command("map stop");
    assert!(h.effects.0.contains(&Effect::Map(MapOrder::Stop)) && !h.ui.screen.shows(pages::MAP));
    h.open(pages::MAP).message(Msg::Map(News::Stopped));
    assert!(h.text().contains("was stopped") && h.text().contains(":map refit"), "{}", h.text());
    h.lay_out().message(Msg::Map(News::Working(0.5)));
    assert!(h.text().contains("being laid out 50 %"), "{}", h.text());
    h.message(Msg::Map(News::Stopped));
    assert!(h.text().contains("Map of 60 tracks") && !h.text().contains("being laid out"), "{}", h.text());
}

#[test]
fn nothing_is_asked_twice_and_nothing_while_the_map_is_hidden() {
    let mut h = open((120, 40));
    h.charts = Default::default();
    h.effects.0.clear();
    let charts = |h: &Harness| h.effects.0.iter().filter(|e| matches!(e, Effect::Chart(_))).count();
    h.message(Msg::Heard).message(Msg::Heard);
    assert_eq!(charts(&h), 0);
    h.keys("c");
    assert_eq!(charts(&h), 1);
    h.keys("jkjk");
    assert_eq!(charts(&h), 1, "the cursor needs no other chart");
    h.keys("<esc>c");
    assert_eq!(charts(&h), 1);
}

#[test]
fn the_cursor_moves_zooms_and_stays_on_the_map() {
    let mut h = open((80, 24));
    let at = |h: &Harness| h.ui.screen.map.at.expect("a cursor");
    let first = at(&h);
    h.keys("lj");
    assert!(at(&h)[0] > first[0] && at(&h)[1] > first[1]);
    h.keys("hk");
    assert!((at(&h)[0] - first[0]).abs() < 1e-4 && (at(&h)[1] - first[1]).abs() < 1e-4);
    h.keys("99j99l");
    let [_, high] = h.ui.model.map.bounds;
    assert_eq!(at(&h), high, "the map ends there");
    h.keys("+++");
    assert_eq!((h.ui.screen.map.zoom, h.text().contains("zoom 8×")), (3, true));
    h.keys("99h");
    let window = h.ui.screen.map_window(&h.ui.model).unwrap();
    assert!(window.cell_of(at(&h)).is_some(), "the screen follows");
    assert_eq!(chart(&h).wanted.window, window);
    h.keys("-0");
    assert_eq!((h.ui.screen.map.zoom, h.ui.screen.map.centre), (0, None));
    h.keys("G");
    assert_eq!(at(&h)[1], high[1]);
}

#[test]
fn the_track_at_the_cursor_is_played_queued_and_gone_to() {
    let mut h = open((120, 40));
    h.keys("lll");
    let song = h.ui.screen.map_song(&h.ui.model).unwrap();
    assert!(h.text().contains(&song.title()), "{}", h.text());
    assert!(h.effects.0.iter().any(|e| *e == Effect::Inspect(song.path.to_path_buf())));
    h.keys("J");
    let journey = h.effects.0.iter().find_map(|e| match e {
        Effect::Sets(SetOrder::Journey { from: Part::Tracks { .. }, to: Part::Tracks { tracks, .. }, .. }) => {
            Some(tracks)
        }
        _ => None,
    });
    assert_eq!(journey, Some(&vec![song.track]));
    h.keys("e");
    assert!(h.ui.model.queue.ahead().iter().any(|item| item.song.track == song.track));
    h.keys("<enter>");
    assert_eq!(h.ui.model.playing().unwrap().song.track, song.track);
    assert_eq!(chart(&h).marks[0].kind, Kind::Playing);
    assert!(h.ui.screen.shows(pages::MAP), "the map stays");
}

#[test]
fn an_area_is_chosen_and_used() {
    let mut h = open((120, 40));
    h.keys("v10l5jv");
    let chosen = h.ui.screen.map.songs.len();
    assert!(chosen > 1 && h.text().contains(&format!("{chosen} chosen")), "{}", h.text());
    h.effects.0.clear();
    h.keys("o");
    assert!(h.effects.0.iter().any(|e| matches!(e, Effect::Try(_))), "its signature is looked at");
    h.open(pages::MAP).keys("F");
    let filter = &h.ui.model.filter.text;
    assert!(filter.starts_with("mapx=") && h.ui.model.filter.fault.is_none(), "{filter}");
    assert!(!h.ui.screen.shows(pages::MAP));
    h.open(pages::MAP).keys("<esc>");
    assert!(h.ui.screen.map.songs.is_empty() && h.ui.screen.shows(pages::MAP));
    h.keys("F");
    assert_eq!(h.ui.model.notice.as_ref().map(|n| n.kind), Some(notice::Kind::Hint));
}

#[test]
fn colours_and_searches_change_what_is_seen() {
    let mut h = open((120, 40));
    h.keys("c");
    assert_eq!(h.ui.screen.map.colour, Colour::Tag);
    h.keys(":map colour year<enter>");
    assert!(h.text().contains("colour: year") && chart(&h).classes[0].count > 0, "{}", h.text());
    h.keys("/Sea<enter>");
    assert!(h.text().contains("10 lit"), "{}", h.text());
    let before = h.ui.screen.map.at;
    h.keys("n");
    assert_ne!(h.ui.screen.map.at, before);
    let cell = chart(&h).wanted.window.cell_of(h.ui.screen.map.at.unwrap()).unwrap();
    assert!(chart(&h).cell(cell).unwrap().found > 0);
    h.keys("<esc>");
    assert!(h.ui.screen.search.is_none() && h.ui.screen.shows(pages::MAP));
    h.keys(":map refit<enter>");
    assert_eq!(h.effects.0.last(), Some(&Effect::Map(MapOrder::Refit)));
}

#[test]
fn any_size_is_drawn_and_a_click_puts_the_cursor() {
    use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    for (width, height) in [(40, 10), (41, 11), (60, 16), (79, 20), (99, 12), (100, 30), (200, 60)] {
        let mut h = open((width, height));
        h.keys("++v3l2j/a<enter>");
        assert_eq!(flaw(&h.buffer()), None, "{width}×{height}");
    }
    let mut h = open((120, 40));
    let mouse = |kind, column, row| Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    h.ui.event(mouse(MouseEventKind::Down(MouseButton::Left), 5, 5), &mut h.effects);
    let window = h.ui.screen.map_window(&h.ui.model).unwrap();
    let cell = window.cell_of(h.ui.screen.map.at.unwrap());
    assert!(cell.is_some());
    h.ui.event(mouse(MouseEventKind::ScrollUp, 40, 15), &mut h.effects);
    assert_eq!(h.ui.screen.map.zoom, 1);
}

#[test]
fn an_area_is_drawn_with_the_mouse() {
    use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut h = open((120, 40));
    let chart = crate::tui::map::areas(h.ui.screen.layout().unwrap().body).chart;
    let mut mouse = |kind, column, row| {
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        h.ui.event(Event::Mouse(event), &mut h.effects);
        h.ui.screen.map.anchor.is_some()
    };
    let (down, drag) = (MouseEventKind::Down(MouseButton::Left), MouseEventKind::Drag(MouseButton::Left));
    let up = MouseEventKind::Up(MouseButton::Left);
    // A click alone chooses nothing.
    assert!(!mouse(down, chart.x + 5, chart.y + 5) && !mouse(up, chart.x + 5, chart.y + 5));
    assert!(!mouse(down, chart.x, chart.y) && !mouse(drag, chart.x, chart.y), "in the same cell");
    // Beyond the edge the last cell counts.
    assert!(mouse(drag, chart.right() + 3, chart.bottom() + 3) && !mouse(up, chart.right() + 3, chart.bottom() + 3));
    h.keys("j");
    assert_eq!(h.ui.screen.map.songs.len(), 60);
    assert!(h.text().contains("60 chosen"), "{}", h.text());
    h.keys("<esc>");
    assert!(h.ui.screen.map.songs.is_empty() && h.ui.screen.shows(crate::tui::pages::MAP));
}
