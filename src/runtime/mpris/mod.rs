//! MPRIS: the player on the session bus of the desktop (D-Bus), where media keys, applets and `playerctl` find it.
//! Where there is no bus there is none of it.

mod player;
mod root;
mod shown;
mod wish;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, never, select, unbounded};

use self::player::Player;
use self::root::Root;
use self::shown::{Changed, Shown};
use self::wish::Wisher;
use crate::ask::event::Happening;
use crate::runtime::art::Art;
use crate::runtime::start_error::StartError;

pub(super) use self::wish::Wish;

const NAME: &str = "org.mpris.MediaPlayer2.jukebox";
const PATH: &str = "/org/mpris/MediaPlayer2";

/// Serves the interfaces on threads of their own until the channel of happenings closes. Without a bus the thread ends
/// at once; `failed` is told why where there is one that refuses. `art` finds the covers.
///
/// # Errors
/// When a thread cannot be started.
pub(super) fn start(
    happenings: Receiver<Arc<Vec<Happening>>>,
    art: Arc<Art>,
    wish: impl Fn(Wish) + Send + Sync + 'static,
    failed: impl FnOnce(String) + Send + 'static,
) -> Result<(), StartError> {
    if !has_bus() {
        return Ok(());
    }
    let covers = Covers::start(art).map_err(StartError::thread("the thread 'mpris-covers'"))?;
    let run = move || {
        if let Err(e) = serve(&happenings, covers, Arc::new(wish)) {
            failed(format!("the desktop's media controls (MPRIS) are not available: {e}"));
        }
    };
    std::thread::Builder::new()
        .name("mpris".into())
        .spawn(run)
        .map(drop)
        .map_err(StartError::thread("the thread 'mpris'"))
}

/// Whether the environment names a session bus, or there is one at the usual place.
pub(super) fn has_bus() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("DBUS_SESSION_BUS_ADDRESS").is_some()
        || set("XDG_RUNTIME_DIR").is_some_and(|dir| PathBuf::from(dir).join("bus").exists())
}

/// The thread that finds covers: reading a file may take seconds, in which the desktop is to hear of what else happens.
struct Covers {
    /// Takes the file of a track whose cover is wanted; of several that wait only the last is looked at.
    asked: Sender<PathBuf>,
    /// The file of a track, and the URL of its cover if it has one.
    found: Receiver<(PathBuf, Option<String>)>,
}

impl Covers {
    fn start(art: Arc<Art>) -> io::Result<Covers> {
        let ((asked, tracks), (tell, found)) = (unbounded::<PathBuf>(), unbounded());
        let run = move || {
            while let Ok(first) = tracks.recv() {
                let track = tracks.try_iter().last().unwrap_or(first);
                let cover = art.of(&track);
                if tell.send((track, cover)).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("mpris-covers".into()).spawn(run)?;
        Ok(Covers { asked, found })
    }
}

fn serve(happenings: &Receiver<Arc<Vec<Happening>>>, mut covers: Covers, wish: Wisher) -> zbus::Result<()> {
    let shown: Arc<Mutex<Shown>> = Arc::default();
    // Between the calls of `block_on` a thread of zbus serves the connection.
    let connection = zbus::block_on(connect(&shown, &wish))?;
    let player = zbus::block_on(connection.object_server().interface::<_, Player>(PATH))?;
    loop {
        let (changed, position) = select! {
            recv(happenings) -> first => {
                let Ok(first) = first else { return Ok(()) };
                let happened: Vec<Arc<Vec<Happening>>> = std::iter::once(first).chain(happenings.try_iter()).collect();
                take(&happened, &shown, &covers.asked)
            }
            recv(covers.found) -> found => match found {
                Ok((track, cover)) => {
                    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                    let track = shown.show_cover(&track, cover);
                    (Changed { track, ..Changed::default() }, 0)
                }
                // Its thread has ended, so that there are no more covers.
                Err(_) => {
                    covers.found = never();
                    (Changed::default(), 0)
                }
            },
        };
        zbus::block_on(async {
            let emitter = player.signal_emitter();
            let player = player.get().await;
            if changed.track {
                player.metadata_changed(emitter).await?;
            }
            if changed.status {
                player.playback_status_changed(emitter).await?;
            }
            if changed.volume {
                player.volume_changed(emitter).await?;
            }
            if changed.modes {
                player.loop_status_changed(emitter).await?;
                player.shuffle_changed(emitter).await?;
            }
            if changed.seeked {
                Player::seeked(emitter, position).await?;
            }
            zbus::Result::Ok(())
        })?;
    }
}

/// Takes what happened, and asks for the cover of a track that is shown anew; what has changed, and the position.
fn take(happened: &[Arc<Vec<Happening>>], shown: &Mutex<Shown>, covers: &Sender<PathBuf>) -> (Changed, i64) {
    let happenings = || happened.iter().flat_map(|all| all.iter());
    let latest = happenings().rev().find_map(|happening| match happening {
        Happening::Track { track, .. } => Some(track.as_ref()),
        _ => None,
    });
    let latest = latest.flatten();
    // This may read a cue sheet, for which nobody has to wait.
    let file = latest.map(|track| shown::address(&track.file));
    let mut changed = Changed::default();
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    happenings().for_each(|happening| shown.take(happening, now, &mut changed));
    if changed.track {
        shown.file = file.unwrap_or_default();
    }
    if let Some(track) = latest {
        let _ = covers.send(track.file.clone());
    }
    (changed, shown.position(now))
}

/// Connects to the bus. A second jukebox, of another home, gets a name with its process id.
async fn connect(shown: &Arc<Mutex<Shown>>, wish: &Wisher) -> zbus::Result<zbus::Connection> {
    let with = |name: String| {
        zbus::connection::Builder::session()
            .serve_at(PATH, Root { wish: wish.clone() })
            .serve_at(PATH, Player { shown: shown.clone(), wish: wish.clone() })
            .name(name)
            .build()
    };
    match with(NAME.into()).await {
        Err(zbus::Error::NameTaken) => with(format!("{NAME}.instance{}", std::process::id())).await,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use zbus::wire::Variant;

    use super::*;
    use crate::ask::report::Playing;
    use crate::library::Song;
    use crate::track::TrackId;

    #[test]
    fn a_file_has_the_exact_bytes_of_its_name() {
        let song = Song::bare(OsStr::from_bytes(b"/music/na\xefve.mp3"), TrackId([1; 16]));
        let track = Some(Playing::of(&song, 0.0, 60.0));
        let (shown, (covers, wanted)) = (Mutex::new(Shown::default()), unbounded());
        take(&[Arc::new(vec![Happening::Track { track, moved: false }])], &shown, &covers);
        assert_eq!(wanted.try_recv().unwrap(), song.path.to_path_buf());
        let map = shown.lock().unwrap().metadata();
        assert_eq!(map["xesam:url"], Variant::from("file:///music/na%EFve.mp3"));
    }
}
