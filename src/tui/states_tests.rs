//! Any state at any size: sessions made of random parts, among them ones that cannot occur, with every view, page and
//! prompt open, on screens from one cell to more than any has.

use std::sync::Arc;

use fastrand::Rng;
use ratatui::layout::Size;

use crate::app::msg::{Progress, SignatureReport};
use crate::app::state::lists::{Kind, Listed};
use crate::app::state::playback::Output;
use crate::app::{Model, Msg, State, fixture};
use crate::audio;
use crate::latent::{ALL_DIMS, Choice, DimReport, Fact, Mood, Step, Term, Way, Why};
use crate::library::lyrics::{Read, parse};
use crate::library::{Catalog, Song};
use crate::notice;
use crate::queue::{Origin, Queue, Repeat};
use crate::track::TrackId;
use crate::training::runs::{Board, State as Became};
use crate::training::{Holder, Stage};

use super::art::Protocol;
use super::colour::Depth;
use super::fixture::{Harness, cards, flaw, run, runs, standing};
use super::pages::{ANSWER, PANES};

/// How many sessions are made, and at how many sizes each is drawn.
const SESSIONS: usize = 150;
const SIZES: usize = 6;
/// What may be typed and left open.
const PROMPTS: [&str; 13] = [
    "",
    ":",
    ":the",
    ":signature 3,",
    ":theme <tab><tab>",
    ":playlist open ",
    "F",
    "Fartist~夜",
    "Z坂",
    "/سلام",
    "q",
    "g",
    "12",
];
const WORDS: [&str; 8] = [
    "",
    "a",
    "夜の音楽",
    "نسم علينا الهوا",
    "👩\u{200d}🎤",
    "ﾎﾟｯﾌﾟｽ",
    "two words",
    "very long, and longer than any screen is wide ",
];

fn pick<T: Clone>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())].clone()
}

/// A number as it should be, or as it never should.
fn number(rng: &mut Rng) -> f32 {
    let ordinary = rng.f32() * 8.0 - 4.0;
    pick(rng, &[ordinary, ordinary, ordinary, 0.0, 1.0, -1.0, 1e30, f32::NAN, f32::INFINITY, f32::NEG_INFINITY])
}

fn words(rng: &mut Rng) -> String {
    let times = if rng.u8(..6) == 0 { 9 } else { 1 };
    pick(rng, &WORDS).repeat(times)
}

fn track(rng: &mut Rng, catalog: &Catalog) -> TrackId {
    match catalog.songs() {
        [] => TrackId([9; 16]),
        songs if rng.bool() => pick(rng, songs).track,
        _ => TrackId([rng.u8(..); 16]),
    }
}

fn dimension(rng: &mut Rng) -> u8 {
    1 + rng.u8(..ALL_DIMS as u8)
}

fn why(rng: &mut Rng, catalog: &Catalog) -> Why {
    let way = match rng.bool() {
        true => Way::Direction { dim: dimension(rng) - 1, up: rng.bool() },
        false => Way::Journey { from: track(rng, catalog), to: track(rng, catalog) },
    };
    let terms =
        [Term::Fit, Term::Closeness, Term::Run, Term::Album, Term::Heard, Term::Next, Term::Course, Term::Liked];
    Why {
        engine: words(rng),
        text: if rng.u8(..4) == 0 { words(rng) } else { String::new() },
        nearest: rng.bool().then(|| track(rng, catalog)),
        fit: rng.bool().then(|| number(rng)),
        dims: (0..rng.usize(..12)).map(|_| (dimension(rng), number(rng))).collect(),
        facts: (0..rng.usize(..4)).map(|_| fact(rng)).collect(),
        words: (0..rng.usize(..3)).map(|_| words(rng)).collect(),
        terms: (0..rng.usize(..5)).map(|_| (pick(rng, &terms), number(rng))).collect(),
        run: rng.u32(..30),
        step: rng.bool().then(|| Step { course: 1, way, at: rng.u16(..20), of: rng.u16(..20) }),
        ordered: false,
    }
}

