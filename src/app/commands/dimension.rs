//! What `:dimension` does: a dimension is used, weighed, left out or left to the test in the trial of a signature; renamed,
//! heard at its ends, followed along.

use crate::app::refusal::Refusal;
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::state::Model;
use crate::app::state::deck::Deck;
use crate::app::state::trial::Trial;
use crate::app::update::playback;
use crate::describe::short;
use crate::latent::choice::MOST_WEIGHT;
use crate::latent::{Choice, Stand, histogram::ENDS};
use crate::library::Song;
use crate::queue::course::{USUAL, goes_round};
use crate::queue::{Origin, Why};

use super::course::{self, CourseAction};
use super::row::{Completion, Verb, verb};
use super::words::{Amount, Wanted, dimension, dimensions, meaning, signed};

/// The least weight that a dimension can be given step by step.
const LEAST_WEIGHT: f32 = 0.1;
/// The engine that is named as the reason of an example. It is no pick, so that skipping it says nothing about taste.
const EXAMPLE: &str = "example";

/// What is to become of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Use it, or leave it out if it is in use.
    Toggle,
    /// Use it, whatever the tracks agree on.
    Use,
    /// Leave it out.
    Never,
    /// The tracks decide.
    Test,
    /// Use it with this weight, or with one that differs by so much.
    Weigh(Amount<f32>),
    /// Call it so; without words no longer by a name of the user's.
    Rename(String),
    /// Play an example from one of its ends, counted from 1.
    Play {
        /// From the high end.
        high: bool,
        /// Which one.
        nth: usize,
    },
    /// Lead the next tracks along it.
    Lead {
        /// Towards its high end.
        up: bool,
    },
}

/// The verbs of `:dimension` with their arguments and help texts.
pub const VERBS: &[Verb] = &[
    ("toggle", "[DIM]", "use it, or leave it out if it is in use"),
    ("use", "[DIM]", "use it, whatever the tracks agree on"),
    ("never", "[DIM]", "leave it out"),
    ("test", "[DIM|all]", "the tracks decide about it again"),
    ("weigh", "[DIM] WEIGHT", "use it with this weight, or by so much more: +0.5"),
    ("rename", "DIM [WORDS]", "call it by a name of yours; without words: no more"),
    ("play", "[DIM] low|high [N]", "play an example from one of its ends"),
    ("lead", "[DIM] up|down", "the next tracks rise or fall along it"),
];

