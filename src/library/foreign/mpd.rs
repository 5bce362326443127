//! Reads mpd's stickers over its protocol (mpd.readthedocs.io, "Stickers"), by the names that its
//! clients agree on: `rating` (0 to 10), `like` (0 dislike, 1 neutral, 2 like), `playCount`,
//! `skipCount`, `lastPlayed` (Unix seconds).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use super::Known;
use super::error::{ImportError, MpdError};

/// Read timeout.
const PATIENCE: Duration = Duration::from_secs(10);
/// Maximum length of a response, in bytes.
const LONGEST: u64 = 256 * 1024 * 1024;
const STICKERS: [&str; 5] = ["rating", "like", "playCount", "skipCount", "lastPlayed"];

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// Reads the stickers of mpd at `host`: an address, `host:port` or the path of a socket, each
/// preceded by `password@` if one is needed. The paths are absolute if mpd reveals its music
/// directory (which it does to local clients only), otherwise relative to that directory.
///
/// # Errors
/// The connection or a command fails.
pub fn read(host: &str) -> Result<Vec<Known>, ImportError> {
    let shown = || host.rsplit('@').next().unwrap_or(host).to_string();
    ask(host).map_err(|cause| ImportError::Mpd { host: shown(), cause })
}

fn ask(host: &str) -> Result<Vec<Known>, MpdError> {
    let (password, place) = host.split_once('@').map_or((None, host), |(p, h)| (Some(p), h));
    let stream: Box<dyn Stream> = if place.starts_with('/') {
        let socket = UnixStream::connect(place)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Box::new(socket)
    } else {
        let place = if place.contains(':') { place.to_string() } else { format!("{place}:6600") };
        let socket = TcpStream::connect(place)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Box::new(socket)
    };
    let mut server = Server(BufReader::new(stream));
    let mut greeting = String::new();
    (&mut server.0).take(1000).read_line(&mut greeting)?;
    if !greeting.starts_with("OK MPD ") {
        return Err(MpdError::NotMpd);
    }
    if let Some(password) = password {
        server.ask(&format!("password {}", quoted(password)))?;
    }
    let of_config = server.ask("config").unwrap_or_default();
    let root = of_config.iter().find_map(|(k, v)| (k == "music_directory").then(|| PathBuf::from(v)));
    let mut files: BTreeMap<String, Known> = BTreeMap::new();
    for name in STICKERS {
        let mut file = None;
        for (key, value) in server.ask(&format!("sticker find song \"\" {name}"))? {
            match key.as_str() {
                "file" => file = Some(value),
                "sticker" => {
                    let (Some(file), Some((_, value))) = (file.take(), value.split_once('=')) else { continue };
                    sticker(files.entry(file).or_default(), name, value);
                }
                _ => {}
            }
        }
    }
    let place = |file: &str| root.as_ref().map_or_else(|| PathBuf::from(file), |root| root.join(file));
    Ok(files.into_iter().map(|(file, known)| Known { path: place(&file), ..known }).collect())
}

fn sticker(known: &mut Known, name: &str, value: &str) {
    let number = value.parse::<u64>().ok();
    let count = number.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    match name {
        "rating" => known.rating = number.filter(|n| *n <= 10).map(|n| n as u8 * 10),
        "like" => known.loved = number.filter(|n| *n != 1).map(|n| n == 2),
        "playCount" => known.plays = count,
        "skipCount" => known.skips = count,
        _ => known.last = number.filter(|n| *n > 0),
    }
}

/// Error codes of mpd's `Ack.hxx`: no permission (a password is needed), and unknown command (no
/// sticker database).
const NO_PERMISSION: &str = "4";
const UNKNOWN: &str = "5";

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

struct Server(BufReader<Box<dyn Stream>>);

impl Server {
    /// Sends a command and returns the response as keys and values.
    fn ask(&mut self, command: &str) -> Result<Vec<(String, String)>, MpdError> {
        let out = self.0.get_mut();
        out.write_all(format!("{command}\n").as_bytes()).and_then(|()| out.flush())?;
        let mut answer = Vec::new();
        let mut lines = (&mut self.0).take(LONGEST);
        loop {
            let mut line = Vec::new();
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Err(MpdError::HungUp);
            }
            let line = String::from_utf8_lossy(line.trim_ascii_end());
            if line == "OK" {
                return Ok(answer);
            }
            if let Some(refusal) = line.strip_prefix("ACK ") {
                // Example: "[4@0] {sticker} you don't have permission": error code, command,
                // message.
                let (code, why) = refusal.split_once("} ").unwrap_or(("", refusal));
                let why = crate::text::sanitize(why);
                return Err(match code.trim_start_matches('[').split_once('@') {
                    Some((NO_PERMISSION, _)) => MpdError::Forbidden(why),
                    Some((UNKNOWN, _)) if code.ends_with("{sticker") => MpdError::NoStickers(why),
                    _ => MpdError::Refused(why),
                });
            }
            if let Some((key, value)) = line.split_once(": ") {
                answer.push((key.to_string(), value.to_string()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    /// A fake mpd with fixed responses.
    fn serve(answers: &'static [(&'static str, &'static str)]) -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut out = stream.try_clone().unwrap();
            out.write_all(b"OK MPD 0.24.0\n").unwrap();
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let answer = answers.iter().find(|(asked, _)| line == *asked).map_or("OK\n", |(_, answer)| *answer);
                let _ = out.write_all(answer.as_bytes());
            }
        });
        (dir, socket.display().to_string())
    }

    #[test]
    fn stickers_are_read() {
        let (_dir, host) = serve(&[
            ("config", "music_directory: /m\nOK\n"),
            ("sticker find song \"\" rating", "file: a/b.mp3\nsticker: rating=8\nOK\n"),
            ("sticker find song \"\" like", "file: c.mp3\nsticker: like=2\nfile: d.mp3\nsticker: like=1\nOK\n"),
            ("sticker find song \"\" playCount", "file: a/b.mp3\nsticker: playCount=12\nOK\n"),
            ("sticker find song \"\" lastPlayed", "file: a/b.mp3\nsticker: lastPlayed=1700000000\nOK\n"),
        ]);
        let known = read(&host).unwrap();
        let b = Known {
            path: "/m/a/b.mp3".into(),
            rating: Some(80),
            plays: 12,
            last: Some(1_700_000_000),
            ..Known::default()
        };
        assert_eq!(known[0], b);
        assert_eq!((known[1].loved, known[2].loved), (Some(true), None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let (_dir, host) =
            serve(&[("sticker find song \"\" rating", "ACK [5@0] {sticker} sticker database is disabled\n")]);
        assert!(read(&host).unwrap_err().to_string().contains("set sticker_file"));
        let (_dir, host) = serve(&[(
            "sticker find song \"\" rating",
            "ACK [4@0] {sticker} you don't have permission for \"sticker\"\n",
        )]);
        assert!(read(&host).unwrap_err().to_string().contains("PASSWORD@HOST"));
        assert!(read("/nonexistent/socket").unwrap_err().to_string().starts_with("mpd at /nonexistent"));
        assert!(!read("secret@/nonexistent/socket").unwrap_err().to_string().contains("secret"));
    }
}
