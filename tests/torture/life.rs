//! Repeats every way in which a player exits or is disturbed: the terminal is restored, no process is left, and the
//! library is complete.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::count;
use crate::pty::{PATIENCE, Player};
use crate::support::{Home, figure};

const SONGS: u32 = 4;

fn library() -> Home {
    Home::with_songs(&[("tone", "tone")], SONGS, 3.0)
}

fn start(home: &Home) -> Player {
    let mut player = Player::open(home, 100, 30);
    player.wait_for("tone0");
    player
}

fn pid(player: &Player) -> u32 {
    player.child.process_id().expect("it runs")
}

/// The worker processes of a player.
fn workers(player: u32) -> Vec<u32> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    let is_worker = |pid: &u32| {
        let dir = Path::new("/proc").join(pid.to_string());
        let parent = std::fs::read_to_string(dir.join("status")).unwrap_or_default();
        let command = std::fs::read(dir.join("cmdline")).unwrap_or_default();
        parent.lines().any(|l| l.strip_prefix("PPid:").is_some_and(|p| p.trim() == player.to_string()))
            && command.windows(8).any(|w| w == b"__worker")
    };
    pids.filter(is_worker).collect()
}

/// Waits for an event that must come.
#[track_caller]
fn wait(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "never {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Repeats a way of exiting and reports the median time that it takes.
fn cycles(name: &str, mut cycle: impl FnMut(&Home) -> Duration) {
    let home = library();
    let often = count(3, 20);
    let mut took: Vec<Duration> = (0..often).map(|_| cycle(&home)).collect();
    took.sort();
    let median = took[often / 2].as_millis();
    figure(&format!("end by {name}, {often} times: median"), median, "ms", "< 1000", median < 1000);
}

/// Makes a player exit and checks that its workers exit too; returns the time until the player's
/// exit.
fn end(mut player: Player, how: impl FnOnce(&mut Player)) -> Duration {
    let children = workers(pid(&player));
    let begun = Instant::now();
    how(&mut player);
    player.ends_well(0);
    let took = begun.elapsed();
    for child in children {
        wait("a worker is gone", || matches!(state(child), None | Some('Z')));
    }
    took
}

#[test]
fn the_key_to_quit() {
    cycles("the key", |home| end(start(home), |player| player.keys(":q!\r")));
}

#[test]
fn signals() {
    for (name, signal) in [("SIGTERM", Signal::TERM), ("SIGHUP", Signal::HUP)] {
        cycles(name, |home| {
            let mut player = start(home);
            player.keys("gg\r");
            player.wait_for("▶");
            end(player, |player| player.signal(signal))
        });
    }
}

#[test]
fn a_terminal_that_is_closed() {
    cycles("a closed terminal", |home| {
        let mut player = start(home);
        let children = workers(pid(&player));
        let begun = Instant::now();
        player.close_terminal();
        player.wait_end();
        let took = begun.elapsed();
        for child in children {
            wait("a worker is gone", || matches!(state(child), None | Some('Z')));
        }
        took
    });
}

#[test]
fn a_worker_that_is_killed() {
    for n in 0..count(3, 20) {
        // A new library, so that there is something to analyse.
        let home = library();
        home.wav("late.wav", "noise", 20.0, n as u32);
        let player = start(&home);
        let running = pid(&player);
        wait("a worker", || !workers(running).is_empty());
        for worker in workers(running) {
            // It may have exited by itself.
            let _ = kill_process(Pid::from_raw(worker as i32).unwrap(), Signal::KILL);
        }
        home.wait_status("heard everything in spite of it", |s| s["latents"] == SONGS + 1);
        end(player, |player| player.keys(":q!\r"));
    }
}

#[test]
fn stopped_and_gone_on_with() {
    let home = library();
    let mut player = start(&home);
    let running = pid(&player);
    for _ in 0..count(3, 20) {
        player.keys("\u{1a}");
        wait("stopped", || state(running) == Some('T'));
        assert!(player.terminal_is_restored(), "the shell has a terminal in raw mode");
        player.go_on();
        wait("back on its screen", || !player.terminal_is_restored() && player.on_alternate_screen());
        player.wait_for("tone0");
    }
    end(player, |player| player.keys(":q!\r"));
}

#[test]
fn a_storm_of_sizes() {
    let home = library();
    let mut player = start(&home);
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..count(3, 20) {
        for _ in 0..50 {
            player.resize(random.u16(1..250), random.u16(1..80));
        }
        player.resize(100, 30);
        player.wait_for("tone0");
    }
    end(player, |player| player.keys(":q!\r"));
}
