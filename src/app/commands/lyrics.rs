//! `:lyrics`: shows the lyrics of what plays, and moves their times.

use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::app::state::lyrics::Singing;
use crate::queue::Queue;

use super::row::{Args, Completion, Row, row};
use super::screen::ScreenAction;
use super::words::{Amount, signed};

/// What `:lyrics` asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum LyricsAction {
    /// Show the lyrics, or hide them.
    Show,
    /// Let the lyrics of what plays begin so many seconds sooner; `None` asks by how much they do.
    Offset(Option<Amount<f64>>),
}

/// The command.
pub const ROWS: &[Row<LyricsAction>] = &[row(
    "lyrics",
    Args::Typed("[offset [±S]]", |_, _| vec![Completion::new("offset ", "in seconds: +0.5 is half a second sooner")]),
    "the lyrics of what plays; offset +0.5 lets them begin half a second sooner",
    |t| {
        let (verb, rest) = t.rest.split_once(char::is_whitespace).unwrap_or((t.rest, ""));
        match (verb, rest.trim()) {
            ("", _) => Ok(LyricsAction::Show),
            ("offset", "") => Ok(LyricsAction::Offset(None)),
            ("offset", secs) => amount(secs).map(|amount| LyricsAction::Offset(Some(amount))),
            _ => Err(Refusal::takes("lyrics", "nothing, or offset and seconds: lyrics offset +0.5")),
        }
    },
)];

fn wants() -> Refusal {
    Refusal::wants("lyrics offset", "seconds like +0.5, -0.5 or 0")
}

fn amount(text: &str) -> Result<Amount<f64>, Refusal> {
    let (sign, rest) = signed(text);
    let digits = rest.strip_suffix('s').unwrap_or(rest).trim();
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let secs = digits.parse::<f64>().ok().filter(|secs| plain && secs.is_finite()).ok_or_else(wants)?;
    Ok(sign.map_or(Amount::To(secs), |sign| Amount::By(sign * secs)))
}

/// Carries the command out; what to say.
pub(super) fn act(
    singing: &mut Singing,
    queue: &Queue,
    action: LyricsAction,
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let amount = match action {
        LyricsAction::Show => {
            effects.push(Effect::Screen(ScreenAction::Lyrics));
            return Ok(None);
        }
        LyricsAction::Offset(amount) => amount,
    };
    let track = queue.playing().ok_or(Refusal::NothingPlays(""))?.song.track;
    let before = singing.offset(track);
    let millis = |secs: f64| (secs * 1000.0).round() as i32;
    let offset = match amount {
        None => before,
        Some(Amount::To(secs)) => singing.set_offset(track, millis(secs)),
        Some(Amount::By(secs)) => singing.set_offset(track, before.saturating_add(millis(secs))),
    };
    Ok(Some(match offset {
        0 => "the lyrics begin when they say".into(),
        sooner if sooner > 0 => format!("the lyrics begin {} s sooner", f64::from(sooner) / 1000.0),
        later => format!("the lyrics begin {} s later", -f64::from(later) / 1000.0),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::{Action, parse};

    #[test]
    fn offsets_are_absolute_or_relative() {
        let of = |line: &str| match parse(line).map(|line| line.action) {
            Ok(Action::Lyrics(action)) => Ok(action),
            Ok(other) => panic!("{other:?}"),
            Err(why) => Err(why),
        };
        assert_eq!((of("lyrics"), of("lyr offset")), (Ok(LyricsAction::Show), Ok(LyricsAction::Offset(None))));
        for (text, amount) in
            [("+0.5", Amount::By(0.5)), ("-.1s", Amount::By(-0.1)), ("2", Amount::To(2.0)), ("0", Amount::To(0.0))]
        {
            assert_eq!(of(&format!("lyrics offset {text}")), Ok(LyricsAction::Offset(Some(amount))), "{text}");
        }
        for bad in ["x", "+", ".", "nan", "1e9", "--1", "+-1"] {
            assert_eq!(of(&format!("lyrics offset {bad}")), Err(wants()), "{bad}");
        }
        assert!(of("lyrics off").unwrap_err().to_string().contains("lyrics offset +0.5"));
    }
}
