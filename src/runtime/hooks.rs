//! Hooks (`[hooks]`): the user's own programs, started when the track or the state changes. Without a shell, one at a time,
//! for a limited time.

mod error;

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, after, bounded, never, select};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::app::Msg;
use crate::app::state::log::Matter;
use crate::ask::event::Happening;
use crate::ask::report::Playing;
use crate::config::Hooks;
use crate::notice::Kind;
use crate::text::words::{Quotes, split};

use super::start_error::StartError;
use error::HookError;

/// How long a program may run.
const LIMIT: Duration = Duration::from_secs(10);

/// Runs the hooks on a thread of their own until the channel closes.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn start(
    hooks: Hooks,
    from: Receiver<Arc<Vec<Happening>>>,
    messages: Sender<Msg>,
) -> Result<(), StartError> {
    std::thread::Builder::new()
        .name("hooks".into())
        .spawn(move || run(&hooks, &from, &messages))
        .map(drop)
        .map_err(StartError::thread("the thread 'hooks'"))
}

fn run(hooks: &Hooks, from: &Receiver<Arc<Vec<Happening>>>, messages: &Sender<Msg>) {
    let (mut session, mut due, mut running) = (Session::default(), Due::default(), None::<Running>);
    let failed = |event: &str, why: HookError| {
        let text = format!("[hooks] on_{event}: {why}");
        // Without a screen nobody sees the notice.
        crate::out::trouble(&text);
        let _ = messages.send(Msg::Report { matter: Matter::Error, kind: Kind::Obstacle, text });
    };
    loop {
        let (ended, late) = match &running {
            Some(program) => (program.ended.clone(), program.late.clone()),
            None => (never(), never()),
        };
        select! {
            recv(from) -> happened => match happened {
                Ok(happened) => happened.iter().for_each(|happening| session.take(happening, &mut due)),
                Err(_) => return,
            },
            // Nothing is ever sent: the channel closes when the program ends.
            recv(ended) -> _ => {
                if let Some(program) = running.take() {
                    let event = program.event;
                    if let Err(why) = program.outcome() {
                        failed(event, why);
                    }
                }
            }
            recv(late) -> _ => {
                if let Some(program) = running.take() {
                    failed(program.event, program.end());
                }
            }
        }
        // While a program ran, more may have happened: only how things are now counts.
        while running.is_none()
            && let Some(event) = due.take()
        {
            let line = if event == "track" { &hooks.on_track } else { &hooks.on_state };
            match session.begin(line, event) {
                Ok(begun) => running = begun,
                Err(why) => failed(event, why),
            }
        }
    }
}

/// Which hooks are due.
#[derive(Debug, Default, PartialEq, Eq)]
struct Due {
    track: bool,
    state: bool,
}

impl Due {
    /// The event whose hook is to be run next, which is then due no longer.
    fn take(&mut self) -> Option<&'static str> {
        let Due { track, state } = self;
        let one = |due: &mut bool, name| std::mem::take(due).then_some(name);
        one(track, "track").or_else(|| one(state, "state"))
    }
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
            Happening::Track { track, moved } => {
                self.track.clone_from(track);
                // The track is the same when its file is renamed.
                if !moved {
                    due.track = track.is_some();
                }
            }
            Happening::State { state, .. } => {
                self.state.clone_from(state);
                due.state = true;
            }
            _ => {}
        }
    }

    /// Starts the program of a line; `None` if the line is empty.
    fn begin(&self, line: &str, event: &'static str) -> Result<Option<Running>, HookError> {
        let mut words = split(line, Quotes::Shell)?.into_iter().map(|word| word.text);
        let Some(program) = words.next() else { return Ok(None) };
        let mut command = Command::new(&program);
        command.args(words).envs(self.variables(event));
        Running::start(command, program, event).map(Some)
    }

    fn variables(&self, event: &str) -> Vec<(&'static str, OsString)> {
        let track = self.track.clone().unwrap_or_default();
        vec![
            ("JUKEBOX_EVENT", event.into()),
            ("JUKEBOX_STATE", self.state.clone().into()),
            ("JUKEBOX_TITLE", safe(track.title).into()),
            ("JUKEBOX_ARTIST", safe(track.artist).into()),
            ("JUKEBOX_ALBUM", safe(track.album).into()),
            ("JUKEBOX_PATH", track.file.into_os_string()),
            ("JUKEBOX_DURATION", format!("{:.0}", track.duration).into()),
        ]
    }
}

/// A variable cannot contain NUL.
fn safe(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

/// A program that runs.
struct Running {
    child: Child,
    program: String,
    event: &'static str,
    /// Closes when the program has ended.
    ended: Receiver<()>,
    /// Says when the program may run no longer.
    late: Receiver<Instant>,
}

impl Running {
    fn start(mut command: Command, program: String, event: &'static str) -> Result<Running, HookError> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Its own group, so that what it has started can be ended with it.
        command.process_group(0);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(cause) => return Err(HookError::Unstarted { program, cause }),
        };
        match watch(&child) {
            Ok(ended) => Ok(Running { child, program, event, ended, late: after(LIMIT) }),
            Err(cause) => {
                kill(&mut child);
                Err(HookError::Unwatched { program, cause })
            }
        }
    }

    /// How the program, which has ended, did so.
    fn outcome(mut self) -> Result<(), HookError> {
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(HookError::Failed { program: self.program, status }),
            Err(cause) => Err(HookError::Unknown { program: self.program, cause }),
        }
    }

    /// Ends the program and says so.
    fn end(mut self) -> HookError {
        kill(&mut self.child);
        HookError::TooLong { program: self.program, limit: LIMIT }
    }
}

