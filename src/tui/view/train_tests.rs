//! The view of the trainings.

use std::sync::Arc;

use crate::app::effect::TrainOrder;
use crate::app::{Effect, Msg};
use crate::notice::Kind;
use crate::training::Stage;
use crate::training::runs::{Board, State};
use crate::training::standing::Standing;
use crate::tui::fixture::{Harness, run, runs, standing};
use crate::tui::pages;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn harness(size: (u16, u16)) -> Harness {
    let mut h = Harness::new(40, size);
    h.keys(":train<enter>");
    h.message(Msg::Runs(Arc::new(runs())));
    h
}

/// The orders that were given since the last call.
fn orders(h: &mut Harness) -> Vec<TrainOrder> {
    let order = |effect| if let Effect::Train(order) = effect { Some(order) } else { None };
    std::mem::take(&mut h.effects.0).into_iter().filter_map(order).collect()
}

fn said(h: &Harness) -> (Kind, String) {
    h.ui.model.notice.as_ref().map(|notice| (notice.kind, notice.text.clone())).expect("a notice")
}

/// The view of one run.
fn of(state: State, change: impl Fn(&mut Standing)) -> String {
    let mut one = run("2026-11-23-230000", state.clone(), 3);
    let mut own = standing();
    change(&mut own);
    one.standing = Some(own);
    let mut h = Harness::new(3, (120, 40));
    h.keys(":train<enter>");
    h.message(Msg::Runs(Arc::new(Board { runs: vec![Arc::new(one)], ..Board::default() })));
    h.text()
}

#[test]
fn runs_are_looked_at_only_while_they_are_on_the_screen() {
    let mut h = Harness::new(40, (120, 40));
    h.command("train");
    assert_eq!(orders(&mut h), [TrainOrder::Watch(true)]);
    assert!(h.text().contains("The runs are being read."), "{}", h.text());
    h.message(Msg::Runs(Arc::new(Board::default())));
    assert!(h.text().contains("No encoder was trained here yet."), "{}", h.text());
    h.keys("<esc>");
    assert_eq!(orders(&mut h), [TrainOrder::Watch(false)]);
    // What comes while it is not seen is no reason for a frame at once.
    assert!(h.ui.take_dirty());
    h.message(Msg::Runs(Arc::new(runs())));
    assert_eq!(h.ui.frame_due(Some(std::time::Duration::ZERO)), Some(std::time::Duration::from_millis(500)));
}

#[test]
fn every_size_shows_the_state_and_the_usual_ones_the_curves() {
    for size in SIZES {
        let h = harness(size);
        let text = h.text();
        for shown in ["epoch 9 of 12, step 34 of 99", "1 h 15 min left", "validation accuracy", "▶ 2026-11-23-230000"]
        {
            assert!(text.contains(shown), "{shown} {size:?}:\n{text}");
        }
        let dots = text.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count();
        assert!(dots > 20, "{dots} {size:?}:\n{text}");
    }
    let low = harness((80, 14)).text();
    assert!(low.contains("epoch 9 of 12") && low.contains("2026-11-22-230000"), "{low}");
}

#[test]
fn every_state_is_told() {
    for (state, words) in [
        (State::Stopping, "stopping; what is done is kept"),
        (State::Published("ear-2026-11-23".into()), "published as ear-2026-11-23"),
        (State::Aside, "kept aside: the encoder in use stays"),
        (State::Stopped, "stopped after 3 epochs; it can be gone on with"),
        (State::Failed("the disk is full".into()), "failed: the disk is full"),
        (State::Lost, "its process ended unexpectedly after 3 epochs"),
        (State::Damaged("outcome.json: EOF".into()), "damaged: outcome.json: EOF"),
    ] {
        let text = of(state.clone(), |_| {});
        assert!(text.contains(words), "{state:?}:\n{text}");
    }
    let text = of(State::Aside, |_| {});
    assert!(text.contains("Not published: its genre") && text.contains("30 of 32 dimensions"), "{text}");
    assert!(of(State::Running, |s| s.stage = Stage::Judging).contains("comparing with the encoder in use"));
    assert!(of(State::Running, |s| s.note = "it \u{1b}[31mslept".into()).contains("slept"));
    let mut h = Harness::new(3, (120, 40));
    h.keys(":train<enter>");
    h.message(Msg::Runs(Arc::new(Board { holder: runs().holder, ..Board::default() })));
    assert!(h.text().contains("A training has begun, and reads its data."), "{}", h.text());
}

