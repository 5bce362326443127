//! A test harness for the screen: takes keys as text, gives access to state and frames.

mod trainings;

use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, LazyLock};

use crossterm::event::{Event, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

use crate::app::commands;
use crate::app::msg::{DimReport, SignatureReport};
use crate::app::state::lists::{Kind, Listed};
use crate::app::{Effect, Model, Msg, fixture};
use crate::ask::map::{Charts, News};
use crate::ask::trial::{Tried, rows};
use crate::audio;
use crate::describe::cards::{Card, Cards, Correlate, Example};
use crate::latent::map::Places;
use crate::latent::{
    ALL_DIMS, Choice, DIMS, Departure, Fact, Fits, Histograms, Latent, Member, NAMED, NamedValues, Prior, Reference,
    Signature, Space, Term, named,
};
use crate::library::Mood;
use crate::library::lyrics::{Lyrics, Read, parse};
use crate::library::rows::Rows;
use crate::picture::{Drawn, Raster};
use crate::queue::{Proposal, Why};
use crate::sound::full::BANDS;
use crate::sound::trace::Trace;
use crate::track::TrackId;

use super::art::{Art, Protocol};
use super::colour::Depth;
use super::keymap::Keymap;
use super::keys::{self, Key};
use super::pages::PANES;
use super::pane::Pane;
use super::run::{Host, Ui};

pub use trainings::{run, runs, standing};

/// The keys of the default preset, read once: hundreds of sessions are made of it.
static KEYS: LazyLock<Keymap> = LazyLock::new(Keymap::default);

/// A host that records effects.
#[derive(Default)]
pub struct Record(pub Vec<Effect>);

impl Host for Record {
    fn effect(&mut self, effect: Effect) {
        self.0.push(effect);
    }
}

/// A session on a screen of `size` columns and rows.
pub struct Harness {
    pub ui: Ui,
    pub effects: Record,
    pub size: (u16, u16),
    /// Whether requests for rows stay unanswered.
    pub alone: bool,
    /// What makes charts of the map, once it was furnished.
    pub charts: Charts,
}

impl Harness {
    /// A session with a library of `songs` songs.
    pub fn new(songs: u16, size: (u16, u16)) -> Harness {
        Harness::of(fixture::model(songs), size, "terminal", Depth::True)
    }

    /// A session that plays and has something in every view, with names that are hard to draw.
    pub fn world(size: (u16, u16), theme: &str) -> Harness {
        let mut h = Harness::of(fixture::of(fixture::world()), size, theme, Depth::True);
        h.play_and_fill().furnish();
        h
    }

    pub fn of(model: Model, size: (u16, u16), theme: &str, depth: Depth) -> Harness {
        let mut ui = Ui::new(model, KEYS.clone(), theme, depth, None);
        ui.resize(Size { width: size.0, height: size.1 });
        Harness::again(ui, size)
    }

    /// Goes on with a session that was made before. Nothing answers what it asks of the map.
    pub fn again(ui: Ui, size: (u16, u16)) -> Harness {
        Harness { ui, effects: Record::default(), size, alone: false, charts: Charts::default() }
    }

    /// Goes back to how the session was, so that not every scene needs a world of its own.
    pub fn back_to(&mut self, ui: &Ui) -> &mut Harness {
        self.ui = ui.clone();
        self.effects.0.clear();
        self
    }

    /// Types keys: a character is its own key, other keys are named in angle brackets (`jj<enter>:seek +5<enter>`).
    pub fn keys(&mut self, text: &str) -> &mut Harness {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|r| r.split_once('>')).filter(|(n, _)| n.len() > 1);
            let key = match named {
                Some((name, tail)) => {
                    rest = tail;
                    keys::parse(name).unwrap()[0]
                }
                None => {
                    rest = &rest[first.len_utf8()..];
                    let name = if first == ' ' { "space".to_string() } else { first.to_string() };
                    keys::parse(&name).unwrap()[0]
                }
            };
            self.ui.event(Event::Key(KeyEvent::new(key.code, key.modifiers)), &mut self.effects);
            self.arrange();
        }
        self
    }

    /// Types keys, and waits until digits among them are no count.
    pub fn press(&mut self, keys: &[Key]) -> &mut Harness {
        for key in keys {
            self.ui.event(Event::Key(KeyEvent::new(key.code, key.modifiers)), &mut self.effects);
        }
        if self.ui.screen.waits() {
            self.ui.timeout(&mut self.effects);
        }
        self
    }

    /// Gives a command with no selection, as a client does.
    pub fn command(&mut self, line: &str) -> &mut Harness {
        let line = commands::parse(line).unwrap();
        self.message(Msg::command(line.action))
    }

    /// Opens a view, or the page of the last answer.
    pub fn open(&mut self, pane: &dyn Pane) -> &mut Harness {
        match PANES.iter().position(|one| one.id() == pane.id()) {
            Some(index) => self.command(&format!("view {}", index + 1)),
            None => self.command(pane.id()),
        }
    }

    pub fn message(&mut self, msg: Msg) -> &mut Harness {
        self.ui.message(msg, &mut self.effects);
        self.arrange();
        self
    }

    /// Answers requests for rows, as the engine's thread would.
    fn arrange(&mut self) {
        while !self.alone
            && let Some(at) = self.effects.0.iter().position(|e| matches!(e, Effect::Arrange(_)))
            && let Effect::Arrange(wanted) = self.effects.0.remove(at)
        {
            let rows = Rows::of(*wanted, &self.ui.model.known());
            self.ui.message(Msg::Arranged(Box::new(rows)), &mut self.effects);
        }
        self.chart();
    }

    /// Answers requests for charts of the map and for the songs in an area of it.
    fn chart(&mut self) {
        while !self.charts.places().is_empty()
            && let Some(at) = self.effects.0.iter().position(|e| matches!(e, Effect::Chart(_) | Effect::Within(_)))
        {
            let model = &self.ui.model;
            let answer = match self.effects.0.remove(at) {
                Effect::Chart(wanted) => {
                    let text = wanted.sought.to_lowercase();
                    let find =
                        |_: &str| Ok(model.catalog.subset(|_, song| song.title().to_lowercase().contains(&text)));
                    Msg::Charted(Box::new(self.charts.chart(*wanted, &model.catalog, &model.known(), &find)))
                }
                Effect::Within(area) => Msg::Within(self.charts.within(&area, &model.catalog)),
                _ => return,
            };
            self.ui.message(answer, &mut self.effects);
        }
    }

    /// Brings a map with every track of the library.
    pub fn lay_out(&mut self) -> &mut Harness {
        let songs = self.ui.model.catalog.songs();
        // On a spiral, so that the places are known and no two are the same.
        let place = |n: usize| {
            let (turn, far) = (n as f32 * 2.4, (n as f32 + 0.5) / songs.len() as f32);
            [far.sqrt() * turn.cos(), 0.6 * far.sqrt() * turn.sin()]
        };
        let all = songs.iter().enumerate().map(|(n, song)| (song.track, place(n))).collect();
        let places = Arc::new(Places::of_tracks("x".into(), all));
        self.charts.put(places.clone());
        let news = News::Ready { tracks: places.len(), later: 3, bounds: places.bounds() };
        self.message(Msg::Map(news))
    }

    /// Gives the terminal a way to show pictures.
    pub fn hang_covers(&mut self, protocol: Protocol) -> &mut Harness {
        let cell = if protocol == Protocol::Blocks { (1, 2) } else { (10, 20) };
        self.ui.screen.art = Some(Art { protocol, cell, guessed: false, wrapped: false, depth: Depth::True });
        self
    }

    /// Answers requests for covers, each by one of its own, until there are no more.
    pub fn bring_covers(&mut self) -> &mut Harness {
        while let Some(at) = self.effects.0.iter().position(|e| matches!(e, Effect::Cover(_)))
            && let Effect::Cover(wanted) = self.effects.0.remove(at)
        {
            let seed =
                wanted.path.as_os_str().as_bytes().iter().fold(0, |sum: u64, byte| sum * 31 % 997 + u64::from(*byte));
            let mut random = fastrand::Rng::with_seed(seed);
            let (width, height) = (usize::from(wanted.within.0), usize::from(wanted.within.1));
            let rgb = (0..3 * width * height).map(|_| random.u8(..)).collect();
            let drawn = Drawn::of(Raster { width, height, rgb }, wanted.form);
            self.message(Msg::Cover { wanted, found: Some(Arc::new(drawn)), faults: Vec::new() });
        }
        self
    }

    /// Plays the song under the cursor, answers the request for picks, and moves to 83 s.
    pub fn play_and_fill(&mut self) -> &mut Harness {
        self.keys("<enter>");
        let (request, want) = self.effects.0.iter().rev().find_map(propose).expect("a request");
        let songs = self.ui.model.catalog.songs();
        let picks = songs.iter().rev().step_by(3).take(want).enumerate().map(|(i, song)| Proposal {
            id: song.track,
            score: 1.0,
            why: Why {
                engine: "signature".into(),
                fit: Some(0.97 - 0.03 * i as f32),
                nearest: Some(songs[0].track),
                dims: vec![(7, -1.5), (3, -0.8), (12, 0.2)],
                facts: vec![
                    Fact { dim: 33, value: 0.1, low: 0.09, high: 0.12, centre: 0.0, minor: None },
                    Fact { dim: 7, value: 1.0, low: 0.5, high: 1.5, centre: 1.0, minor: None },
                ],
                terms: vec![(Term::Fit, 2.1), (Term::Closeness, 0.2), (Term::Run, if i == 2 { -1.3 } else { -0.1 })],
                run: if i == 2 { 3 } else { 1 },
                ..Why::default()
            },
        });
        let picks = picks.collect();
        self.message(Msg::Picks { request, picks, note: None });
        let token = self.effects.0.iter().rev().find_map(|e| match e {
            Effect::Player(audio::Command::Play { token, .. }) => Some(*token),
            _ => None,
        });
        let token = token.expect("a start");
        self.message(Msg::Player(audio::Event::Started { token, secs: Some(203.0) }));
        self.message(Msg::Player(audio::Event::Position { token, secs: 83.0 }))
    }

    /// Brings what the views show beside the library and the queue: cards, a signature, fits, lists, faults, an answer.
    /// Shows the library.
    pub fn furnish(&mut self) {
        let songs = self.ui.model.catalog.songs().to_vec();
        let list = |kind, name: &str, count: usize, missing| {
            let songs = songs.iter().take(count).cloned().collect();
            Listed::new(kind, name.into(), "青い鳥 – سلام".into(), songs, missing)
        };
        let mut lists = vec![
            list(Kind::Playlist, "夜の音楽", 40, 2),
            list(Kind::Playlist, "sea and سلام", 5, 0),
            list(Kind::Playlist, "", 0, 3),
            list(Kind::Smart, "calm, with a name that is much too long for a list at the side of a screen", 8, 0),
            list(Kind::Smart, "ﾎﾟｯﾌﾟｽ of the sea", 12, 0),
            Listed::broken(Kind::Smart, "壊れた".into(), "genre wants a text: genre= سلام".into()),
            list(Kind::Signature, "👩\u{200d}🎤", 3, 0),
        ];
        lists.extend((1..20).map(|n| list(Kind::Signature, &format!("night {n}"), 3, 0)));
        let tracks: Vec<_> = songs.iter().map(|song| (song.track, [song.secs as f32; DIMS])).collect();
        let space = Space::build("x".into(), Arc::new(Reference::default()), tracks);
        let share = |n: usize| if n % 7 == 3 { f32::NAN } else { n as f32 / space.len() as f32 };
        let fits = Fits::new(&space, Some((0..space.len()).map(share).collect()));
        let mood = Mood { name: "night 1".into(), from: 22, to: 6 };
        self.message(Msg::Moods(vec![mood])).message(Msg::Lists(lists)).message(Msg::Fits(Arc::new(fits)));
        let dim = |n: usize| {
            let (mean, spread) = ((n % 7) as f32 - 3.0, 0.2 + (n % 3) as f32 * 0.3);
            DimReport { dim: n as u8, mean, spread, info: 2.0 / n as f32, p_value: 0.01, ..DimReport::default() }
        };
        let signature = SignatureReport { dims: (1..=ALL_DIMS).map(dim).collect(), ..report() };
        self.message(Msg::Cards(cards())).message(Msg::Signature(Box::new(signature)));
        for n in 0..40 {
            let path = format!("/music/{n:02}/壊れた – سلام \u{1b}[31m {n}.flac");
            self.message(Msg::Fault { path: path.into(), why: "the file ends early".into() });
        }
        let lines = (0..40).map(|n| format!("{n:>4}  夜の音楽 – نسم علينا الهوا  0.{n:02}")).collect();
        if let Some(item) = self.ui.model.playing() {
            let path = item.song.path.to_path_buf();
            // A line every five seconds.
            let line = |n: u32| format!("[{:02}:{:02}]夜の音楽 – نسم علينا الهوا {n}\n", n / 12, n % 12 * 5);
            let lyrics = Lyrics { from: "夜の音楽.lrc".into(), ..parse(&(0..40).map(line).collect::<String>()) };
            let found = Ok(Read { lyrics: Some(lyrics), faults: Vec::new() });
            self.message(Msg::LyricsShown(true)).message(Msg::Lyrics { path, found }).message(Msg::LyricsShown(false));
        }
        // Bands of sound that change every half minute.
        let code = |column: usize, band: usize| if (band / 16 + column / 70).is_multiple_of(3) { 150 } else { 90 };
        self.message(Msg::SoundShown(true)).trace(code).message(Msg::SoundShown(false));
        self.message(Msg::Told { title: "Comparison of 夜の音楽 and سلام".into(), lines });
        self.message(Msg::Runs(Arc::new(runs())));
        self.lay_out();
        self.ui.model.trial.tried = Some(Box::new(tried(&self.ui.model, &Choice::Auto)));
        self.command("library");
    }

    /// Answers the requests for traces of what plays; `code` gives the level of a column and a band.
    pub fn trace(&mut self, code: impl Fn(usize, usize) -> u8) -> &mut Harness {
        while let Some(at) = self.effects.0.iter().position(|e| matches!(e, Effect::Trace(Some(_))))
            && let Effect::Trace(Some((path, piece))) = self.effects.0.remove(at)
        {
            let columns = || piece.first..piece.first + piece.columns;
            let found = Trace {
                levels: columns()
                    .flat_map(|column| (0..BANDS).map(move |band| (column, band)))
                    .map(|(c, b)| code(c, b))
                    .collect(),
                loudness: columns().map(|column| 140 + (column % 30) as u8).collect(),
                peaks: columns().map(|column| if column % 50 == 7 { 200 } else { 180 }).collect(),
            };
            self.message(Msg::Traced { path, piece, found: Ok(Box::new(found)) });
        }
        self
    }

    /// Answers the last trial that was asked for, by the first seven tracks of the library.
    pub fn answer_trial(&mut self) -> &mut Harness {
        let asked = |e: &Effect| if let Effect::Try(trying) = e { Some(trying.clone()) } else { None };
        let trying = self.effects.0.iter().rev().find_map(asked).expect("a trial");
        let tried = tried(&self.ui.model, &trying.choice.unwrap_or_default());
        self.message(Msg::Tried { request: trying.request, tried: Ok(Box::new(tried)) })
    }

    /// The current frame.
    pub fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let mut screen = self.ui.screen.clone();
        // Tests also change the model without a message.
        screen.forget_layout();
        let frame = |frame: &mut ratatui::Frame<'_>| super::view(&self.ui.model, &screen, &self.ui.theme, frame);
        terminal.draw(frame).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The frame's text, without trailing spaces.
    pub fn text(&self) -> String {
        text(&self.buffer())
    }
}

