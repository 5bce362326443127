use crate::app::effect::{PlaylistOrder, SetOrder};
use crate::app::{Effect, Msg};
use crate::ask::set::Set;
use crate::audio::Command;
use crate::config::Changes;
use crate::latent::Choice;
use crate::library::journal::Event;
use crate::queue::Origin;
use crate::tui::colour::Depth;
use crate::tui::fixture::Harness;
use crate::tui::ground::Ground;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Pane;
use crate::tui::pages;
use crate::tui::pane::{Page, Pane as View};
use crate::tui::run::Ui;
use crate::tui::search::Search;

/// An open page.
fn page(pane: &'static dyn View, about: Option<u64>) -> Page {
    Page { pane, about }
}

#[test]
fn keys_play_and_choose_dimensions() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("jj<enter>:signature 3,7,12<enter>");
    let model = &h.ui.model;
    assert_eq!(model.playing().unwrap().song, model.catalog.songs()[2]);
    assert_eq!(model.auto.choice, Choice::dims([2, 6, 11]));
    assert!(h.effects.0.iter().any(|e| matches!(e, Effect::Player(Command::Play { .. }))));
}

#[test]
fn counts_multiply_motions_and_lone_digits_are_views() {
    let mut h = Harness::new(40, (79, 24));
    h.keys("5j");
    assert_eq!(h.ui.screen.library.at, 5);
    h.keys("12G");
    assert_eq!(h.ui.screen.library.at, 11);
    h.keys("G");
    assert_eq!(h.ui.screen.library.at, 39);
    h.keys("gg");
    assert_eq!(h.ui.screen.library.at, 0);
    h.keys("2");
    assert!(h.ui.screen.waits());
    assert_eq!(h.ui.screen.focus, Pane::Library);
    h.ui.timeout(&mut h.effects);
    assert_eq!(h.ui.screen.focus, Pane::Queue);
    // A count repeats a command that does not take one.
    h.keys("3-");
    assert_eq!(h.ui.model.play.volume, 65);
}

#[test]
fn the_cursor_stays_within_bounds() {
    let mut h = Harness::new(15, (80, 24));
    h.keys("kkk<ctrl-b><ctrl-u>{");
    assert_eq!(h.ui.screen.library.at, 0);
    h.keys("}");
    assert_eq!(h.ui.screen.library.at, 10);
    h.keys("9999j<ctrl-f>");
    assert_eq!(h.ui.screen.library.at, 14);
    let mut h = Harness::new(0, (80, 24));
    h.keys("jGgg}<enter>emDi<tab>jGD<enter>w");
    assert!(h.ui.model.queue.is_empty());
}

#[test]
fn marks_are_enqueued_in_order_and_then_gone() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("jmjme");
    let songs = h.ui.model.catalog.songs().to_vec();
    let queued: Vec<_> = h.ui.model.queue.items().iter().map(|i| i.song.clone()).collect();
    assert_eq!(queued, [songs[1].clone(), songs[3].clone()]);
    assert!(h.ui.screen.marks.songs.is_empty());
}

#[test]
fn the_queue_removes_and_jumps() {
    let mut h = Harness::new(40, (80, 24));
    h.play_and_fill();
    let ahead = h.ui.model.queue.ahead().to_vec();
    h.keys("<tab>jD");
    assert_eq!(h.ui.model.queue.ahead(), &ahead[1..]);
    let second = h.ui.model.queue.ahead()[1].clone();
    h.keys("j<enter>");
    assert_eq!(h.ui.model.playing().unwrap().serial, second.serial);
    // A cursor on the playing track follows it.
    h.keys(">>");
    assert_eq!(Some(h.ui.screen.queue.at), h.ui.model.queue.current());
    h.keys("gg>");
    assert_eq!(h.ui.screen.queue.at, 0);
}

#[test]
fn search_goes_round_in_both_directions() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("/WHAT<enter>");
    let at = |h: &Harness| h.ui.screen.library.at;
    let title = |h: &Harness| h.ui.model.catalog.songs()[at(h)].title();
    let first = at(&h);
    assert_eq!(title(&h), "So What");
    h.keys("n");
    assert!(at(&h) > first);
    h.keys("N");
    assert_eq!(at(&h), first);
    h.keys("N");
    assert!(at(&h) > first, "it goes round");
    h.keys("/zzz<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("nothing like 'zzz'"));
    h.keys("/青<enter>");
    assert_eq!(title(&h), "青い鳥");
}

