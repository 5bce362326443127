//! The real program in a real pseudo-terminal, with a parser of what the screen shows.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};

pub use super::support::PATIENCE;
use super::support::{Home, program};

fn nonzero(n: u16) -> NonZero<u16> {
    NonZero::new(n).expect("a size")
}

/// A running player.
pub struct Player {
    pub child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    screen: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<Mutex<Vec<u8>>>,
    closing: Arc<AtomicBool>,
    /// Kept open, since output written just before the last user closes it may be lost.
    slave: Option<Box<dyn SlavePty + Send>>,
}

impl Player {
    /// Starts the player in a terminal of this size.
    pub fn start(home: &Home, args: &[&str], columns: u16, rows: u16, env: &[(&str, &str)]) -> Player {
        Player::start_by(&[], home, args, columns, rows, env)
    }

    /// Starts the player without sound on the music directory.
    pub fn open(home: &Home, columns: u16, rows: u16) -> Player {
        Player::start(home, &["--no-audio", &home.music_arg()], columns, rows, &[])
    }

    /// Starts it through another command, which runs the rest of its arguments.
    pub fn start_by(by: &[&str], home: &Home, args: &[&str], columns: u16, rows: u16, env: &[(&str, &str)]) -> Player {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pty");
        let mut command = match by {
            [] => CommandBuilder::new(program()),
            [first, rest @ ..] => {
                let mut command = CommandBuilder::new(first);
                command.args(rest);
                command.arg(program());
                command
            }
        };
        command.args(args);
        for name in ["XDG_MUSIC_DIR", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.env("JUKEBOX_HOME", home.home());
        command.env("HOME", home.dir.path());
        command.env("TERM", "xterm-256color");
        command.env("JUKEBOX_NICE", "0");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program runs");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(nonzero(rows), nonzero(columns), 0)));
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let closing = Arc::new(AtomicBool::new(false));
        let (parser, log, close) = (screen.clone(), bytes.clone(), closing.clone());
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 || close.load(Ordering::SeqCst) {
                    break;
                }
                parser.lock().unwrap().process(&buffer[..n]);
                log.lock().unwrap().extend(&buffer[..n]);
            }
        });
        let writer = pair.master.take_writer().expect("a writer");
        let slave = Some(pair.slave);
        Player { child, master: Some(pair.master), writer: Some(writer), screen, bytes, closing, slave }
    }

    /// Types keys.
    pub fn keys(&mut self, keys: &str) {
        let writer = self.writer.as_mut().expect("the terminal is open");
        writer.write_all(keys.as_bytes()).expect("the program reads");
        writer.flush().expect("the program reads");
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(nonzero(rows), nonzero(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("open").resize(size).expect("a new size");
    }

    pub fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Everything written to the terminal.
    pub fn raw(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    /// Whether the program is on the alternate screen.
    pub fn on_alternate_screen(&self) -> bool {
        self.screen.lock().unwrap().screen().alternate_screen()
    }

    /// Waits until the screen contains a text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("'{text}'"), |screen| screen.contains(text));
    }

    /// Waits until the screen shows these lines from top to bottom, each as a part of a row; `…` stands for anything.
    #[track_caller]
    pub fn shows(&mut self, lines: &[&str]) {
        let in_row = |row: &str, line: &str| {
            line.split('…').try_fold(row, |rest, part| Some(rest.split_once(part)?.1)).is_some()
        };
        let in_order = |screen: &str| {
            let mut rows = screen.lines();
            lines.iter().all(|line| rows.any(|row| in_row(row, line)))
        };
        self.wait_until(&format!("these lines: {lines:#?}"), in_order);
    }

    /// Waits until the screen satisfies a condition.
    #[track_caller]
    pub fn wait_until(&mut self, what: &str, condition: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        while !condition(&self.contents()) {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the program ended ({status:?}) before it showed {what}:\n{}", self.contents());
            }
            assert!(begun.elapsed() < PATIENCE, "the screen never showed {what}:\n{}", self.contents());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the program exits; returns the exit code.
    #[track_caller]
    pub fn wait_end(&mut self) -> u32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                return status.exit_code();
            }
            assert!(begun.elapsed() < PATIENCE, "the program did not end:\n{}", self.contents());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the program exits, and checks the exit code and that the terminal is restored.
    #[track_caller]
    pub fn ends_well(&mut self, code: u32) {
        assert_eq!(self.wait_end(), code, "{}", self.contents());
        // The last output may not have been processed yet.
        let begun = Instant::now();
        while self.on_alternate_screen() {
            assert!(begun.elapsed() < PATIENCE, "still on the alternate screen:\n{}", self.contents());
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(self.terminal_is_restored(), "raw mode was left on");
    }

    /// Waits until the output of an exited program contains a text.
    #[track_caller]
    pub fn left(&self, text: &str) {
        let begun = Instant::now();
        while !self.contents().contains(text) {
            assert!(begun.elapsed() < PATIENCE, "'{text}' was not left on the screen:\n{}", self.contents());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = self.child.process_id().and_then(|p| rustix::process::Pid::from_raw(p as i32)).expect("a pid");
        rustix::process::kill_process(pid, signal).expect("a signal");
    }

    /// Continues the stopped program and its children, as a shell's `fg` does.
    pub fn go_on(&self) {
        let pid = self.child.process_id().and_then(|p| rustix::process::Pid::from_raw(p as i32)).expect("a pid");
        rustix::process::kill_process_group(pid, rustix::process::Signal::CONT).expect("a signal");
    }

    /// Closes the terminal like a closed window. The reader releases it at the next output, which a key causes.
    pub fn close_terminal(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        self.keys("j");
        self.writer = None;
        self.slave = None;
        self.master = None;
    }

    /// Whether the line discipline has a shell's settings: echo and canonical input.
    pub fn terminal_is_restored(&self) -> bool {
        use rustix::termios::{LocalModes, tcgetattr};
        let Some(line) = self.master.as_ref().and_then(|m| m.tty_name()) else { return false };
        let Ok(file) = std::fs::File::open(line) else { return false };
        tcgetattr(&file).is_ok_and(|t| t.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON))
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
