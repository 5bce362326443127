use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::{Color, Modifier};

use crate::app::commands::queue::QueueAction;
use crate::app::commands::row::Selection;
use crate::app::msg::Progress;
use crate::app::{Msg, fixture};
use crate::audio;
use crate::latent::Choice;
use crate::tui::colour::Depth;
use crate::tui::fixture::{Harness, cards, report};

const SIZES: [(u16, u16); 4] = [(40, 8), (40, 11), (80, 24), (200, 60)];

pub(super) fn busy(size: (u16, u16)) -> Harness {
    let mut h = Harness::new(240, size);
    let progress = Progress {
        stage: "listening".into(),
        done: 120,
        total: 891,
        rate: 3.1,
        left: Some(240.0),
        latents: 120,
        tracks: 891,
        ..Progress::default()
    };
    h.message(Msg::Progress(progress)).play_and_fill();
    h
}

#[test]
fn screens() {
    for size in SIZES {
        let h = busy(size);
        insta::assert_snapshot!(format!("playing_{}x{}", size.0, size.1), h.text());
    }
}

#[test]
fn the_queue_on_a_narrow_screen() {
    let mut h = busy((80, 24));
    let song = h.ui.model.catalog.songs()[33].clone();
    let selection = Selection { songs: vec![song], ..Selection::default() };
    h.message(Msg::Command { action: QueueAction::Enqueue(None).into(), selection });
    h.keys("<tab>");
    insta::assert_snapshot!(h.text());
}

#[test]
fn pages() {
    let mut h = busy((80, 24));
    h.message(Msg::Signature(Box::new(report())));
    h.keys("w");
    insta::assert_snapshot!("page_why", h.text());
    h.keys("?");
    insta::assert_snapshot!("page_help", h.text());
    h.message(Msg::Fault { path: "/music/broken \u{1b}[31m.flac".into(), why: "the file ends early".into() });
    h.keys(":errors<enter>");
    insta::assert_snapshot!("page_errors", h.text());
    h.message(Msg::error("no such thing"));
    h.keys(":log<enter>j<enter>");
    insta::assert_snapshot!("page_log", h.text());
}

#[test]
fn the_dimensions_and_what_they_mean() {
    for size in [(80, 24), (200, 60)] {
        let name = |page: &str| format!("{page}_{}x{}", size.0, size.1);
        let mut h = busy(size);
        h.keys(":dims<enter>");
        assert!(h.text().contains("once some tracks were listened to"));
        h.message(Msg::Cards(cards())).message(Msg::Signature(Box::new(report())));
        insta::assert_snapshot!(name("page_dims"), h.text());
        h.keys(":dims 7<enter>");
        insta::assert_snapshot!(name("page_card"), h.text());
        h.keys("<esc>");
        let lines = vec!["a (3 tracks) and b (1 track) are related: distance 0.20".into(), format!("{:>13}  1.26", 7)];
        h.message(Msg::Told { title: "Comparison".into(), lines });
        insta::assert_snapshot!(name("page_answer"), h.text());
    }
}

#[test]
fn completion_says_what_a_dimension_means() {
    let mut h = busy((80, 24));
    h.message(Msg::Cards(cards())).message(Msg::Signature(Box::new(report())));
    h.keys(":signature 3,<tab>");
    insta::assert_snapshot!(h.text());
}

#[test]
fn reasons_are_words_once_the_cards_are_there() {
    let mut h = busy((200, 60));
    h.message(Msg::Cards(cards())).keys("<alt-2>");
    let text = h.text();
    // All of them have it in common, so the heading says it, and what counted against one of them stands in its row.
    assert!(text.contains("Queue: 15 ahead  ~ 128–130 bpm, bright, like Sea Line ─"), "{text}");
    assert_eq!(text.matches("128–130 bpm").count(), 2, "there, and beside the next track alone: {text}");
    assert_eq!(text.matches("third by this artist").count(), 1, "{text}");
    h.keys("jw");
    assert!(h.text().contains("dark ↔ bright"), "{}", h.text());
}

#[test]
fn a_followed_signature_stands_in_the_status() {
    let mut h = busy((80, 24));
    let members = vec![h.ui.model.catalog.songs()[0].track];
    h.message(Msg::Follow { name: "late-night".into(), members, choice: Choice::dims([2]) });
    assert!(h.text().contains("signature · late-night · 3"), "{}", h.text());
    h.keys(":sig auto<enter>");
    assert!(!h.text().contains("· late-night"));
}

#[test]
fn a_command_with_its_menu() {
    let mut h = busy((80, 24));
    h.keys(":en<tab>");
    insta::assert_snapshot!(h.text());
}

#[test]
fn an_empty_library_helps() {
    let mut h = Harness::new(0, (80, 24));
    insta::assert_snapshot!("empty", h.text());
    let progress = Progress { stage: "scanning".into(), done: 17, ..Progress::default() };
    h.message(Msg::Progress(progress));
    assert!(h.text().contains("Looking through /music …"));
    h.ui.model.music = None;
    h.message(Msg::Progress(Progress::default()));
    assert!(h.text().contains("No music directory."));
}