#[test]
fn pages_open_scroll_and_close() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("?");
    // The help is that of the library, the first view.
    assert_eq!(h.ui.screen.page, Some((page(pages::HELP, Some(0)), 0)));
    h.keys("G");
    let bottom = h.ui.screen.page.as_ref().unwrap().1;
    assert!(bottom > 10);
    h.keys("jk");
    assert_eq!(h.ui.screen.page.as_ref().unwrap().1, bottom - 1);
    h.keys("q");
    assert!(h.ui.screen.page.is_none() && !h.ui.ended());
    h.keys("s");
    assert_eq!(h.ui.screen.page.unwrap().0, page(pages::SIGNATURE, None));
    let asked = h.effects.0.iter().filter(|e| matches!(e, Effect::Signature { .. })).count();
    assert_eq!(asked, 1);
    h.keys("<esc>").play_and_fill().keys("w");
    let serial = h.ui.model.queue.ahead().iter().find(|i| i.origin != Origin::Hand).unwrap().serial;
    assert_eq!(h.ui.screen.page, Some((page(pages::WHY, Some(serial)), 0)));
}

#[test]
fn every_view_has_a_number_a_key_a_completion_and_a_place_in_the_help() {
    for (i, view) in pages::PANES.iter().enumerate() {
        let mut h = Harness::new(40, (80, 60));
        h.play_and_fill();
        // Only the first nine have a key.
        let keys = if i < 9 { (i + 1).to_string() } else { format!(":view {}<enter>", i + 1) };
        h.keys(&keys);
        h.ui.timeout(&mut h.effects);
        let shown = match h.ui.screen.page {
            Some((page, _)) => page.pane.id(),
            None => match h.ui.screen.focus {
                Pane::Library => "library",
                Pane::Queue => "queue",
                Pane::Saved => "playlists",
            },
        };
        assert_eq!(shown, view.id());
    }
    let mut h = Harness::new(40, (80, 60));
    let offered = crate::app::commands::complete::complete("view ", &h.ui.model);
    assert_eq!(offered.len(), pages::PANES.len());
    let listed = crate::app::commands::find("view").unwrap().help_in(&h.ui.model);
    let views = "1 library, 2 queue, 3 playlists, 4 signature, 5 map, 6 sound, 7 train, 8 dimensions, 9 log, 10 help, \
                 11 why, 12 lyrics";
    assert_eq!(listed, views);
    h.keys(":view 13<enter>");
    let names = "library, queue, playlists, signature, map, sound, train, dimensions, log, help, why, lyrics";
    let said = |h: &Harness| h.ui.model.notice.as_ref().unwrap().text.clone();
    assert_eq!(said(&h), format!("view wants a number from 1 to 12, or a name: {names}"));
    h.keys(":view lists<enter>");
    assert_eq!(said(&h), format!("no view 'lists': {names}"));
    h.keys(":view Sound<enter>");
    assert_eq!(h.ui.screen.page.map(|(page, _)| page.pane.id()), Some("sound"));
}

#[test]
fn quitting_asks_only_while_music_plays() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("<enter>q");
    assert!(h.ui.screen.prompt.is_some() && !h.ui.ended());
    h.keys("n");
    assert!(h.ui.screen.prompt.is_none() && !h.ui.ended());
    h.keys("qy");
    assert!(h.ui.ended());
    for line in [":q!<enter>", ":wq<enter>", "q"] {
        let mut h = Harness::new(40, (80, 24));
        h.keys(line);
        assert!(h.ui.ended(), "{line}");
        assert_eq!(h.effects.0.last(), Some(&Effect::Quit));
    }
}

#[test]
fn mistakes_are_told_and_typing_can_be_given_up() {
    let mut h = Harness::new(40, (80, 24));
    h.keys(":seek soon<enter>");
    assert_eq!(h.ui.model.notice.as_ref().unwrap().text, "seek wants seconds like 30, +5 or 1:20");
    h.keys(":nonsense<esc>j");
    assert_eq!((h.ui.screen.library.at, h.ui.screen.prompt.is_none()), (1, true));
    h.keys(":theme g<tab><enter>");
    assert_eq!(h.ui.theme.name, "gruvbox-dark");
    h.keys(":theme nope<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.starts_with("no theme 'nope'; there are:"));
}

#[test]
fn the_cursor_stays_with_its_song_when_the_library_grows() {
    let mut h = Harness::new(5, (80, 24));
    h.keys("jj");
    let song = h.ui.model.catalog.songs()[2].clone();
    h.message(crate::app::Msg::Catalog(crate::app::fixture::catalog(60)));
    assert_eq!(h.ui.model.catalog.songs()[h.ui.screen.library.at], song);
}

#[test]
fn dimensions_open_by_view_number_and_name() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("8");
    h.ui.timeout(&mut h.effects);
    assert_eq!(h.ui.screen.page, Some((page(pages::DIMS, None), 0)));
    assert!(h.effects.0.contains(&Effect::Cards));
    h.keys(":dims 7<enter>");
    assert_eq!(h.ui.screen.page, Some((page(pages::DIMS, Some(6)), 0)));
    h.keys(":dims tempo<enter>");
    assert_eq!(h.ui.screen.page, Some((page(pages::DIMS, Some(32)), 0)));
    h.keys("<esc>:dims 46<enter>");
    assert_eq!(h.ui.screen.page, None);
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("no dimension 46"));
    h.keys(":answer<enter>");
    assert_eq!(h.ui.screen.page, Some((page(pages::ANSWER, None), 0)));
}

