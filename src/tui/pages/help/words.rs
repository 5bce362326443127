//! What a bound command line does, in full words.

use crate::app::Model;
use crate::app::commands::course::CourseAction;
use crate::app::commands::dimension::Change;
use crate::app::commands::lyrics::LyricsAction;
use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::queue::QueueAction;
use crate::app::commands::rating::RatingAction;
use crate::app::commands::screen::ScreenAction;
use crate::app::commands::sound::{Loudly, SoundAction};
use crate::app::commands::trial::TrialAction;
use crate::app::commands::words::Amount;
use crate::app::commands::{Action, Line};
use crate::queue::{Mode, Repeat};
use crate::text;

/// What a command line does: the help text of its command, or what the argument makes of it.
pub fn about(line: &Line, model: &Model) -> String {
    let help = || line.command.help_in(model);
    match (&line.action, line.argument.as_str()) {
        (_, "") => help(),
        (Action::Playback(PlaybackAction::Seek(amount)), _) => seek(*amount),
        (Action::Sound(SoundAction::Volume(Some(loudly))), _) => volume(*loudly),
        (Action::Rating(RatingAction::Rate(rating)), _) => rate(*rating),
        (Action::Screen(ScreenAction::View(number)), _) => match number.checked_sub(1).and_then(|n| model.views.get(n))
        {
            Some(name) => format!("go to the view {number}, {name}"),
            None => format!("go to the view {number}"),
        },
        (Action::Screen(ScreenAction::ViewNamed(name)), _) => format!("go to the view {name}"),
        (Action::Lyrics(LyricsAction::Offset(Some(amount))), _) => lyrics(*amount),
        (Action::Trial(action), _) => trial(action).map_or_else(help, str::to_string),
        (Action::Screen(ScreenAction::Begin(words)), _) => format!("type :{words} …"),
        (Action::Course(CourseAction::Off), "off") => "end the direction or the journey".into(),
        (Action::Queue(QueueAction::Mode(Mode::Repeat(Some(Repeat::One)))), _) => "repeat the track".into(),
        (_, argument) => format!("{} {argument}: {}", line.command.name, help()),
    }
}

/// What a command of the signature view does to the dimension under the cursor.
fn trial(action: &TrialAction) -> Option<&'static str> {
    let TrialAction::Dimension(None, change) = action else {
        return match action {
            TrialAction::TestAll => Some("the tracks decide about every dimension again"),
            _ => None,
        };
    };
    Some(match change {
        Change::Toggle => "use the dimension, or leave it out if it is in use",
        Change::Use => "use the dimension",
        Change::Never => "leave the dimension out",
        Change::Test => "the tracks decide about the dimension again",
        Change::Weigh(Amount::By(by)) if *by < 0.0 => "let the dimension count less",
        Change::Weigh(_) => "let the dimension count more",
        Change::Rename(_) => "call the dimension by a name of yours",
        Change::Play { high: true, .. } => "play an example from the high end",
        Change::Play { high: false, .. } => "play an example from the low end",
        Change::Lead { up: true } => "the next tracks rise along the dimension",
        Change::Lead { up: false } => "the next tracks fall along the dimension",
    })
}

fn seek(amount: Amount<f64>) -> String {
    match amount {
        Amount::To(to) if to > 0.0 => format!("go to {} in the track", text::time(to)),
        Amount::To(_) => "play the track from its beginning".into(),
        Amount::By(by) => {
            let way = if by < 0.0 { "back" } else { "forward" };
            let secs = by.abs();
            let (n, unit) = if secs >= 60.0 && secs % 60.0 == 0.0 { (secs / 60.0, "minute") } else { (secs, "second") };
            format!("{n} {unit}{} {way}", if n == 1.0 { "" } else { "s" })
        }
    }
}

fn lyrics(amount: Amount<f64>) -> String {
    let way = |secs: f64| if secs > 0.0 { "sooner" } else { "later" };
    match amount {
        Amount::To(0.0) => "the lyrics as their file times them".into(),
        Amount::To(to) => format!("the lyrics {} s {} than their file times them", to.abs(), way(to)),
        Amount::By(by) => format!("the lyrics {} s {}", by.abs(), way(by)),
    }
}

fn volume(loudly: Loudly) -> String {
    let way = |up: bool| if up { "louder" } else { "quieter" };
    match loudly {
        Loudly::Percent(Amount::To(to)) => format!("set the volume to {to} %"),
        Loudly::Percent(Amount::By(by)) => format!("{} by {} %", way(by >= 0), by.abs()),
        Loudly::Decibels(by) => format!("{} by {} dB", way(by >= 0.0), by.abs()),
    }
}

fn rate(rating: Option<u8>) -> String {
    let whom = "the selection, or else for what plays";
    match rating {
        None => format!("no rating for {whom}"),
        Some(20) => format!("1 star for {whom}"),
        Some(percent) if percent % 20 == 0 => format!("{} stars for {whom}", percent / 20),
        Some(percent) => format!("a rating of {percent} % for {whom}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::parse;
    use crate::app::fixture;

    #[test]
    fn arguments_are_told_in_words() {
        let mut model = fixture::model(0);
        model.views = vec!["library", "queue"];
        let said = |line: &str| about(&parse(line).unwrap(), &model);
        for (line, words) in [
            ("seek +5", "5 seconds forward"),
            ("seek -60", "1 minute back"),
            ("seek +90", "90 seconds forward"),
            ("seek 0", "play the track from its beginning"),
            ("seek 1:20", "go to 1:20 in the track"),
            ("volume -5", "quieter by 5 %"),
            ("volume +2dB", "louder by 2 dB"),
            ("volume 80", "set the volume to 80 %"),
            ("rate 3", "3 stars for the selection, or else for what plays"),
            ("rate off", "no rating for the selection, or else for what plays"),
            ("view 2", "go to the view 2, queue"),
            ("view 9", "go to the view 9"),
            ("view log", "go to the view log"),
            ("lyrics offset +0.1", "the lyrics 0.1 s sooner"),
            ("lyrics offset -0.1", "the lyrics 0.1 s later"),
            ("lyrics offset 0", "the lyrics as their file times them"),
            ("lyrics offset 2", "the lyrics 2 s sooner than their file times them"),
            ("direction off", "end the direction or the journey"),
            ("repeat one", "repeat the track"),
            ("engine albums", "engine albums: who proposes tracks"),
            ("next", "play what comes next"),
            ("dimension weigh -0.5", "let the dimension count less"),
            ("dimension test all", "the tracks decide about every dimension again"),
            ("command-line signature save", "type :signature save …"),
        ] {
            assert_eq!(said(line), words, "{line}");
        }
    }
}
