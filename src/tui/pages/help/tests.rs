use super::*;
use crate::app::commands::{self, Action};
use crate::config::{Config, Keys};
use crate::tui::fixture::Harness;
use crate::tui::keymap::Keymap;
use crate::tui::log::LogCursor;
use crate::tui::pages::{HELP, PANES, QUEUE};

/// The lines of the help on a screen of 80 columns.
fn lines(map: &Keymap, about: Option<u64>, narrow: &str) -> Vec<String> {
    let mut model = crate::app::fixture::model(3);
    model.views = PANES.iter().map(|pane| pane.id()).collect();
    let log = &LogCursor::default();
    let shown = Shown { model: &model, bindings: map.bindings(), narrow, log, panes: PANES, about, columns: 72 };
    let text = |spans: Vec<Span>| spans.into_iter().map(|(text, _)| text).collect::<String>();
    Help.lines(&shown).into_iter().map(|spans| text(spans).trim_end().to_string()).collect()
}

fn joined(lines: &[String]) -> String {
    lines.iter().flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ")
}

fn view(id: &str) -> Option<u64> {
    PANES.iter().position(|pane| pane.id() == id).map(|view| About::View(view).number())
}

#[test]
fn the_first_screen_names_what_is_needed_most() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("?");
    let text = h.text();
    let views = format!("1–{} views", PANES.len().min(9));
    for key in [": command", "/ find", "F filter", &views, "tab other list", "q quit", "This view: Library"] {
        assert!(text.contains(key), "{key} is missing:\n{text}");
    }
    insta::assert_snapshot!("help_80x24", text);
}

#[test]
fn the_keys_of_the_view_come_first_then_lists_then_all_others() {
    let map = Keymap::default();
    let place = |lines: &[String], text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    for pane in PANES.iter().filter(|pane| !pane.hints().is_empty()) {
        let lines = lines(&map, view(pane.id()), "");
        let own = place(&lines, &format!("This view: {}", pane.title(None)));
        let everywhere = place(&lines, "Everywhere: ");
        assert!(own < everywhere, "{}", pane.id());
        if pane.is_list() {
            let lists = place(&lines, "Every list");
            assert!(own < lists && lists < everywhere, "{}", pane.id());
        } else {
            assert!(!lines.iter().any(|line| line == "Every list"), "{}", pane.id());
        }
    }
    let queue = lines(&map, view("queue"), "");
    let remove = queue.iter().position(|line| line.starts_with("  D  delete")).unwrap();
    assert!(place(&queue, "This view: Queue") < remove && remove < place(&queue, "Every list"), "{queue:?}");
    // What lists do is not offered for a page, which has no selection.
    assert!(!joined(&lines(&map, view("signature"), "")).contains("D delete"));
}

#[test]
fn every_key_and_every_command_is_listed_in_words() {
    for preset in ["default", "cmus", "mpv", "vim"] {
        let (map, _) = Keymap::new(preset, &Keys::default()).unwrap();
        for pane in PANES {
            let lines = lines(&map, view(pane.id()), "");
            assert!(lines.iter().all(|line| crate::text::width(line) <= 72), "{lines:?}");
            for (binding, line) in crate::tui::binding::typeable(map.bindings(), pane.scope()) {
                let listed =
                    lines.iter().any(|l| l.starts_with("  ") && l.split("  ").any(|w| w.trim() == binding.text));
                assert!(listed, "{preset}, {}: {} ({})", pane.id(), binding.text, line.command.name);
            }
            let text = joined(&lines);
            for command in COMMANDS.iter() {
                let row = format!("{} {}", command.name, command.args.usage());
                assert!(text.contains(row.trim_end()), "{row}");
            }
            // The names of all views are told in full.
            assert!(text.contains(&format!("{} {}", PANES.len(), PANES.last().unwrap().id())), "{text}");
        }
    }
}

#[test]
fn a_key_of_the_user_is_shown_where_it_applies() {
    let config = Config::parse("[keys.queue]\nx = \"clear\"\n[keys]\n\"ctrl-n\" = \"next\"\n").unwrap();
    let (map, _) = Keymap::new("default", &config.keys).unwrap();
    let row = |id: &str, key: &str| -> String {
        let lines = lines(&map, view(id), "");
        lines.into_iter().find(|line| line.split("  ").any(|word| word.trim() == key)).unwrap()
    };
    assert!(row("queue", "x").contains("empty the queue"));
    assert!(row("library", "x").contains("from its beginning"));
    assert!(row("library", "ctrl-n").trim_start().starts_with(">  b  ctrl-n"));
}

