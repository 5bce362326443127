//! The child side: moves the pipes off stdin and stdout, sets limits, and answers requests until the pipe closes.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, getppid, getrlimit, setrlimit};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::priority::{self, niceness};
use super::{Answer, MAX_FRAME, PARENT_ENV, Ready, frame};
use crate::system;

/// The limits that a child sets for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Address space in bytes, where the system limits it; an allocation beyond it ends the child. A lower limit of the parent (`ulimit -v`) is kept.
    /// Libraries that reserve much and use little (CUDA) need `None`.
    pub address_space: Option<u64>,
    /// Added to the process's niceness: 0 is the parent's priority, 19 the lowest. With another than 0 the process is in a
    /// session of its own.
    pub nice: i32,
    /// Whether the child is killed when the parent dies.
    pub parent_death: bool,
}

/// Answers requests on stdin with `handler` until stdin closes. Call it early in `main` and return its result. stdin and stdout
/// become `/dev/null`, so that nothing that a library prints or reads gets between the frames. A panic in `handler` becomes
/// [`WorkerError::Refused`](super::WorkerError::Refused), like its own error, of which the text is sent.
pub fn serve<Q: DeserializeOwned, R: Serialize, E: fmt::Display>(
    limits: Limits,
    handler: impl FnMut(Q) -> Result<R, E>,
) -> ExitCode {
    match run(limits, handler) {
        Ok(()) => ExitCode::SUCCESS,
        // The parent no longer exists.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => {
            crate::out::note(&format!("jukebox worker: {e}"));
            ExitCode::FAILURE
        }
    }
}

fn run<Q: DeserializeOwned, R: Serialize, E: fmt::Display>(
    limits: Limits,
    mut handler: impl FnMut(Q) -> Result<R, E>,
) -> io::Result<()> {
    let (requests, answers, cramped) = match set_up(limits) {
        Ok(Some(ready)) => ready,
        Ok(None) => return Ok(()),
        Err((what, e)) => {
            // Sent through the pipe, so that the parent does not blame the request that it was about to send.
            let why = format!("{what}: {e}");
            greet(&mut io::stdout().lock(), &Ready::No(why.clone()))?;
            return Err(io::Error::new(e.kind(), why));
        }
    };
    let (mut requests, mut answers) = (BufReader::new(requests), BufWriter::new(answers));
    greet(&mut answers, &Ready::Yes { cramped })?;
    while let Some(request) = frame::read(&mut requests)? {
        let answer = answer(&request, &mut handler);
        drop(request);
        frame::write(&mut answers, &answer?)?;
    }
    Ok(())
}

/// Sends the hello and whether the child is ready.
fn greet(to: &mut impl Write, ready: &Ready) -> io::Result<()> {
    frame::write_hello(to)?;
    frame::write(to, &postcard::to_stdvec(ready).map_err(io::Error::other)?)
}

fn answer<Q: DeserializeOwned, R: Serialize, E: fmt::Display>(
    request: &[u8],
    handler: &mut impl FnMut(Q) -> Result<R, E>,
) -> io::Result<Vec<u8>> {
    let answer = match postcard::from_bytes::<Q>(request) {
        Ok(request) => match catch_unwind(AssertUnwindSafe(|| handler(request))) {
            Ok(Ok(result)) => Answer::Done(result),
            Ok(Err(why)) => Answer::Refused(why.to_string()),
            Err(panic) => Answer::Refused(format!("a panic: {}", panic_text(&*panic))),
        },
        Err(e) => Answer::Garbled(format!("the worker cannot read the request: {e}")),
    };
    let bytes = postcard::to_stdvec(&answer).map_err(io::Error::other)?;
    if bytes.len() <= MAX_FRAME {
        return Ok(bytes);
    }
    let refusal: Answer<R> = Answer::Refused(format!("the answer is too long: {} bytes", bytes.len()));
    postcard::to_stdvec(&refusal).map_err(io::Error::other)
}

/// The message of a panic, on one line.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without words").lines().collect::<Vec<_>>().join(" ")
}

/// Which part of the setup failed, and why.
type Unfit = (&'static str, io::Error);

/// Sets the limits and takes the pipes. Returns the pipes, and the address space in bytes if it is less than asked for; `None`
/// when the parent is already gone.
fn set_up(limits: Limits) -> Result<Option<(File, File, Option<u64>)>, Unfit> {
    let failed = |what| move |e: io::Error| (what, e);
    if limits.parent_death {
        system::end_with_parent().map_err(failed("it cannot follow its parent"))?;
        // The parent may have died before the line above.
        let expected = std::env::var(PARENT_ENV).ok().and_then(|pid| pid.parse::<i32>().ok());
        if expected.is_some_and(|pid| getppid().map(|p| p.as_raw_nonzero().get()) != Some(pid)) {
            return Ok(None);
        }
    }
    // Crashes are expected here; core dumps are not wanted.
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(io::Error::from).map_err(failed("core dumps cannot be forbidden"))?;
    let mut cramped = None;
    if let Some(wanted) = limits.address_space {
        let bytes = within(wanted, getrlimit(Resource::As));
        cramped = (bytes < wanted).then_some(bytes);
        system::limit_memory(bytes).map_err(failed("its memory cannot be limited"))?;
    }
    priority::lower(niceness(limits.nice));
    let requests = take_stdin().map_err(|e| ("its requests cannot be read", e))?;
    let answers = take_stdout().map_err(|e| ("its answers cannot be written", e))?;
    Ok(Some((requests, answers, cramped)))
}

/// The limit to set: the wanted one, but at most the process's current limit, which only a privileged process may
/// raise.
fn within(wanted: u64, given: Rlimit) -> u64 {
    [given.current, given.maximum].into_iter().flatten().fold(wanted, u64::min)
}

fn take_stdin() -> io::Result<File> {
    let own = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(File::from(own))
}

fn take_stdout() -> io::Result<File> {
    let own = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
    rustix::stdio::dup2_stdout(OpenOptions::new().write(true).open("/dev/null")?)?;
    Ok(File::from(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_stays_within_what_was_given() {
        let given = |current, maximum| within(100, Rlimit { current, maximum });
        assert_eq!(given(None, None), 100);
        assert_eq!(given(Some(40), None), 40);
        assert_eq!(given(Some(200), Some(70)), 70);
        assert_eq!(given(Some(200), Some(300)), 100);
    }
}