/// A channel that closes when a process has ended. The process is not reaped here, so its number stays its own until
/// whoever started it has seen how it ended.
fn watch(child: &Child) -> std::io::Result<Receiver<()>> {
    let process = Pid::from_child(child);
    let (running, ended) = bounded(0);
    std::thread::Builder::new().name("hook".into()).spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(process), options).is_err_and(|e| e == Errno::INTR) {}
        drop(running);
    })?;
    Ok(ended)
}

/// Ends a program and all that it has started.
fn kill(child: &mut Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs::File;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::library::Song;
    use crate::track::TrackId;

    /// Runs a hook of the event `track` to its end.
    fn end(session: &Session, line: &str) -> Result<(), HookError> {
        let running = session.begin(line, "track")?.unwrap();
        assert!(running.ended.recv().is_err());
        running.outcome()
    }

    fn pipe(dir: &Path, name: &str) -> PathBuf {
        let pipe = dir.join(name);
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        pipe
    }

    /// Opens a pipe at both ends, so that nobody waits until the other one opens it.
    fn held(pipe: &Path) -> File {
        File::options().read(true).write(true).open(pipe).unwrap()
    }

    #[test]
    fn a_program_gets_the_track_and_its_failure_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("heard");
        let mut session = Session::default();
        let mut due = Due::default();
        let track = Playing { title: "Half\0 Moon".into(), artist: "Sun Palace".into(), ..Playing::default() };
        session.take(&Happening::State { state: "playing".into(), position: 0.0 }, &mut due);
        session.take(&Happening::Track { track: Some(track.clone()), moved: false }, &mut due);
        assert_eq!(due, Due { track: true, state: true });
        // Its file is renamed before the hook was run, and afterwards.
        session.take(&Happening::Track { track: Some(track.clone()), moved: true }, &mut due);
        assert_eq!(due.take(), Some("track"));
        session.take(&Happening::Track { track: Some(track), moved: true }, &mut due);
        assert_eq!(due, Due { track: false, state: true });
        let script = "printf '%s|%s|%s' \"$JUKEBOX_TITLE\" \"$JUKEBOX_ARTIST\" \"$JUKEBOX_STATE\"";
        let line = format!("sh -c '{}' ", format!("{script} >{}", file.display()).replace('\'', "'\\''"));
        end(&session, &line).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "Half Moon|Sun Palace|playing");
        assert!(end(&session, "sh -c 'exit 3'").unwrap_err().to_string().contains("3"));
        assert!(end(&session, "/nonexistent/program").unwrap_err().to_string().contains("cannot be started"));
        assert!(end(&session, "sh -c 'exit").unwrap_err().to_string().contains("a quote is open"));
        assert!(session.begin("  ", "track").unwrap().is_none());
    }

    #[test]
    fn a_program_gets_the_exact_name_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let heard = dir.path().join("heard");
        let song = Song::bare(OsStr::from_bytes(b"/music/na\xefve.mp3"), TrackId([1; 16]));
        let session = Session { track: Some(Playing::of(&song, 0.0, 60.0)), ..Session::default() };
        end(&session, &format!("sh -c 'printf %s \"$JUKEBOX_PATH\" >{}'", heard.display())).unwrap();
        assert_eq!(std::fs::read(&heard).unwrap(), b"/music/na\xefve.mp3");
    }

    #[test]
    fn a_program_that_runs_too_long_is_ended_with_what_it_has_started() {
        let dir = tempfile::tempdir().unwrap();
        let (told, go) = (pipe(dir.path(), "told"), pipe(dir.path(), "go"));
        let mut word = held(&go);
        let script = format!("exec >{}; (read word; echo lives) <{} & echo begun; wait", told.display(), go.display());
        let running = Session::default().begin(&format!("sh -c '{script}'"), "state").unwrap().unwrap();
        let mut told = BufReader::new(File::open(&told).unwrap());
        let mut line = String::new();
        told.read_line(&mut line).unwrap();
        assert_eq!(line, "begun\n");
        let ended = running.ended.clone();
        assert!(running.end().to_string().contains("still ran"));
        assert!(ended.recv().is_err(), "its end is noticed");
        word.write_all(b"word\n").unwrap();
        line.clear();
        told.read_to_string(&mut line).unwrap();
        assert_eq!(line, "", "what it had started would have answered");
    }

    #[test]
    fn while_a_program_runs_the_happenings_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        let go = pipe(dir.path(), "go");
        let mut word = held(&go);
        let hooks = Hooks { on_state: format!("sh -c 'read word <{}; exit 3'", go.display()), ..Hooks::default() };
        let ((tell, told), (messages, inbox)) = (bounded(0), crossbeam_channel::unbounded());
        start(hooks, told, messages).unwrap();
        tell.send(Arc::new(vec![Happening::State { state: "playing".into(), position: 0.0 }])).unwrap();
        for volume in 0..100 {
            tell.send(Arc::new(vec![Happening::Volume { volume }])).unwrap();
        }
        word.write_all(b"word\n").unwrap();
        let Ok(Msg::Report { text, .. }) = inbox.recv() else { panic!("its outcome is told") };
        assert!(text.contains("on_state: sh: ended with exit status: 3"), "{text}");
    }
}