/// What is wrong with a frame, if anything: a character that is cut off or drawn over, or that a terminal obeys.
pub fn flaw(buffer: &Buffer) -> Option<String> {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            let end = x + crate::text::width(symbol) as u16;
            let hidden = (x + 1..end.min(area.right())).find(|at| buffer[(*at, y)].symbol() != " ");
            let what = match hidden {
                _ if end == x => "takes no column",
                _ if end > area.right() => "is cut off",
                _ if crate::text::printable(symbol) != symbol => "is a command to the terminal",
                Some(_) => "is drawn over",
                None => "",
            };
            if !what.is_empty() {
                return Some(format!("{symbol:?} at {x}, {y} {what}:\n{}", text(buffer)));
            }
            x = end;
        }
    }
    None
}

/// A signature of seven tracks.
pub fn report() -> SignatureReport {
    let dim = |dim, mean, spread, info| DimReport { dim, mean, spread, info, p_value: 0.01, ..DimReport::default() };
    SignatureReport {
        members: 7,
        effective: 5.2,
        soft: false,
        confidence: Some(0.87),
        dims: vec![dim(3, 1.6, 0.4, 1.9), dim(7, -1.1, 0.5, 1.2), dim(12, 0.2, 0.6, 0.3)],
        ..SignatureReport::default()
    }
}

