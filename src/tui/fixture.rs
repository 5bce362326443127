//! A test harness for the screen: takes keys as text, gives access to state and frames.

use crossterm::event::{Event, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

use crate::app::{Effect, Model, Msg, fixture};
use crate::audio;
use crate::latent::{Fact, Term};
use crate::queue::{Proposal, Why};

use super::colour::Depth;
use super::keymap::Keymap;
use super::keys;
use super::run::{Host, Ui};

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
}

impl Harness {
    /// A session with a library of `songs` songs.
    pub fn new(songs: u16, size: (u16, u16)) -> Harness {
        Harness::of(fixture::model(songs), size, "terminal", Depth::True)
    }

    pub fn of(model: Model, size: (u16, u16), theme: &str, depth: Depth) -> Harness {
        let mut ui = Ui::new(model, Keymap::default(), theme, depth, None);
        ui.resize(Size { width: size.0, height: size.1 });
        Harness { ui, effects: Record::default(), size }
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
        }
        self
    }

    pub fn message(&mut self, msg: Msg) -> &mut Harness {
        self.ui.message(msg, &mut self.effects);
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

    /// The current frame.
    pub fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let frame =
            |frame: &mut ratatui::Frame<'_>| super::view(&self.ui.model, &self.ui.screen, &self.ui.theme, frame);
        terminal.draw(frame).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The frame's text, without trailing spaces.
    pub fn text(&self) -> String {
        text(&self.buffer())
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