#[test]
fn comparing_an_album_means_the_selected_one() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("jjm:signature compare album library<enter>");
    let order = h.effects.0.iter().find_map(|e| match e {
        Effect::Sets(SetOrder::Compare(a, b)) => Some((a.clone(), b.clone())),
        _ => None,
    });
    let (a, b) = order.unwrap();
    let path = h.ui.model.catalog.songs()[2].path.to_path_buf();
    assert_eq!((a.label.as_str(), b.set), ("First Light", Set::Library));
    assert_eq!(a.set, Set::Files { paths: vec![path], albums: true });
    assert!(!h.ui.screen.marks.songs.is_empty(), "asking takes no marks away");
}

/// Types keys, and answers the requests for filters as the engine's thread would.
fn type_filter(h: &mut Harness, keys: &str) {
    h.keys(keys);
    let asked: Vec<String> = std::mem::take(&mut h.effects.0)
        .into_iter()
        .filter_map(|e| if let Effect::Filter { text, .. } = e { Some(text) } else { None })
        .collect();
    for text in asked {
        let search = Search::new(&text, &h.ui.model.language);
        let found = std::sync::Arc::new(h.ui.model.catalog.subset(|_, song| search.finds(song)));
        h.message(Msg::Filtered { text, found: Ok(found), hint: None });
    }
}

#[test]
fn what_filters_search_is_made_ready_before_the_first_letter() {
    let mut h = Harness::new(20, (100, 30));
    h.keys("F");
    assert_eq!(std::mem::take(&mut h.effects.0), [Effect::ReadySearch { fuzzy: false }]);
    h.keys("<esc>Z");
    assert!(h.effects.0.contains(&Effect::ReadySearch { fuzzy: true }), "{:?}", h.effects.0);
}

#[test]
fn a_filter_narrows_the_library_while_it_is_typed() {
    let mut h = Harness::new(120, (100, 30));
    let artists = |h: &Harness| h.ui.model.shown().songs().iter().map(|s| s.artist().to_string()).collect::<Vec<_>>();
    type_filter(&mut h, "F~a miles");
    let found = artists(&h);
    assert!(found.iter().all(|a| a == "Miles Davis") && found.len() == 30, "{found:?}");
    assert!(h.text().contains("30 of 120"), "{}", h.text());
    // An incomplete filter changes nothing, and its error is shown.
    type_filter(&mut h, " &");
    assert_eq!(artists(&h).len(), 30);
    type_filter(&mut h, " genre=");
    assert!(h.text().contains("genre wants a text"), "{}", h.text());
    type_filter(&mut h, "<esc>");
    assert_eq!((artists(&h).len(), h.ui.model.filter.text.as_str()), (120, ""));
    type_filter(&mut h, "F~a miles<enter>");
    h.keys("gg<enter>");
    assert_eq!(h.ui.model.playing().map(|i| i.song.artist().to_string()), Some("Miles Davis".into()));
    type_filter(&mut h, "F<ctrl-u>zzz<enter>");
    assert!(h.text().contains("Nothing passes the filter"), "{}", h.text());
    type_filter(&mut h, "<esc>");
    assert_eq!(artists(&h).len(), 120);
    type_filter(&mut h, "/artist=björk & title~sea<enter>");
    let at = h.ui.screen.library.at;
    assert_eq!(h.ui.model.shown().songs()[at].title(), "Sea Line");
    assert_eq!(h.ui.model.shown().songs()[at].artist(), "Björk");
}

#[test]
fn a_journey_goes_between_the_marked() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("jmjjmJ");
    let asked = h.effects.0.iter().any(|e| matches!(e, Effect::Sets(SetOrder::Journey { .. })));
    assert!(asked, "{:?} {:?}", h.ui.model.notice, h.effects.0);
    assert!(h.ui.screen.marks.songs.is_empty());
}