/// Cards of all dimensions, three of the numbered ones with a meaning.
pub fn cards() -> Arc<Cards> {
    let example = |title: &str, value| Example { title: title.into(), artist: "Nina Simone".into(), value };
    let correlate = |name: &str, genre, strength| Correlate { name: name.into(), genre, strength };
    let card = |n: u8| {
        let label = named::label(n - 1);
        let named = NAMED.iter().find(|d| d.name == label);
        let meaning = named.map_or("from Sea Line to Army of Me".into(), |d| d.doc.to_string());
        Card { dim: n, name: label, meaning, ..Card::default() }
    };
    let mut cards: Vec<Card> = (1..=ALL_DIMS as u8).map(card).collect();
    let seven = &mut cards[6];
    seven.meaning = "dark ↔ bright (brightness +0.71); more in Electronic (+0.40)".into();
    (seven.low, seven.high) = ("dark".into(), "bright".into());
    seven.correlates = vec![correlate("brightness", false, 0.71), correlate("Electronic", true, 0.4)];
    seven.lowest = vec![example("Sea Line", -2.41), example("青い鳥", -2.2)];
    seven.highest = vec![example("Army of Me", 2.64)];
    (seven.ties, seven.departure) = (0.12, Some(Departure { mean: 0.4, spread: 0.7 }));
    cards[2].meaning = "follows tempo (0.44)".into();
    cards[2].correlates = vec![correlate("tempo", false, 0.44)];
    (cards[11].dead, cards[11].ties) = (true, 1.0);
    cards[11].meaning = "does not vary in your library".into();
    Arc::new(Cards { generation: "x".into(), tracks: 240, cards, ..Cards::default() })
}