#[test]
fn without_sound_it_says_so() {
    let mut h = Harness::new(3, (80, 24));
    let why = Some("no device".to_string());
    h.message(Msg::Player(audio::Event::Output { name: "silent".into(), silent: true, why }));
    let text = h.text();
    assert!(text.contains("no sound") && text.contains("no sound: no device; playing silently"), "{text}");
    h.message(Msg::Tick { now: Duration::from_secs(60) });
    assert!(!h.text().contains("no device"), "the notice fades, the sign stays");
    assert!(h.text().contains("no sound"));
}

#[test]
fn mono_has_no_colour_and_the_cursor_is_seen() {
    for keys in ["", "<tab>", "s", "w", "?", ":the", "qn/what<enter>", "m", ":dims<enter>", ":dims 7<enter>"] {
        for size in SIZES {
            let mut h = Harness::of(fixture::model(60), size, "gruvbox-dark", Depth::Mono);
            h.play_and_fill().message(Msg::Signature(Box::new(report()))).message(Msg::Cards(cards()));
            h.keys(keys);
            if keys == "s" {
                h.answer_trial();
            }
            let buffer = h.buffer();
            assert!(buffer.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset), "{keys} {size:?}");
            if keys.len() < 2 && size.1 > 8 {
                let seen = buffer.content.iter().any(|c| c.modifier.contains(Modifier::REVERSED));
                assert!(seen || !keys.is_empty(), "the cursor is not seen");
            }
        }
    }
}

#[test]
fn a_light_theme_paints_every_cell() {
    let mut h = Harness::of(fixture::model(60), (120, 40), "catppuccin-latte", Depth::True);
    h.play_and_fill().keys("s");
    let buffer = h.buffer();
    // The second cell of a wide character is never drawn itself.
    let half = |i: usize| i > 0 && crate::text::width(buffer.content[i - 1].symbol()) > 1;
    assert!(buffer.content.iter().enumerate().all(|(i, c)| c.bg != Color::Reset || half(i)));
}

#[test]
fn random_keys_on_screens_of_any_size_never_panic() {
    let mut rng = fastrand::Rng::with_seed(7);
    for round in 0..60 {
        let songs = [0, 1, 15, 200][rng.usize(..4)];
        let theme = ["terminal", "mono", "gruvbox-dark"][rng.usize(..3)];
        let mut h = Harness::of(fixture::model(songs), (80, 24), theme, Depth::Indexed);
        for _ in 0..60 {
            match rng.u8(..12) {
                0 => {
                    h.size = (rng.u16(..=120), rng.u16(..=40));
                    h.ui.event(Event::Resize(h.size.0, h.size.1), &mut h.effects);
                }
                1 => h.ui.event(Event::Paste("\u{202e}seek\n+5\u{1b}]0;x\u{7}日本".into()), &mut h.effects),
                2 => h.ui.timeout(&mut h.effects),
                3 => {
                    let msg = if rng.bool() { Msg::Cards(cards()) } else { Msg::Signature(Box::new(report())) };
                    h.ui.message(msg, &mut h.effects);
                }
                4 => {
                    let msg = Msg::Catalog(fixture::catalog(rng.u16(..100)));
                    h.ui.message(msg, &mut h.effects);
                }
                5 => {
                    let token = rng.u64(..6);
                    let event = match rng.u8(..4) {
                        0 => audio::Event::Started { token, secs: Some(f64::NAN) },
                        1 => audio::Event::Position { token, secs: rng.f64() * 1e6 - 10.0 },
                        2 => audio::Event::Finished { token },
                        _ => audio::Event::Failed { token, why: "x\u{1b}[2J".into() },
                    };
                    h.ui.message(Msg::Player(event), &mut h.effects);
                }
                _ => {
                    let event = KeyEvent::new(random_key(&mut rng), random_modifiers(&mut rng));
                    h.ui.event(Event::Key(event), &mut h.effects);
                }
            }
            for cell in &h.buffer().content {
                let safe = cell.symbol().chars().all(|c| !c.is_control() && !is_bidi(c));
                assert!(safe, "round {round}: {:?}", cell.symbol());
            }
        }
    }
}

fn random_key(rng: &mut fastrand::Rng) -> KeyCode {
    let named = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Home,
        KeyCode::PageDown,
        KeyCode::F(1),
        KeyCode::Null,
    ];
    match rng.u8(..4) {
        0 => named[rng.usize(..named.len())],
        1 => KeyCode::Char(rng.char(..)),
        _ => KeyCode::Char(rng.char(' '..='~')),
    }
}

fn random_modifiers(rng: &mut fastrand::Rng) -> KeyModifiers {
    if rng.u8(..8) == 0 { KeyModifiers::CONTROL } else { KeyModifiers::NONE }
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[test]
fn a_frame_of_sixty_thousand_tracks_draws_only_what_is_seen() {
    let mut h = Harness::of(fixture::model(60_000), (200, 60), "terminal", Depth::True);
    h.keys("G");
    // Twelve moves across the whole list and six frames: drawing every row would take seconds.
    let begun = std::time::Instant::now();
    for _ in 0..6 {
        h.keys("ggG");
        h.buffer();
    }
    eprintln!("a move and a frame over 60,000 tracks: {:?}", begun.elapsed() / 6);
    let shown = h.text();
    assert!(shown.lines().count() == 60 && shown.contains("60,000"));
}