#[test]
fn the_cursor_goes_through_the_runs_and_stays_on_its_run() {
    let mut h = harness((120, 40));
    h.keys("jj");
    assert_eq!(h.ui.screen.train_at(&h.ui.model), 2);
    assert!(h.text().contains("published as ear-2026-11-22"), "{}", h.text());
    let mut board = runs();
    board.runs.insert(0, Arc::new(run("2026-11-24-230000", State::Running, 0)));
    h.message(Msg::Runs(Arc::new(board)));
    assert_eq!(h.ui.screen.train_at(&h.ui.model), 3, "another run has begun");
    h.keys("gg");
    h.message(Msg::Runs(Arc::new(runs())));
    assert_eq!(h.ui.screen.train_at(&h.ui.model), 0);
    h.keys("G");
    assert_eq!(h.ui.screen.train_at(&h.ui.model), runs().runs.len() - 1);
    h.keys("/stopped<enter>");
    assert_eq!(h.ui.screen.train_run(&h.ui.model).map(|run| run.state.clone()), Some(State::Stopped));
    h.message(Msg::Runs(Arc::new(Board::default())));
    assert_eq!(h.ui.screen.train_at(&h.ui.model), 0);
}

#[test]
fn enter_shows_every_dimension_and_escape_the_curves_again() {
    let mut h = harness((120, 40));
    h.keys("<enter>");
    assert!(said(&h).1.contains("were not compared"));
    h.keys("j<enter>");
    assert!(h.ui.screen.train.open && h.text().contains("changed"), "{}", h.text());
    h.keys("<esc>");
    assert!(!h.ui.screen.train.open && h.ui.screen.shows(pages::TRAIN));
    h.keys("<enter>k");
    assert!(!h.ui.screen.train.open, "this run has none");
}

#[test]
fn without_a_run_it_says_how_one_starts() {
    let mut h = Harness::new(40, (120, 40));
    h.keys(":train<enter>");
    h.message(Msg::Runs(Arc::new(Board::default())));
    for keys in ["R", "m", "<enter>"] {
        h.keys(keys);
        assert!(said(&h).1.contains("no run yet: a starts one"), "{keys}: {}", said(&h).1);
    }
}

#[test]
fn what_changes_something_asks_first() {
    let mut h = harness((120, 40));
    orders(&mut h);
    h.keys("D");
    assert!(h.text().contains("Stop the training?"), "{}", h.text());
    h.keys("n");
    assert_eq!(orders(&mut h), []);
    h.keys("Dy");
    assert_eq!(orders(&mut h), [TrainOrder::Stop]);
    h.keys("m");
    assert!(h.ui.screen.prompt.is_none() && said(&h).1.contains("no finished encoder"));
    h.keys("jm");
    assert!(h.text().contains("The guard kept it aside."), "{}", h.text());
    h.keys("y");
    assert_eq!(orders(&mut h), [TrainOrder::Publish(Some("2026-11-22-230000".into()))]);
    h.keys("My");
    assert_eq!(orders(&mut h), [TrainOrder::Rollback]);
    h.keys("R");
    assert!(said(&h).1.contains("cannot be gone on with"));
    h.keys("jjRy");
    assert_eq!(orders(&mut h), [TrainOrder::Resume(Some("2026-11-20-230000".into()))]);
    h.keys("a");
    assert_eq!(h.ui.screen.prompt.as_ref().map(|prompt| prompt.text.as_str()), Some("train start "));
    h.keys("6h<enter>");
    assert_eq!(orders(&mut h), [TrainOrder::Start(vec!["--for".into(), "6h".into()])]);
}

#[test]
fn commands_work_everywhere_and_questions_only_in_the_view() {
    let mut h = Harness::new(40, (120, 40));
    h.keys(":train stop<enter>:model rollback<enter>:model use shipped<enter>");
    assert_eq!(orders(&mut h), [TrainOrder::Stop, TrainOrder::Rollback, TrainOrder::Use("shipped".into())]);
    h.keys(":ask-train stop<enter>");
    assert!(h.ui.screen.prompt.is_none() && said(&h).0 == Kind::Error);
}