/// The trial of the library's first seven tracks under a choice; the picks depend on the choice.
pub fn tried(model: &Model, choice: &Choice) -> Tried {
    let mut rng = fastrand::Rng::with_seed(4);
    let tracks: Vec<TrackId> = model.catalog.tracks().collect();
    let latent = |n: usize, rng: &mut fastrand::Rng| -> Latent {
        std::array::from_fn(|dim| match dim {
            2 | 6 if n < 7 => 1.3 + 0.1 * rng.f32(),
            2 | 6 => rng.f32() + rng.f32(),
            // Dimensions differ in their shapes.
            _ => (0..dim % 4 + 1).map(|_| rng.f32()).product(),
        })
    };
    let latents = tracks.iter().enumerate().map(|(n, track)| (*track, latent(n, &mut rng))).collect();
    let named: Vec<(TrackId, NamedValues)> =
        // What goes round has no ends.
        tracks.iter().map(|track| (*track, std::array::from_fn(|i| if NAMED[i].circular { f32::NAN } else { rng.f32() }))).collect();
    let reference = Reference { unit: true, ..Reference::default() };
    let space = Space::build("x".into(), Arc::new(reference), latents)
        .with_named(|track| named.iter().find(|(of, _)| *of == track).map(|(_, values)| *values));
    let member = |track: &TrackId| Some(Member { row: space.row(*track)?, group: 0 });
    let own: Vec<TrackId> = tracks.iter().take(7).copied().collect();
    let members: Vec<Member> =
        own.iter().filter_map(member).enumerate().map(|(n, m)| Member { group: n as u64, ..m }).collect();
    let signature = Signature::of(&space, &members, choice, Prior::default()).expect("a signature");
    let playing = model.playing().map(|item| item.song.track);
    let picks = tracks.iter().rev().step_by(3).skip(choice.to_string().len() % 4).take(15).enumerate();
    let pick = |(i, track): (usize, &TrackId)| {
        let why = Why {
            engine: "signature".into(),
            fit: Some(0.97 - 0.03 * i as f32),
            nearest: own.first().copied(),
            ..Why::default()
        };
        Proposal { id: *track, score: 1.0, why }
    };
    Tried {
        label: "what the queue follows".into(),
        members: members.len(),
        choice: choice.clone(),
        soft: signature.soft,
        rows: rows(&space, &signature, choice, playing),
        library: Arc::new(Histograms::of(&space)),
        picks: picks.map(pick).collect(),
        tracks: own.clone(),
        ..Tried::default()
    }
}

fn propose(effect: &Effect) -> Option<(u64, usize)> {
    match effect {
        Effect::Propose { request, want, .. } => Some((*request, *want)),
        _ => None,
    }
}

/// A buffer's text by lines, without trailing spaces; skips the second cell of wide characters.
pub fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in area.left()..area.right() {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = crate::text::width(symbol).max(1);
            }
            skip -= 1;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
