//! The parent side: starts a child, sends it requests, kills it when it does not answer, and starts the next.

use std::ffi::OsString;
use std::io;
use std::marker::PhantomData;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitOptions, waitpid};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{WorkerError, cramped, is_own_doing};
use super::{Answer, MAX_FRAME, PARENT_ENV, Ready, frame};
use crate::system::{self, processor_time, waited};

/// Grace period for a child to exit after closing its pipe.
const LAST_BREATH: Duration = Duration::from_secs(1);
const BREATH: Duration = Duration::from_millis(5);
/// How long dropping a worker waits for the killed child to be reaped.
const DYING: Duration = Duration::from_millis(100);
/// An answer that comes as soon as this costs no look at the child's times, which would take longer than some answers.
const AT_ONCE: Duration = Duration::from_millis(10);
/// How often a waiting parent checks whether the answer is still wanted.
const GLANCE: Duration = Duration::from_millis(100);
/// A timed-out child that used less than this share of the time on a processor was blocked, not computing.
const COMPUTED: f64 = 0.25;
/// The time limit of a child starved of processor time is extended to at most this multiple.
const STARVED: u32 = 20;

/// How to start a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSpec {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables added to the environment.
    pub env: Vec<(OsString, OsString)>,
    /// The file that the child's stderr is appended to; `None` discards it.
    pub log: Option<PathBuf>,
}

impl WorkerSpec {
    /// This program with other arguments; its stderr is discarded.
    pub fn this_program<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> WorkerSpec {
        // An upgrade may have replaced the file.
        let program = std::env::current_exe().ok().filter(|p| p.exists()).unwrap_or_else(system::itself);
        WorkerSpec { program, args: args.into_iter().map(Into::into).collect(), env: Vec::new(), log: None }
    }

    fn command(&self) -> io::Result<Command> {
        let stderr = match &self.log {
            Some(log) => Stdio::from(crate::files::with(std::fs::OpenOptions::new().append(true).create(true), log)?.0),
            None => Stdio::null(),
        };
        let mut command = Command::new(&self.program);
        command.args(&self.args).envs(self.env.iter().map(|(k, v)| (k, v)));
        command.env(PARENT_ENV, std::process::id().to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        // In a process group of its own, so that ^C in the terminal reaches only the parent, which then ends its children.
        command.process_group(0);
        Ok(command)
    }
}

/// A child process that answers requests of type `Q` with results of type `R`. The first call starts it, and a call after its
/// end starts another. Dropping the worker kills the child.
#[derive(Debug)]
pub struct Worker<Q, R> {
    spec: WorkerSpec,
    running: Option<Running>,
    types: PhantomData<fn(Q) -> R>,
}

impl<Q: Serialize, R: DeserializeOwned> Worker<Q, R> {
    /// Creates a worker; its child is started by the first call.
    pub fn new(spec: WorkerSpec) -> Worker<Q, R> {
        Worker { spec, running: None, types: PhantomData }
    }

    /// Sends a request, starting a child when there is none, and waits for the answer for at most `timeout`, which includes
    /// the start but not the time in which other programs keep the child from the processor. After any error but
    /// [`WorkerError::Refused`] the child is gone, and the next call starts another.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub fn call(&mut self, request: &Q, timeout: Duration) -> Result<R, WorkerError> {
        self.call_while(request, timeout, &|| true)
    }

    /// As [`Worker::call`], but gives up as on a timeout, killing the child, soon after `wanted` turns false: for work that
    /// must make room at once.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub fn call_while(&mut self, request: &Q, timeout: Duration, wanted: &dyn Fn() -> bool) -> Result<R, WorkerError> {
        let request = postcard::to_stdvec(request).map_err(|e| WorkerError::Protocol(e.to_string()))?;
        if request.len() > MAX_FRAME {
            return Err(WorkerError::Protocol(format!("a request of {} bytes", request.len())));
        }
        // A child that ended while it was idle is not this request's fault.
        let mut running = match self.running.take().and_then(Running::if_alive) {
            Some(running) => running,
            None => Running::start(&self.spec)
                .map_err(|e| WorkerError::NotStarted(format!("{}: {e}", self.spec.program.display())))?,
        };
        // On every way out but the last two, `running` is dropped, which kills the child.
        let answer = running.exchange(request, timeout, wanted)?;
        match postcard::from_bytes::<Answer<R>>(&answer) {
            // The worker runs another version of the program; the request is not at fault.
            Ok(Answer::Garbled(why)) => Err(WorkerError::NotStarted(why)),
            Err(e) => Err(WorkerError::Protocol(format!("an answer that cannot be read: {e}"))),
            Ok(Answer::Refused(why)) => {
                self.running = Some(running);
                Err(WorkerError::Refused(why))
            }
            Ok(Answer::Done(result)) => {
                self.running = Some(running);
                Ok(result)
            }
        }
    }

    /// Ends the child, which frees its memory; the next call starts another.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// The child's process id, while there is a child.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|r| r.child.id())
    }
}

