//! `jukebox train --status`: the training that runs, and what became of the last ones.

use crate::cli::print;
use crate::paths::Paths;
use crate::training::Stage;
use crate::training::limit::{Local, span};
use crate::training::runs::{Board, Reader, Run};

/// How many runs are listed.
const LISTED: usize = 10;

/// Prints how the trainings stand.
pub fn tell(paths: &Paths) {
    let board = Reader::new(&paths.runs(), &paths.train_lock(), Local::system()).read();
    lines(&board).iter().for_each(|line| print::line(line));
}

fn lines(board: &Board) -> Vec<String> {
    let first = match (&board.holder, board.running()) {
        (None, _) => "no training is running".to_string(),
        (Some(holder), run) => {
            let pid = holder.pid.map_or_else(String::new, |pid| format!(", process {pid}"));
            format!("running{pid}: {}", run.map_or_else(|| Stage::Reading.words().to_string(), |run| doing(run)))
        }
    };
    let line = |run: &Run| {
        let best = run.done.iter().rfind(|epoch| epoch.best);
        let best = best.map_or_else(|| "–".to_string(), |epoch| format!("{:.1} %", 100.0 * epoch.validation));
        format!("{:<20} {best:>7}  {:>3} epochs  {}", run.name, run.done.len(), run.words())
    };
    std::iter::once(first).chain(board.runs.iter().take(LISTED).map(|run| line(run))).collect()
}

fn doing(run: &Run) -> String {
    let Some(standing) = &run.standing else { return Stage::Reading.words().into() };
    let (epoch, step, steps) = standing.at;
    let mut parts = vec![standing.stage.words().to_string()];
    if standing.stage == Stage::Learning && epoch > 0 {
        parts = vec![format!("epoch {epoch} of {}, step {step} of {steps}", standing.epochs)];
        parts.extend(run.left().map(|left| format!("{} left", span(left))));
    }
    parts.extend(run.ends.as_ref().map(|ends| format!("stops at {ends} at the latest")));
    parts.extend(standing.stopping.then(|| "stopping".to_string()));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::Lock;

    #[test]
    fn it_says_who_trains_and_what_became_of_the_others() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        let told = || lines(&Reader::new(&paths.runs(), &paths.train_lock(), Local::utc()).read());
        assert_eq!(told(), ["no training is running"]);
        let run = paths.runs().join("2026-01-01");
        std::fs::create_dir_all(&run).unwrap();
        std::fs::write(run.join("outcome.json"), r#"{"finished": true, "outcome": {"published": "ear-2"}}"#).unwrap();
        let lock = Lock::take(&paths.train_lock(), &run).unwrap();
        let pid = std::process::id();
        assert_eq!(told()[0], format!("running, process {pid}: reading the data"));
        drop(lock);
        let told = told();
        assert!(told.len() == 2 && told[1].starts_with("2026-01-01") && told[1].ends_with("published as ear-2"));
    }
}
