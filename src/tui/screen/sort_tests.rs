//! Sorting the library and the queue, and what of it a restart keeps.

use std::sync::Arc;

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Size;

use crate::app::state::lists::{Kind, Listed};
use crate::app::state::session::View;
use crate::app::{Effect, Model, Msg, fixture};
use crate::latent::{DIMS, Fits, NAMED, Reference, Space, named};
use crate::library::grouping::By;
use crate::library::playlist::sort::SortKey;
use crate::library::rows::{Rows, Wanted};
use crate::tui::fixture::Harness;
use crate::tui::layout::Pane;
use crate::tui::list::Column;

fn click(h: &mut Harness, text: &str) {
    let frame = h.text();
    let found = frame.lines().enumerate().find_map(|(y, line)| Some((line.find(text)?, y, line)));
    let (at, y, line) = found.unwrap_or_else(|| panic!("no {text:?} in\n{frame}"));
    let (column, row) = (crate::text::width(&line[..at]) as u16, y as u16);
    let kind = MouseEventKind::Down(MouseButton::Left);
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    h.ui.event(Event::Mouse(event), &mut h.effects);
}

/// The lengths of the entries of the group under the cursor, or of all songs.
fn lengths(h: &Harness) -> Vec<f64> {
    h.ui.screen.group().filter_map(|entry| Some(h.ui.screen.rows.song(entry)?.secs)).collect()
}

/// A tempo for every track, the higher the earlier it stands in the catalog; none for every third.
fn space(model: &Model) -> Arc<Space> {
    let songs = model.catalog.songs();
    let latents = songs.iter().map(|song| (song.track, [0.5; DIMS])).collect();
    let tempo = |at: usize| named::turns_of_tempo(159.0 - at as f32);
    let values = |track| {
        let at = songs.iter().position(|song| song.track == track).filter(|at| at % 3 != 2)?;
        let mut values = [f32::NAN; NAMED.len()];
        values[0] = tempo(at);
        Some(values)
    };
    Arc::new(Space::build("x".into(), Arc::new(Reference::default()), latents).with_named(values))
}

#[test]
fn the_library_is_sorted_within_its_groups_whatever_comes() {
    let mut h = Harness::new(65, (120, 40));
    h.keys("3j:sort -length<enter>");
    let song = h.ui.model.catalog.songs()[3].clone();
    assert_eq!(h.ui.screen.rows.song(h.ui.screen.library.at), Some(&song), "the cursor stays with its song");
    let sorted = |h: &Harness, n: usize| {
        let lengths = lengths(h);
        assert!(lengths.len() == n && lengths.is_sorted_by(|a, b| a >= b), "{lengths:?}");
    };
    sorted(&h, 30);
    assert!(h.text().contains("len ↓") && !h.text().contains("albums"), "{}", h.text());
    h.message(Msg::Catalog(fixture::catalog(70)));
    sorted(&h, 30);
    h.keys(":by year<enter>");
    sorted(&h, 70);
    let text = "~a nina".to_string();
    let found = Arc::new(h.ui.model.catalog.subset(|_, song| song.artist() == "Nina Simone"));
    h.message(Msg::Filter(text.clone())).message(Msg::Filtered { text, found: Ok(found), hint: None });
    sorted(&h, 30);
    h.keys("<esc>:by album-artist<enter>:sort off<enter>");
    assert!(h.ui.screen.rows.has_albums() && h.text().contains("3 albums"), "{}", h.text());
}

#[test]
fn a_narrow_screen_sorts_all_songs() {
    let mut h = Harness::new(65, (70, 24));
    h.keys(":sort length<enter>");
    let all = lengths(&h);
    assert!(all.len() == 65 && all.is_sorted(), "{all:?}");
    h.ui.resize(Size { width: 120, height: 24 });
    assert_eq!(lengths(&h).len(), 30, "groups are back where there is room for them");
}

#[test]
fn a_key_goes_through_the_orders_and_back_to_the_albums() {
    let mut h = Harness::new(65, (120, 40));
    let mut seen = Vec::new();
    loop {
        h.keys("o");
        let Some((key, _)) = h.ui.screen.sort.first() else { break };
        assert!(seen.len() < 12 && !seen.contains(key), "{seen:?}");
        seen.push(*key);
        assert!(h.text().contains(['↑', '↓']), "{key:?}: {}", h.text());
    }
    assert_eq!((seen.len(), h.ui.screen.rows.has_albums()), (12, true));
}

#[test]
fn a_click_on_a_head_sorts_reverses_and_gives_up() {
    let mut h = Harness::new(65, (120, 40));
    let mut after = |text: &str| {
        click(&mut h, text);
        (h.ui.screen.sort.clone(), h.ui.screen.column())
    };
    assert_eq!(after("title"), (vec![(SortKey::Title, false)], Column::Tracks));
    assert_eq!(after("title ↑").0, [(SortKey::Title, true)]);
    assert_eq!(after("title ↓").0, []);
    assert_eq!(after("len").0, [(SortKey::Length, false)]);
    assert_eq!(after("artist").0, [(SortKey::Artist, false)]);
}

