//! The library as a grid of albums: what is seen, how the cursor moves, which covers are asked for.

use std::path::PathBuf;

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Size;

use crate::app::{Effect, Msg};
use crate::library::Song;
use crate::tui::art::Protocol;
use crate::tui::fixture::{Harness, flaw};
use crate::tui::layout::Pane;

/// A grid of six artists' three albums each, in the order of their names.
fn grid(size: (u16, u16)) -> Harness {
    let mut h = Harness::new(240, size);
    h.keys("Y");
    assert!(h.ui.screen.shows_grid());
    h
}

fn at(h: &Harness) -> usize {
    h.ui.screen.library.at
}

fn under(h: &Harness) -> &Song {
    h.ui.screen.rows.song(at(h)).expect("a song")
}

fn line(h: &Harness, y: usize) -> String {
    h.text().lines().nth(y).unwrap_or_default().to_string()
}

/// Whether texts stand in a line, one behind the other.
fn stand(line: &str, texts: &[&str]) -> bool {
    let mut rest = line;
    texts.iter().all(|text| match rest.split_once(text) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[test]
fn eight_albums_stand_on_a_small_screen_with_titles_artists_and_years() {
    let h = grid((80, 24));
    assert!(stand(&line(&h, 1), &["18 albums", "Artists: Björk"]), "{}", h.text());
    // No cover is known: initials stand in the middle of the tiles.
    assert!(stand(&line(&h, 4), &["FL", "LW", "夜", "FL"]), "{}", h.text());
    assert!(stand(&line(&h, 7), &["First Light", "Long Way Home", "夜の音楽", "First Light"]), "{}", h.text());
    let artists = ["Björk", "1970", "Björk", "1970", "Björk", "1970", "Fela Kuti", "1970"];
    assert!(stand(&line(&h, 8), &artists), "{}", h.text());
    assert!(stand(&line(&h, 14), &["Long Way Home", "夜の音楽", "First Light", "Long Way Home"]), "{}", h.text());
    assert!(stand(&line(&h, 15), &["Fela Kuti", "Fela Kuti", "Miles Davis", "Miles Davis"]), "{}", h.text());
    assert_eq!(line(&h, 16).trim(), "Björk · First Light · 1970 · 10 tracks · 49:05");
    assert!(line(&h, 17).contains("Y list") && h.text().contains("[1 Library]"), "{}", h.text());
}

#[test]
fn the_cursor_goes_in_four_directions() {
    let mut h = grid((80, 24));
    let mut after = |keys: &str| at(h.keys(keys));
    assert_eq!([after("l"), after("j"), after("<right>"), after("<left>"), after("k")], [10, 50, 60, 50, 10]);
    assert_eq!([after("k"), after("h"), after("3l"), after("}"), after("{")], [0, 0, 30, 40, 30]);
    assert_eq!([after("G"), after("j"), after("gg"), after("<ctrl-f>"), after("2G")], [230, 230, 0, 100, 10]);
    assert!(h.text().contains("Björk · Long Way Home · 1970"), "{}", h.text());
}

#[test]
fn an_album_is_added_marked_and_played_whole() {
    let mut h = grid((80, 24));
    h.keys("le");
    assert_eq!((h.ui.model.queue.items().len(), at(&h)), (10, 20), "and the cursor goes on");
    h.keys("m");
    assert_eq!((h.ui.screen.marks.songs.len(), at(&h)), (10, 30));
    assert!(line(&h, 7).contains("● 夜の音楽"), "{}", h.text());
    h.keys("<esc>G<enter>");
    assert_eq!(h.ui.model.playing().map(|item| item.song.album().to_string()).as_deref(), Some("夜の音楽"));
    assert!(h.text().contains("▶ 夜の音楽"), "{}", h.text());
}

#[test]
fn a_search_goes_from_album_to_album() {
    let mut h = grid((80, 24));
    h.keys("/fela<enter>");
    assert_eq!(at(&h), 30);
    // A track of this title is in every album.
    h.keys("/wild<enter>");
    assert_eq!((h.ui.screen.rows.cell_of(at(&h)), under(&h).title().as_str()), (4, "Wild Is the Wind"));
    h.keys("N");
    assert_eq!(h.ui.screen.rows.cell_of(at(&h)), 3);
    h.keys("/zzz<enter>");
    assert!(h.ui.model.notice.as_ref().is_some_and(|notice| notice.text.contains("nothing like 'zzz'")));
}

#[test]
fn albums_are_sorted_by_their_first_track_and_played_in_their_own_order() {
    let mut h = grid((80, 24));
    h.keys(":sort -length<enter>gg");
    assert_eq!((h.ui.screen.rows.cells(), under(&h).artist(), under(&h).album()), (18, "Miles Davis", "Long Way Home"));
    assert!(line(&h, 1).contains("sorted by length ↓"), "{}", h.text());
    h.keys("e");
    let added: Vec<_> = h.ui.model.queue.items().iter().map(|item| item.song.tags.track).collect();
    assert_eq!(added.len(), 20);
    assert!(added.is_sorted(), "{added:?}");
    // Grouped by year, albums stand under the year that is told in the heading.
    h.keys(":sort off<enter>:by year<enter>");
    assert!(line(&h, 1).contains("Years: 1970"), "{}", h.text());
}

#[test]
fn a_large_library_is_gathered_beside_the_screen() {
    let mut h = Harness::new(3000, (80, 24));
    h.alone = true;
    h.keys("Y:sort title<enter>");
    let asked = h.effects.0.iter().find_map(|e| if let Effect::Arrange(wanted) = e { Some(wanted) } else { None });
    assert!(asked.is_some_and(|wanted| wanted.gathered && wanted.whole));
    assert!(h.ui.screen.shows_grid() && h.ui.screen.rows.gathered().is_none(), "the former albums stay until then");
}

#[test]
fn the_grid_comes_back_with_the_session_and_goes_with_its_key() {
    let mut h = grid((80, 24));
    let session = h.ui.model.session();
    let catalog = h.ui.model.catalog.clone();
    let mut again = Harness::new(0, (80, 24));
    again.ui.model.resume_later(Some(session), Vec::new());
    again.message(Msg::Catalog(catalog));
    assert!(again.ui.screen.shows_grid(), "{}", again.text());
    h.keys(":grid off<enter>");
    assert!(!h.ui.screen.shows_grid() && h.text().contains("Artists 6"), "{}", h.text());
    h.keys("<tab>Y");
    assert!(h.ui.screen.shows_grid() && h.ui.screen.focus == Pane::Library, "from another view it is shown");
    h.keys("Y:grid maybe<enter>");
    assert!(!h.ui.screen.shows_grid());
    assert_eq!(h.ui.model.notice.as_ref().map(|notice| notice.text.as_str()), Some("grid wants on or off"));
    // Without albums there is nothing to lay out: the list says why.
    let mut none = Harness::new(0, (80, 24));
    none.keys("Y");
    assert!(!none.ui.screen.shows_grid() && none.text().contains("No music in /music."), "{}", none.text());
}

#[test]
fn albums_are_clicked() {
    let mut h = grid((80, 24));
    let mut click = |column, row| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        h.ui.event(Event::Mouse(event), &mut h.effects);
        h.ui.screen.library.at
    };
    // A tile is 18 wide, with a blank behind it, and 7 high.
    assert_eq!([click(20, 4), click(75, 15), click(37, 15)], [10, 80, 50]);
    assert_eq!(click(38, 4), 50, "between two");
    click(2, 9);
    click(2, 9);
    let playing = h.ui.model.playing().map(|item| (item.song.artist().to_string(), item.song.album().to_string()));
    assert_eq!(playing, Some(("Fela Kuti".into(), "Long Way Home".into())));
    // Beyond the last album there is nothing.
    h.keys("G");
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 60,
        row: 10,
        modifiers: KeyModifiers::NONE,
    };
    h.ui.event(Event::Mouse(event), &mut h.effects);
    assert_eq!(at(&h), 230);
}

