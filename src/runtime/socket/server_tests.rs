use std::ffi::OsString;
use std::io::{BufRead, Read};
use std::os::unix::ffi::OsStringExt;
use std::sync::mpsc;

use crossterm::event::Event;

use super::super::request::SMALL;
use super::super::{LINE, ask};
use super::*;
use crate::ask::screen::{Attached, Colours, Input, LARGEST, Shown, Terminal};

fn server(dir: &Path, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> (Server, PathBuf) {
    server_of(dir, move |request| match request {
        Request::Command(line) => answer(&line).into(),
        Request::Follow => {
            let (sender, happenings) = crossbeam_channel::unbounded();
            (1..=3).for_each(|volume| drop(sender.send(Arc::new(vec![Happening::Volume { volume }]))));
            Answered::Happenings(happenings)
        }
        _ => Reply::Error("no".into()).into(),
    })
}

fn server_of(dir: &Path, answer: impl Fn(Request) -> Answered + Send + Sync + 'static) -> (Server, PathBuf) {
    let path = dir.join("run/control.sock");
    (Server::start(&path, Arc::new(answer)).unwrap(), path)
}

/// A server of a player without a screen, and the terminals that come to it.
fn stage(dir: &Path) -> (Server, PathBuf, Receiver<Attached>) {
    let path = dir.join("run/control.sock");
    let (screens, arrivals) = crossbeam_channel::unbounded();
    let answer: Answer = Arc::new(move |request| match request {
        Request::Attach(terminal) => {
            let (attached, served) = Served::of(terminal);
            screens.send(attached).unwrap();
            Answered::Screen(served)
        }
        _ => Reply::Error("no".into()).into(),
    });
    (Server::start(&path, answer).unwrap(), path, arrivals)
}

fn command(line: &str) -> Request {
    Request::Command(line.into())
}

#[test]
fn a_request_is_answered_and_the_socket_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let (server, path) = server(dir.path(), |_| Reply::Done);
    assert!(matches!(ask(&path, &command("pause")), Ok(Some(Reply::Done))));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    drop(server);
    assert!(matches!(ask(&path, &Request::Status), Ok(None)));
}

#[test]
fn a_follower_is_told_line_by_line_until_nothing_more_comes() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path) = server(dir.path(), |_| Reply::Done);
    let mut volumes = Vec::new();
    let came = super::super::follow(&path, |happening| {
        volumes.extend(if let Happening::Volume { volume } = happening { Some(volume) } else { None });
        volumes.len() < 3
    });
    assert_eq!((came.unwrap(), volumes), (true, vec![1, 2, 3]));
    let none = dir.path().join("none");
    assert!(!super::super::follow(&none, |_| true).unwrap(), "nobody listens there");
}

#[test]
fn who_leaves_is_told_from_who_only_asks_no_more() {
    let (here, there) = UnixStream::pair().unwrap();
    assert!(!has_left(&here));
    there.shutdown(Shutdown::Write).unwrap();
    assert!(!has_left(&here), "it still reads");
    drop(there);
    assert!(has_left(&here));
}