#[test]
fn a_list_sorted_by_sound_follows_what_is_learned_of_it() {
    let mut h = Harness::new(60, (120, 40));
    h.keys(":sort tempo<enter>");
    let space = space(&h.ui.model);
    h.message(Msg::Space(space));
    let tempos = |h: &Harness| -> Vec<Option<f32>> {
        let song = |entry| h.ui.screen.rows.song(entry).and_then(|song| h.ui.model.known().tempo(song));
        h.ui.screen.group().map(song).collect()
    };
    let all = tempos(&h);
    let known: Vec<f32> = all.iter().copied().flatten().collect();
    assert!(known.len() == 20 && known.is_sorted() && all[..20].iter().all(Option::is_some), "{all:?}");
    assert!(h.text().contains("tempo ↑"), "{}", h.text());
    // The same of the fits, the best first.
    h.keys(":sort -fit<enter>");
    let fits = (0..60).map(|row| row as f32 / 60.0).collect();
    let fits = Fits::new(&h.ui.model.space, Some(fits));
    h.message(Msg::Fits(Arc::new(fits)));
    let fit = |entry| h.ui.screen.rows.song(entry).and_then(|song| h.ui.model.fits.of(song.track));
    let fits: Vec<f32> = h.ui.screen.group().filter_map(fit).collect();
    assert!(fits.len() == 30 && fits.is_sorted_by(|a, b| a >= b), "{fits:?}");
}

#[test]
fn what_was_found_stays_ranked() {
    let mut h = Harness::new(65, (120, 40));
    h.keys(":sort title<enter>");
    let text = "?so".to_string();
    let found = Arc::new(h.ui.model.catalog.ranked([9, 3, 40]));
    h.message(Msg::Filter(text.clone())).message(Msg::Filtered { text, found: Ok(found.clone()), hint: None });
    let song = |at: usize| h.ui.screen.rows.song(at).cloned();
    assert_eq!([song(0), song(1)], [found.songs().first().cloned(), found.songs().get(1).cloned()]);
    assert!(!h.text().contains('↑'), "{}", h.text());
    h.keys("o");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("the best first"));
}

