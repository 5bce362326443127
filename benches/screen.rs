//! Measures the CPU time of the ui thread in milliseconds, for a key and for a second of playing, with short and long
//! queues and libraries: the real `update`, `settle` and `view`, drawn at 120×40. A long queue or library may cost at
//! most [`MOST`] times as much as a short one. So may a key in each of the other views.
//!
//!     cargo bench --profile dev --bench screen

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use jukebox::app::{Effect, Model, Msg};
use jukebox::ask::map::{self, Charts, News};
use jukebox::audio;
use jukebox::config::Config;
use jukebox::latent::map::Places;
use jukebox::library::rows::{Rows, Wanted};
use jukebox::library::{Catalog, Song};
use jukebox::track::{Tags, TrackId};
use jukebox::tui::colour::Depth;
use jukebox::tui::keymap::Keymap;
use jukebox::tui::run::{Host, Ui};
use jukebox::tui::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use rustix::time::{ClockId, clock_gettime};

/// Maximum ratio of the cost of the long one.
const MOST: f64 = 1.5;
/// Number of keys, or seconds of playing, per measurement.
const STEPS: usize = 100;
/// Number of measurements.
const ROUNDS: usize = 8;

/// Remembers the token of the current track, and the rows that were asked for.
#[derive(Default)]
struct Player {
    token: u64,
    wanted: Option<Wanted>,
    chart: Option<map::Charting>,
}

impl Host for Player {
    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Player(audio::Command::Play { token, .. }) => self.token = token,
            Effect::Arrange(wanted) => self.wanted = Some(*wanted),
            Effect::Chart(wanted) => self.chart = Some(*wanted),
            _ => {}
        }
    }
}

struct Session {
    ui: Ui,
    player: Player,
    terminal: Terminal<TestBackend>,
    now: Duration,
}

fn main() {
    println!("means of {STEPS} keys and seconds of playing at 120x40, the least of {ROUNDS}; ms of the processor");
    println!("{:>9} {:>9} {:>9} {:>9} {:>9}", "songs", "queued", "key", "in queue", "second");
    let rows = [(100_000, 20), (100_000, 100_000), (1_000, 20)].map(|(songs, queued)| {
        let mut session = Session::new(songs, queued);
        let in_library = session.key();
        session.press(KeyCode::Tab);
        let row = [in_library, session.key(), session.second()];
        println!("{songs:>9} {queued:>9} {:>9.3} {:>9.3} {:>9.3}", row[0], row[1], row[2]);
        row
    });
    let [key, rows_come] = Session::new(100_000, 20).sort();
    println!("sorting 100,000 songs: {key:.3} for the key, {rows_come:.3} when the rows come; a frame has 16");
    println!();
    let views = [100_000, 1_000].map(|songs| Session::new(songs, 20).views());
    println!("{:>12} {:>9} {:>9}", "key in view", "100,000", "1,000");
    for ((name, large), (_, small)) in views[0].iter().zip(&views[1]) {
        let pass = if large / small <= MOST { "yes" } else { "NO" };
        println!("{name:>12} {large:>9.3} {small:>9.3}  at most {MOST} times as much: {pass}");
    }
    let [few, long, small] = rows;
    for (what, more, less) in [("queue", long, few), ("library", few, small)] {
        let ratios: [f64; 3] = std::array::from_fn(|i| more[i] / less[i]);
        let pass = if ratios.iter().all(|&ratio| ratio <= MOST) { "yes" } else { "NO" };
        let [library, queue, second] = ratios;
        println!("a long {what}: {library:.2} · {queue:.2} · {second:.2} times as much; at most {MOST}: {pass}");
    }
}

impl Session {
    fn new(songs: u32, queued: usize) -> Session {
        let catalog = Arc::new(Catalog::new((0..songs).map(|n| Arc::new(song(n))).collect::<Vec<_>>()));
        let paths = catalog.songs().iter().take(queued).map(|song| song.path.to_path_buf()).collect();
        let model = Model::new(&Config::default(), Some("/music".into()));
        let mut session = Session {
            ui: Ui::new(model, Keymap::default(), "", Depth::True, None),
            player: Player::default(),
            terminal: Terminal::new(TestBackend::new(120, 40)).expect("a screen in memory"),
            now: Duration::from_secs(1),
        };
        session.ui.resize(Size { width: 120, height: 40 });
        session.message(Msg::Catalog(catalog));
        session.message(Msg::Open(paths));
        session.message(Msg::Player(audio::Event::Started { token: session.player.token, secs: Some(1e6) }));
        session.second();
        session
    }

    fn message(&mut self, msg: Msg) {
        self.ui.message(msg, &mut self.player);
        self.draw();
    }