#[test]
fn a_command_has_a_page_with_usage_names_keys_and_an_example() {
    let seek = joined(&lines(&Keymap::default(), about("seek").ok(), ""));
    for part in ["seek TIME", "example :seek 1:20", "other names none", "right 5 seconds forward", "x play the track"] {
        assert!(seek.contains(part), "{part}: {seek}");
    }
    assert!(joined(&lines(&Keymap::default(), about("vol").ok(), "")).contains("other names vol"));
    assert!(joined(&lines(&Keymap::default(), about(":enqueue").ok(), "")).contains("e in lists: add to what"));
    assert!(joined(&lines(&Keymap::default(), about("playlist open").ok(), "")).contains("playlist smart NAME FILTER"));
    assert!(joined(&lines(&Keymap::default(), about("balance").ok(), "")).contains("None. [keys] in config.toml"));
}

#[test]
fn topics_are_found_before_commands_and_mistakes_name_them() {
    let page = |topic: &str| joined(&lines(&Keymap::default(), about(topic).ok(), ""));
    assert!(page("filter").contains("genre=jazz") && page("filter").contains("genre ~g any of the genres"));
    assert!(page("filter").contains("filter [FILTER]"), "the command of that name is below");
    assert!(page("themes").contains(":theme mono") && page("dimensions").contains(":dims calm"));
    assert!(page("keys").contains("[keys.library] the view library") && page("commands").contains("seek TIME"));
    assert!(page("queue").contains(":not-artist"));
    assert_eq!(Help.title(about("filter").ok()), "Help: filters");
    let why = about("nonsense").unwrap_err().to_string();
    assert!(why.starts_with("no help on 'nonsense'; help takes a command, or one of commands, keys, filter"), "{why}");
    assert!(about("p").unwrap_err().to_string().starts_with("'p' could be play"));
    for subject in subjects() {
        assert!(about(subject).is_ok(), "{subject}");
    }
    // Every command that a topic names exists.
    for topic in TOPICS {
        let text = joined(&lines(&Keymap::default(), about(topic.name).ok(), ""));
        let named = text.split(' ').filter_map(|word| word.strip_prefix(':')).map(|word| word.trim_matches([',', ';']));
        for word in named.filter(|word| word.starts_with(char::is_alphabetic)) {
            assert!(commands::find(word).is_ok(), "{}: {word}", topic.name);
        }
    }
}

#[test]
fn numbers_keep_what_the_page_is_about() {
    for about in [About::View(0), About::View(6), About::Topic(3), About::Command(80)] {
        assert_eq!(About::of(about.number()), about);
    }
}

#[test]
fn typing_narrows_the_help_and_esc_widens_it() {
    let mut h = Harness::new(40, (80, 24));
    h.keys("?G/seconds fo");
    let text = h.text();
    assert!(text.contains("5 seconds forward") && !text.contains("5 seconds back"), "{text}");
    assert!(text.contains("Everywhere: playing"), "{text}");
    h.keys("<backspace><backspace>");
    assert!(h.text().contains("5 seconds back"), "it widens while letters are taken back");
    h.keys("<enter>");
    assert!(h.ui.screen.prompt.is_none() && h.text().contains("5 seconds back"));
    assert!(!h.text().contains("pause or go on"));
    // A second search goes on from the first one's text.
    h.keys("/<ctrl-u>zzz");
    assert!(h.text().contains("Nothing here has 'zzz'"), "{}", h.text());
    h.keys("<esc>");
    assert!(h.text().contains("This view: Library") && h.ui.screen.page.is_some());
    h.keys("/seek<enter><esc>");
    assert!(h.text().contains("This view: Library"), "the first esc shows all again");
    h.keys("<esc>");
    assert!(h.ui.screen.page.is_none());
    // A page that is opened anew is whole.
    h.keys("?/seek<enter>?");
    assert!(h.ui.screen.page.is_none());
    h.keys("?");
    assert!(h.text().contains("This view: Library"));
}

#[test]
fn help_opens_for_the_view_for_a_topic_and_for_a_command() {
    let mut h = Harness::new(40, (80, 24));
    let title = |h: &Harness| h.ui.screen.page.map(|(page, _)| (page.pane.id(), page.pane.title(page.about)));
    h.keys("<tab>?");
    assert!(h.text().contains("This view: Queue"), "{}", h.text());
    h.keys("?");
    assert_eq!(title(&h), None);
    h.keys(":help filter<enter>");
    assert_eq!(title(&h), Some((HELP.id(), "Help: filters")));
    h.keys(":help seek<enter>");
    assert!(h.text().contains(":seek 1:20"), "{}", h.text());
    h.keys(":help nonsense<enter>");
    assert!(h.ui.model.notice.as_ref().unwrap().text.contains("no help on 'nonsense'"));
    let offered = commands::complete::complete("help se", &h.ui.model);
    assert!(offered.iter().any(|c| c.line == "help seek") && offered.iter().all(|c| c.line.starts_with("help se")));
    assert!(matches!(commands::parse("help").unwrap().action, Action::Screen(_)));
    assert_eq!(QUEUE.title(None), "Queue");
}