#[test]
fn what_is_rated_is_under_the_cursor_or_marked() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("<enter>jj:love<enter>");
    let songs = h.ui.model.catalog.songs().to_vec();
    let loved = |h: &Harness| -> Vec<_> {
        let events = h.effects.0.iter().filter_map(|e| match e {
            Effect::Note(Event::Loved { track, loved }) => Some((*track, *loved)),
            _ => None,
        });
        events.collect()
    };
    assert_eq!(loved(&h), [(songs[2].track, true)]);
    h.effects.0.clear();
    h.keys("jmjm:love<enter>");
    assert_eq!(loved(&h).len(), 2);
}

#[test]
fn marked_tracks_are_added_to_a_playlist_not_the_playing_one() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("<enter>jjmjm:playlist add calm<enter>");
    let songs = h.ui.model.catalog.songs().to_vec();
    let added = h.effects.0.iter().find_map(|e| match e {
        Effect::Playlists(PlaylistOrder::Step(_, order)) => match &**order {
            PlaylistOrder::Add(name, list) => Some((name.clone(), list.entries.clone())),
            _ => None,
        },
        _ => None,
    });
    let (name, entries) = added.unwrap();
    let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_path()).collect();
    assert_eq!((name.as_str(), paths), ("calm", vec![&*songs[2].path, &*songs[4].path]));
    assert!(h.ui.screen.marks.songs.is_empty(), "they are used up");
    // Other verbs do not use the marks.
    h.keys("m:playlist list<enter>");
    assert_eq!(h.ui.screen.marks.songs.len(), 1);
}

#[test]
fn answers_are_about_what_is_explained_marked_or_under_the_cursor() {
    let mut h = Harness::new(40, (80, 24));
    h.play_and_fill();
    let ahead: Vec<_> = h.ui.model.queue.ahead().iter().map(|i| i.serial).collect();
    let origin = |h: &Harness, serial| h.ui.model.queue.get(serial).unwrap().origin.clone();
    h.keys("<tab>jmjm:keep<enter>");
    assert_eq!((origin(&h, ahead[0]), origin(&h, ahead[2])), (Origin::Hand, Origin::Hand));
    assert!(h.ui.screen.marks.items.is_empty());
    assert_ne!(origin(&h, ahead[3]), Origin::Hand);
    h.keys(&format!(":why #{}<enter>K", ahead[5]));
    assert_eq!(origin(&h, ahead[5]), Origin::Hand);
    assert!(h.ui.screen.page.is_none());
    h.keys(&format!("gg:why #{}<enter>X", ahead[6]));
    assert!(h.ui.model.queue.get(ahead[6]).is_none());
}

#[test]
fn a_key_undoes_what_other_keys_did() {
    let mut h = Harness::new(40, (80, 24));
    h.play_and_fill();
    let ahead = |h: &Harness| h.ui.model.queue.ahead().iter().map(|i| i.serial).collect::<Vec<_>>();
    let (before, third) = (ahead(&h), h.ui.model.queue.ahead()[2].song.title());
    h.keys(&format!("<tab>:clear<enter>u:remove #{}<enter>*4", before[2]));
    let (steps, last) = h.ui.model.undoable().unwrap();
    assert!(steps == 2 && last.starts_with("rate ") && last.ends_with(" off → 4"), "{last}");
    h.keys("u");
    assert_eq!(h.ui.model.undoable(), Some((1, format!("remove {third}").as_str())));
    h.keys("u");
    assert_eq!((ahead(&h), h.ui.model.undoable()), (before, None));
}

#[test]
fn the_screen_comes_back_with_the_session() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("7j<enter>5je2je3k<tab>j");
    let (queue, playing) = (h.ui.screen.queue.at, h.ui.model.queue.played().len());
    assert_ne!(queue, playing, "the cursor stands elsewhere");
    let library = h.ui.screen.library.at;
    let mut session = h.ui.model.session();
    session.view = h.ui.screen.place();
    let session_items = session.items.clone();
    assert!(session_items.len() > 2);
    let catalog = h.ui.model.catalog.clone();
    let mut h = Harness::new(0, (80, 24));
    h.ui.model.resume_later(Some(session), Vec::new());
    assert_eq!(h.ui.model.session().items, session_items, "an end before the catalog keeps it");
    h.message(Msg::Catalog(catalog));
    assert_eq!((h.ui.screen.focus, h.ui.screen.library.at), (Pane::Queue, library));
    assert_eq!(h.ui.screen.queue.at, queue);
}

