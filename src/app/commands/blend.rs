//! `:blend`: follow music that is like some names and unlike others.

use super::names;
use super::row::{Args, Row, Takes, row};
use super::words::quoted;
use crate::app::effect::Effect;
use crate::app::effect::SetOrder;
use crate::app::refusal::Refusal;
use crate::app::state::auto::AutoQueue;
use crate::app::update::signature;
use crate::ask::names::Part;
use crate::library::Song;
use crate::queue::Queue;
use std::sync::Arc;

/// What `:blend` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlendAction {
    /// Follow the playlist again.
    Off,
    /// Be like some names and unlike others; an empty name means the selected tracks.
    Of {
        /// Names to be like; none means the selected tracks, each as a set of its own.
        plus: Vec<String>,
        /// Names to be unlike.
        minus: Vec<String>,
    },
}

/// The command.
pub const ROWS: &[Row<BlendAction>] = &[row(
    "blend",
    Args::Quoted("[+A -B …|off]", |rest, model| names::complete(rest, true, model)),
    "follow what is like +these and unlike -those; off goes back",
    |t| blend(t.rest),
)
.takes(Takes::SONGS)];

fn blend(line: &str) -> Result<BlendAction, Refusal> {
    if line.trim() == "off" {
        return Ok(BlendAction::Off);
    }
    let (mut plus, mut minus): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut last_is_plus = None;
    for word in quoted(line)? {
        let (sign, name) = match word.text.chars().next() {
            Some('+') => (Some(true), word.text[1..].to_string()),
            Some('-') => (Some(false), word.text[1..].to_string()),
            _ => (None, word.text),
        };
        match (sign, last_is_plus) {
            (Some(sign), _) => {
                if sign { &mut plus } else { &mut minus }.push(name);
                last_is_plus = Some(sign);
            }
            // A further word of an unquoted name: `+Nina Simone`.
            (None, Some(sign)) => {
                if let Some(begun) = if sign { &mut plus } else { &mut minus }.last_mut() {
                    *begun = format!("{begun} {name}").trim().to_string();
                }
            }
            (None, None) => {
                return Err(Refusal::wants("blend", "names with + or - before them: +\"Nina Simone\" -metal"));
            }
        }
    }
    if plus.is_empty() && !minus.is_empty() {
        return Err(Refusal::wants("a blend", "something to be like: blend +playlist -metal"));
    }
    Ok(BlendAction::Of { plus, minus })
}

/// Carries `:blend` out; what to say.
pub(super) fn act(
    auto: &mut AutoQueue,
    queue: &Queue,
    action: BlendAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let BlendAction::Of { plus, minus } = action else {
        let left =
            auto.following.take_if(|f| f.blend.is_some()).ok_or(Refusal::NothingTo("the queue follows no blend"))?;
        auto.replace();
        effects.push(signature::describe(auto, queue));
        return Ok(Some(format!("the queue follows the playlist again, no longer {}", left.name)));
    };
    if plus.is_empty() && selected.is_empty() {
        return Err(Refusal::wants(
            "blend",
            "names with + or - before them, or selected tracks: +\"Nina Simone\" -metal",
        ));
    }
    let each = || selected.iter().map(|song| Part::Tracks { label: song.title(), tracks: vec![song.track] });
    let parts = |names: Vec<String>| -> Result<Vec<Part>, Refusal> {
        let mut parts = Vec::new();
        for name in names {
            match name.as_str() {
                "" if selected.is_empty() => return Err(Refusal::NothingSelected(": put a name behind the sign")),
                "" => parts.extend(each()),
                "playlist" if queue.playlist().is_empty() => return Err(Refusal::NoPlaylist("")),
                "playlist" => parts.push(Part::Tracks { label: name, tracks: queue.playlist() }),
                _ => parts.push(Part::Named(name)),
            }
        }
        Ok(parts)
    };
    let plus = if plus.is_empty() { each().collect() } else { parts(plus)? };
    effects.push(Effect::Sets(SetOrder::Blend { plus, minus: parts(minus)? }));
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_string()).collect()
    }

    #[test]
    fn blends_have_signs() {
        let of = |plus: &[&str], minus: &[&str]| Ok(BlendAction::Of { plus: strings(plus), minus: strings(minus) });
        assert_eq!(blend("+\"Nina Simone\" +Björk -metal"), of(&["Nina Simone", "Björk"], &["metal"]));
        assert_eq!(blend("+Nina Simone -Fela Kuti"), of(&["Nina Simone"], &["Fela Kuti"]));
        assert_eq!(blend("+playlist -"), of(&["playlist"], &[""]));
        assert_eq!((blend(""), blend("off")), (of(&[], &[]), Ok(BlendAction::Off)));
        assert!(blend("Björk").is_err() && blend("-metal").unwrap_err().to_string().contains("to be like"));
    }
}
