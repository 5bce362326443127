//! Tests of workers end to end. The child is this test program, started with the one test that runs as the child; what
//! the test harness prints before is noise, which the protocol has to tolerate anyway.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use jukebox::worker::{Limits, Worker, WorkerError, WorkerSpec, serve};
use serde::{Deserialize, Serialize};

const CHILD: &str = "JUKEBOX_TEST_WORKER";
/// Long enough for a busy machine; only a failing test waits this long.
const PATIENT: Duration = Duration::from_secs(180);

#[derive(Debug, Serialize, Deserialize)]
enum Job {
    Echo(Vec<u8>),
    Print(String),
    Refuse(String),
    Panic(String),
    Abort,
    Exit(i32),
    Signal(i32),
    Compute,
    Hang,
    Allocate(u64),
    Limits,
    Answer(u64),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Did {
    Echo(Vec<u8>),
    Nice(i32),
    Nothing,
}

fn work(job: Job) -> Result<Did, String> {
    match job {
        Job::Echo(bytes) => Ok(Did::Echo(bytes)),
        Job::Print(text) => {
            println!("{text}");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map_err(|e| e.to_string())?;
            assert_eq!(line, "", "stdin is empty");
            Ok(Did::Nothing)
        }
        Job::Refuse(why) => Err(why),
        Job::Panic(why) => panic!("{why}"),
        Job::Abort => std::process::abort(),
        Job::Exit(code) => std::process::exit(code),
        Job::Signal(number) => {
            let signal = rustix::process::Signal::from_named_raw(number).ok_or("no such signal")?;
            // Repeatedly: the first SIGSEGV or SIGBUS only removes the runtime's handler for stack overflows.
            loop {
                rustix::process::kill_process(rustix::process::getpid(), signal).map_err(|e| e.to_string())?;
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        Job::Compute => loop {
            std::hint::black_box((0..1_000_000u64).sum::<u64>());
        },
        Job::Hang => loop {
            std::thread::park();
        },
        Job::Allocate(bytes) => {
            let memory = vec![1u8; bytes as usize];
            Ok(Did::Echo(memory.iter().copied().take(1).collect()))
        }
        Job::Limits => rustix::process::getpriority_process(None).map(Did::Nice).map_err(|e| e.to_string()),
        Job::Answer(bytes) => Ok(Did::Echo(vec![0; bytes as usize])),
    }
}

/// Runs as the child when started as one; otherwise there is nothing to test here.
#[test]
fn child() {
    match std::env::var(CHILD).as_deref() {
        Ok("serve") => {
            let limits = Limits { address_space: Some(1 << 30), nice: 5, parent_death: true };
            let code = serve(limits, work);
            std::process::exit(i32::from(code != ExitCode::SUCCESS));
        }
        Ok("mute") => std::process::exit(3),
        Ok("chatter") => println!("{}", "no worker at all\n".repeat(100_000)),
        // A parent that starts a hanging worker, prints its id, and aborts without stopping it.
        Ok("parent") => {
            let mut worker = worker();
            worker.call(&Job::Echo(vec![]), PATIENT).unwrap();
            println!("\npid={}", worker.pid().unwrap());
            std::thread::spawn(move || worker.call(&Job::Hang, PATIENT));
            std::thread::sleep(Duration::from_millis(50));
            std::process::abort();
        }
        _ => {}
    }
}

fn spec(role: &str) -> WorkerSpec {
    let mut spec = WorkerSpec::this_program(["child", "--exact", "--nocapture", "--test-threads=1"]);
    spec.env.push((CHILD.into(), role.into()));
    spec
}

fn worker() -> Worker<Job, Did> {
    Worker::new(spec("serve"))
}

fn echo(worker: &mut Worker<Job, Did>) {
    assert_eq!(worker.call(&Job::Echo(vec![1, 2, 3]), PATIENT), Ok(Did::Echo(vec![1, 2, 3])));
}

fn exists(pid: u32) -> bool {
    // A zombie still has a directory, so this also checks that it was reaped.
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn it_answers_from_one_process() {
    let mut worker = worker();
    assert_eq!(worker.pid(), None, "nothing is started before it is needed");
    echo(&mut worker);
    let pid = worker.pid();
    // Far more than a pipe's buffer, in both directions.
    let large: Vec<u8> = (0..20_000_000u32).map(|i| i as u8).collect();
    assert_eq!(worker.call(&Job::Echo(large.clone()), PATIENT), Ok(Did::Echo(large)));
    assert_eq!(worker.pid(), pid);
}

#[test]
fn a_library_that_prints_or_reads_does_no_harm() {
    let mut worker = worker();
    assert_eq!(worker.call(&Job::Print("\0\0\0\0noise".into()), PATIENT), Ok(Did::Nothing));
    echo(&mut worker);
}

#[test]
fn errors_and_panics_are_refusals_and_the_child_lives_on() {
    let mut worker = worker();
    let refused = worker.call(&Job::Refuse("not audio".into()), PATIENT).unwrap_err();
    assert_eq!((refused.clone(), refused.is_strike()), (WorkerError::Refused("not audio".into()), false));
    let pid = worker.pid();
    let panicked = worker.call(&Job::Panic("index 7\nout of bounds".into()), PATIENT).unwrap_err();
    assert_eq!(panicked, WorkerError::Refused("a panic: index 7 out of bounds".into()));
    echo(&mut worker);
    assert_eq!(worker.pid(), pid);
}

#[test]
fn death_is_told_and_survived() {
    let mut worker = worker();
    for (job, how) in [(Job::Abort, "SIGABRT"), (Job::Exit(7), "exit status: 7")] {
        echo(&mut worker);
        let pid = worker.pid().unwrap();
        match worker.call(&job, PATIENT) {
            Err(e @ WorkerError::Died(_)) => assert!(e.is_strike() && e.to_string().contains(how), "{e}"),
            other => panic!("{other:?}"),
        }
        assert!(!exists(pid), "reaped");
    }
    echo(&mut worker);
}

#[test]
fn an_end_from_outside_is_told_from_a_crash() {
    let mut worker = worker();
    for (signal, outside) in [(9, true), (15, true), (1, true), (11, false), (7, false), (31, false)] {
        let error = worker.call(&Job::Signal(signal), PATIENT).unwrap_err();
        assert_eq!(matches!(error, WorkerError::Killed(_)), outside, "{signal}: {error}");
        assert_eq!(matches!(error, WorkerError::Died(_)), !outside, "{signal}: {error}");
    }
    echo(&mut worker);
}

#[test]
fn a_hang_that_computes_is_told_from_one_that_waits() {
    // On a busy machine the child may hardly have run before the timeout, so longer timeouts are
    // tried.
    let computed = (0..8).any(|n| {
        let timed_out = worker().call(&Job::Compute, Duration::from_millis(200 << n)).unwrap_err();
        timed_out == WorkerError::TimedOut { computed: true }
    });
    assert!(computed);
}

/// A worker started through a shell that sets a limit first.
fn limited(limit: &str) -> Worker<Job, Did> {
    let own = spec("serve");
    let script = format!("{limit} && exec \"$0\" \"$@\"");
    let args = ["-c".into(), script.into(), own.program.clone().into()].into_iter().chain(own.args.clone()).collect();
    Worker::new(WorkerSpec { program: "/bin/sh".into(), args, ..own })
}

#[test]
fn with_less_memory_than_it_wants_it_works_and_an_end_is_nobodys_fault() {
    // Half of its own limit, as with hard limits that only a privileged process may raise.
    let mut worker = limited("ulimit -v 524288");
    echo(&mut worker);
    match worker.call(&Job::Allocate(600 << 20), PATIENT) {
        Err(WorkerError::Killed(how)) => assert!(how.contains("within 512 MiB") && how.contains("ulimit -v"), "{how}"),
        other => panic!("{other:?}"),
    }
    echo(&mut worker);
}

#[test]
fn one_that_cannot_be_set_up_is_no_worker_and_says_why() {
    // Enough to load the program, but too few to move the pipes to other descriptors.
    let no_worker = |limit: &str| match limited(limit).call(&Job::Echo(vec![]), PATIENT) {
        Err(WorkerError::NotStarted(why)) => why,
        other => panic!("{limit}: {other:?}"),
    };
    let why = no_worker("ulimit -n 4");
    assert!(why.contains("its requests cannot be read: Too many open files"), "{why}");
    // Too little to start at all.
    let why = no_worker("ulimit -v 4096");
    assert!(why.contains("before it was ready"), "{why}");
}

#[test]
fn too_much_memory_ends_the_child_alone() {
    let mut worker = worker();
    assert_eq!(worker.call(&Job::Allocate(64 << 20), PATIENT), Ok(Did::Echo(vec![1])));
    assert!(matches!(worker.call(&Job::Allocate(2 << 30), PATIENT), Err(WorkerError::Died(_))));
    echo(&mut worker);
}

#[test]
fn a_hanging_child_is_killed_in_time() {
    let mut worker = worker();
    echo(&mut worker);
    let pid = worker.pid().unwrap();
    assert_eq!(worker.call(&Job::Hang, Duration::from_millis(100)), Err(WorkerError::TimedOut { computed: false }));
    assert!(!exists(pid));
    // Also one that does not even read its pipe.
    let stopped = worker.call(&Job::Echo(vec![]), PATIENT).map(|_| worker.pid().unwrap()).unwrap();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(stopped as i32).unwrap(),
        rustix::process::Signal::STOP,
    )
    .unwrap();
    let large = Job::Echo(vec![0; 1 << 20]);
    assert_eq!(worker.call(&large, Duration::from_millis(100)), Err(WorkerError::TimedOut { computed: false }));
    assert!(!exists(stopped));
    echo(&mut worker);
}

#[test]
fn a_call_that_is_no_longer_wanted_ends_the_child() {
    let mut worker = worker();
    echo(&mut worker);
    let pid = worker.pid().unwrap();
    let glances = std::cell::Cell::new(0);
    let wanted = || {
        glances.set(glances.get() + 1);
        glances.get() < 3
    };
    // Long before the timeout, which would take hundreds of checks.
    assert_eq!(worker.call_while(&Job::Hang, PATIENT, &wanted), Err(WorkerError::TimedOut { computed: false }));
    assert!(glances.get() == 3 && !exists(pid));
    echo(&mut worker);
}

#[test]
fn one_that_died_idle_is_replaced_without_a_word() {
    let mut worker = worker();
    echo(&mut worker);
    let pid = worker.pid().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid as i32).unwrap(), rustix::process::Signal::KILL)
        .unwrap();
    // Dead but not yet reaped: state Z, and no other thread of it is left.
    let stat = format!("/proc/{pid}/stat");
    let threads = || std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
    while !std::fs::read_to_string(&stat).unwrap().contains(") Z ") || threads() > 1 {
        std::thread::yield_now();
    }
    echo(&mut worker);
    assert_ne!(worker.pid(), Some(pid));
}

#[test]
fn stopping_and_dropping_leave_nothing_behind() {
    let mut worker = worker();
    echo(&mut worker);
    let first = worker.pid().unwrap();
    worker.stop();
    assert!(worker.pid().is_none() && !exists(first));
    echo(&mut worker);
    let second = worker.pid().unwrap();
    drop(worker);
    assert!(!exists(second));
}

#[test]
fn a_worker_may_change_threads() {
    // A child must survive the end of the thread that started it.
    let mut worker = std::thread::spawn(|| {
        let mut worker = worker();
        echo(&mut worker);
        worker
    })
    .join()
    .unwrap();
    let pid = worker.pid();
    echo(&mut worker);
    assert_eq!(worker.pid(), pid);
}

#[test]
fn limits_are_set() {
    let own = rustix::process::getpriority_process(None).unwrap();
    assert_eq!(worker().call(&Job::Limits, PATIENT), Ok(Did::Nice((own + 5).min(19))));
}

#[test]
fn an_answer_that_is_too_long_is_refused() {
    let mut worker = worker();
    match worker.call(&Job::Answer(65 << 20), PATIENT) {
        Err(WorkerError::Refused(why)) => assert!(why.contains("too long"), "{why}"),
        other => panic!("{:?}", other.map(|_| ())),
    }
    match worker.call(&Job::Echo(vec![0; 65 << 20]), PATIENT) {
        Err(WorkerError::Protocol(why)) => assert!(why.contains("request of"), "{why}"),
        other => panic!("{:?}", other.map(|_| ())),
    }
    echo(&mut worker);
}

#[test]
fn a_program_that_is_no_worker_is_told_apart() {
    let mut mute: Worker<Job, Did> = Worker::new(spec("mute"));
    let ended = WorkerError::NotStarted("it ended before it was ready (exit status: 3)".into());
    assert_eq!(mute.call(&Job::Hang, PATIENT), Err(ended));
    let mut chatter: Worker<Job, Did> = Worker::new(spec("chatter"));
    assert!(matches!(chatter.call(&Job::Hang, PATIENT), Err(WorkerError::NotStarted(_))));
    let mut missing: Worker<Job, Did> = Worker::new(WorkerSpec { program: "/no/such/program".into(), ..spec("serve") });
    assert!(matches!(missing.call(&Job::Hang, PATIENT), Err(WorkerError::NotStarted(_))));
    // The two sides use different types.
    let mut other: Worker<[u8; 3], u64> = Worker::new(spec("serve"));
    assert!(matches!(other.call(&[200, 1, 1], PATIENT), Err(WorkerError::NotStarted(_))));
}

#[test]
fn nothing_outlives_a_parent_that_dies() {
    let spec = spec("parent");
    let mut command = std::process::Command::new(&spec.program);
    let output = command.args(&spec.args).env(CHILD, "parent").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let pid: u32 = text.lines().find_map(|l| l.strip_prefix("pid=")).expect(&text).parse().unwrap();
    let deadline = Instant::now() + PATIENT;
    while exists(pid) {
        assert!(Instant::now() < deadline, "worker {pid} is an orphan");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn end_of_stdin_ends_the_child_well() {
    let spec = spec("serve");
    let mut command = std::process::Command::new(&spec.program);
    let output = command.args(&spec.args).env(CHILD, "serve").stdin(std::process::Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