fn fact(rng: &mut Rng) -> Fact {
    Fact {
        dim: dimension(rng),
        value: number(rng),
        low: number(rng),
        high: number(rng),
        centre: number(rng),
        minor: pick(rng, &[None, Some(true), Some(false)]),
    }
}

fn report(rng: &mut Rng) -> SignatureReport {
    let dims = |rng: &mut Rng| (0..rng.usize(..ALL_DIMS)).map(|_| dim(rng)).collect::<Vec<_>>();
    SignatureReport {
        members: rng.usize(..4000),
        effective: f64::from(number(rng)),
        soft: rng.bool(),
        confidence: rng.bool().then(|| f64::from(number(rng))),
        dims: dims(rng),
        words: (0..rng.usize(..9)).map(|_| words(rng)).collect(),
        choice: pick(rng, &["", "auto", "off", "-5", "3,7"]).to_string(),
        moods: (0..rng.usize(..3)).map(|_| Mood { members: rng.usize(..9), dims: dims(rng) }).collect(),
    }
}

fn dim(rng: &mut Rng) -> DimReport {
    DimReport {
        dim: dimension(rng),
        name: words(rng),
        circular: rng.u8(..4) == 0,
        mean: number(rng),
        spread: number(rng),
        weight: number(rng),
        info: number(rng),
        p_value: number(rng),
    }
}

fn some_of(rng: &mut Rng, songs: &[Arc<Song>], most: usize) -> Vec<Arc<Song>> {
    if songs.is_empty() { Vec::new() } else { (0..rng.usize(..most)).map(|_| pick(rng, songs)).collect() }
}

fn queue(rng: &mut Rng, catalog: &Catalog) -> Queue {
    let songs = some_of(rng, catalog.songs(), 120);
    let count = songs.len();
    let origin = |rng: &mut Rng| if rng.bool() { Origin::Hand } else { Origin::Auto(why(rng, catalog)) };
    let parts = songs.into_iter().map(|song| (song, origin(rng))).collect();
    // With something that plays there is at least one that was not played.
    let live = count > 0 && rng.bool();
    let played = rng.usize(..=count - usize::from(live));
    let mut queue = Queue::from_parts(parts, played, live);
    if rng.u8(..4) == 0 {
        // Files that the library does not have.
        queue.look_up(&Catalog::default(), false);
    }
    queue
}

fn lists(rng: &mut Rng, catalog: &Catalog) -> Vec<Listed> {
    let mut lists = Vec::new();
    for kind in [Kind::Playlist, Kind::Smart, Kind::Signature, Kind::Mood] {
        for _ in 0..rng.usize(..12) {
            let songs = some_of(rng, catalog.songs(), 40);
            lists.push(match rng.u8(..8) {
                0 => Listed::broken(kind, words(rng), words(rng)),
                _ => Listed::new(kind, words(rng), words(rng), songs, rng.usize(..3)),
            });
        }
    }
    lists
}

fn progress(rng: &mut Rng) -> Progress {
    Progress {
        stage: pick(rng, &["", "scanning", "listening", "listening again with the shipped encoder"]).to_string(),
        done: rng.usize(..200_000),
        total: pick(rng, &[0, 1, 100_000]),
        rate: f64::from(number(rng)),
        left: rng.bool().then(|| f64::from(number(rng))),
        latents: rng.usize(..3),
        ..Progress::default()
    }
}

