//! Measures how long a program takes to draw its first screen in a terminal, how much memory it then uses, and how fast
//! it exits. `first_frame [--runs 5] [--size 80x24] [--until TEXT] [--settle 3] [--quit q] -- PROGRAM ARGS…` starts it
//! repeatedly in a pseudo-terminal of that size, and prints medians with minimum and maximum:
//!
//! - *first frame*: from the start to the first screen with any content;
//! - *TEXT*: until the screen shows it (a title, a number of tracks);
//! - *memory*: PSS of the program and all its children, `--settle` seconds later;
//! - *end*: from the keys of `--quit` to the end of the process.
//!
//!     cargo run --example first_frame -- --until Library -- target/debug/jukebox ~/Music

mod support;

use std::io::{Read, Write};
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const USAGE: &str =
    "usage: first_frame [--runs N] [--size COLSxROWS] [--until TEXT] [--settle SECS] [--quit KEYS] -- PROGRAM ARGS…";
/// Maximum time to wait for the screen.
const PATIENCE: Duration = Duration::from_secs(120);
/// Time after which a program that does not exit by its keys is killed.
const ENDING: Duration = Duration::from_secs(20);

struct Plan {
    runs: usize,
    size: PtySize,
    until: Option<String>,
    settle: Duration,
    quit: String,
    program: Vec<String>,
}

/// One run, in milliseconds and megabytes.
struct Run {
    first: f64,
    until: f64,
    memory: f64,
    end: f64,
}

fn main() -> ExitCode {
    support::ended(run())
}

fn run() -> Result<(), String> {
    let plan = plan()?;
    let runs = (0..plan.runs).map(|_| start(&plan)).collect::<Result<Vec<Run>, String>>()?;
    let row = |name: &str, unit: &str, value: &dyn Fn(&Run) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values[0], values[values.len() - 1]);
        println!("{name:<24} {:8.1} {unit} ({low:.1} to {high:.1})", values[values.len() / 2]);
    };
    println!("{} in {}x{}, {} starts", plan.program.join(" "), plan.size.cols, plan.size.rows, runs.len());
    row("first frame", "ms", &|r| r.first);
    if let Some(text) = &plan.until {
        row(&format!("shows '{text}'"), "ms", &|r| r.until);
    }
    row(&format!("memory after {} s (PSS)", plan.settle.as_secs()), "MB", &|r| r.memory);
    row("end", "ms", &|r| r.end);
    Ok(())
}

fn plan() -> Result<Plan, String> {
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let settle = Duration::from_secs(3);
    let mut plan = Plan { runs: 5, size, until: None, settle, quit: "q".into(), program: Vec::new() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--" {
            plan.program = args.collect();
            // Relative to the current directory, not to the PATH.
            if let Some(program) = plan.program.first_mut().filter(|p| p.contains('/')) {
                *program =
                    std::fs::canonicalize(&*program).map_err(|e| format!("{program}: {e}"))?.display().to_string();
            }
            break;
        }
        let value = args.next().ok_or(USAGE)?;
        match arg.as_str() {
            "--runs" => plan.runs = value.parse().ok().filter(|n| *n > 0).ok_or(USAGE)?,
            "--size" => {
                let (columns, rows) = value.split_once('x').ok_or(USAGE)?;
                let number = |text: &str| text.parse().ok().filter(|n| *n > 0).ok_or(USAGE);
                (plan.size.cols, plan.size.rows) = (number(columns)?, number(rows)?);
            }
            "--until" => plan.until = Some(value),
            "--settle" => plan.settle = Duration::from_secs(value.parse().map_err(|_| USAGE)?),
            // The Enter key sends a carriage return.
            "--quit" => plan.quit = value.replace('\n', "\r"),
            _ => return Err(USAGE.into()),
        }
    }
    if plan.program.is_empty() { Err(USAGE.into()) } else { Ok(plan) }
}

fn start(plan: &Plan) -> Result<Run, String> {
    let explain = |e: &dyn std::fmt::Display| format!("{}: {e}", plan.program[0]);
    let pair = native_pty_system().openpty(plan.size).map_err(|e| explain(&e))?;
    let mut command = CommandBuilder::new(&plan.program[0]);
    command.args(&plan.program[1..]);
    command.env("TERM", "xterm-256color");
    if let Ok(here) = std::env::current_dir() {
        command.cwd(here);
    }
    let mut reader = pair.master.try_clone_reader().map_err(|e| explain(&e))?;
    let mut writer = pair.master.take_writer().map_err(|e| explain(&e))?;
    let side = |n: u16| NonZero::new(n).unwrap_or(NonZero::<u16>::MIN);
    let screen = Arc::new(Mutex::new(vt100::Parser::new(side(plan.size.rows), side(plan.size.cols), 0)));
    let begun = Instant::now();
    let mut child = pair.slave.spawn_command(command).map_err(|e| explain(&e))?;
    drop(pair.slave);
    let seen = screen.clone();
    std::thread::spawn(move || {
        let mut buffer = [0u8; 65_536];
        while let Ok(n) = reader.read(&mut buffer) {
            let Ok(mut screen) = seen.lock() else { return };
            if n == 0 {
                return;
            }
            screen.process(&buffer[..n]);
        }
    });
    let contents = || screen.lock().map(|s| s.screen().contents()).unwrap_or_default();
    let mut wait = |what: &str, shown: &dyn Fn(&str) -> bool| -> Result<f64, String> {
        while !shown(&contents()) {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(explain(&format!("ended ({status:?}) before it showed {what}:\n{}", contents())));
            }
            if begun.elapsed() > PATIENCE {
                let _ = child.kill();
                return Err(explain(&format!("never showed {what}:\n{}", contents())));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    };
    let first = wait("anything", &|text| !text.trim().is_empty())?;
    let until = match &plan.until {
        Some(wanted) => wait(wanted, &|text| text.contains(wanted.as_str()))?,
        None => first,
    };
    std::thread::sleep(plan.settle);
    let memory = child.process_id().map_or(0.0, |pid| family(pid).into_iter().map(pss).sum::<f64>() / 1e6);
    let asked = Instant::now();
    writer.write_all(plan.quit.as_bytes()).and_then(|()| writer.flush()).map_err(|e| explain(&e))?;
    while !matches!(child.try_wait(), Ok(Some(_))) {
        if asked.elapsed() > ENDING {
            let _ = child.kill();
            return Err(explain(&format!("did not end after '{}'", plan.quit)));
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok(Run { first, until, memory, end: asked.elapsed().as_secs_f64() * 1e3 })
}

/// A process and all its descendants.
fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    for thread in threads {
        let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        all.extend(children.split_whitespace().filter_map(|c| c.parse().ok()).flat_map(family));
    }
    all
}

/// The proportional set size of a process in bytes: its private memory, and its share of shared memory.
fn pss(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("Pss:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0
}
