use std::num::NonZero;

use ratatui::Terminal;
use ratatui::style::Style;

use super::*;

const SIZE: (u16, u16) = (30, 6);
/// What the parser tells of a cell besides its colours.
const SEEN: [Modifier; 5] = [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];

/// A terminal that is read by a parser.
struct Bench {
    terminal: Terminal<CellWriter<Vec<u8>>>,
    parser: vt100::Parser,
}

impl Bench {
    fn new() -> Bench {
        let size = || Ok(Size { width: SIZE.0, height: SIZE.1 });
        let terminal = Terminal::new(CellWriter::new(Vec::new(), size)).unwrap();
        let side = |n| NonZero::new(n).unwrap();
        Bench { terminal, parser: vt100::Parser::new(side(SIZE.1), side(SIZE.0), 0) }
    }

    /// Draws a frame; what was sent for it.
    fn draw(&mut self, frame: impl FnOnce(&mut ratatui::Frame<'_>)) -> Vec<u8> {
        self.terminal.draw(frame).unwrap();
        let sent = self.terminal.backend_mut().take_sent();
        self.parser.process(&sent);
        sent
    }

    fn text(&mut self, x: u16, y: u16, text: &str, style: Style) -> Vec<u8> {
        self.draw(|frame| {
            frame.buffer_mut().set_string(x, y, text, style);
        })
    }
}

/// A colour as the parser names it.
fn named(colour: Color) -> vt100::Color {
    use Color::*;
    let sixteen = [
        Black,
        Red,
        Green,
        Yellow,
        Blue,
        Magenta,
        Cyan,
        Gray,
        DarkGray,
        LightRed,
        LightGreen,
        LightYellow,
        LightBlue,
        LightMagenta,
        LightCyan,
        White,
    ];
    match colour {
        Reset => vt100::Color::Default,
        Indexed(n) => vt100::Color::Idx(n),
        Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        named => vt100::Color::Idx(sixteen.iter().position(|c| *c == named).unwrap() as u8),
    }
}

fn random_style(rng: &mut fastrand::Rng) -> Style {
    let colours =
        [Color::Reset, Color::Cyan, Color::LightRed, Color::DarkGray, Color::Indexed(99), Color::Rgb(1, 200, 30)];
    // Bold and faint exclude each other in the parser.
    let modifiers = [
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::DIM,
        Modifier::ITALIC | Modifier::BOLD,
        Modifier::UNDERLINED | Modifier::DIM,
        Modifier::REVERSED | Modifier::ITALIC | Modifier::UNDERLINED,
    ];
    let mut colour = || colours[rng.usize(..colours.len())];
    let style = Style::new().fg(colour()).bg(colour());
    style.add_modifier(modifiers[rng.usize(..modifiers.len())])
}

#[test]
fn the_terminal_shows_every_frame_as_it_was_drawn() {
    let mut rng = fastrand::Rng::with_seed(11);
    let mut bench = Bench::new();
    let words = ["So What", "青い鳥", "Sigur Rós", "━━╸──", " ", "1:23", "日本"];
    let mut rows: Vec<Vec<(&str, Style)>> = vec![Vec::new(); usize::from(SIZE.1)];
    for round in 0..400 {
        for row in &mut rows {
            // Most of a frame is as it was.
            if rng.u8(..4) == 0 {
                *row = (0..3).map(|_| (words[rng.usize(..words.len())], random_style(&mut rng))).collect();
            }
        }
        let cursor = (rng.u8(..3) == 0).then(|| Position { x: rng.u16(..SIZE.0), y: rng.u16(..SIZE.1) });
        if rng.u8(..20) == 0 {
            // Another program wrote to the terminal meanwhile.
            bench.parser.process(b"\x1b[35;7m\x1b[?25hshell$ ");
            bench.terminal.resize(ratatui::layout::Rect::new(0, 0, SIZE.0, SIZE.1)).unwrap();
        }
        let mut drawn = None;
        bench.draw(|frame| {
            for (y, row) in (0..).zip(&rows) {
                let mut x = 0;
                for (word, style) in row {
                    x = frame.buffer_mut().set_stringn(x, y, word, usize::from(SIZE.0 - x), *style).0;
                }
            }
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
            drawn = Some(frame.buffer_mut().clone());
        });
        let (drawn, screen) = (drawn.unwrap(), bench.parser.screen());
        for (x, y) in (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y))) {
            let (cell, shown) = (&drawn[(x, y)], screen.cell(y, x).unwrap());
            if shown.is_wide_continuation() {
                continue;
            }
            let text = if shown.has_contents() { shown.contents() } else { " " };
            assert_eq!(text, cell.symbol(), "round {round}, {x}, {y}: {}", screen.contents());
            // How a cell looks of which nothing is seen does not matter.
            if cell.symbol() != " " || cell.bg != Color::Reset || !cell.modifier.is_empty() {
                let modes = [shown.bold(), shown.dim(), shown.italic(), shown.underline(), shown.inverse()];
                let wanted = SEEN.map(|modifier| cell.modifier.contains(modifier));
                assert_eq!((shown.fgcolor(), shown.bgcolor()), (named(cell.fg), named(cell.bg)), "{round}: {x}, {y}");
                assert_eq!(modes, wanted, "round {round}, {x}, {y}");
            }
        }
        assert_eq!(screen.hide_cursor(), cursor.is_none(), "round {round}");
        if let Some(cursor) = cursor {
            assert_eq!(screen.cursor_position(), (cursor.y, cursor.x), "round {round}");
        }
    }
}

