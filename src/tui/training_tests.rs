use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::training::{EpochReport, Genre};
use crate::tui::colour::Depth;
use crate::tui::fixture;

const NOW: i64 = 1_700_000_000;

fn epoch(epoch: usize) -> EpochReport {
    let t = epoch as f64;
    EpochReport {
        epoch,
        loss: 2.1 * (-t / 9.0).exp() + 0.6,
        genre_loss: 1.0,
        teacher_loss: 0.4,
        decorrelation: 0.01,
        validation: 0.6 - 0.45 * (-t / 5.0).exp() - if epoch == 12 { 0.02 } else { 0.0 },
        validation_loss: 1.2,
        best: epoch != 12,
        rate: 2.9e-3,
        seconds: 90.0,
        ..EpochReport::default()
    }
}

/// A training in its thirteenth epoch.
fn curve() -> Curve {
    let mut curve = Curve::new("strobe · strobe:fma-small · 8 genres", "2 threads on cores 0–1", 64);
    let names = ["Electronic", "Experimental", "Folk", "Hip-Hop", "Instrumental", "International", "Pop", "ロック"];
    let genres = names.iter().enumerate().map(|(i, name)| Genre {
        name: (*name).into(),
        clips: 900 - 37 * i,
        artists: (i % 2 == 0).then_some(1200 + i),
    });
    let mut now = Duration::ZERO;
    let genres = genres.collect();
    curve.take(&Progress::Ready { clips: [6397, 800, 800], genres, teacher: true }, now);
    curve.take(&Progress::Plan { epochs: 40, ends: Some(NOW + 6 * 3600) }, now);
    curve.take(&Progress::Stage(Stage::Learning), now);
    for e in 1..=13 {
        for step in 1..=if e == 13 { 34 } else { 99 } {
            now += Duration::from_millis(900);
            let at = e as f64 - 1.0 + step as f64 / 99.0;
            let loss = 2.1 * (-at / 9.0).exp() + 0.6 + 0.1 * (7.0 * at).sin();
            curve.take(&Progress::Step { epoch: e, step, steps: 99, loss, rate: Some(2.9e-3) }, now);
        }
        if e < 13 {
            now += Duration::from_secs(8);
            curve.take(&Progress::Epoch(epoch(e)), now);
        }
    }
    let accuracy = (0..8).map(|i| (i != 3).then_some(0.3 + 0.07 * f64::from(i))).collect();
    curve.take(&Progress::Genres(accuracy), now);
    curve
}

fn shown(curve: &Curve, stopping: bool, (width, height): (u16, u16)) -> String {
    let theme = Theme::fallback(Depth::True.into());
    let local = Local::utc();
    let view = View { curve, stopping, local: &local, now: NOW, theme: &theme };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(&view, frame)).unwrap();
    fixture::text(terminal.backend().buffer())
}

#[test]
fn in_the_middle_of_a_night() {
    for size in [(80, 24), (200, 60)] {
        insta::assert_snapshot!(format!("middle_{}x{}", size.0, size.1), shown(&curve(), false, size));
    }
}

#[test]
fn what_the_heads_guess_is_shown_at_every_size() {
    let mut with = curve();
    for epoch in &mut with.done {
        (epoch.reconstruction, epoch.described) = (Some(0.712), vec![Some(0.25), None]);
    }
    for size in [(80, 24), (120, 40), (200, 60)] {
        let screen = shown(&with, false, size);
        for words in ["validation 53.9 %", "reconstruction 0.712, descriptors R² 0.250", "loss 1.033", "images/s"] {
            assert!(screen.contains(words), "{size:?}: no {words} in\n{screen}");
        }
        assert!(!shown(&curve(), false, size).contains("reconstruction"), "{size:?}");
    }
}

#[test]
fn at_the_beginning_and_at_the_end() {
    let curve = Curve::new("strobe · library · 12 genres", "the GPU NVIDIA H100", 64);
    insta::assert_snapshot!("beginning_80x24", shown(&curve, false, (80, 24)));
    let mut curve = self::curve();
    curve.take(
        &Progress::Note("the computer slept for 2 h 00 min; 1 h 12 min are left".into()),
        Duration::from_secs(2000),
    );
    insta::assert_snapshot!("stopping_80x24", shown(&curve, true, (80, 24)));
}

#[test]
fn any_size_and_any_number_draws() {
    let mut odd = curve();
    odd.take(&Progress::Step { epoch: 14, step: 1, steps: 0, loss: f64::NAN, rate: None }, Duration::ZERO);
    odd.take(&Progress::Plan { epochs: 0, ends: None }, Duration::ZERO);
    for curve in [Curve::default(), curve(), odd] {
        for width in (0..130).step_by(7) {
            for height in 0..32 {
                shown(&curve, false, (width, height));
            }
        }
    }
    assert!(shown(&curve(), false, (39, 9)).contains("too small"));
}

#[test]
fn only_q_and_control_c_end_it() {
    use crossterm::event::KeyEvent;
    let key = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
    assert!(
        ends(&key(KeyCode::Char('q'), KeyModifiers::NONE)) && ends(&key(KeyCode::Char('c'), KeyModifiers::CONTROL))
    );
    assert!(!ends(&key(KeyCode::Char('c'), KeyModifiers::NONE)) && !ends(&Event::Resize(80, 24)));
}
