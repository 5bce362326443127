//! The parent's side: start a child, ask it, kill it when it does not answer, start the next.

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
use super::patience::waited;
use super::{Answer, MAX_FRAME, PARENT_ENV, Ready, frame};

/// How long a child that closed its pipe may take to end by itself.
const LAST_BREATH: Duration = Duration::from_secs(1);
const BREATH: Duration = Duration::from_millis(5);
/// How long a child that was killed is waited for.
const DYING: Duration = Duration::from_millis(100);
/// How often a waiting parent looks whether the answer is still wanted.
const GLANCE: Duration = Duration::from_millis(100);
/// A child that used less than this share of its time had to wait for something.
const COMPUTED: f64 = 0.25;
/// So many times its time a child may take that others keep from the processor.
const STARVED: u32 = 20;

/// What to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSpec {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables added to the environment.
    pub env: Vec<(OsString, OsString)>,
    /// Where the child's stderr is appended; nowhere when none.
    pub log: Option<PathBuf>,
}

impl WorkerSpec {
    /// This very program with other arguments, silent.
    pub fn this_program<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> WorkerSpec {
        // An upgrade may have replaced the file; the kernel's link still leads to the program that runs.
        let itself = || PathBuf::from("/proc/self/exe");
        let program = std::env::current_exe().ok().filter(|p| p.exists()).unwrap_or_else(itself);
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
        // Of its own group, so that ^C in the terminal reaches the parent alone, which then ends its children.
        command.process_group(0);
        Ok(command)
    }
}

/// A child process that answers requests of type `Q` with results of type `R`, started by the first call and started
/// again after it ended. Dropping it kills the child.
#[derive(Debug)]
pub struct Worker<Q, R> {
    spec: WorkerSpec,
    running: Option<Running>,
    types: PhantomData<fn(Q) -> R>,
}

impl<Q: Serialize, R: DeserializeOwned> Worker<Q, R> {
    /// A worker of this kind; nothing is started yet.
    pub fn new(spec: WorkerSpec) -> Worker<Q, R> {
        Worker { spec, running: None, types: PhantomData }
    }

    /// Asks the child, starting one when there is none, and waits at most `timeout` (the start included; not what it waits for a
    /// processor that others keep busy). After
    /// anything but a result or a refusal the child is gone and the next call starts another.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub fn call(&mut self, request: &Q, timeout: Duration) -> Result<R, WorkerError> {
        self.call_while(request, timeout, &|| true)
    }

    /// As [`Worker::call`], but gives up as if the time were over, which kills the child, soon after `wanted` is false:
    /// for work that must make room at once.
    ///
    /// # Errors
    /// See [`WorkerError`].
    pub fn call_while(&mut self, request: &Q, timeout: Duration, wanted: &dyn Fn() -> bool) -> Result<R, WorkerError> {
        let request = postcard::to_stdvec(request).map_err(|e| WorkerError::Protocol(e.to_string()))?;
        if request.len() > MAX_FRAME {
            return Err(WorkerError::Protocol(format!("a request of {} bytes", request.len())));
        }
        // One that ended while nobody asked it anything is not this request's fault.
        let mut running = match self.running.take().and_then(Running::if_alive) {
            Some(running) => running,
            None => Running::start(&self.spec)
                .map_err(|e| WorkerError::NotStarted(format!("{}: {e}", self.spec.program.display())))?,
        };
        // On every way out but the last two the child is dropped, which kills it.
        let answer = running.exchange(request, timeout, wanted)?;
        match postcard::from_bytes::<Answer<R>>(&answer) {
            // It is of another version, whatever it was asked about.
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

    /// Ends the child (an idle one gives its memory back); the next call starts another.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// The child's process id while there is one.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|r| r.child.id())
    }
}

/// A live child and the thread that talks with it. The thread makes it possible to stop waiting, for a full pipe as
/// well as for an answer; it also starts the child, because Linux sends the parent-death signal when the *thread* that
/// started a child ends.
#[derive(Debug)]
struct Running {
    child: Child,
    requests: Sender<Vec<u8>>,
    answers: Receiver<Result<Vec<u8>, Lost>>,
    /// Whether the child said that it can work.
    ready: Arc<AtomicBool>,
}

/// Why an answer did not come.
#[derive(Debug)]
enum Lost {
    /// The child was not ready to be asked: it could not be set up, or ended, or is no worker.
    Unfit(Unfit),
    /// What it sent is no frame.
    Garbled(String),
    /// The pipe broke: the child is dead or dying. `cramped` is what memory it had, where that was less than it asked for.
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
            // The worker's end of either channel is gone when the child is.
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
        let pid = self.child.id();
        let (begun, used, queued) = (Instant::now(), processor_time(pid), waited(pid));
        let mut patience = timeout;
        let answer = match self.requests.send(request) {
            Err(_) => Err(RecvTimeoutError::Disconnected),
            Ok(()) => loop {
                let left = patience.saturating_sub(begun.elapsed());
                match self.answers.recv_timeout(left.min(GLANCE)) {
                    Err(RecvTimeoutError::Timeout) if !wanted() => break Err(RecvTimeoutError::Timeout),
                    Err(RecvTimeoutError::Timeout) if begun.elapsed() < patience => {}
                    Err(RecvTimeoutError::Timeout) => {
                        // What it waited for the processor does not count: others are busy, it is not slow.
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
                // Where the system does not tell, it is taken to have computed.
                let computed = used.is_none_or(|used| used >= timeout.min(begun.elapsed()).mul_f64(COMPUTED));
                Err(WorkerError::TimedOut { computed })
            }
        }
    }

    /// What became of a child whose pipe broke in the middle of a request.
    fn end(&mut self, memory: Option<u64>) -> WorkerError {
        match (self.last_words(), memory) {
            ((how, true), Some(bytes)) => WorkerError::Killed(cramped(&how, bytes)),
            ((how, true), None) => WorkerError::Died(how),
            ((how, false), _) => WorkerError::Killed(how),
        }
    }

    /// How a child ended that closed its pipe, and whether that was its own doing.
    fn last_words(&mut self) -> (String, bool) {
        let mut waited = Duration::ZERO;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return (status.to_string(), is_own_doing(status)),
                Ok(None) if waited < LAST_BREATH => thread::sleep(BREATH),
                // What it does without its pipe nobody can tell.
                Ok(None) => return ("it closed its pipe".into(), false),
                Err(e) => return (e.to_string(), false),
            }
            waited += BREATH;
        }
    }
}

/// Reads a child's first words: how much memory it has, where that is less than it asked for.
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

/// How long a process has computed so far, by all its threads; none where the system does not tell.
fn processor_time(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may hold anything: the state is field 3, the user's and the system's ticks are 14 and 15.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second().max(1) as f64))
}

impl Drop for Running {
    fn drop(&mut self) {
        // Killed and reaped: no zombie, and the pipes close, which ends the thread. It fails only when it is gone.
        let _ = self.child.kill();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > DYING {
                // It waits for a disk that does not answer, and cannot die before that: nobody waits for it.
                let child = Pid::from_child(&self.child);
                let wait = move || waitpid(Some(child), WaitOptions::empty()).ok();
                let _ = thread::Builder::new().name("worker-reap".into()).spawn(wait);
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}