#[test]
fn a_terminal_is_attached_past_idle_clients_until_either_side_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path, arrivals) = stage(dir.path());
    let terminal = Terminal { size: (80, 24), cell: None, colours: Colours::Sixteen, light: false, pictures: None };
    let mut stream = super::super::attach(&path, &terminal).unwrap();
    let attached = arrivals.recv().unwrap();
    assert_eq!(attached.terminal, terminal);
    let idle: Vec<_> = (0..2 * CLIENTS).map(|_| UnixStream::connect(&path).unwrap()).collect();
    for input in [Input::Event(Event::Paste("So What".into())), Input::Size((100, 30), Some((9, 20)))] {
        stream.write_all(b"nonsense\n").unwrap();
        stream.write_all(input.line().unwrap().as_bytes()).unwrap();
    }
    assert_eq!(attached.events.recv().unwrap().unwrap(), Event::Paste("So What".into()));
    assert_eq!(attached.events.recv().unwrap().unwrap(), Event::Resize(100, 30));
    assert_eq!((attached.link.size(), attached.link.cell()), ((100, 30), Some((9, 20))));
    stream.write_all(Input::Size((u16::MAX, 2), None).line().unwrap().as_bytes()).unwrap();
    assert_eq!(attached.events.recv().unwrap().unwrap(), Event::Resize(LARGEST, 2));
    attached.link.sent();
    attached.output.send(Shown::Bytes(b"\x1b[H".to_vec())).unwrap();
    attached.output.send(Shown::Bye("gone".into())).unwrap();
    assert_eq!(Shown::read(&mut stream).unwrap(), Some(Shown::Bytes(b"\x1b[H".to_vec())));
    assert_eq!(Shown::read(&mut stream).unwrap(), Some(Shown::Bye("gone".into())));
    assert_eq!(attached.link.waiting(), 0);
    drop(attached);
    assert_eq!(Shown::read(&mut stream).unwrap(), None, "the player has let it go");
    drop(idle);
    let stream = super::super::attach(&path, &terminal).unwrap();
    let attached = arrivals.recv().unwrap();
    drop(stream);
    assert!(attached.events.recv().unwrap().is_err(), "the terminal is gone");
}

#[test]
fn nonsense_and_endless_lines_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path) = server(dir.path(), |_| Reply::Done);
    let talk = |bytes: &[u8]| {
        let mut stream = UnixStream::connect(&path).unwrap();
        let _ = stream.write_all(bytes);
        let mut line = String::new();
        let _ = BufReader::new(&stream).read_line(&mut line);
        line
    };
    assert!(talk(b"{\"nonsense\": \xff}\n").contains("not a request"));
    assert!(talk(&vec![b'x'; LINE as usize]).contains("at most"));
    let long = format!("{{\"Command\":\"enqueue {}\"}}\n", "x".repeat(TEXT));
    assert!(talk(long.as_bytes()).contains("are allowed"));
    let paths = format!("{{\"Open\":[{}[47]]}}\n", "[47],".repeat(crate::paths::raw::list::MOST));
    assert!(talk(paths.as_bytes()).contains("at most"));
}

#[test]
fn an_answer_of_another_version_is_called_that() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.sock");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let other = std::thread::spawn(move || {
        for answer in
            [&b"{\"Sung\":1}\n"[..], b"{\"Sung\":1}\n", b"\"Done\"\n{\"Danced\":2}\n", b"", b"{\"Error\":\"no"]
        {
            let (mut stream, _) = listener.accept().unwrap();
            BufReader::new(&stream).read_line(&mut String::new()).unwrap();
            stream.write_all(answer).unwrap();
        }
    });
    let terminal = Terminal { size: (80, 24), cell: None, colours: Colours::Sixteen, light: false, pictures: None };
    let said = [
        ask(&path, &Request::Status).unwrap_err().to_string(),
        super::super::attach(&path, &terminal).unwrap_err().to_string(),
        super::super::follow(&path, |_| true).unwrap_err().to_string(),
    ];
    assert!(said.iter().all(|why| why.contains("another version than this one")), "{said:?}");
    assert!(ask(&path, &Request::Status).unwrap_err().to_string().ends_with("it hung up"));
    let cut = ask(&path, &Request::Status).unwrap_err().to_string();
    assert!(cut.ends_with("it hung up in the middle of its answer"), "{cut}");
    other.join().unwrap();
}

#[test]
fn a_request_that_is_too_large_is_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path) = server(dir.path(), |_| Reply::Done);
    // Bytes that are no text take four times the room.
    let files = vec![PathBuf::from(OsString::from_vec(vec![0xff; 4000])); 4500];
    assert!(ask(&path, &Request::Open(files)).unwrap_err().to_string().contains("name fewer files"));
}

#[test]
fn a_request_has_room_for_the_longest_playlist() {
    let dir = tempfile::tempdir().unwrap();
    let files = vec![PathBuf::from(format!("/{}.flac", "ü".repeat(120))); crate::paths::raw::list::MOST];
    let all = files.len();
    let (_server, path) = server_of(dir.path(), move |request| match request {
        Request::Open(paths) if paths.len() == all => Reply::Done.into(),
        _ => Reply::Error("no".into()).into(),
    });
    assert!(matches!(ask(&path, &Request::Open(files)), Ok(Some(Reply::Done))));
}