/// Answers requests for covers one after another; the directories that they were for.
fn bring(h: &mut Harness) -> Vec<PathBuf> {
    let mut asked = Vec::new();
    loop {
        let covers: Vec<_> = h.effects.0.iter().filter(|e| matches!(e, Effect::Cover(_))).collect();
        let [Effect::Cover(wanted)] = covers[..] else {
            assert!(covers.is_empty(), "one at a time: {covers:?}");
            return asked;
        };
        assert_eq!(wanted.within, (10, 10), "ten columns and five rows of half blocks");
        asked.push(wanted.path.parent().expect("a directory").to_path_buf());
        let at = h.effects.0.iter().position(|e| matches!(e, Effect::Cover(_))).expect("the request");
        let Effect::Cover(wanted) = h.effects.0.remove(at) else { panic!("no request") };
        // Every third album has no cover.
        let found = (!asked.len().is_multiple_of(3)).then(|| {
            let picture = crate::picture::Raster { width: 10, height: 10, rgb: vec![asked.len() as u8 * 9; 300] };
            std::sync::Arc::new(crate::picture::Drawn::of(picture, wanted.form))
        });
        h.message(Msg::Cover { wanted, found, faults: Vec::new() });
    }
}

#[test]
fn only_covers_on_the_screen_are_asked_for() {
    let mut h = Harness::new(240, (80, 24));
    h.hang_covers(Protocol::Blocks).keys("j");
    assert!(bring(&mut h).is_empty(), "the list has no covers");
    h.keys("kY");
    let first = bring(&mut h);
    let distinct: std::collections::HashSet<_> = first.iter().collect();
    assert_eq!((first.len(), distinct.len()), (8, 8));
    let blocks = |h: &Harness| h.text().matches('▀').count();
    assert_eq!(blocks(&h), 6 * 50, "two of eight have none: {}", h.text());
    assert!(line(&h, 4).contains('夜'), "the third shows its initial: {}", h.text());
    h.keys("j");
    assert!(bring(&mut h).is_empty(), "both rows are known");
    h.keys("j");
    let more = bring(&mut h);
    assert!(more.len() == 4 && more.iter().all(|dir| !first.contains(dir)), "{more:?}");
    h.keys("2");
    h.ui.timeout(&mut h.effects);
    h.keys("1");
    h.ui.timeout(&mut h.effects);
    assert!(bring(&mut h).is_empty() && blocks(&h) > 0);
    h.keys("Y");
    assert_eq!(blocks(&h), 0);
}

#[test]
fn the_grid_draws_at_any_size() {
    for protocol in [None, Some(Protocol::Blocks), Some(Protocol::Kitty)] {
        let mut h = Harness::world((120, 40), "terminal");
        if let Some(protocol) = protocol {
            h.hang_covers(protocol);
        }
        h.command("grid on").command("down 1");
        for width in [40, 41, 59, 60, 79, 80, 100, 119, 120, 160, 200, 260] {
            for height in [10, 12, 16, 20, 24, 30, 40, 60] {
                h.size = (width, height);
                h.ui.resize(Size { width, height });
                h.command("up 1").command("down 1").bring_covers();
                assert_eq!(flaw(&h.buffer()), None, "{width}×{height}");
                assert!(h.text().contains("16 albums"), "{width}×{height}: {}", h.text());
                h.command("info").bring_covers();
                assert_eq!(flaw(&h.buffer()), None, "{width}×{height}");
                h.command("info");
            }
        }
    }
    let low = grid((60, 16));
    assert!(stand(&low.text(), &["First Light", "Long Way Home", "夜の音楽", "Björk"]), "{}", low.text());
}