/// Parses a verb with its dimension, which may be left out, and what else it takes.
///
/// # Errors
/// One line that says what the verb wants.
pub(super) fn parse(line: &str) -> Result<(Option<Wanted>, Change), Refusal> {
    let (verb, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let rest = rest.trim();
    let about = |change| dimension(rest).map(|dim| (dim, change));
    match verb {
        "toggle" => about(Change::Toggle),
        "use" => about(Change::Use),
        "never" => about(Change::Never),
        "test" => about(Change::Test),
        "weigh" => weigh(rest),
        "rename" => rename(rest),
        "play" => play(rest),
        "lead" => {
            let wants = || Refusal::wants("dimension lead", "up or down, after a dimension or alone: lead 7 up");
            let (dim, way) = last(rest);
            let up = [("up", true), ("down", false)].into_iter().find(|(word, _)| *word == way).ok_or_else(wants)?.1;
            Ok((dimension(dim)?, Change::Lead { up }))
        }
        _ => {
            let verbs: Vec<&str> = VERBS.iter().map(|(verb, ..)| *verb).collect();
            Err(Refusal::wants("dimension", format!("one of {}, like: dimension use 3", verbs.join(", "))))
        }
    }
}

/// The last word of a text, and what is before it.
fn last(text: &str) -> (&str, &str) {
    text.rsplit_once(char::is_whitespace).map_or(("", text), |(before, word)| (before.trim(), word))
}

fn weigh(rest: &str) -> Result<(Option<Wanted>, Change), Refusal> {
    let wants =
        || Refusal::wants("dimension weigh", "a weight, after a dimension or with a sign: weigh 3 2, weigh 3 +0.5");
    let (dim, word) = last(rest);
    let (sign, digits) = signed(word);
    // A number alone could be a dimension as well.
    if dim.is_empty() && sign.is_none() {
        return Err(wants());
    }
    let weight =
        digits.parse::<f32>().ok().filter(|w| w.is_finite() && *w > 0.0 && *w <= MOST_WEIGHT).ok_or_else(wants)?;
    let amount = sign.map_or(Amount::To(weight), |sign| Amount::By(sign as f32 * weight));
    Ok((dimension(dim)?, Change::Weigh(amount)))
}

fn rename(rest: &str) -> Result<(Option<Wanted>, Change), Refusal> {
    let (dim, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    // A name is one word, so that it can stand in lists of dimensions.
    let name = words.split_whitespace().collect::<Vec<_>>().join("-");
    Ok((dimension(dim)?, Change::Rename(name)))
}

fn play(rest: &str) -> Result<(Option<Wanted>, Change), Refusal> {
    let wants = || Refusal::wants("dimension play", format!("low or high, and which of {ENDS}: play 7 high 2"));
    let (before, word) = last(rest);
    let (before, end, nth) = match word.parse::<usize>() {
        Ok(nth) => {
            let (dim, end) = last(before);
            (dim, end, nth)
        }
        Err(_) => (before, word, 1),
    };
    let high = [("high", true), ("low", false)].into_iter().find(|(word, _)| *word == end).ok_or_else(wants)?.1;
    if !(1..=ENDS).contains(&nth) {
        return Err(wants());
    }
    Ok((dimension(before)?, Change::Play { high, nth }))
}

/// Completes a verb, then a dimension.
pub(super) fn complete(rest: &str, model: &Model) -> Vec<Completion> {
    let Some((verb_typed, _)) = rest.split_once(' ') else { return VERBS.iter().map(verb).collect() };
    let offered = |dim| Completion::new(format!("{verb_typed} {}", model.names.label(dim)), meaning(dim, model));
    dimensions(model).map(offered).collect()
}

/// Changes one dimension (counted from 0).
pub(super) fn act(
    model: &mut Model,
    dim: u8,
    change: Change,
    effects: &mut Vec<Effect>,
) -> Result<Option<String>, Refusal> {
    let name = short::name(model.cards(), dim);
    let choice = model.trial.choice(&model.auto);
    let stand = match change {
        Change::Toggle => toggled(model, &choice, dim),
        Change::Use => match choice.stand(dim) {
            Stand::Used(weight) => Stand::Used(weight),
            _ => Stand::Used(1.0),
        },
        Change::Never => Stand::Never,
        Change::Test => Stand::ByTest,
        Change::Weigh(amount) => Stand::Used(weighed(&choice, dim, amount, &name)?),
        Change::Rename(words) => {
            super::dims::rename(&model.names, dim, words, effects)?;
            return Ok(None);
        }
        Change::Play { high, nth } => {
            let song = example(model, dim, (high, nth))?;
            let end = format!("the {} end of {name}", if high { "high" } else { "low" });
            let said = format!("{}: {end}", song.title());
            hear(&mut model.deck(), song, format!("from {end}"), effects);
            return Ok(Some(said));
        }
        Change::Lead { .. } if goes_round(dim) => return Err(course::goes_round_for(&name)),
        Change::Lead { up } => {
            let action = CourseAction::Direction { dim: Wanted::Dim(dim), up, steps: USUAL };
            return course::act(model, action, &[], effects);
        }
    };
    let next = choice.with(dim, stand)?;
    let what = match next.stand(dim) {
        Stand::Used(weight) if weight != 1.0 => format!("{name} counts {weight} times"),
        Stand::Used(_) => format!("{name} counts"),
        Stand::Never | Stand::Unlisted => format!("{name} does not count"),
        Stand::ByTest => format!("the tracks decide about {name}"),
    };
    model.trial.try_choice(next, &model.auto);
    Ok(Some(tried(&model.trial, &what)))
}

/// A notice about a change: how to keep it or give it up, unless it leads back to what counts.
pub(super) fn tried(trial: &Trial, what: &str) -> String {
    match (trial.changed(), trial.seen) {
        (false, _) => format!("as before: {what}"),
        // The keys of the view.
        (true, true) => format!("tried: {what}; enter keeps it, esc gives it up"),
        (true, false) => format!("tried: {what}; :trial keep keeps it, :trial off gives it up"),
    }
}

/// Whether a dimension is to be used when it is toggled.
fn toggled(model: &Model, choice: &Choice, dim: u8) -> Stand {
    let row = model.trial.tried.as_ref().and_then(|tried| Some((tried.row(dim)?.tested, tried.soft)));
    let (tested, soft) = row.unwrap_or_default();
    match choice.stand(dim) {
        Stand::Used(_) if tested || matches!(choice, Choice::Dims(_)) => Stand::Never,
        Stand::Used(_) => Stand::ByTest,
        Stand::ByTest if tested && !soft => Stand::Never,
        Stand::ByTest | Stand::Never | Stand::Unlisted => Stand::Used(1.0),
    }
}

fn weighed(choice: &Choice, dim: u8, amount: Amount<f32>, name: &str) -> Result<f32, Refusal> {
    let now = if let Stand::Used(weight) = choice.stand(dim) { weight } else { 1.0 };
    let weight = match amount {
        Amount::To(weight) => weight,
        // Steps do not accumulate the rounding of single precision.
        Amount::By(by) => ((now + by) * 100.0).round() / 100.0,
    };
    match weight {
        w if w < LEAST_WEIGHT => Err(Refusal::impossible(format!(
            "{name} counts {now} times, and hardly less; :dimension never leaves it out"
        ))),
        w if w > MOST_WEIGHT => {
            Err(Refusal::impossible(format!("{name} counts {now} times; {MOST_WEIGHT} is the most")))
        }
        w => Ok(w),
    }
}

/// An example from an end of a dimension.
fn example(model: &Model, dim: u8, (high, nth): (bool, usize)) -> Result<Arc<Song>, Refusal> {
    let name = short::name(model.cards(), dim);
    let tried = model
        .trial
        .tried
        .as_ref()
        .ok_or(Refusal::NotYet("its examples are not known yet; :signature looks for them".into()))?;
    let histogram =
        tried.library.get(dim).ok_or_else(|| Refusal::impossible(format!("{name} does not vary in your library")))?;
    let end = if high { &histogram.highest } else { &histogram.lowest };
    let track = nth.checked_sub(1).and_then(|at| end.get(at)).map(|(track, _)| *track);
    let song = track.and_then(|track| model.catalog.of_track(track).cloned());
    song.ok_or_else(|| Refusal::impossible(format!("{name} has no example there")))
}

/// Plays an example. It joins the queue as what is not the user's own, so that listening to it does not change what the
/// queue follows. `text`: what it is an example of.
fn hear(deck: &mut Deck<'_>, song: Arc<Song>, text: String, effects: &mut Vec<Effect>) {
    playback::leave(deck, false, effects);
    deck.queue.insert_next(vec![song]);
    let why = Why { engine: EXAMPLE.into(), text, ..Why::default() };
    deck.queue.set_origin(deck.queue.newest(), Origin::Auto(why));
    deck.queue.next();
    playback::load(deck, 0.0, false, effects);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(change: Change) -> Result<(Option<Wanted>, Change), Refusal> {
        Ok((Some(Wanted::Dim(2)), change))
    }

    #[test]
    fn dimensions_are_changed_by_number_or_under_the_cursor() {
        assert_eq!(parse("use 3"), three(Change::Use));
        assert_eq!(parse("never"), Ok((None, Change::Never)));
        assert_eq!(parse("test calm"), Ok((Some(Wanted::Named("calm".into())), Change::Test)));
        assert_eq!(parse("weigh 3 +0.5"), three(Change::Weigh(Amount::By(0.5))));
        assert_eq!(parse("weigh 3 2"), three(Change::Weigh(Amount::To(2.0))));
        assert_eq!(parse("weigh -0.5"), Ok((None, Change::Weigh(Amount::By(-0.5)))));
        assert_eq!(parse("rename 3 deep  bass"), three(Change::Rename("deep-bass".into())));
        assert_eq!(parse("play 3 high 2"), three(Change::Play { high: true, nth: 2 }));
        assert_eq!(parse("play low"), Ok((None, Change::Play { high: false, nth: 1 })));
        assert_eq!(parse("lead 3 down"), three(Change::Lead { up: false }));
        for (line, says) in [
            ("", "dimension wants one of toggle, use"),
            ("frob 3", "like: dimension use 3"),
            ("use 99", "no dimension 99"),
            ("weigh 3", "wants a weight"),
            ("weigh 3 0", "wants a weight"),
            ("weigh 3 nan", "wants a weight"),
            ("play 3", "low or high"),
            ("play 3 high 9", "which of 3"),
            ("lead 3", "up or down"),
        ] {
            let why = parse(line).unwrap_err().to_string();
            assert!(why.contains(says), "{line}: {why}");
        }
    }

    #[test]
    fn weights_stay_within_their_bounds() {
        let auto = Choice::Auto;
        assert_eq!(weighed(&auto, 2, Amount::By(0.5), "3"), Ok(1.5));
        assert_eq!(weighed(&auto, 2, Amount::To(2.0), "3"), Ok(2.0));
        let low: Choice = "auto,3*0.5".parse().unwrap();
        assert!(weighed(&low, 2, Amount::By(-0.5), "3").unwrap_err().to_string().contains("leaves it out"));
        let high: Choice = "auto,3*10".parse().unwrap();
        assert!(weighed(&high, 2, Amount::By(0.5), "3").unwrap_err().to_string().contains("10 is the most"));
    }
}
