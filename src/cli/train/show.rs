//! Shows the progress of a training: curves on a terminal, plain lines elsewhere.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use anyhow::{Error, Result, anyhow};

use super::signals::{self, Stop as Asked};
use crate::cli::{play, print};
use crate::config::Config;
use crate::files;
use crate::paths::Paths;
use crate::training::curve::Curve;
use crate::training::judging::{Judge, flagged};
use crate::training::limit::{Local, span};
use crate::training::night::{self, Ended, Night, Stop};
use crate::training::{DataSet, Progress, Stage, heads};
use crate::tui::{self, Depth, Display, Theme};

/// Interval between plain lines of progress.
const LINE: Duration = Duration::from_secs(30);

/// Runs the training and shows its progress.
///
/// # Errors
/// Those of the training, or when the terminal cannot be used.
pub fn show(
    night: &Night,
    data: &DataSet,
    judge: &mut (dyn Judge + Send),
    plain: bool,
    config: &Config,
    paths: &Paths,
) -> Result<Ended> {
    let stop = Asked::default();
    signals::listen(stop.clone())?;
    if plain || play::terminal_is_usable().is_err() {
        return lines(night, data, judge, &stop);
    }
    picture(night, data, judge, &stop, config, paths)
}

/// The heading: architecture, data and what is learned.
fn title(data: &DataSet, night: &Night) -> String {
    let learned = match data.genres.len() {
        0 => "what a teacher says".to_string(),
        genres => format!("{genres} genres"),
    };
    format!("{} · {} · {learned}", night.options.config.arch.name(), night.options.data)
}

fn picture(
    night: &Night,
    data: &DataSet,
    judge: &mut (dyn Judge + Send),
    stop: &Asked,
    config: &Config,
    paths: &Paths,
) -> Result<Ended> {
    let log =
        files::with(OpenOptions::new().create(true).append(true).mode(0o600), &paths.log()).ok().map(|(log, _)| log);
    // Output of libraries and panics on stderr goes into the log, not onto the screen.
    let quiet = play::quiet_stderr(log);
    play::catch_panics();
    let depth = Depth::detect(|name| std::env::var(name).ok());
    let themes = paths.config.join("themes");
    let theme = |ground| {
        let display = Display { depth, ground };
        let theme = Theme::load(&config.ui.theme, Some(&themes), display);
        theme.map_or_else(|_| Theme::fallback(display), |(theme, _)| theme)
    };
    let mut curve = Curve::new(title(data, night), &night.device, night.options.config.batch);
    let (tell, told) = crossbeam_channel::unbounded();
    let ended = std::thread::scope(|scope| {
        let training = scope.spawn(move || {
            night::run(night, data, judge, &mut |progress| {
                // The training continues when the terminal is closed and nothing receives the
                // progress any more.
                let _ = tell.send(progress.clone());
                !stop.asked()
            })
            .map_err(Error::from)
        });
        let drawn = tui::training::run(&mut curve, &told, &|| stop.ask(130), &|| stop.asked(), &theme, night.clock);
        if drawn.is_err() {
            stop.ask(1);
        }
        let ended = training
            .join()
            .unwrap_or_else(|_| Err(anyhow!("the training failed unexpectedly; see {}", paths.log().display())));
        drawn.map_err(Error::from).and(ended)
    });
    tui::terminal::restore();
    drop(quiet);
    curve.notes.iter().for_each(|note| print::note(note));
    ended
}

