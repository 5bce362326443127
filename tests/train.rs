//! `jukebox train`: killed and resumed, one at a time, stopped by the user, with curves, and without a terminal.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;
mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use pty::Player;
use rustix::process::{Pid, Signal, getsid, kill_process};
use support::Home;

fn out(home: &Home, name: &str) -> (PathBuf, String) {
    let out = home.dir.path().join(name);
    let text = out.display().to_string();
    (out, text)
}

/// The log without timings.
fn log(out: &std::path::Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(out.join("log.jsonl")).unwrap();
    let line = |line: &str| {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        value.as_object_mut().unwrap().remove("seconds");
        value
    };
    text.lines().map(line).collect()
}

/// Runs a command until a line of stdout starts with `begins`; returns the child.
fn until(mut command: Command, begins: &str) -> std::process::Child {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().any(|l| l.unwrap().starts_with(begins)), "it never said '{begins}'");
    // Keep reading, so that the child is not ended by a closed pipe.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

#[test]
fn killed_at_any_moment_it_goes_on_and_comes_to_the_same() {
    let home = Home::new();
    let data = home.pack();
    let (whole, whole_text) = out(&home, "whole");
    let (killed, killed_text) = out(&home, "killed");
    let args =
        |out: &str| ["train", "--data", &data, "--device", "cpu", "--epochs", "3", "--out", out].map(String::from);
    let run = |args: &[String]| home.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let ran = run(&args(&whole_text)).code(0);
    assert!(ran.out.contains("epoch 3: ") && ran.out.contains("kept aside"), "{}", ran.out);
    assert!(ran.err.contains("niceness 0") && ran.err.contains("strobe on strobe:"), "{}", ran.err);

    let first = args(&killed_text);
    let mut child = until(home.command(&first.iter().map(String::as_str).collect::<Vec<_>>()), "epoch 1: ");
    child.kill().unwrap();
    child.wait().unwrap();
    // It cannot be restarted by accident, and `--resume` finds it without a name in the runs directory.
    let said = run(&first).code(1);
    assert!(said.err.contains("add --resume"), "{}", said.err);
    let runs = home.home().join("data/runs");
    std::fs::create_dir_all(&runs).unwrap();
    std::fs::rename(&killed, runs.join("1")).unwrap();
    let status = || home.run(&["train", "--status"]).code(0).out;
    assert!(status().contains("no training is running") && status().contains("ended unexpectedly"), "{}", status());
    let resumed = home.run(&["train", "--resume"]).code(0);
    assert!(status().contains("3 epochs  kept aside"), "{}", status());
    assert!(resumed.err.contains("continuing after epoch"), "{}", resumed.err);
    assert_eq!(log(&runs.join("1")), log(&whole));
    for file in ["model.safetensors", "report.md", "loss.svg", "confusion.svg", "outcome.json", "progress.json"] {
        assert!(runs.join("1").join(file).exists(), "{file}");
    }
    let model = |dir: &std::path::Path| std::fs::read(dir.join("model.safetensors")).unwrap();
    assert!(model(&runs.join("1")) == model(&whole), "the encoders differ");
    let said = home.run(&["train", "--resume"]).code(1);
    assert!(said.err.contains("no run to continue"), "{}", said.err);
}

/// Limits the size of each of a run's final files below what it needs, as on a full disk: the run reports which file
/// failed and how to resume, and can be resumed.
#[test]
fn a_run_whose_last_files_cannot_be_written_is_gone_on_with() {
    let home = Home::new();
    let data = home.pack();
    let (dir, text) = out(&home, "night");
    home.run(&["train", "--data", &data, "--device", "cpu", "--epochs", "2", "--out", &text]).code(0);
    let model = std::fs::read(dir.join("model.safetensors")).unwrap();
    let size = |name: &str| std::fs::metadata(dir.join(name)).unwrap().len();
    assert!(size("log.jsonl") > 512 && size("report.md") > 1024 && size("report.md") < size("model.safetensors"));
    for (full, ends) in
        [("log.jsonl", &["log.jsonl"][..]), ("model.safetensors", &["model.safetensors", "outcome.json"])]
    {
        // Trained completely, but killed before the final files were written.
        let blocks = size(full) / 512 - u64::from(size(full) % 512 == 0);
        ends.iter().for_each(|name| std::fs::remove_file(dir.join(name)).unwrap());
        let _ = std::fs::remove_file(dir.join("outcome.json"));
        let resume = ["train", "--resume", "--out", &text];
        let plain = home.command(&resume);
        let mut limited = Command::new("sh");
        limited
            .args(["-c", &format!("ulimit -f {blocks} && exec \"$0\" \"$@\"")])
            .arg(plain.get_program())
            .args(plain.get_args());
        limited.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let ended = limited.output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(
            said.contains(full) && said.contains("when it can be, continue with `jukebox train --resume"),
            "{said}"
        );
        assert!(!dir.join(full).exists() || size(full) == 0, "half a {full} was left");
        home.run(&resume).code(0);
        assert!(std::fs::read(dir.join("model.safetensors")).unwrap() == model, "another encoder came of it");
    }
}

