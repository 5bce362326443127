//! Asks the terminal for the colour of its background, and how it shows pictures, before its keys are read.
//!
//! The questions are kitty's about its graphics, XTWINOPS 16 for the size of a cell, and OSC 11. Not every terminal answers
//! them, but nearly all answer what is asked behind them, the primary device attributes (DA1), so that the wait ends at
//! once. What is typed meanwhile is handed on, and an answer that
//! comes too late is kept from becoming keys ([`Late`]).

use std::io;
use std::time::Duration;

use crossterm::event::Event;

use crate::clock::Clock;

use super::art::Answers;
use super::ground::{self, Ground};
use super::late::Late;
use super::typed;

/// OSC 11 with a question mark in the colour's place, then DA1.
pub const QUESTION: &[u8] = b"\x1b]11;?\x1b\\\x1b[c";
/// Whether a picture of one pixel could be shown, and the size of a cell.
pub const PICTURES: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t";
/// Removes what a terminal that does not know these questions may have shown of them. The screen is empty yet.
const WIPE: &[u8] = b"\r\x1b[K";
/// How the answer to OSC 11 begins.
const ANSWER: &[u8] = b"\x1b]11;";
/// How the answer to DA1 begins.
const DEVICE: &[u8] = b"\x1b[?";
/// How kitty's answer begins.
const GRAPHICS: &[u8] = b"\x1b_G";
/// How the size of a cell begins: height and width follow.
const CELL: &[u8] = b"\x1b[6;";
/// The attribute of a terminal that shows sixels.
const SIXELS: &[u8] = b"4";

/// How long a terminal may take that answers neither.
const LIMIT: Duration = Duration::from_millis(50);
/// The same over SSH, where an answer goes round the world.
const FAR: Duration = Duration::from_millis(500);
/// The most that is read: an answer takes 40 bytes, and no hand types more meanwhile.
const MOST: usize = 64 * 1024;

/// Terminals (`TERM`, or how it begins) that do not know the question, and may show it.
const SILENT: [&str; 9] = ["dumb", "linux", "vt1", "vt2", "ansi", "cons25", "sun", "eterm", "unknown"];

/// A terminal that can be asked.
pub trait Line {
    /// Sends bytes to the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits at most `limit` for bytes from the terminal; empty when none came.
    ///
    /// # Errors
    /// The terminal is gone.
    fn receive(&mut self, limit: Duration) -> io::Result<Vec<u8>>;
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Background {
    /// The background.
    pub ground: Ground,
    /// What it answered about pictures.
    pub pictures: Answers,
    /// What was typed meanwhile.
    pub typed: Vec<Event>,
    /// Keeps the answer that may still come from becoming keys.
    pub late: Late,
}

impl Background {
    /// Asks the terminal, or else `COLORFGBG`; about pictures as well if `pictures` is set. A terminal is not asked where
    /// colours are not wanted, or if it is known not to answer.
    pub fn find(
        line: &mut dyn Line,
        clock: &dyn Clock,
        pictures: bool,
        env: impl Fn(&str) -> Option<String>,
    ) -> Background {
        let told = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = told("TERM").unwrap_or_else(|| "unknown".into());
        let mut found = Background::default();
        let mut colour = None;
        if told("NO_COLOR").is_none() && !SILENT.iter().any(|silent| term.starts_with(silent)) {
            let far = told("SSH_CONNECTION").or_else(|| told("SSH_TTY")).is_some();
            let question = if pictures { [PICTURES, QUESTION, WIPE].concat() } else { QUESTION.to_vec() };
            let heard = ask(line, clock, if far { FAR } else { LIMIT }, &question);
            colour = heard.colour;
            found.pictures = heard.pictures;
            found.typed = typed::events(&heard.rest);
            // Answers come in the order of the questions: behind the last one there are no more.
            found.late = Late::expected(colour.is_none(), pictures && !heard.graphics && !heard.device);
        }
        let variable = || told("COLORFGBG").and_then(|value| Ground::of_variable(&value));
        found.ground = colour.map(Ground::of).or_else(variable).unwrap_or_default();
        found
    }
}

/// Asks, and listens until the terminal has answered or `limit` has passed; after that, an answer that has begun gets as
/// long again.
fn ask(line: &mut dyn Line, clock: &dyn Clock, limit: Duration, question: &[u8]) -> Heard {
    let mut bytes = Vec::new();
    let mut heard = Heard::default();
    let begun = clock.now();
    if line.send(question).is_err() {
        return heard;
    }
    while !heard.device && bytes.len() < MOST {
        let limit = if heard.open { limit * 2 } else { limit };
        let left = (begun + limit).saturating_sub(clock.now());
        if left.is_zero() {
            break;
        }
        match line.receive(left) {
            Ok(more) => bytes.extend(more),
            Err(_) => break,
        }
        heard = sort(&bytes);
    }
    heard
}

/// What came from a terminal, sorted.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    /// The background's colour.
    colour: Option<[u8; 3]>,
    /// What it says of pictures.
    pictures: Answers,
    /// Whether kitty's question was answered, whatever the answer.
    graphics: bool,
    /// Whether the device attributes came, which end the answer.
    device: bool,
    /// Whether an answer has begun that has not ended.
    open: bool,
    /// Everything else.
    rest: Vec<u8>,
}

