//! The terminal's guard: a process of this program that restores the terminal when the player cannot, because it was
//! killed or aborted (out of memory, a crash in a library, a stack overflow).
//!
//! No process can clean up after its own SIGKILL, and after an abort only in a signal handler, which is unsafe code.
//! The kernel closes the player's pipe to the guard before it notifies the shell that the player has ended, so the
//! guard usually acts first. The guard runs in a session of its own: Ctrl-C and job control do not reach it, and it may
//! set the terminal's modes although the shell is in the foreground by then.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, ExitCode, Stdio};
use std::sync::OnceLock;

use rustix::termios::{
    ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, Termios, tcgetattr, tcsetattr,
};

use super::gallery::Keeps;
use crate::paths::Paths;
use crate::worker::WorkerSpec;

/// The name of this kind of worker.
pub const WORKER: &str = "guard";

/// Ends a synchronized update, resets styles, ends mouse reports and bracketed paste, shows the cursor, leaves the
/// alternate screen.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// The same, and takes back the title that was saved. Where none was, this would take one that another program saved.
const LEAVE_TITLED: &[u8] =
    b"\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b[23;2t";

/// What restores the terminal; `titled`: the window's title was saved.
pub(super) fn leave(titled: bool) -> &'static [u8] {
    if titled { LEAVE_TITLED } else { LEAVE }
}

/// The pipe to the guard; `None` if it could not be started.
static GUARD: OnceLock<Option<OwnedFd>> = OnceLock::new();

/// A message to the guard: whether the player has entered the terminal, whether the window's title was saved, and the
/// modes to restore; or else, with [`PICTURED`], how the terminal keeps pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word {
    entered: bool,
    titled: bool,
    /// How the terminal keeps pictures.
    keeps: Keeps,
    /// The termios flags: input, output, control and local modes. Their width is the system's.
    modes: [u64; 4],
}

/// The bit of a message that says only how pictures are kept, in the bits above it.
const PICTURED: u8 = 4;

impl Word {
    const LENGTH: usize = 33;

    fn bytes(self) -> [u8; Word::LENGTH] {
        let mut bytes = [0; Word::LENGTH];
        bytes[0] = u8::from(self.entered) | u8::from(self.titled) << 1;
        for (part, mode) in bytes[1..].chunks_exact_mut(8).zip(self.modes) {
            part.copy_from_slice(&mode.to_le_bytes());
        }
        bytes
    }

    fn read(bytes: &[u8; Word::LENGTH]) -> Word {
        let mut modes = [0; 4];
        for (mode, part) in modes.iter_mut().zip(bytes[1..].chunks_exact(8)) {
            *mode = part.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte));
        }
        Word { entered: bytes[0] & 1 != 0, titled: bytes[0] & 2 != 0, keeps: Keeps::None, modes }
    }
}

/// Starts the guard, once. If no process can be started, the player works without it.
pub(super) fn start() {
    GUARD.get_or_init(|| {
        let spec = WorkerSpec::this_program(["__worker", WORKER]);
        // The guard's stdin is the pipe. It writes escape sequences to its stdout, and sets the
        // modes of its stderr, which is a duplicate of the player's stdin.
        let keys = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).ok()?;
        let mut command = Command::new(&spec.program);
        command.args(&spec.args).stdin(Stdio::piped()).stdout(Stdio::inherit()).stderr(Stdio::from(keys));
        // The guard is not waited for: it exits after this process.
        let child =
            command.spawn().inspect_err(|e| crate::out::note(&format!("the terminal has no guard: {e}"))).ok()?;
        child.stdin.map(OwnedFd::from)
    });
}

/// Sends the terminal's current modes to the guard, and whether the window's title is saved. Call before changing them.
pub(super) fn entered(titled: bool) {
    if let Ok(modes) = tcgetattr(rustix::stdio::stdin()) {
        tell(Word { entered: true, titled, keeps: Keeps::None, modes: flags(&modes) }.bytes());
    }
}

fn flags(modes: &Termios) -> [u64; 4] {
    let (input, output) = (modes.input_modes.bits(), modes.output_modes.bits());
    let (control, local) = (modes.control_modes.bits(), modes.local_modes.bits());
    [input as _, output as _, control as _, local as _]
}

/// Tells the guard that the terminal has been restored.
pub(super) fn left() {
    tell(Word { entered: false, titled: false, keeps: Keeps::None, modes: [0; 4] }.bytes());
}

/// Tells the guard how the terminal keeps pictures from now on.
pub(super) fn pictured(keeps: Keeps) {
    tell(pictures(keeps));
}

fn pictures(keeps: Keeps) -> [u8; Word::LENGTH] {
    let mut bytes = [0; Word::LENGTH];
    bytes[0] = PICTURED | keeps.code() << 3;
    bytes
}

/// Takes no lock, because the panic hook calls it.
fn tell(word: [u8; Word::LENGTH]) {
    if let Some(Some(pipe)) = GUARD.get() {
        // Nothing can be done about a guard that has died.
        let _ = rustix::io::write(pipe, &word);
    }
}