/// A live child and the thread that exchanges frames with it. The thread makes it possible to stop waiting, for a full pipe as
/// well as for an answer. It also starts the child, because Linux sends the parent-death signal when the *thread* that
/// started a child ends.
#[derive(Debug)]
struct Running {
    child: Child,
    requests: Sender<Vec<u8>>,
    answers: Receiver<Result<Vec<u8>, Lost>>,
    /// Whether the child has said that it is ready.
    ready: Arc<AtomicBool>,
}

/// Why an answer did not come.
#[derive(Debug)]
enum Lost {
    /// The child never became ready: it could not be set up, exited, or is no worker.
    Unfit(Unfit),
    /// It sent bytes that are not a valid frame.
    Garbled(String),
    /// The pipe broke: the child is dead or dying. `cramped`: its address space in bytes, if less than it asked for.
    Ended { cramped: Option<u64> },
}

#[derive(Debug)]
enum Unfit {
    Said(String),
    Ended,
}

impl Running {
    fn start(spec: &WorkerSpec) -> io::Result<Running> {
        let mut command = spec.command()?;
        let (requests, to_send) = channel::<Vec<u8>>();
        let (answered, answers) = channel();
        let (started, start) = channel();
        let ready = Arc::new(AtomicBool::new(false));
        let is_ready = ready.clone();
        thread::Builder::new().name("worker-io".into()).spawn(move || {
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(e) => {
                    let _ = started.send(Err(e));
                    return;
                }
            };
            let pipes = child.stdin.take().zip(child.stdout.take());
            if started.send(Ok(child)).is_err() {
                return;
            }
            let Some((mut stdin, mut stdout)) = pipes else { return };
            let mut greeted = None;
            // The channels close when `Running` is dropped.
            while let Ok(request) = to_send.recv() {
                let answer = (|| {
                    let cramped = match greeted {
                        Some(cramped) => cramped,
                        None => greeting(&mut stdout).map_err(Lost::Unfit)?,
                    };
                    greeted = Some(cramped);
                    is_ready.store(true, Ordering::Relaxed);
                    let lost = |e: io::Error| match e.kind() {
                        io::ErrorKind::InvalidData => Lost::Garbled(e.to_string()),
                        _ => Lost::Ended { cramped },
                    };
                    frame::write(&mut stdin, &request).map_err(lost)?;
                    frame::read(&mut stdout).map_err(lost)?.ok_or(Lost::Ended { cramped })
                })();
                if answered.send(answer).is_err() {
                    return;
                }
            }
        })?;
        let child = start.recv().map_err(io::Error::other)??;
        Ok(Running { child, requests, answers, ready })
    }

    fn if_alive(mut self) -> Option<Running> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    fn exchange(
        &mut self,
        request: Vec<u8>,
        timeout: Duration,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>, WorkerError> {
        let begun = Instant::now();
        let sent = self.requests.send(request).map_err(|_| RecvTimeoutError::Disconnected);
        let soon = sent.and_then(|()| self.answers.recv_timeout(timeout.min(AT_ONCE)));
        // What the child did until here counts neither as computed nor as waited.
        let pid = self.child.id();
        let (used, queued) = if soon.is_ok() { (None, Duration::ZERO) } else { (processor_time(pid), waited(pid)) };
        let mut patience = timeout;
        let answer = match soon {
            Ok(_) | Err(RecvTimeoutError::Disconnected) => soon,
            Err(RecvTimeoutError::Timeout) => loop {
                let left = patience.saturating_sub(begun.elapsed());
                match self.answers.recv_timeout(left.min(GLANCE)) {
                    Err(RecvTimeoutError::Timeout) if !wanted() => break Err(RecvTimeoutError::Timeout),
                    Err(RecvTimeoutError::Timeout) if begun.elapsed() < patience => {}
                    Err(RecvTimeoutError::Timeout) => {
                        // Time spent waiting for a processor does not count.
                        let lost = waited(pid).saturating_sub(queued);
                        let more = (timeout + lost).min(timeout * STARVED);
                        if more <= patience {
                            break Err(RecvTimeoutError::Timeout);
                        }
                        patience = more;
                    }
                    answer => break answer,
                }
            },
        };
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Lost::Garbled(why))) => Err(WorkerError::Protocol(why)),
            Ok(Err(Lost::Unfit(Unfit::Said(why)))) => Err(WorkerError::NotStarted(why)),
            Ok(Err(Lost::Unfit(Unfit::Ended))) => {
                let (how, _) = self.last_words();
                Err(WorkerError::NotStarted(format!("it ended before it was ready ({how})")))
            }
            Ok(Err(Lost::Ended { cramped })) => Err(self.end(cramped)),
            Err(RecvTimeoutError::Disconnected) => Err(self.end(None)),
            Err(RecvTimeoutError::Timeout) if !self.ready.load(Ordering::Relaxed) => {
                Err(WorkerError::NotStarted(format!("it was not ready after {:.1} s", begun.elapsed().as_secs_f64())))
            }
            Err(RecvTimeoutError::Timeout) => {
                let used = processor_time(pid).zip(used).map(|(now, then)| now.saturating_sub(then));
                // If the processor time is unknown, the child counts as having computed.
                let computed = used.is_none_or(|used| used >= timeout.min(begun.elapsed()).mul_f64(COMPUTED));
                Err(WorkerError::TimedOut { computed })
            }
        }
    }

    /// The error for a child whose pipe broke during a request.
    fn end(&mut self, memory: Option<u64>) -> WorkerError {
        match (self.last_words(), memory) {
            ((how, true), Some(bytes)) => WorkerError::Killed(cramped(&how, bytes)),
            ((how, true), None) => WorkerError::Died(how),
            ((how, false), _) => WorkerError::Killed(how),
        }
    }

    /// Exit status of a child that closed its pipe, as text, and whether the child caused it itself.
    fn last_words(&mut self) -> (String, bool) {
        let mut waited = Duration::ZERO;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return (status.to_string(), is_own_doing(status)),
                Ok(None) if waited < LAST_BREATH => thread::sleep(BREATH),
                // Still running, although its pipe is closed.
                Ok(None) => return ("it closed its pipe".into(), false),
                Err(e) => return (e.to_string(), false),
            }
            waited += BREATH;
        }
    }
}

/// Reads the hello and the frame after it: the child's address space in bytes, if less than it asked for.
fn greeting(from: &mut impl io::Read) -> Result<Option<u64>, Unfit> {
    let unfit = |e: io::Error| match e.kind() {
        io::ErrorKind::InvalidData => Unfit::Said(e.to_string()),
        _ => Unfit::Ended,
    };
    frame::read_hello(from).map_err(unfit)?;
    let first = frame::read(from).map_err(unfit)?.ok_or(Unfit::Ended)?;
    match postcard::from_bytes(&first) {
        Ok(Ready::Yes { cramped }) => Ok(cramped),
        Ok(Ready::No(why)) => Err(Unfit::Said(why)),
        Err(e) => Err(Unfit::Said(format!("its first words cannot be read: {e}"))),
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Killed and reaped, so that no zombie remains; the pipes close, which ends the thread. Killing fails only when the
        // child is already gone.
        let _ = self.child.kill();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > DYING {
                // It hangs in a call to a disk that does not respond and cannot die before that returns; do not wait for it.
                let child = Pid::from_child(&self.child);
                let wait = move || waitpid(Some(child), WaitOptions::empty()).ok();
                let _ = thread::Builder::new().name("worker-reap".into()).spawn(wait);
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}
