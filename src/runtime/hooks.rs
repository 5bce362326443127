//! Hooks (`[hooks]`): the user's own programs, started when the track or the state changes. Without a shell, one at a time,
//! for a limited time.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use crate::app::Msg;
use crate::app::state::log::Matter;
use crate::ask::event::Happening;
use crate::ask::report::Playing;
use crate::config::Hooks;
use crate::notice::Kind;

/// How long a program may run.
const LIMIT: Duration = Duration::from_secs(10);
/// How often it is looked at while it runs.
const STEP: Duration = Duration::from_millis(20);

/// Runs the hooks on a thread of their own until the channel closes.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn start(hooks: Hooks, from: Receiver<Arc<Happening>>, messages: Sender<Msg>) -> Result<(), String> {
    let run = move || {
        let mut session = Session::default();
        while let Ok(first) = from.recv() {
            // While a program ran, more may have happened: only how things are now counts.
            let mut due = Due::default();
            std::iter::once(first).chain(from.try_iter()).for_each(|happening| session.take(&happening, &mut due));
            for (line, wanted, event) in [(&hooks.on_track, due.track, "track"), (&hooks.on_state, due.state, "state")]
            {
                if !wanted || line.trim().is_empty() {
                    continue;
                }
                if let Err(why) = session.run(line, event) {
                    let text = format!("[hooks] on_{event}: {why}");
                    let _ = messages.send(Msg::Report { matter: Matter::Error, kind: Kind::Obstacle, text });
                }
            }
        }
    };
    std::thread::Builder::new()
        .name("hooks".into())
        .spawn(run)
        .map(drop)
        .map_err(|e| format!("cannot start the thread 'hooks': {e}"))
}

/// Which hooks are due.
#[derive(Debug, Default, PartialEq, Eq)]
struct Due {
    track: bool,
    state: bool,
}

/// What is known of the session.
#[derive(Debug, Default)]
struct Session {
    track: Option<Playing>,
    state: String,
}

impl Session {
    fn take(&mut self, happening: &Happening, due: &mut Due) {
        match happening {
            Happening::Track { track } => {
                self.track.clone_from(track);
                due.track = track.is_some();
            }
            Happening::State { state, .. } => {
                self.state.clone_from(state);
                due.state = true;
            }
            _ => {}
        }
    }

    /// Runs a program to its end, or for as long as it may.
    fn run(&self, line: &str, event: &str) -> Result<(), String> {
        let words = split(line)?;
        let Some((program, arguments)) = words.split_first() else { return Ok(()) };
        let mut command = Command::new(program);
        command.args(arguments).envs(self.variables(event));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Its own group, so that what it has started can be ended with it.
        command.process_group(0);
        let mut child = command.spawn().map_err(|e| format!("{program}: cannot be started: {e}"))?;
        let mut steps = LIMIT.as_millis() / STEP.as_millis();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("{program}: ended with {status}")),
                Ok(None) if steps > 0 => steps -= 1,
                Ok(None) => {
                    end(&mut child);
                    return Err(format!("{program}: still ran after {} seconds and was ended", LIMIT.as_secs()));
                }
                Err(e) => return Err(format!("{program}: {e}")),
            }
            std::thread::sleep(STEP);
        }
    }

    fn variables(&self, event: &str) -> Vec<(&'static str, String)> {
        let track = self.track.clone().unwrap_or_default();
        vec![
            ("JUKEBOX_EVENT", event.into()),
            ("JUKEBOX_STATE", self.state.clone()),
            ("JUKEBOX_TITLE", safe(track.title)),
            ("JUKEBOX_ARTIST", safe(track.artist)),
            ("JUKEBOX_ALBUM", safe(track.album)),
            ("JUKEBOX_PATH", safe(track.path)),
            ("JUKEBOX_DURATION", format!("{:.0}", track.duration)),
        ]
    }
}

/// A variable cannot contain NUL.
fn safe(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Splits a line into words as a shell does: at blanks, except within quotes and after a backslash. Nothing is expanded.
fn split(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                word.get_or_insert_default().push(chars.next().ok_or("ends with a backslash")?);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quotation mark is not closed".into());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_as_by_a_shell() {
        let of = |line: &str| split(line).unwrap();
        assert_eq!(of("notify-send  'a b' \"c \\\" d\" e\\ f ''"), ["notify-send", "a b", "c \" d", "e f", ""]);
        assert_eq!(of("  "), Vec::<String>::new());
        assert_eq!(of("echo $HOME `x` ;rm"), ["echo", "$HOME", "`x`", ";rm"], "nothing is expanded");
        assert!(split("a 'b").is_err() && split("a\\").is_err());
    }

    #[test]
    fn a_program_gets_the_track_and_its_failure_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("heard");
        let mut session = Session::default();
        let mut due = Due::default();
        let track = Playing { title: "Half\0 Moon".into(), artist: "Sun Palace".into(), ..Playing::default() };
        session.take(&Happening::State { state: "playing".into(), position: 0.0 }, &mut due);
        session.take(&Happening::Track { track: Some(track) }, &mut due);
        assert_eq!(due, Due { track: true, state: true });
        let script = "printf '%s|%s|%s' \"$JUKEBOX_TITLE\" \"$JUKEBOX_ARTIST\" \"$JUKEBOX_STATE\"";
        let line = format!("sh -c '{}' ", format!("{script} >{}", file.display()).replace('\'', "'\\''"));
        session.run(&line, "track").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "Half Moon|Sun Palace|playing");
        assert!(session.run("sh -c 'exit 3'", "track").unwrap_err().contains("3"));
        assert!(session.run("/nonexistent/program", "track").unwrap_err().contains("cannot be started"));
    }
}