/// The guard's main function: waits until the other end of stdin is closed, then restores the terminal if necessary.
pub fn run() -> ExitCode {
    let _ = rustix::process::setsid();
    // `pkill jukebox` and `killall jukebox` select by name, and should spare the guard.
    crate::system::name_thread(c"terminal-guard");
    let Ok(pipe) = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3) else { return ExitCode::FAILURE };
    if let Some(word) = watch(&mut File::from(pipe)) {
        let log = Paths::from_env().map_or_else(|_| String::new(), |paths| paths.log().display().to_string());
        let log = crate::text::sanitize(&log);
        give_back(word, rustix::stdio::stdout(), rustix::stdio::stderr());
        let said = format!("jukebox did not end by itself: it was killed, or something in it broke. Its log: {log}\n");
        let _ = std::io::stdout().write_all(said.as_bytes());
    }
    ExitCode::SUCCESS
}

/// Reads messages until the pipe is closed. Returns the last one if it says that the terminal is
/// entered; an incomplete message is ignored.
fn watch(pipe: &mut impl Read) -> Option<Word> {
    let (mut bytes, mut last, mut keeps) = ([0; Word::LENGTH], None, Keeps::None);
    while pipe.read_exact(&mut bytes).is_ok() {
        if bytes[0] & PICTURED != 0 {
            keeps = Keeps::of_code(bytes[0] >> 3);
        } else {
            last = Some(Word::read(&bytes));
        }
    }
    last.filter(|word| word.entered).map(|word| Word { keeps, ..word })
}

fn give_back(word: Word, screen: impl AsFd, keys: impl AsFd) {
    let _ = rustix::io::write(&screen, &[word.keeps.forget(), leave(word.titled)].concat());
    let Ok(mut modes) = tcgetattr(&keys) else { return };
    // If the shell was faster, it has already set its own modes: leave those alone.
    if is_raw(&modes) {
        let [input, output, control, local] = word.modes;
        modes.input_modes = InputModes::from_bits_retain(input as _);
        modes.output_modes = OutputModes::from_bits_retain(output as _);
        modes.control_modes = ControlModes::from_bits_retain(control as _);
        modes.local_modes = LocalModes::from_bits_retain(local as _);
        let _ = tcsetattr(&keys, OptionalActions::Now, &modes);
    }
}

/// Whether the terminal is in the player's raw mode. Line editors clear neither ISIG nor OPOST.
fn is_raw(modes: &Termios) -> bool {
    !modes.local_modes.intersects(LocalModes::ISIG | LocalModes::ICANON)
        && !modes.output_modes.contains(OutputModes::OPOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_title_that_was_saved_is_taken_back() {
        assert_eq!(leave(true), [leave(false), b"\x1b[23;2t"].concat());
    }

    #[test]
    fn only_an_entered_terminal_is_given_back() {
        let entered =
            Word { entered: true, titled: false, keeps: Keeps::None, modes: [1, 0x0203, 0xffff_fff0, u64::MAX] };
        let titled = Word { titled: true, ..entered };
        let left = Word { entered: false, titled: false, keeps: Keeps::None, modes: [0; 4] };
        let told = |words: &[Word]| watch(&mut &words.iter().flat_map(|w| w.bytes()).collect::<Vec<u8>>()[..]);
        assert_eq!(told(&[]), None, "it died before it came to the terminal");
        assert_eq!(told(&[entered]), Some(entered));
        assert_eq!(told(&[titled]), Some(titled));
        assert_eq!(told(&[entered, left]), None);
        assert_eq!(told(&[entered, left, entered]), Some(entered), "suspended and back");
        // How pictures are kept stays known over a suspension.
        let said = [entered.bytes(), pictures(Keeps::Wrapped), left.bytes(), entered.bytes()].concat();
        assert_eq!(watch(&mut &said[..]), Some(Word { keeps: Keeps::Wrapped, ..entered }));
        // An incomplete message is ignored.
        assert_eq!(watch(&mut &entered.bytes()[..9]), None);
    }

    #[test]
    fn a_raw_terminal_is_cooked_again_and_any_other_left_alone() {
        let pair = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
        let line = pair.master.tty_name().unwrap();
        let tty = File::options().read(true).write(true).open(line).unwrap();
        let before = tcgetattr(&tty).unwrap();
        let word = Word { entered: true, titled: true, keeps: Keeps::Directly, modes: flags(&before) };
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&tty, OptionalActions::Now, &raw).unwrap();
        give_back(word, &tty, &tty);
        let after = tcgetattr(&tty).unwrap();
        assert_eq!((after.local_modes, after.output_modes), (before.local_modes, before.output_modes));
        // The modes that readline sets.
        let mut edited = before.clone();
        edited.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(&tty, OptionalActions::Now, &edited).unwrap();
        give_back(word, &tty, &tty);
        assert_eq!(tcgetattr(&tty).unwrap().local_modes, edited.local_modes);
    }
}
