//! What a terminal is sent while nobody touches the player: a simulated minute, drawn as the loop draws it.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::layout::Size;

use crate::app::msg::Progress;
use crate::app::{Effect, Msg};
use crate::audio;
use crate::library::lyrics::{Read, parse};

use super::art::Protocol;
use super::cells::CellWriter;
use super::fixture::Harness;
use super::pages::{LYRICS, PANES, SOUND};

const SIZE: (u16, u16) = (120, 40);

/// A session with a terminal that counts, on a clock that is turned by hand.
struct Minute {
    harness: Harness,
    terminal: Terminal<CellWriter<Vec<u8>>>,
    now: Duration,
    drawn: Option<Duration>,
    frames: usize,
    bytes: usize,
}

impl Minute {
    /// Begins after the first frame.
    fn of(harness: Harness) -> Minute {
        let mut writer = CellWriter::new(Vec::new(), || Ok(Size { width: SIZE.0, height: SIZE.1 }));
        writer.use_art(harness.ui.screen.art);
        let terminal = Terminal::new(writer).unwrap();
        let mut minute = Minute { harness, terminal, now: Duration::ZERO, drawn: None, frames: 0, bytes: 0 };
        minute.pass(Duration::from_secs(1), |_, _| {});
        minute.count_anew();
        minute
    }

    fn count_anew(&mut self) {
        (self.frames, self.bytes) = (0, 0);
    }

    /// Lets time pass in steps of 50 ms; `happens` is told the milliseconds since the beginning.
    fn pass(&mut self, time: Duration, mut happens: impl FnMut(&mut Harness, u64)) {
        let end = self.now + time;
        while self.now < end {
            self.now += Duration::from_millis(50);
            self.harness.ui.model.now = self.now;
            let ms = self.now.as_millis() as u64;
            if ms.is_multiple_of(1000) {
                self.harness.message(Msg::Tick { now: self.now });
            }
            happens(&mut self.harness, ms);
            if self.harness.ui.screen.progress.due().is_some_and(|at| self.now >= at) {
                self.harness.ui.refresh(self.now);
            }
            let ui = &mut self.harness.ui;
            if ui.frame_due(self.drawn).is_some_and(|at| self.now >= at) && ui.take_dirty() {
                (self.drawn, self.frames) = (Some(self.now), self.frames + 1);
                let mut pictures = Vec::new();
                self.terminal.backend_mut().hold();
                let draw = |frame: &mut ratatui::Frame<'_>| {
                    pictures = super::view::pictured(&ui.model, &ui.screen, &ui.theme, frame);
                };
                self.terminal.draw(draw).unwrap();
                self.terminal.backend_mut().hang(pictures).unwrap();
                self.bytes += self.terminal.backend_mut().take_sent().len();
            }
        }
    }
}

/// How far a listening is that does three tracks a second, more or less.
fn listening(ms: u64) -> Progress {
    let done = ms as usize * 3 / 1000;
    Progress {
        stage: "listening".into(),
        done,
        total: 9000,
        rate: 3.0 + (ms % 700) as f64 / 1000.0,
        left: Some((9000 - done) as f64 / 3.0),
        latents: done,
        tracks: 9000,
        ..Progress::default()
    }
}

#[test]
fn a_minute_without_anything_sends_nothing() {
    let mut minute = Minute::of(Harness::new(240, SIZE));
    minute.pass(Duration::from_secs(60), |_, _| {});
    assert_eq!((minute.frames, minute.bytes), (0, 0));
}

/// The token of the track that plays.
fn token(harness: &Harness) -> u64 {
    let token = harness.effects.0.iter().rev().find_map(|effect| match effect {
        Effect::Player(audio::Command::Play { token, .. }) => Some(*token),
        _ => None,
    });
    token.expect("a start")
}

#[test]
fn a_minute_of_lyrics_takes_no_more_frames_than_seconds_and_lines() {
    let mut harness = Harness::new(240, SIZE);
    harness.play_and_fill().keys(":lyrics<enter>");
    let token = token(&harness);
    let path = harness.ui.model.playing().unwrap().song.path.to_path_buf();
    let lyrics = Some(parse("[01:00]one\n[01:30.60]two\n[02:00.60]three\n[03:00]four"));
    harness.message(Msg::Lyrics { path, found: Ok(Read { lyrics, faults: Vec::new() }) });
    let mut minute = Minute::of(harness);
    let begun = minute.now.as_millis() as u64;
    minute.pass(Duration::from_secs(60), |harness, ms| {
        if ms.is_multiple_of(250) {
            let secs = 83.0 + (ms - begun) as f64 / 1000.0;
            harness.message(Msg::Player(audio::Event::Position { token, secs }));
        }
    });
    assert!((55..=63).contains(&minute.frames), "{} frames", minute.frames);
    assert!((60..=2500).contains(&minute.bytes), "{} bytes", minute.bytes);
    assert!(minute.harness.text().contains("▸ three"), "{}", minute.harness.text());
    // While it is paused there is nothing to draw.
    minute.harness.keys("<space>");
    minute.pass(Duration::from_secs(20), |_, _| {});
    minute.count_anew();
    minute.pass(Duration::from_secs(60), |_, _| {});
    assert_eq!((minute.frames, minute.bytes), (0, 0));
}