#[test]
fn a_frame_in_which_nothing_changed_sends_nothing() {
    let mut bench = Bench::new();
    let style = Style::new().fg(Color::Cyan);
    assert!(!bench.text(3, 2, "1:23", style).is_empty());
    assert_eq!(bench.text(3, 2, "1:23", style), b"");
    // Not even for a cursor that stays where it is.
    let typed = |frame: &mut ratatui::Frame<'_>| {
        frame.buffer_mut().set_string(3, 2, "1:23", style);
        frame.set_cursor_position((7, 2));
    };
    assert_eq!(bench.draw(typed), b"\x1b[?25h\x1b[3;8H");
    assert_eq!(bench.draw(typed), b"");
}

#[test]
fn what_changed_is_all_that_is_sent() {
    let mut bench = Bench::new();
    let style = Style::new().fg(Color::Cyan);
    bench.text(3, 2, "1:23", style);
    assert_eq!(bench.text(3, 2, "1:24", style), b"\x1b[7G4", "the style and the row are known");
    assert_eq!(bench.text(3, 2, "1:30", style), b"\x1b[6G30", "neighbours follow each other");
    assert_eq!(bench.text(3, 2, "7:31", style), b"\x1b[4G7\x1b[7G1");
    assert_eq!(bench.text(3, 2, "7:32", style.add_modifier(Modifier::BOLD)).len(), "\x1b[4G\x1b[1m7:32".len());
    // Much is turned off by a reset.
    let loud = Style::new().fg(Color::Red).bg(Color::White).add_modifier(Modifier::BOLD | Modifier::REVERSED);
    bench.text(3, 2, "7:32", loud);
    assert_eq!(bench.text(3, 2, "7:32", Style::new()), b"\x1b[m\x1b[4G7:32");
}

#[test]
fn a_row_is_not_relied_on_where_terminals_may_have_left_it() {
    let mut bench = Bench::new();
    // The last column, a character whose width terminals do not agree on, and a terminal that was cleared.
    bench.text(26, 2, "1:23", Style::new());
    assert_eq!(bench.text(26, 2, "1:24", Style::new()), b"\x1b[3;30H4");
    assert_eq!(bench.text(26, 2, "2:24", Style::new()), b"\x1b[3;27H2");
    assert_eq!(bench.text(26, 2, "3:24", Style::new()), b"\x1b[27G3");
    bench.text(26, 2, "日", Style::new());
    assert!(bench.text(26, 2, "青", Style::new()).starts_with(b"\x1b[3;27H"));
    bench.text(2, 2, "a", Style::new());
    bench.terminal.resize(ratatui::layout::Rect::new(0, 0, SIZE.0, SIZE.1)).unwrap();
    // Whether the cursor shows is not known either.
    assert!(bench.text(2, 2, "b", Style::new()).ends_with(b"\x1b[3;3Hb\x1b[?25l"));
}

#[test]
fn only_a_long_frame_is_sent_as_one_update() {
    let mut bench = Bench::new();
    let short = bench.text(0, 0, "x", Style::new());
    assert!(!short.starts_with(BEGIN));
    let long = bench.draw(|frame| {
        let area = frame.area();
        for (at, cell) in frame.buffer_mut().content.iter_mut().enumerate() {
            cell.set_symbol("y").set_style(Style::new().fg(Color::Indexed(at as u8)));
        }
        assert!(area.area() > 100);
    });
    assert!(long.starts_with(BEGIN) && long.ends_with(END));
}

#[test]
fn an_emoji_by_selector_leaves_nothing_of_what_stood_there() {
    let mut bench = Bench::new();
    bench.text(2, 1, "abcd", Style::new());
    let sent = String::from_utf8(bench.text(2, 1, "❤\u{fe0f}cd", Style::new())).unwrap();
    assert_eq!(sent, "\u{1b}[4G \u{1b}[3G❤\u{fe0f}");
}