fn sort(bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    let mut at = bytes;
    while let Some((&first, tail)) = at.split_first() {
        if let Some(answer) = at.strip_prefix(ANSWER) {
            let Some((text, after)) = ended(answer) else {
                heard.open = true;
                break;
            };
            heard.colour = std::str::from_utf8(text).ok().and_then(ground::parse).or(heard.colour);
            at = after;
        } else if let Some(answer) = at.strip_prefix(GRAPHICS) {
            let Some((text, after)) = ended(answer) else {
                heard.open = true;
                break;
            };
            heard.graphics = true;
            heard.pictures.kitty |= text.ends_with(b";OK");
            at = after;
        } else if let Some((cell, after)) = at.strip_prefix(CELL).and_then(size) {
            heard.pictures.cell = Some(cell);
            at = after;
        } else if let Some(answer) = at.strip_prefix(DEVICE) {
            let numbers = answer.iter().take_while(|b| b.is_ascii_digit() || **b == b';').count();
            let (numbers, behind) = answer.split_at(numbers);
            match behind.split_first() {
                Some((b'c', after)) => {
                    heard.pictures.sixel |= numbers.split(|b| *b == b';').skip(1).any(|number| number == SIXELS);
                    heard.device = true;
                    at = after;
                }
                Some(_) => {
                    heard.rest.push(first);
                    at = tail;
                }
                None => {
                    heard.open = true;
                    break;
                }
            }
        } else {
            heard.rest.push(first);
            at = tail;
        }
    }
    heard
}

/// The width and height of a cell, and what follows them.
fn size(answer: &[u8]) -> Option<((u16, u16), &[u8])> {
    let end = answer.iter().position(|b| *b == b't')?;
    let (height, width) = std::str::from_utf8(answer.get(..end)?).ok()?.split_once(';')?;
    Some(((width.parse().ok()?, height.parse().ok()?), answer.get(end + 1..)?))
}