#[test]
fn a_signal_stops_it_cleanly_and_a_second_trainer_is_refused() {
    let home = Home::new();
    let data = home.pack();
    let (dir, text) = out(&home, "long");
    let args = ["train", "--data", &data, "--device", "cpu", "--epochs", "500", "--out", &text, "--background"];
    let mut child = until(home.command(&args), "epoch 1: ");
    // In a session of its own the terminal that the player was started in cannot end it.
    let pid = Pid::from_raw(child.id() as i32);
    assert_eq!(getsid(pid).ok(), pid);
    let status = || home.run(&["train", "--status"]).code(0).out;
    assert!(status().starts_with(&format!("running, process {}: ", child.id())), "{}", status());
    let second = home.run(&["train", "--data", &data]).code(1);
    assert!(second.err.contains(&format!("pid {}, its run is {text}", child.id())), "{}", second.err);
    kill_process(Pid::from_raw(child.id() as i32).unwrap(), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(status().starts_with("no training is running"), "{}", status());
    let report = std::fs::read_to_string(dir.join("report.md")).unwrap();
    assert!(report.contains("it was asked to stop") && report.contains("--resume --out"), "{report}");
    assert!(dir.join("model.safetensors").exists() && !home.home().join("data/models/current").exists());
}

#[test]
fn a_time_limit_ends_it_and_forced_publishing_puts_it_in_use() {
    let home = Home::new();
    let data = home.pack();
    // Ten seconds are kept for the end. A narrow network goes through the data several times in the others, on a busy
    // machine too.
    let narrow = ["train", "--data", &data, "--device", "cpu", "--width", "4"];
    let ran = home.run(&[&narrow[..], &["--epochs", "20000", "--for", "16s", "--publish"]].concat()).code(0);
    assert!(ran.err.contains("stops at") && ran.err.contains("of the recipe's 20000 epochs fit"), "{}", ran.err);
    assert!(ran.out.contains("published as"), "{}", ran.out);
    assert!(home.home().join("data/models/current").exists());
}

#[test]
fn what_cannot_be_is_said_in_one_line() {
    let home = Home::new();
    for (args, code, words) in [
        (&["train", "--data", "strobe:/nowhere", "--device", "cpu"][..], 1, "/nowhere/clips.tsv"),
        (&["train", "--for", "soon"], 2, "write 90m, 6h or 1h30m"),
        (&["train", "--until", "7am"], 2, "write 07:00"),
        (&["train", "--resume"], 1, "start one without --resume"),
        (&["train", "--from", "/nowhere/x", "--data", "strobe:/nowhere"], 1, "/nowhere/x"),
    ] {
        let ran = home.run(args).code(code);
        assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    }
}

#[test]
fn the_picture_comes_and_goes() {
    let home = Home::new();
    let data = home.pack();
    let (dir, text) = out(&home, "drawn");
    let args = ["train", "--data", &data, "--device", "cpu", "--epochs", "500", "--out", &text];
    let mut train = Player::start(&home, &args, 80, 24, &[]);
    train.wait_until("an epoch", |s| s.contains("validation accuracy") && s.contains("High") && s.contains("q: stop"));
    assert!(train.on_alternate_screen());
    train.wait_until("a later epoch", |s| s.contains(" of 500") && !s.contains("epoch 1 of"));
    train.resize(200, 60);
    train.wait_for("images/s");
    train.keys("q");
    train.ends_well(0);
    train.left("report");
    assert!(dir.join("report.md").exists());
}