    fn draw(&mut self) {
        if self.ui.take_dirty() {
            let Ui { model, screen, theme, .. } = &self.ui;
            self.terminal.draw(|frame| view(model, screen, theme, frame)).expect("a screen in memory");
        }
    }

    /// A key that moves the cursor, and the frame drawn for it.
    fn key(&mut self) -> f64 {
        self.mean(|session, _| session.press(KeyCode::Char('j')))
    }

    /// The most that a key which sorts the library costs, and the arrival of its rows, which are made on another thread.
    fn sort(&mut self) -> [f64; 2] {
        let mut most = [0.0_f64; 2];
        for _ in 0..ROUNDS {
            let begun = worked();
            self.press(KeyCode::Char('o'));
            most[0] = most[0].max(1e3 * (worked() - begun));
            let Some(wanted) = self.player.wanted.take() else { continue };
            let rows = Box::new(Rows::of(wanted, &self.ui.model.known()));
            let begun = worked();
            self.message(Msg::Arranged(rows));
            most[1] = most[1].max(1e3 * (worked() - begun));
        }
        most
    }

    fn press(&mut self, key: KeyCode) {
        self.typed(key, KeyModifiers::NONE);
    }

    fn typed(&mut self, key: KeyCode, modifiers: KeyModifiers) {
        self.ui.event(Event::Key(KeyEvent::new(key, modifiers)), &mut self.player);
        self.draw();
    }

    /// A key that goes on and one that goes back, in every view that is not a plain list: a map of all songs, a log of
    /// as many entries as it keeps, the albums as a grid.
    fn views(&mut self) -> Vec<(&'static str, f64)> {
        let catalog = self.ui.model.catalog.clone();
        let place = |n: usize| [(n % 317) as f32 / 317.0, (n % 241) as f32 / 241.0];
        let all = catalog.songs().iter().enumerate().map(|(n, song)| (song.track, place(n))).collect();
        let places = Arc::new(Places::of_tracks("bench".into(), all));
        let mut charts = Charts::default();
        charts.put(places.clone());
        for n in 0..2000 {
            self.ui.message(Msg::error(format!("an obstacle of the ordinary kind, number {n}")), &mut self.player);
        }
        let views = [("map", '5'), ("sound", '6'), ("dimensions", '8'), ("log", '9'), ("grid", '1')];
        let keys = |view: &str| if view == "grid" { ['l', 'h'] } else { ['j', 'k'] };
        let mut cost = Vec::new();
        for (view, number) in views {
            self.typed(KeyCode::Char(number), KeyModifiers::ALT);
            if view == "grid" {
                self.press(KeyCode::Char('Y'));
            }
            if view == "map" {
                let (tracks, bounds) = (places.len(), places.bounds());
                self.message(Msg::Map(News::Ready { tracks, later: 0, bounds }));
            }
            if let Some(wanted) = self.player.chart.take() {
                let nothing = |_: &str| Ok(catalog.subset(|_, _| false));
                let chart = charts.chart(wanted, &catalog, &self.ui.model.known(), &nothing);
                self.message(Msg::Charted(Box::new(chart)));
            }
            let [on, back] = keys(view);
            let key = |n: usize| KeyCode::Char(if n % 20 < 10 { on } else { back });
            cost.push((view, self.mean(|session, n| session.press(key(n)))));
        }
        cost
    }

    /// The messages that arrive per second while music plays.
    fn second(&mut self) -> f64 {
        self.mean(|session, step| {
            for part in 0..4 {
                let secs = step as f64 + f64::from(part) / 4.0;
                session.message(Msg::Player(audio::Event::Position { token: session.player.token, secs }));
                session.now += Duration::from_millis(250);
                session.message(Msg::Tick { now: session.now });
            }
        })
    }

    fn mean(&mut self, step: impl Fn(&mut Session, usize)) -> f64 {
        // Means, so that events every few seconds are included; the minimum of several, as other programs disturb the
        // measurement.
        let mut mean = |from: usize| {
            let begun = worked();
            (from..from + STEPS).for_each(|n| step(self, n));
            1e3 * (worked() - begun) / STEPS as f64
        };
        (0..ROUNDS).map(|round| mean(round * STEPS)).fold(f64::INFINITY, f64::min)
    }
}

fn worked() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn song(n: u32) -> Song {
    let mut id = [0; 16];
    id[0] = TrackId::VERSION;
    id[1..5].copy_from_slice(&n.to_le_bytes());
    let tags = Tags {
        title: Some(format!("Name {n}").into()),
        artist: Some(format!("Artist {}", n / 30).into()),
        album: Some(format!("Album {}", n / 10).into()),
        track: Some(n % 10 + 1),
        ..Tags::default()
    };
    Song { tags: tags.into(), secs: 200.0, ..Song::bare(format!("/music/{}/{n}.flac", n / 10), TrackId(id)) }
}