#[test]
fn idle_and_slow_clients_do_not_shut_a_command_out() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path) = server(dir.path(), |_| Reply::Done);
    let mut idle = Vec::new();
    for n in 0..3 * CLIENTS {
        let mut stream = UnixStream::connect(&path).unwrap();
        // Every other one has begun a request that it never ends.
        if n % 2 == 0 {
            let _ = stream.write_all(b"{\"Comm");
        }
        idle.push(stream);
        assert!(matches!(ask(&path, &command("next")), Ok(Some(Reply::Done))), "after {n}");
    }
    // Those that came first have given way; the last still has its place.
    let mut last = idle.pop().unwrap();
    last.write_all(b"{\"Command\":\"pause\"}\n").unwrap();
    let mut line = String::new();
    BufReader::new(&last).read_line(&mut line).unwrap();
    assert_eq!(line, "\"Done\"\n");
    assert!(matches!(idle[1].read_to_end(&mut Vec::new()), Ok(0)), "an early one was hung up on");
}

#[test]
fn clients_that_read_no_answers_give_way_too() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path) = server(dir.path(), |line| match line {
        "much" => Reply::Error("x".repeat(4 << 20)),
        _ => Reply::Done,
    });
    let deaf: Vec<_> = (0..2 * CLIENTS)
        .map(|_| {
            let mut stream = UnixStream::connect(&path).unwrap();
            stream.write_all(b"{\"Command\":\"much\"}\n").unwrap();
            // Its answer has begun.
            assert_eq!(stream.read(&mut [0]).unwrap(), 1);
            stream
        })
        .collect();
    assert!(matches!(ask(&path, &command("next")), Ok(Some(Reply::Done))));
    drop(deaf);
}

#[test]
fn whoever_is_being_answered_keeps_the_place_and_is_answered_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let (begun, begins) = mpsc::channel();
    let (go, goes) = mpsc::channel::<()>();
    let (begun, goes) = (Mutex::new(begun), Mutex::new(goes));
    let (server, path) = server(dir.path(), move |line| {
        if line == "slow" {
            begun.lock().unwrap().send(()).unwrap();
            goes.lock().unwrap().recv().unwrap();
        }
        Reply::Done
    });
    let slow = {
        let path = path.clone();
        std::thread::spawn(move || ask(&path, &command("slow")))
    };
    begins.recv().unwrap();
    let idle: Vec<_> = (0..2 * CLIENTS).map(|_| UnixStream::connect(&path).unwrap()).collect();
    assert!(matches!(ask(&path, &command("next")), Ok(Some(Reply::Done))));
    go.send(()).unwrap();
    drop(server);
    assert!(matches!(slow.join().unwrap(), Ok(Some(Reply::Done))));
    drop(idle);
}

/// A request of more than [`SMALL`] bytes.
fn large() -> Request {
    Request::Open(vec![PathBuf::from(format!("/{}.flac", "x".repeat(120))); SMALL as usize / 100])
}

#[test]
fn large_requests_are_taken_one_after_the_other_and_small_ones_beside_them() {
    let dir = tempfile::tempdir().unwrap();
    let (go, goes) = mpsc::channel::<()>();
    let (told, heard) = mpsc::channel();
    let (goes, told) = (Mutex::new(goes), Mutex::new(told));
    let (_server, path) = server_of(dir.path(), move |request| {
        if matches!(request, Request::Open(_)) {
            told.lock().unwrap().send("begins").unwrap();
            goes.lock().unwrap().recv().unwrap();
            told.lock().unwrap().send("ends").unwrap();
        }
        Reply::Done.into()
    });
    let asking: Vec<_> = (0..2)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || ask(&path, &large()))
        })
        .collect();
    let first = heard.recv().unwrap();
    for _ in 0..8 {
        assert!(matches!(ask(&path, &command("next")), Ok(Some(Reply::Done))));
    }
    go.send(()).unwrap();
    go.send(()).unwrap();
    for one in asking {
        assert!(matches!(one.join().unwrap(), Ok(Some(Reply::Done))));
    }
    let all: Vec<_> = std::iter::once(first).chain(heard.try_iter()).collect();
    assert_eq!(all, ["begins", "ends", "begins", "ends"]);
}