/// Splits the text of an OSC or APC off at its end, BEL or ESC \.
fn ended(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let bell = bytes.iter().position(|b| *b == 0x07).map(|at| (at, 1));
    let string = bytes.windows(2).position(|pair| pair == b"\x1b\\").map(|at| (at, 2));
    let (at, length) = bell.into_iter().chain(string).min()?;
    Some((bytes.get(..at)?, bytes.get(at + length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crossterm::event::{KeyCode, KeyEvent};

    /// A terminal that sends these bytes, each so many milliseconds after what came before.
    struct Script {
        answers: Vec<(u64, &'static [u8])>,
        asked: Vec<u8>,
        clock: ManualClock,
    }

    impl Line for Script {
        fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.asked.extend(bytes);
            Ok(())
        }

        fn receive(&mut self, limit: Duration) -> io::Result<Vec<u8>> {
            match self.answers.first_mut() {
                Some((wait, bytes)) if Duration::from_millis(*wait) <= limit => {
                    self.clock.advance(Duration::from_millis(*wait));
                    let bytes = bytes.to_vec();
                    self.answers.remove(0);
                    Ok(bytes)
                }
                later => {
                    if let Some((wait, _)) = later {
                        *wait -= limit.as_millis() as u64;
                    }
                    self.clock.advance(limit);
                    Ok(Vec::new())
                }
            }
        }
    }

    /// Asks such a terminal; what was found, what it was asked, and how long that took.
    fn find(answers: &[(u64, &'static [u8])], env: &[(&str, &str)]) -> (Background, Vec<u8>, Duration) {
        let clock = ManualClock::default();
        let mut line = Script { answers: answers.to_vec(), asked: Vec::new(), clock: clock.clone() };
        let env = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
        let found = Background::find(&mut line, &clock, false, env);
        (found, line.asked, clock.now())
    }

    const TERM: (&str, &str) = ("TERM", "xterm-256color");

    fn keys(text: &str) -> Vec<Event> {
        text.chars().map(|c| Event::Key(KeyEvent::from(KeyCode::Char(c)))).collect()
    }

    #[test]
    fn the_answer_decides_and_ends_the_wait() {
        let (found, asked, took) = find(&[(3, b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\\x1b[?62;4c")], &[TERM]);
        assert_eq!((found.ground, found.typed, took), (Ground::Light, vec![], Duration::from_millis(3)));
        assert_eq!(asked, QUESTION);
        let env = [TERM, ("COLORFGBG", "0;15")];
        let (found, _, _) = find(&[(1, b"\x1b]11;rgb:00/2b/36\x07"), (1, b"\x1b[?1;2c")], &env);
        assert_eq!(found.ground, Ground::Dark, "the terminal knows better than a variable");
    }

    #[test]
    fn a_terminal_that_answers_the_second_question_only_is_not_waited_for() {
        let (found, _, took) = find(&[(2, b"\x1b[?6c")], &[TERM]);
        assert_eq!((found.ground, took), (Ground::Dark, Duration::from_millis(2)));
        let (found, _, _) = find(&[(2, b"\x1b[?6c")], &[TERM, ("COLORFGBG", "0;15")]);
        assert_eq!(found.ground, Ground::Light);
    }

    #[test]
    fn a_terminal_that_answers_nothing_costs_the_limit() {
        let (found, _, took) = find(&[], &[TERM]);
        assert_eq!((found.ground, took), (Ground::Dark, LIMIT));
        let far = [TERM, ("SSH_CONNECTION", "10.0.0.1 4711 10.0.0.2 22")];
        assert_eq!(find(&[], &far).2, FAR);
        let (found, _, _) = find(&[(300, b"\x1b]11;#fff\x07\x1b[?6c")], &far);
        assert_eq!(found.ground, Ground::Light);
        // An answer that has begun is heard to its end.
        let (found, _, took) = find(&[(40, b"\x1b]11;rgb:ff/"), (40, b"ff/ff\x07\x1b[?6c")], &[TERM]);
        assert_eq!((found.ground, took), (Ground::Light, Duration::from_millis(80)));
    }

    #[test]
    fn pictures_are_asked_for_in_the_same_exchange() {
        let of = |answers: &[(u64, &'static [u8])]| {
            let clock = ManualClock::default();
            let mut line = Script { answers: answers.to_vec(), asked: Vec::new(), clock: clock.clone() };
            let found = Background::find(&mut line, &clock, true, |name| (name == "TERM").then(|| "xterm".to_string()));
            assert_eq!(line.asked, [PICTURES, QUESTION, WIPE].concat());
            (found.pictures, found.ground, found.typed, clock.now())
        };
        let kitty: (u64, &[u8]) = (1, b"\x1b_Gi=31;OK\x1b\\\x1b[6;20;9t\x1b]11;#fff\x07j\x1b[?62;c");
        let answers = Answers { kitty: true, sixel: false, cell: Some((9, 20)) };
        assert_eq!(of(&[kitty]), (answers, Ground::Light, keys("j"), Duration::from_millis(1)));
        let refused: (u64, &[u8]) = (1, b"\x1b_Gi=31;EINVAL:no such thing\x1b\\\x1b[?62;4;22c");
        let answers = Answers { kitty: false, sixel: true, cell: None };
        assert_eq!(of(&[refused]), (answers, Ground::Dark, vec![], Duration::from_millis(1)));
        // The first number is the kind of terminal: a VT132 has no sixels.
        assert_eq!(of(&[(1, b"\x1b[?4;6c")]).0, Answers::default());
        assert_eq!(of(&[]), (Answers::default(), Ground::Dark, vec![], LIMIT));
    }

    #[test]
    fn nobody_is_asked_who_would_not_understand() {
        for env in [
            vec![("TERM", "linux")],
            vec![("TERM", "dumb")],
            vec![("TERM", "vt100")],
            vec![("TERM", "eterm-color")],
            vec![("TERM", "")],
            vec![],
            vec![TERM, ("NO_COLOR", "1")],
        ] {
            let (_, asked, took) = find(&[(1, b"\x1b]11;#fff\x07\x1b[?6c")], &env);
            assert!(asked.is_empty() && took.is_zero(), "{env:?}");
        }
        assert_eq!(find(&[], &[("TERM", "linux"), ("COLORFGBG", "0;15")]).0.ground, Ground::Light);
    }

    #[test]
    fn what_is_typed_meanwhile_is_handed_on() {
        let answers: [(u64, &[u8]); 3] = [(1, b"j"), (1, b"k\x1b]11;rgb:ff/ff/ff\x1b\\G"), (1, b"\x1b[?62cx")];
        let (found, _, _) = find(&answers, &[TERM]);
        let capital = Event::Key(KeyEvent::new(KeyCode::Char('G'), crossterm::event::KeyModifiers::SHIFT));
        let typed = [keys("jk"), vec![capital], keys("x")].concat();
        assert_eq!((found.ground, found.typed), (Ground::Light, typed));
    }

    #[test]
    fn whatever_comes_is_sorted_into_answers_and_the_rest() {
        let rest = |bytes: &[u8]| sort(bytes).rest;
        assert_eq!(rest(b"\x1b[A\x1b[?25h\x1b"), b"\x1b[A\x1b[?25h\x1b");
        assert_eq!(sort(b"ab\x1b]11;rgb:1/").rest, b"ab");
        assert!(sort(b"\x1b]11;rgb:1/").open && sort(b"\x1b[?62").open && !sort(b"\x1b]12;x\x07").open);
        let odd = sort(b"\x1b]11;red\x07\x1b]11;\xff\xfe\x07\x1b[?c");
        assert_eq!(odd, Heard { device: true, ..Heard::default() });
        let mut rng = fastrand::Rng::with_seed(11);
        for _ in 0..2000 {
            let pieces: [&[u8]; 6] = [ANSWER, DEVICE, b"\x1b\\", b"\x07", b"rgb:f/f/f", b"c"];
            let bytes: Vec<u8> = (0..rng.usize(..12)).flat_map(|_| pieces[rng.usize(..6)].to_vec()).collect();
            assert!(sort(&bytes).rest.len() <= bytes.len());
        }
    }
}