fn trainings(rng: &mut Rng) -> Board {
    let states = [
        Became::Running,
        Became::Stopping,
        Became::Aside,
        Became::Stopped,
        Became::Lost,
        Became::Published(words(rng)),
        Became::Failed(words(rng)),
        Became::Damaged(words(rng)),
    ];
    let made = |rng: &mut Rng, n: usize| {
        let mut one = run(&format!("{n} {}", words(rng)), pick(rng, &states), rng.usize(..30));
        for epoch in &mut one.done {
            (epoch.loss, epoch.validation) = (number(rng).into(), number(rng).into());
            (epoch.validation_loss, epoch.best) = (number(rng).into(), rng.bool());
        }
        (one.arch, one.data, one.epochs) = (words(rng), words(rng), rng.usize(..50));
        one.verdict = rng.bool().then(|| words(rng));
        one.correlation = (0..rng.usize(..40)).map(|_| number(rng).into()).collect();
        one.standing = rng.bool().then(|| {
            let mut standing = standing();
            standing.stage = pick(rng, &[Stage::Reading, Stage::Learning, Stage::Judging]);
            standing.losses = (0..rng.usize(..200)).map(|_| (number(rng).into(), number(rng).into())).collect();
            (standing.share, standing.speed) = (number(rng).into(), rng.bool().then(|| number(rng).into()));
            (standing.left, standing.note) = (rng.bool().then(|| rng.u64(..)), words(rng));
            standing
        });
        Arc::new(one)
    };
    let count = pick(rng, &[0, 1, 30]);
    let runs = (0..count).map(|n| made(rng, n)).collect();
    Board { runs, holder: rng.bool().then(Holder::default), in_use: words(rng), before: rng.bool().then(|| words(rng)) }
}

fn model(rng: &mut Rng) -> Model {
    let catalog = match rng.u8(..5) {
        0 => fixture::catalog(0),
        1 => fixture::catalog(1),
        2 => fixture::catalog(rng.u16(2..300)),
        _ => fixture::world(),
    };
    let mut model = fixture::of(catalog.clone());
    model.queue = queue(rng, &catalog);
    model.music = model.music.filter(|_| rng.bool());
    model.progress = progress(rng);
    let play = &mut model.play;
    if model.queue.current().is_some() {
        play.state = pick(rng, &[State::Stopped, State::Playing, State::Paused]);
    }
    play.position = rng.f64() * pick(rng, &[1.0, 200.0, 1e6]);
    play.duration = rng.bool().then(|| f64::from(number(rng)));
    play.volume = rng.u8(..=100);
    play.spectrum = rng.bool().then(|| std::array::from_fn(|_| number(rng)));
    let (silent, asked) = (rng.bool(), rng.bool());
    play.output = rng.bool().then(|| Output { name: words(rng), silent, asked });
    let modes = &mut model.order.modes;
    modes.repeat = pick(rng, &[Repeat::Off, Repeat::All, Repeat::One]);
    (modes.go_on, modes.consume) = (rng.bool(), rng.bool());
    model.auto.on = rng.bool();
    model.auto.engine = words(rng);
    model.auto.choice = pick(rng, &[Choice::Auto, Choice::All, Choice::dims([2, 6, 11, 32, 40, 44])]);
    let kinds = [notice::Kind::Success, notice::Kind::Hint, notice::Kind::Obstacle, notice::Kind::Error];
    if rng.bool() {
        let (kind, text) = (pick(rng, &kinds), words(rng));
        model.notify(kind, text);
    }
    for n in 0..pick(rng, &[0, 1, 70]) {
        model.faults.insert(format!("/music/{}{n}.flac", words(rng)).into(), words(rng).as_str().into());
    }
    if rng.u8(..4) == 0 {
        model.unsaved.changes = rng.usize(..200_000);
        (model.unsaved.session, model.unsaved.why) = (rng.bool(), words(rng));
    }
    model.signature = rng.bool().then(|| report(rng));
    model.cards = rng.bool().then(cards);
    model.training.board = match rng.u8(..3) {
        0 => None,
        1 => Some(Arc::new(runs())),
        _ => Some(Arc::new(trainings(rng))),
    };
    model.lists = rng.bool().then(|| lists(rng, &catalog));
    model.told = rng.bool().then(|| (words(rng), (0..rng.usize(..80)).map(|_| words(rng)).collect()));
    model.filter.shown = match rng.u8(..6) {
        0 => Some(Arc::new(catalog.subset(|_, _| false))),
        1 => Some(Arc::new(catalog.subset(|n, _| n % 3 == 0))),
        2 => Some(Arc::new(catalog.ranked([5, 3, 0, 9]))),
        _ => None,
    };
    model.filter.text = words(rng);
    model.filter.passed = words(rng);
    model.filter.hint = rng.bool().then(|| words(rng));
    model
}