fn lines(night: &Night, data: &DataSet, judge: &mut dyn Judge, stop: &Asked) -> Result<Ended> {
    let mut curve = Curve::new(title(data, night), &night.device, night.options.config.batch);
    let local = Local::system();
    let mut told: Option<Duration> = None;
    let mut said_stopping = false;
    night::run(night, data, judge, &mut |progress| {
        let now = night.clock.now();
        let before = curve.stage;
        curve.take(progress, now);
        match progress {
            Progress::Stage(stage) if *stage != before && *stage != Stage::Learning => print::note(stage.words()),
            Progress::Ready { clips: [train, validation, test], genres, teacher } => {
                let names: Vec<String> = genres.iter().map(|g| format!("{} {}", g.name, g.clips)).collect();
                let genres = if names.is_empty() { String::new() } else { format!("; genres: {}", names.join(", ")) };
                let teacher = if *teacher { "; with a teacher" } else { "" };
                print::note(&format!(
                    "{train} training clips, {validation} validation clips, {test} test clips{genres}{teacher}"
                ));
            }
            Progress::Plan { epochs, ends } => {
                let ends = ends.map(|e| format!(", until {} at the latest", local.show(e, night.clock.unix() as i64)));
                print::note(&format!("{epochs} epochs{}", ends.unwrap_or_default()));
            }
            Progress::Earlier(epochs) => {
                if let Some(last) = epochs.last() {
                    print::note(&format!("continuing after epoch {}", last.epoch));
                }
            }
            Progress::Step { epoch, step, steps, loss, .. } => {
                if told.is_none_or(|at| now >= at + LINE) {
                    told = Some(now);
                    let left = curve.left().map_or(String::new(), |l| format!(", {} left", span(l)));
                    let speed = curve.clips_a_second().map_or(String::new(), |s| format!(", {s:.0} images/s"));
                    print::note(&format!("epoch {epoch}, step {step} of {steps}: loss {loss:.3}{speed}{left}"));
                }
            }
            Progress::Epoch(e) => {
                let best = if e.best { " (best)" } else { "" };
                let heads = Some(heads::words(e)).filter(|words| !words.is_empty());
                let heads = heads.map_or_else(String::new, |words| format!(", {words}"));
                let (epoch, loss, validation) = (e.epoch, e.loss, 100.0 * e.validation);
                print::line(&format!(
                    "epoch {epoch}: loss {loss:.3}, validation {validation:.1} %{best}{heads}, {:.0} s",
                    e.seconds
                ));
            }
            Progress::Note(line) => print::note(line),
            Progress::Stage(_) | Progress::Genres(_) => {}
        }
        if stop.asked() && !said_stopping {
            said_stopping = true;
            print::note("stopping; what is done is kept");
        }
        !stop.asked()
    })
    .map_err(Error::from)
}

/// Prints the result of a training.
pub fn tell_end(ended: &Ended) {
    let outcome = &ended.outcome;
    let why = match ended.stop {
        Stop::Finished => "",
        Stop::Time => ": out of time",
        Stop::Asked => ": stopped",
    };
    print::line(&format!("validation {:.1} % after {} epochs{why}", 100.0 * outcome.validation, outcome.epochs));
    if let Some(test) = &outcome.test {
        print::line(&format!(
            "test {:.1} ± {:.1} % of {} clips; genre precision at 10 {:.1} %",
            100.0 * test.accuracy,
            100.0 * test.error,
            test.clips,
            100.0 * test.precision
        ));
    }
    if let Some(judgement) = &ended.judgement {
        print::line(&judgement.why);
    }
    match (&ended.published, &ended.judgement) {
        (Some(p), _) => print::line(&format!("published as {}; `jukebox model use {}` goes back", p.name, p.previous)),
        (None, Some(_)) => print::line("kept aside: the encoder in use stays; `--resume --publish` uses the new one"),
        (None, None) => {}
    }
    if !ended.correlation.is_empty() {
        let flags: Vec<String> = flagged(&ended.correlation).iter().map(usize::to_string).collect();
        if !flags.is_empty() {
            let many = if flags.len() == 1 { "" } else { "s" };
            print::line(&format!("may have changed their meaning: dimension{many} {}", flags.join(", ")));
        }
    }
    if !outcome.finished {
        let directory = outcome.model.parent().unwrap_or(&outcome.model).display();
        print::line(&format!("continue it with: jukebox train --resume --out {directory}"));
    }
    print::line(&format!("model {}", outcome.model.display()));
    print::line(&format!("report {}", ended.report.display()));
}