#[test]
fn in_the_queue_what_the_user_chose_is_sorted() {
    let mut h = Harness::new(65, (120, 40));
    h.keys("eeee<tab>:sort -length<enter>");
    let lengths = |h: &Harness| h.ui.model.queue.ahead().iter().map(|item| item.song.secs).collect::<Vec<_>>();
    assert!(lengths(&h).is_sorted_by(|a, b| a >= b) && h.ui.screen.sort.is_empty());
    h.keys("o");
    assert_eq!(h.ui.model.notice.as_ref().unwrap().text, "what you chose is sorted by tempo", "the key after length");
    h.keys(":sort off<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("no order of its own"));
    h.keys(":sort colour<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("brightness"));
    h.keys(":errors<enter>:sort title<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.starts_with("sort works in the library"));
}

#[test]
fn the_heads_of_the_queue_sort_it_and_show_the_order_until_it_is_another() {
    let mut h = Harness::new(65, (120, 40));
    h.keys("eeee<tab>");
    let lengths = |h: &Harness| h.ui.model.queue.ahead().iter().map(|item| item.song.secs).collect::<Vec<_>>();
    click(&mut h, "len");
    assert!(lengths(&h).is_sorted() && h.text().contains("len ↑"), "{}", h.text());
    click(&mut h, "len ↑");
    assert!(lengths(&h).is_sorted_by(|a, b| a >= b) && h.text().contains("len ↓"), "{}", h.text());
    h.keys("gg<enter>");
    assert!(h.text().contains("len ↓"), "what plays now left the sorted tracks: {}", h.text());
    h.keys(":move 2 1<enter>");
    assert!(!h.text().contains("len ↓") && h.text().contains("len"), "{}", h.text());
    h.keys("u");
    assert!(!h.text().contains(['↑', '↓']));
    h.ui.resize(Size { width: 120, height: 15 });
    h.size = (120, 15);
    assert!(!h.text().contains("len"), "a low list keeps its rows: {}", h.text());
}

/// The requests for rows since the last call.
fn asked(h: &mut Harness) -> Vec<Wanted> {
    let all = std::mem::take(&mut h.effects.0).into_iter();
    all.filter_map(|e| if let Effect::Arrange(wanted) = e { Some(*wanted) } else { None }).collect()
}

fn answer(h: &mut Harness, wanted: Wanted) {
    let rows = Rows::of(wanted, &h.ui.model.known());
    h.message(Msg::Arranged(Box::new(rows)));
}

#[test]
fn a_large_library_is_grouped_elsewhere_and_late_answers_change_nothing() {
    let mut h = Harness::new(3000, (120, 40));
    h.alone = true;
    let by = |h: &Harness| h.ui.screen.rows.wanted().by;
    assert_eq!((by(&h), h.ui.screen.rows.len()), (By::AlbumArtist, 3000), "the plain rows are there at once");
    h.keys("yj");
    let first = asked(&mut h);
    assert_eq!((first.len(), by(&h), h.ui.screen.library.at), (1, By::AlbumArtist, 1), "keys go on meanwhile");
    h.keys("y");
    let second = asked(&mut h);
    assert_eq!((second.len(), second[0].by), (1, By::Genre));
    answer(&mut h, first[0].clone());
    assert_eq!(by(&h), By::AlbumArtist, "it came too late");
    answer(&mut h, second[0].clone());
    assert_eq!((by(&h), h.ui.screen.rows.len()), (By::Genre, 3000));
    // Nor do rows of an older catalog take the place of newer ones.
    h.message(Msg::Catalog(fixture::catalog(2900)));
    let older = asked(&mut h);
    h.message(Msg::Catalog(fixture::catalog(2950)));
    let newer = asked(&mut h);
    answer(&mut h, newer[0].clone());
    answer(&mut h, older[0].clone());
    assert_eq!(h.ui.screen.rows.len(), 2950);
    // Facts that change meanwhile are waited for once.
    h.keys(":sort -plays<enter>");
    let noted = |h: &mut Harness, n: u8| {
        let track = h.ui.model.catalog.songs()[usize::from(n)].track;
        let event = crate::library::journal::Event::Played { track, secs: 60.0, whole: true };
        h.message(Msg::Noted(crate::library::journal::Entry { at: 1, event }));
    };
    (0..3).for_each(|n| noted(&mut h, n));
    let sorted = asked(&mut h);
    assert_eq!(sorted.len(), 1, "one request at a time");
    answer(&mut h, sorted[0].clone());
    let again = asked(&mut h);
    assert_eq!((again.len(), again[0].revision), (1, 3));
    answer(&mut h, again[0].clone());
    assert!(asked(&mut h).is_empty() && !h.ui.screen.rows.has_albums());
}

#[test]
fn grouping_order_column_and_playlists_come_back_with_the_session() {
    let mut h = Harness::new(65, (120, 40));
    h.keys("<enter>3j:by genre<enter>:sort -year,title<enter>h:playlists<enter>");
    let songs = h.ui.model.catalog.songs()[..3].to_vec();
    let list = |name: &str| Listed::new(Kind::Playlist, name.into(), String::new(), songs.clone(), 0);
    let lists = vec![list("dawn"), list("evening")];
    h.message(Msg::Lists(lists.clone())).keys("j");
    let (song, session) = (h.ui.screen.rows.song(h.ui.screen.library.at).cloned(), h.ui.model.session());
    let kept: View = serde_json::from_str(&serde_json::to_string(&session.view).unwrap()).unwrap();
    assert_eq!(kept, session.view);
    let catalog = h.ui.model.catalog.clone();
    let mut h = Harness::new(0, (120, 40));
    h.ui.model.resume_later(Some(session), Vec::new());
    h.message(Msg::Catalog(catalog));
    let screen = &h.ui.screen;
    assert_eq!((screen.focus, screen.by, screen.column()), (Pane::Saved, By::Genre, Column::Groups));
    assert_eq!(screen.sort, [(SortKey::Year, true), (SortKey::Title, false)]);
    assert_eq!(screen.rows.song(screen.library.at).cloned(), song);
    assert!(h.effects.0.iter().any(|e| matches!(e, Effect::Lists)), "the saved lists are read");
    h.message(Msg::Lists(lists));
    assert_eq!(h.ui.screen.list(&h.ui.model).map(|list| list.name.as_str()), Some("evening"));
}

#[test]
fn a_session_of_an_older_version_is_still_read() {
    let view: View = serde_json::from_str(r#"{"queue": true, "song": "/m/a.mp3", "item": 3}"#).unwrap();
    assert_eq!((view.queue, view.item, view.by.as_str(), view.playlists), (true, 3, "", false));
    let mut h = Harness::new(65, (120, 40));
    h.ui.screen.take_up(view, &h.ui.model);
    assert_eq!(
        (h.ui.screen.focus, h.ui.screen.by, h.ui.screen.column()),
        (Pane::Queue, By::AlbumArtist, Column::Tracks)
    );
    // What an edited file says of the list may mean nothing.
    let odd = View { by: "colour".into(), sort: "mood".into(), column: "fifth".into(), ..View::default() };
    h.ui.screen.take_up(odd, &h.ui.model);
    assert_eq!((h.ui.screen.by, h.ui.screen.sort.len(), h.ui.screen.column()), (By::AlbumArtist, 0, Column::Tracks));
}
