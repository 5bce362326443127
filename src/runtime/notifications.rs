//! Notifications (`[player] notifications`): the notification server of the desktop, on the session bus (D-Bus), is told of
//! every track that begins. Where there is no bus or no server, nothing is told, and nobody waits for either.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;
use zbus::Connection;
use zbus::wire::Variant;

use super::art::Art;
use super::mpris;
use super::start_error::StartError;
use crate::ask::event::Happening;
use crate::ask::report::Playing;

const SERVER: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// The program's name, which is also that of its desktop entry and of its icon.
const NAME: &str = "jukebox";
/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The server decides how long a notification is shown.
const ITS_TIME: i32 = -1;

/// Tells of tracks on a thread of its own until the channel of happenings closes. `art` finds their covers.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn start(happenings: Receiver<Arc<Vec<Happening>>>, art: Arc<Art>) -> Result<(), StartError> {
    if !mpris::has_bus() {
        return Ok(());
    }
    std::thread::Builder::new()
        .name("notifications".into())
        .spawn(move || run(&happenings, &art))
        .map(drop)
        .map_err(StartError::thread("the thread 'notifications'"))
}

fn run(happenings: &Receiver<Arc<Vec<Happening>>>, art: &Art) {
    let (mut news, mut desktop) = (News::default(), None);
    while let Ok(first) = happenings.recv() {
        // Of tracks that were gone through in a hurry, only the last one is told.
        for happened in std::iter::once(first).chain(happenings.try_iter()) {
            happened.iter().for_each(|happening| news.take(happening));
        }
        let Some(track) = news.due() else { continue };
        let notice = Notice::of(&track, art.of(&track.file));
        // The server may be started later than the player, or anew.
        let connected = desktop.take().map_or_else(|| zbus::block_on(Desktop::connect()), Ok);
        desktop = connected.and_then(|desktop| zbus::block_on(desktop.tell(&notice))).ok();
    }
}

/// What has happened that is to be told.
#[derive(Debug, Default)]
struct News {
    /// A track that was not told yet.
    track: Option<Playing>,
    playing: bool,
}

impl News {
    fn take(&mut self, happening: &Happening) {
        match happening {
            // A track that was told is not told again under another path.
            Happening::Track { moved: true, .. } if self.track.is_none() => {}
            Happening::Track { track, .. } => self.track.clone_from(track),
            Happening::State { state, .. } => self.playing = state == "playing",
            _ => {}
        }
    }

    /// A track that has begun, once.
    fn due(&mut self) -> Option<Playing> {
        if self.playing { self.track.take() } else { None }
    }
}

/// What a notification shows.
#[derive(Debug, PartialEq, Eq)]
struct Notice {
    title: String,
    /// Artist and album, as far as they are known.
    body: String,
    /// The URL of a picture, or the name of an icon.
    icon: String,
}

impl Notice {
    fn of(track: &Playing, cover: Option<String>) -> Notice {
        let known: Vec<&str> =
            [track.artist.as_str(), &track.album].into_iter().filter(|text| !text.is_empty()).collect();
        Notice { title: track.title.clone(), body: known.join(" · "), icon: cover.unwrap_or_else(|| NAME.into()) }
    }
}

/// The notification server.
#[derive(Debug)]
struct Desktop {
    bus: Connection,
    /// Whether it reads markup in the body.
    markup: bool,
    /// The last notification, which the next one replaces; 0 for none.
    shown: u32,
}

impl Desktop {
    async fn connect() -> zbus::Result<Desktop> {
        let bus = zbus::connection::Builder::session().method_timeout(PATIENCE).build().await?;
        let reply = bus.call_method(Some(SERVER), PATH, Some(SERVER), "GetCapabilities", &()).await?;
        let able: Vec<String> = reply.body().deserialize()?;
        Ok(Desktop { bus, markup: able.iter().any(|name| name == "body-markup"), shown: 0 })
    }

    /// Shows a notification in place of the last one.
    async fn tell(mut self, notice: &Notice) -> zbus::Result<Desktop> {
        let Notice { title, body, icon } = notice;
        let body = if self.markup { plain(body) } else { body.clone() };
        // Tracks that are over are not to pile up among the notifications that were missed.
        let hints = HashMap::from([("desktop-entry", Variant::from(NAME)), ("transient", Variant::from(true))]);
        let actions: Vec<&str> = Vec::new();
        // As in the Desktop Notifications Specification 1.2.
        let call = (NAME, self.shown, icon.as_str(), title.as_str(), body.as_str(), actions, hints, ITS_TIME);
        let reply = self.bus.call_method(Some(SERVER), PATH, Some(SERVER), "Notify", &call).await?;
        self.shown = reply.body().deserialize()?;
        Ok(self)
    }
}

/// A text in which nothing is markup.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(title: &str) -> Happening {
        Happening::Track { track: Some(Playing { title: title.into(), ..Playing::default() }), moved: false }
    }

    fn state(state: &str) -> Happening {
        Happening::State { state: state.into(), position: 0.0 }
    }

    #[test]
    fn a_track_is_told_once_when_it_plays() {
        let mut news = News::default();
        let mut told = |happened: &[Happening]| {
            happened.iter().for_each(|happening| news.take(happening));
            news.due().map(|track| track.title)
        };
        assert_eq!(told(&[track("of the last session"), state("paused")]), None);
        assert_eq!(told(&[state("playing")]).as_deref(), Some("of the last session"));
        assert_eq!(told(&[state("paused"), state("playing"), Happening::Seek { position: 3.0 }]), None);
        assert_eq!(told(&[track("a"), track("b")]).as_deref(), Some("b"));
        assert_eq!(told(&[track("c"), Happening::Track { track: None, moved: false }, state("stopped")]), None);
        assert_eq!(told(&[state("playing")]), None);
    }

    #[test]
    fn a_file_that_is_renamed_is_told_once() {
        let mut news = News::default();
        let at = |path: &str, moved| {
            let track = Playing { title: "a".into(), path: path.into(), ..Playing::default() };
            Happening::Track { track: Some(track), moved }
        };
        let mut told = |happened: &[Happening]| {
            happened.iter().for_each(|happening| news.take(happening));
            news.due().map(|track| track.path)
        };
        assert_eq!(told(&[at("/a.mp3", false), state("playing")]).as_deref(), Some("/a.mp3"));
        assert_eq!(told(&[at("/b.mp3", true)]), None);
        // Played once more, and renamed before it was told.
        assert_eq!(told(&[at("/b.mp3", false), at("/c.mp3", true)]).as_deref(), Some("/c.mp3"));
    }

    #[test]
    fn a_notification_has_what_is_known_and_no_markup() {
        let about = |artist: &str, album: &str| {
            let track = Playing { artist: artist.into(), album: album.into(), ..Playing::default() };
            Notice::of(&track, None).body
        };
        assert_eq!(about("Sun Palace", "Half Moon"), "Sun Palace · Half Moon");
        assert_eq!([about("", "Half Moon"), about("Sun Palace", ""), about("", "")], ["Half Moon", "Sun Palace", ""]);
        let icon = |cover: Option<&str>| Notice::of(&Playing::default(), cover.map(Into::into)).icon;
        assert_eq!([icon(None), icon(Some("file:///m/cover.png"))], ["jukebox", "file:///m/cover.png"]);
        assert_eq!(plain("<b>A & B</b>"), "&lt;b&gt;A &amp; B&lt;/b&gt;");
    }
}
