//! Every view at the usual sizes in three themes, over names that are hard to draw: what it shows, and that it can be
//! read.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::fixture::{Harness, flaw, text};
use super::layout::Layout;
use super::pages::{ANSWER, LIBRARY, PANES, QUEUE, SAVED};
use super::pane::Pane;
use super::theme::contrast_tests::faint;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];
const THEMES: [&str; 3] = ["terminal", "mono", "gruvbox-dark"];
/// Pages that have no number of their own, by the commands that open them.
const MORE: [(&str, &str); 5] = [
    ("grid", "grid"),
    ("card", "dims 7"),
    ("topic", "help filter"),
    ("command", "help type-fuzzy"),
    ("spectrogram", "spectrogram /one.flac /two.mp3"),
];

/// How a view or a page is opened.
type Opens = Box<dyn Fn(&mut Harness)>;

/// Every view and page: its name, and how it is opened.
fn scenes() -> Vec<(&'static str, Opens)> {
    let views = PANES.iter().copied().chain([ANSWER]).map(|pane: &'static dyn Pane| {
        let open = move |h: &mut Harness| {
            h.open(pane);
        };
        (pane.id(), Box::new(open) as Opens)
    });
    let more = MORE.iter().map(|&(name, line)| {
        let open = move |h: &mut Harness| {
            h.command(line);
        };
        (name, Box::new(open) as Opens)
    });
    views.chain(more).collect()
}

/// The frame without an image, whose cells depend on the colours and are no text.
fn without_image(h: &Harness) -> Buffer {
    let mut buffer = h.buffer();
    for place in h.ui.screen.raster().into_iter().flat_map(|area| area.positions()) {
        buffer[place].reset();
    }
    buffer
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width))
}

#[test]
fn every_view_at_every_size() {
    for size in SIZES {
        let mut h = Harness::world(size, "terminal");
        let world = h.ui.clone();
        for (name, open) in scenes() {
            open(h.back_to(&world));
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), h.text());
        }
    }
}

#[test]
fn no_theme_changes_what_is_shown_and_nothing_is_cut_or_drawn_over() {
    for size in SIZES {
        let mut worlds = THEMES.map(|theme| Harness::world(size, theme));
        let uis = worlds.each_ref().map(|h| h.ui.clone());
        for (name, open) in scenes() {
            let texts = [0, 1, 2].map(|n| {
                let (h, theme) = (&mut worlds[n], THEMES[n]);
                open(h.back_to(&uis[n]));
                assert_eq!(h.ui.theme.name, theme);
                assert_eq!(flaw(&h.buffer()), None, "{name} {size:?} {theme}");
                text(&without_image(h))
            });
            assert!(texts.iter().all(|text| *text == texts[0]), "{name} {size:?}");
        }
    }
}

#[test]
fn everything_can_be_read_in_every_theme() {
    for theme in THEMES {
        let mut h = Harness::world((200, 60), theme);
        let world = h.ui.clone();
        for (name, open) in scenes() {
            open(h.back_to(&world));
            let buffer = without_image(&h);
            let cells = buffer.content.iter().filter(|cell| cell.symbol() != " ");
            let mut letters = 0;
            for cell in cells {
                let letter = cell.symbol().chars().any(char::is_alphanumeric);
                letters += usize::from(letter);
                // Lines may be faint, and so may what a theme without colours makes dim.
                let least = if letter && !cell.modifier.contains(Modifier::DIM) { 3.0 } else { 1.5 };
                assert_eq!(faint(cell, least), None, "{name} in {theme}");
            }
            assert!(letters > 200, "{name}: an empty screen proves nothing:\n{}", h.text());
        }
    }
}

#[test]
fn without_colour_one_row_is_seen_to_be_the_selected_one() {
    for size in SIZES {
        let mut h = Harness::world(size, "mono");
        let world = h.ui.clone();
        for (pane, title) in [(LIBRARY, None), (QUEUE, None), (SAVED, Some("sea and سلام"))] {
            h.back_to(&world).open(pane).command("down 1");
            let buffer = h.buffer();
            assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
            let body = Layout::of(buffer.area).unwrap().body;
            let reversed = |cell: &&Cell| cell.modifier.contains(Modifier::REVERSED);
            let text = |row: &[Cell]| row.iter().filter(reversed).map(Cell::symbol).collect::<String>();
            let body = usize::from(body.top())..usize::from(body.bottom());
            let seen: Vec<String> = rows(&buffer).map(text).collect();
            // What went wrong is reversed where there are no colours, too.
            let selected = |row: &&String| !row.is_empty() && *row != "cannot be read";
            let seen: Vec<&String> = seen[body].iter().filter(selected).collect();
            assert_eq!(seen.len(), 1, "{} {size:?}: {seen:?}\n{}", pane.id(), h.text());
            let title = title.map_or_else(
                || match pane.id() {
                    "library" => h.ui.screen.rows.song(h.ui.screen.library.at).unwrap().title(),
                    _ => h.ui.model.queue.items()[h.ui.screen.queue.at].song.title(),
                },
                str::to_string,
            );
            let begins: String = title.chars().take(4).collect();
            // The second cell of a wide letter is a blank of its own.
            let said = |text: &str| text.replace(' ', "");
            assert!(said(seen[0]).contains(&said(&begins)), "{}: {begins:?} is not in {:?}", pane.id(), seen[0]);
        }
    }
}

#[test]
fn prompts_and_menus_neither_cut_nor_cover_half_a_letter() {
    for size in SIZES {
        let mut h = Harness::world(size, "terminal");
        let world = h.ui.clone();
        for keys in [
            ":",
            ":the",
            ":signature 3,<tab>",
            ":playlist open 夜",
            "F",
            "Fartist~سلام",
            "Z坂本",
            "/👩",
            ":view 9<enter>:",
            ":view 4<enter>:theme <tab>",
            "q",
            "?:",
            "?/ﾎﾟ",
        ] {
            h.back_to(&world).keys(keys);
            assert!(h.ui.screen.prompt.is_some(), "{keys}");
            assert_eq!(flaw(&h.buffer()), None, "{keys} {size:?}");
        }
    }
}