#[test]
fn a_theme_is_shown_while_it_is_typed_and_esc_brings_the_former_back() {
    let mut h = Harness::new(40, (80, 24));
    let mut after = |keys: &str| h.keys(keys).ui.theme.name.clone();
    assert_eq!(after(":theme nor"), "terminal", "half a name");
    assert_eq!(after("d"), "nord");
    assert_eq!(after("x"), "terminal");
    // The menu is walked.
    assert_eq!(after("<ctrl-w>d<tab>"), "dracula");
    assert_eq!(after("<ctrl-w><tab>"), "auto");
    assert_eq!(after("<tab>"), "catppuccin-latte");
    assert_eq!(after("<esc>"), "terminal");
    assert_eq!(after(":theme mono<enter>"), "mono");
    assert_eq!(after(":theme nord<ctrl-u>"), "mono");
    assert_eq!(after("next nord<esc>"), "mono");
    // The command of another is what esc comes back to.
    after(":theme nord");
    h.message(Msg::command(crate::app::commands::session::SessionAction::Theme(Some("dracula".into()))));
    h.keys("<esc>");
    assert_eq!(h.ui.theme.name, "dracula");
}

#[test]
fn another_configuration_changes_theme_and_keys_at_once() {
    let mut h = Harness::new(40, (79, 24));
    let changes = |text: &str| Changes::between("", text, "config.toml").unwrap().unwrap();
    let mut settle = |text: &str, keys: &str| {
        h.message(Msg::Settings(Box::new(changes(text))));
        let said = h.ui.model.notice.as_ref().unwrap().text.clone();
        h.keys(keys);
        (said, h.ui.theme.name.clone(), h.ui.screen.library.at)
    };
    let (said, theme, at) = settle("[ui]\ntheme = \"nord\"\n[keys]\n\"x\" = \"down\"\n", "x");
    assert_eq!((said.as_str(), theme.as_str(), at), ("config.toml: read anew", "nord", 1));
    let (said, theme, at) = settle("[ui]\ntheme = \"nope\"\n", "x");
    assert!(said.starts_with("config.toml: line 2: no theme 'nope'; there are:"), "{said}");
    assert_eq!((theme.as_str(), at), ("nord", 2));
    let (said, theme, at) = settle("[keys]\n\"y\" = \"frobnicate\"\n", "x");
    assert_eq!(
        said,
        "config.toml: line 2: [keys] \"y\": no command 'frobnicate'; :help lists them; the keys stay as they were"
    );
    assert_eq!((theme.as_str(), at), ("nord", 3));
    let (said, ..) = settle("[ui]\ncolumns.queue = [\"title\"]\n[player]\nfade = 1.0\n", "");
    assert_eq!(said, "config.toml: read anew; player.fade takes effect at the next start");
    assert_eq!(h.ui.screen.columns, [crate::config::Column::Title]);
}

#[test]
fn a_theme_file_is_loaded_anew_when_it_changes_unless_it_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(dir.path().join("mine.toml"), text).unwrap();
    write("inherits = \"nord\"\n");
    let mut h = Harness::new(3, (80, 24));
    let model = crate::app::fixture::model(3);
    h.ui = Ui::new(model, Keymap::default(), "mine", Depth::True, Some(dir.path().to_path_buf()));
    let said = |h: &Harness| h.ui.model.notice.as_ref().map(|notice| notice.text.clone());
    h.message(Msg::Themes);
    assert_eq!(said(&h), None, "it is the same");
    write("inherits = \"nord\"\n[ui]\ndim = \"yellow\"\n");
    std::fs::write(dir.path().join("new.toml"), "").unwrap();
    h.message(Msg::Themes);
    assert_eq!(said(&h).as_deref(), Some("theme mine: loaded anew"));
    assert!(h.ui.model.themes.contains(&"new".to_string()));
    let good = h.ui.theme.clone();
    write("inherits = \"nord\"\n[ui]\ndim = yellow\n");
    h.message(Msg::Themes);
    let why = said(&h).unwrap();
    assert!(why.starts_with("themes/mine.toml: line 3: ") && why.ends_with("; the colours stay as they were"), "{why}");
    assert_eq!(h.ui.theme, good);
}

#[test]
fn auto_follows_the_background_and_other_themes_do_not() {
    let on = |theme: &str, ground| {
        let mut h = Harness::of(crate::app::fixture::model(3), (80, 24), theme, Depth::True);
        h.ui.stand_on(ground);
        h.ui.theme
    };
    assert_ne!(on("auto", Ground::Dark), on("auto", Ground::Light));
    assert_eq!(on("nord", Ground::Dark), on("nord", Ground::Light));
    assert_eq!(on("terminal", Ground::Dark), on("terminal", Ground::Light));
}