/// Lets a minute of playing pass in which the player sends ten spectra a second, as it does when it is asked for them.
fn a_minute_with_a_spectrum(minute: &mut Minute, token: u64) {
    let begun = minute.now.as_millis() as u64;
    minute.pass(Duration::from_secs(60), |harness, ms| {
        if ms.is_multiple_of(100) {
            let bands = std::array::from_fn(|band| ((ms / 100 + band as u64) % 10) as f32 / 10.0);
            harness.message(Msg::Player(audio::Event::Spectrum(bands)));
        }
        if ms.is_multiple_of(250) {
            let secs = 83.0 + (ms - begun) as f64 / 1000.0;
            harness.message(Msg::Player(audio::Event::Position { token, secs }));
        }
    });
}

#[test]
fn a_minute_of_the_sound_takes_ten_frames_a_second_and_none_without_music_or_elsewhere() {
    let mut harness = Harness::new(240, SIZE);
    harness.play_and_fill().keys(":sound<enter>").trace(|column, band| (column % 90 + band) as u8);
    let token = token(&harness);
    let mut minute = Minute::of(harness);
    a_minute_with_a_spectrum(&mut minute, token);
    // Ten, and one for the seconds that pass.
    assert!((540..=660).contains(&minute.frames), "{} frames", minute.frames);
    minute.harness.keys("<space>");
    minute.pass(Duration::from_secs(20), |_, _| {});
    minute.count_anew();
    minute.pass(Duration::from_secs(60), |_, _| {});
    assert_eq!((minute.frames, minute.bytes), (0, 0));
    // In another view the spectrum, if it still came, would be no reason for a frame.
    minute.harness.keys("<space>1");
    minute.harness.ui.timeout(&mut minute.harness.effects);
    minute.pass(Duration::from_secs(2), |_, _| {});
    minute.count_anew();
    a_minute_with_a_spectrum(&mut minute, token);
    assert!((55..=63).contains(&minute.frames), "{} frames", minute.frames);
}

#[test]
fn the_pieces_of_a_spectrogram_take_two_frames_a_second() {
    let mut harness = Harness::new(240, SIZE);
    harness.play_and_fill().keys(":sound<enter>");
    let mut minute = Minute::of(harness);
    // Of an hour, of which many pieces are made in a second.
    minute.pass(Duration::from_secs(2), |harness, _| {
        let asked = |e: &Effect| if let Effect::Trace(Some(asked)) = e { Some(asked.clone()) } else { None };
        let Some((path, piece)) = harness.effects.0.iter().rev().find_map(asked) else { return };
        let found = Ok(Box::new(crate::sound::trace::Trace::empty(piece.columns)));
        harness.message(Msg::Traced { path, piece, found });
    });
    assert!((1..=5).contains(&minute.frames), "{} frames", minute.frames);
}

#[test]
fn a_minute_of_playing_takes_a_frame_a_second_of_few_bytes() {
    let mut harness = Harness::new(240, SIZE);
    harness.play_and_fill();
    let token = token(&harness);
    let mut minute = Minute::of(harness);
    minute.pass(Duration::from_secs(60), |harness, ms| {
        if ms.is_multiple_of(250) {
            let secs = 83.0 + ms as f64 / 1000.0;
            harness.message(Msg::Player(audio::Event::Position { token, secs }));
        }
    });
    assert!((55..=61).contains(&minute.frames), "{} frames", minute.frames);
    assert!((60..=2000).contains(&minute.bytes), "{} bytes", minute.bytes);
    let shown = minute.harness.text();
    assert!(shown.contains("2:24"), "the time goes on: {shown}");
}

#[test]
fn a_minute_of_playing_takes_few_bytes_in_every_view() {
    for pane in PANES {
        let mut harness = Harness::world(SIZE, "terminal");
        let token = token(&harness);
        harness.open(*pane);
        let mut minute = Minute::of(harness);
        // Until no notice is left.
        minute.pass(Duration::from_secs(22), |_, _| {});
        minute.count_anew();
        let begun = minute.now.as_millis() as u64;
        // Half a minute, counted twice.
        minute.pass(Duration::from_secs(30), |harness, ms| {
            if ms.is_multiple_of(250) {
                let secs = 83.0 + (ms - begun) as f64 / 1000.0;
                harness.message(Msg::Player(audio::Event::Position { token, secs }));
            }
        });
        let (frames, bytes) = (2 * minute.frames, 2 * minute.bytes);
        println!("{}: {frames} frames, {bytes} bytes a minute", pane.id());
        // A line of lyrics every five seconds, and a cursor over the spectrogram, are more than a clock.
        let most = if [LYRICS.id(), SOUND.id()].contains(&pane.id()) { 200_000 } else { 2_000 };
        assert!((40..=100).contains(&frames), "{}: {frames} frames a minute", pane.id());
        assert!(bytes <= most, "{}: {bytes} bytes a minute", pane.id());
    }
}

