//! Reads what the user saved, for the view of the playlists.

use crate::app::state::lists::{Kind, Listed};
use crate::ask::answers::Answers;
use crate::library::playlist::Finder;
use crate::library::playlists::Playlists;

/// Every playlist and saved signature with the songs that the library has of it. One that cannot be read says why.
pub(super) fn all(answers: &Answers, playlists: &Playlists) -> Vec<Listed> {
    let finder = Finder::new(&answers.catalog);
    let lists = playlists.names().into_iter().map(|name| playlist(answers, playlists, &finder, name));
    let signatures = answers.signatures.names().into_iter().map(|name| signature(answers, name));
    let mut all: Vec<Listed> = lists.chain(signatures).collect();
    // The names are sorted already; the kinds stand together.
    all.sort_by_key(|list| list.kind as u8);
    all
}

/// One playlist, smart or not.
pub(super) fn one(answers: &Answers, playlists: &Playlists, name: String) -> Listed {
    playlist(answers, playlists, &Finder::new(&answers.catalog), name)
}

fn playlist(answers: &Answers, playlists: &Playlists, finder: &Finder, name: String) -> Listed {
    let kind = if playlists.is_smart(&name) { Kind::Smart } else { Kind::Playlist };
    let first = |why: String| why.lines().next().unwrap_or_default().to_string();
    let read = match playlists.smart(&name) {
        Ok(Some(smart)) => answers.smart(&smart).map(|songs| Listed::new(kind, name.clone(), smart.line(), songs, 0)),
        Ok(None) => playlists.load(&name).map(|list| {
            let songs = list.entries.iter().filter_map(|entry| finder.find(entry));
            let songs: Vec<_> = songs.map(|(song, _)| song.clone()).collect();
            let missing = list.entries.len() + list.left_out - songs.len();
            Listed::new(kind, name.clone(), String::new(), songs, missing)
        }),
        Err(why) => Err(why),
    };
    read.unwrap_or_else(|why| Listed::broken(kind, name, first(why)))
}

fn signature(answers: &Answers, name: String) -> Listed {
    match answers.saved(&name) {
        Ok((members, choice, missing)) => {
            let songs = members.iter().filter_map(|track| answers.catalog.of_track(*track).cloned()).collect();
            Listed::new(Kind::Signature, name, choice.to_string(), songs, missing)
        }
        Err(why) => Listed::broken(Kind::Signature, name, why),
    }
}