#[test]
fn whoever_is_refused_while_it_still_sends_is_told_why() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let refusing = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        send(&stream, &Reply::Error("not now".into())).unwrap();
    });
    // More than the socket holds.
    let reply = ask(&path, &large());
    refusing.join().unwrap();
    assert!(matches!(&reply, Ok(Some(Reply::Error(why))) if why == "not now"), "{reply:?}");
}

#[test]
fn a_large_request_that_never_ends_gives_way_when_its_client_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path) = server_of(dir.path(), |_| Reply::Done.into());
    let mut endless = UnixStream::connect(&path).unwrap();
    endless.write_all(&vec![b'x'; SMALL as usize + 1]).unwrap();
    let waiting = {
        let path = path.clone();
        std::thread::spawn(move || ask(&path, &large()))
    };
    drop(endless);
    assert!(matches!(waiting.join().unwrap(), Ok(Some(Reply::Done))));
}

#[test]
fn there_is_room_for_one_large_request_of_a_client_that_has_its_place() {
    let clients = Clients::default();
    let place = || {
        let (stream, _) = UnixStream::pair().unwrap();
        clients.place(stream).unwrap()
    };
    let (one, two) = (place(), place());
    let room = clients.room(one, Duration::ZERO);
    assert!(room.is_some() && clients.room(two, Duration::ZERO).is_none());
    // One that loses its place waits no longer.
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| clients.room(two, Duration::from_secs(3600)).is_none());
        clients.note(one, Doing::Waiting);
        for _ in 0..CLIENTS {
            place();
        }
        assert!(waiting.join().unwrap());
    });
    drop(room);
    assert!(clients.room(two, Duration::ZERO).is_none(), "it is gone");
    assert!(clients.room(one, Duration::ZERO).is_some());
}

#[test]
fn another_ones_socket_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (first, path) = server(dir.path(), |_| Reply::Error("first".into()));
    let (_second, _) = server(dir.path(), |_| Reply::Done);
    drop(first);
    assert!(matches!(ask(&path, &command("next")), Ok(Some(Reply::Done))));
}

#[test]
fn what_a_terminal_sends_waits_where_nobody_takes_it() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path, arrivals) = stage(dir.path());
    let terminal = Terminal { size: (80, 24), cell: None, colours: Colours::Mono, light: false, pictures: None };
    let mut stream = super::super::attach(&path, &terminal).unwrap();
    let attached = arrivals.recv().unwrap();
    // Far more than the socket holds.
    let flood = std::thread::spawn(move || {
        let line = Input::Event(Event::Paste("x".repeat(4000))).line().unwrap();
        let mut written = 0;
        while written < 2000 && stream.write_all(line.as_bytes()).is_ok() {
            written += 1;
        }
        written
    });
    assert!(attached.events.iter().take(300).all(|event| event.is_ok()));
    assert!(attached.events.capacity().is_some_and(|most| most < 2000), "no more than that is kept in memory");
    drop(attached);
    assert!(flood.join().unwrap() < 2000, "it is hung up on");
}

#[test]
fn terminals_that_were_let_go_and_take_no_notice_give_way() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, path, arrivals) = stage(dir.path());
    let terminal = Terminal { size: (80, 24), cell: None, colours: Colours::Mono, light: false, pictures: None };
    let mut shown = Vec::new();
    for _ in 0..CLIENTS + 2 {
        let stream = super::super::attach(&path, &terminal).unwrap();
        shown.push((stream, arrivals.recv().unwrap()));
    }
    let (_, first) = &shown[0];
    assert!(first.events.recv().unwrap().is_err(), "it was hung up on");
    let (mut stream, last) = shown.pop().unwrap();
    stream.write_all(Input::Event(Event::Paste("So What".into())).line().unwrap().as_bytes()).unwrap();
    assert_eq!(last.events.recv().unwrap().unwrap(), Event::Paste("So What".into()));
}