#[test]
fn a_short_track_whose_bar_moves_fast_takes_few_bytes_too() {
    let mut harness = Harness::new(240, SIZE);
    harness.play_and_fill();
    let token = token(&harness);
    harness.message(Msg::Player(audio::Event::Started { token, secs: Some(40.0) }));
    let mut minute = Minute::of(harness);
    let play = |minute: &mut Minute, secs| {
        minute.pass(Duration::from_secs(secs), |harness, ms| {
            if ms.is_multiple_of(250) {
                harness.message(Msg::Player(audio::Event::Position { token, secs: ms as f64 / 1000.0 }));
            }
        });
    };
    // Until no notice is left.
    play(&mut minute, 8);
    minute.count_anew();
    play(&mut minute, 30);
    // Ten steps of a bar of 108 cells take 27 cells: 28 bytes a second, of which 18 say where and in which style.
    assert!(
        (28..=31).contains(&minute.frames) && minute.bytes <= 890,
        "{} frames, {} bytes",
        minute.frames,
        minute.bytes
    );
}

#[test]
fn a_cover_is_sent_once_and_no_more_while_the_clock_moves() {
    for protocol in [Protocol::Blocks, Protocol::Kitty, Protocol::Iterm, Protocol::Sixel] {
        let mut harness = Harness::new(240, SIZE);
        harness.hang_covers(protocol).play_and_fill().keys("i");
        harness.bring_covers();
        assert!(harness.ui.screen.player_cover().is_some() && harness.ui.screen.info_cover().is_some());
        let token = token(&harness);
        let mut minute = Minute::of(harness);
        minute.pass(Duration::from_secs(60), |harness, ms| {
            if ms.is_multiple_of(250) {
                let secs = 83.0 + ms as f64 / 1000.0;
                harness.message(Msg::Player(audio::Event::Position { token, secs }));
            }
        });
        assert!((55..=61).contains(&minute.frames), "{protocol:?}: {} frames", minute.frames);
        assert!((60..=2000).contains(&minute.bytes), "{protocol:?}: {} bytes", minute.bytes);
        // The cursor goes to another track of the same directory, and its cover comes.
        minute.count_anew();
        minute.pass(Duration::from_secs(1), |harness, ms| {
            if ms % 1000 == 500 {
                harness.keys("j").bring_covers();
            }
        });
        assert!(minute.bytes > 200, "{protocol:?}: {} bytes", minute.bytes);
    }
}

#[test]
fn a_minute_of_analysis_takes_a_step_in_two_seconds_of_few_bytes() {
    let mut minute = Minute::of(Harness::new(240, SIZE));
    minute.pass(Duration::from_secs(2), |harness, _| {
        harness.message(Msg::Progress(listening(0)));
    });
    minute.count_anew();
    let begun = minute.now.as_millis() as u64;
    minute.pass(Duration::from_secs(60), |harness, ms| {
        // Twice a second how far it is, every two seconds a new space.
        if ms.is_multiple_of(500) {
            harness.message(Msg::Progress(listening(ms - begun)));
        }
        if ms.is_multiple_of(2000) {
            harness.message(Msg::Heard).message(Msg::Names(Default::default()));
        }
    });
    assert!((25..=120).contains(&minute.frames), "{} frames", minute.frames);
    assert!((60..=2000).contains(&minute.bytes), "{} bytes", minute.bytes);
    assert!(minute.harness.text().contains("175/9,000"), "{}", minute.harness.text());
}

#[test]
fn nothing_behind_takes_more_than_two_frames_a_second() {
    let mut minute = Minute::of(Harness::new(240, SIZE));
    minute.pass(Duration::from_secs(60), |harness, ms| {
        let stage = if ms.is_multiple_of(100) { "reading tags" } else { "listening" };
        harness.message(Msg::Progress(Progress { stage: stage.into(), ..listening(ms) }));
        harness.message(Msg::Fault { path: format!("/music/{ms}.mp3").into(), why: "no sound in it".into() });
        harness.message(Msg::Heard).message(Msg::Loudness(Default::default()));
    });
    assert!((100..=121).contains(&minute.frames), "{} frames", minute.frames);
    // A key is answered at once nevertheless, also right after such a frame.
    minute.harness.keys("j");
    let due = minute.harness.ui.frame_due(Some(minute.now));
    assert!(due.is_some_and(|at| at <= minute.now + Duration::from_millis(8)), "{due:?} at {:?}", minute.now);
    let before = minute.frames;
    minute.pass(Duration::from_millis(50), |harness, _| {
        harness.keys("j");
    });
    assert_eq!(minute.frames, before + 1);
}