/// Opens any view or page, perhaps about something that is not there, and leaves something typed.
fn look(rng: &mut Rng, h: &mut Harness) {
    for _ in 0..rng.usize(..3) {
        let by = pick(
            rng,
            &["by genre", "by folder", "by year", "by album-artist", "column-left", "column-right", "mark", "grid"],
        );
        h.command(by);
    }
    if rng.bool() {
        h.lay_out();
    }
    let panes: Vec<_> = PANES.iter().copied().chain([ANSWER]).collect();
    h.open(pick(rng, &panes));
    if rng.u8(..4) == 0 {
        let about =
            ["help filter".to_string(), "help seek".into(), "help".into(), format!("dims {}", dimension(rng).min(32))];
        h.command(&pick(rng, &about));
    }
    if rng.u8(..6) == 0 {
        // A page about an item that has left the queue, or a dimension that there is not.
        h.ui.screen.page = h.ui.screen.page.map(|(mut page, top)| {
            page.about = Some(u64::from(rng.u32(..300)));
            (page, top + rng.usize(..500))
        });
    }
    if let Some(item) = h.ui.model.playing() {
        let path = item.song.path.to_path_buf();
        let timed = rng.bool();
        let line = |rng: &mut Rng| if timed { format!("[{:02}:30]<01:31>", rng.u8(..9)) } else { String::new() };
        let text: String =
            (0..rng.usize(..40)).map(|_| line(rng) + &words(rng) + "<02:00>" + &words(rng) + "\n").collect();
        let lyrics = rng.bool().then(|| parse(&text));
        h.message(Msg::Lyrics { path, found: Ok(Read { lyrics, faults: Vec::new() }) });
    }
    h.trace(|column, band| (column * 7 + band) as u8);
    let bands = std::array::from_fn(|band| if band % 9 == 4 { f32::NAN } else { band as f32 / 20.0 });
    h.message(Msg::Player(audio::Event::Spectrum(bands)));
    h.command(pick(rng, &["down 1", "bottom", "half-page-down", "top", "down 30"]));
    h.keys(pick(rng, &PROMPTS));
}

#[test]
fn any_state_draws_at_any_size() {
    let seed = 20;
    let mut rng = Rng::with_seed(seed);
    for session in 0..SESSIONS {
        let theme = pick(&mut rng, &["terminal", "mono", "gruvbox-dark"]);
        let mut h = Harness::of(model(&mut rng), (120, 40), theme, Depth::True);
        look(&mut rng, &mut h);
        let arts = [None, Some(Protocol::Blocks), Some(Protocol::Kitty), Some(Protocol::Sixel)];
        if let Some(protocol) = arts[session % arts.len()] {
            h.hang_covers(protocol).command("info").bring_covers();
        }
        for _ in 0..SIZES {
            // Half of them are small: that is where room runs out.
            let (most_wide, most_high) = if rng.bool() { (300, 100) } else { (90, 26) };
            h.size = (rng.u16(1..=most_wide), rng.u16(1..=most_high));
            h.ui.resize(Size { width: h.size.0, height: h.size.1 });
            let flaw = flaw(&h.buffer());
            assert_eq!(flaw, None, "session {session} of seed {seed} at {:?}, {:?}", h.size, h.ui.screen.page);
            h.command(pick(&mut rng, &["down 1", "page-down", "up 3", "album-next", "column-left"])).bring_covers();
        }
    }
}
