//! A day's mixes, for `:mix`: what was heard, split into groups that sound alike. Each has some of its group and some that
//! is like it, and a name of words that the group agrees on.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use fastrand::Rng;

use super::error::LikedError;
use crate::latent::Latent;
use crate::latent::clusters::clusters;
use crate::library::Song;
use crate::queue::{Context, Director, Proposal, SignatureEngine, Situation, Why, policy};
use crate::track::TrackId;

/// With fewer heard tracks there are no mixes.
pub const FEWEST: usize = 30;
/// So many of the tracks that were heard last count.
const LATEST: usize = 400;
/// How many mixes there are.
const GROUPS: RangeInclusive<usize> = 3..=6;
/// The fewest tracks of a group.
const LEAST: usize = 6;
/// Tracks of a mix that are of its group, …
const OWN: usize = 10;
/// … and that are like it.
const LIKE: usize = 15;
/// So many of a group say what it is like.
const SEEDS: usize = 20;
/// The most words of a name.
const WORDS: usize = 2;
/// The most characters of a name: there must be room for a number behind it.
const LONGEST: usize = 36;

/// A mix.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// A name for a playlist: `mix-mellow-folk`.
    pub name: String,
    /// The words that its group agrees on; there may be none.
    pub words: Vec<String>,
    /// Its songs, in playing order.
    pub songs: Vec<Arc<Song>>,
}

/// The mixes for a context's library, limits and journal, the one of the largest group first. `seed` is the day's: the
/// groups are those of the day before as far as nothing else was heard, and what is drawn from them is not.
///
/// # Errors
/// Too little was heard.
pub fn mixes(context: &Context, seed: u64) -> Result<Vec<Mix>, LikedError> {
    let heard = heard(context);
    if heard.len() < FEWEST {
        return Err(LikedError::TooFew { least: FEWEST, heard: heard.len() });
    }
    let points: Vec<Latent> = heard.iter().map(|&row| context.space.point(row)).collect();
    let groups: Vec<Vec<u32>> = clusters(&points, GROUPS, LEAST, 1)
        .into_iter()
        .map(|group| group.into_iter().map(|i| heard[i]).collect())
        .collect();
    let words = words(context, &groups);
    let mut rng = Rng::with_seed(seed);
    let mut director = Director::new(Vec::new());
    let mut used: Vec<TrackId> = context.situation.refused.clone();
    let ids = |rows: &[u32]| rows.iter().filter_map(|&row| context.space.id(row)).collect::<Vec<TrackId>>();
    let mut mixes = Vec::with_capacity(groups.len());
    for (n, words) in words.into_iter().enumerate() {
        let mut rows = groups[n].clone();
        rng.shuffle(&mut rows);
        let own = ids(&rows);
        // What belongs to another mix is left to it.
        let others = groups.iter().enumerate().filter(|(other, _)| *other != n).flat_map(|(_, rows)| ids(rows));
        let refused: Vec<TrackId> = used.iter().copied().chain(others).collect();
        let base = Situation { refused, ..context.situation.clone() };
        let seeds = own.iter().take(SEEDS).copied().collect();
        let asking = Context { situation: Situation { playlist: seeds, ..base.clone() }, ..context.clone() };
        let (like, _) = director.picks(&asking, SignatureEngine::NAME, LIKE);
        let all = own.iter().take(OWN).copied().chain(like.iter().map(|pick| pick.id));
        let all = all.map(|id| Proposal { id, score: 0.0, why: Why::default() }).collect();
        // In an order without jumps, and with artists apart.
        let picks = policy::pick(&Context { situation: base, ..context.clone() }, all, OWN + LIKE);
        used.extend(picks.iter().map(|pick| pick.id));
        let songs: Vec<_> = picks.iter().filter_map(|pick| context.catalog.of_track(pick.id).cloned()).collect();
        if !songs.is_empty() {
            mixes.push(Mix { name: name(&words), words, songs });
        }
    }
    Ok(mixes)
}

/// The rows of the tracks that were heard last and are wanted, the latest first. What was skipped more often than heard
/// does not count.
fn heard(context: &Context) -> Vec<u32> {
    let one = |id: TrackId| {
        let tally = context.tallies.of_song(context.catalog.of_track(id)?);
        let row = context.space.row(id)?;
        let counts = tally.plays > 0 && tally.skips <= tally.plays && context.wanted(id);
        counts.then_some((tally.last_played.unwrap_or(0), row))
    };
    let mut heard: Vec<(u64, u32)> = context.catalog.tracks().filter_map(one).collect();
    heard.sort_unstable_by_key(|&(at, row)| (std::cmp::Reverse(at), row));
    heard.dedup();
    heard.into_iter().map(|(_, row)| row).take(LATEST).collect()
}

/// The words that each group agrees on: the encoder's, or else genres, or else an artist.
fn words(context: &Context, groups: &[Vec<u32>]) -> Vec<Vec<String>> {
    let song = |row: u32| context.catalog.of_track(context.space.id(row)?);
    let genres = |row: u32| -> Vec<String> {
        song(row).into_iter().flat_map(|song| song.tags.genres.iter().map(|genre| genre.to_lowercase())).collect()
    };
    let artist = |row: u32| -> Vec<String> { song(row).into_iter().map(|song| song.artist().to_lowercase()).collect() };
    let sources: [&dyn Fn(u32) -> Vec<String>; 3] = [&|row| context.space.said(row), &genres, &artist];
    let mut words = vec![Vec::new(); groups.len()];
    for source in sources {
        for (own, agreed) in words.iter_mut().zip(agreed(groups, source)) {
            if own.is_empty() {
                *own = agreed;
            }
        }
    }
    words
}

/// For each group the words that at least a third of it has, those first that it has more than any other group.
fn agreed(groups: &[Vec<u32>], source: &dyn Fn(u32) -> Vec<String>) -> Vec<Vec<String>> {
    let shares = |rows: &Vec<u32>| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for &row in rows {
            // A word that a track has twice counts once.
            let distinct: HashSet<String> = source(row).into_iter().filter(|word| !word.trim().is_empty()).collect();
            distinct.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
        }
        counts.into_iter().map(|(word, n)| (word, n as f32 / rows.len().max(1) as f32)).collect()
    };
    let shares: Vec<HashMap<String, f32>> = groups.iter().map(shares).collect();
    let of = |n: usize| {
        let elsewhere = |word: &str| {
            let others = shares.iter().enumerate().filter(|(other, _)| *other != n);
            others.filter_map(|(_, shares)| shares.get(word)).copied().fold(0.0, f32::max)
        };
        let common = shares[n].iter().filter(|(_, share)| 3.0 * **share >= 1.0);
        let mut ranked: Vec<(f32, f32, &String)> =
            common.map(|(word, share)| (share - elsewhere(word), *share, word)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(b.2)));
        ranked.into_iter().take(WORDS).map(|(.., word)| word.clone()).collect()
    };
    (0..groups.len()).map(of).collect()
}

/// A name for a playlist, made of words: `mix-r-b-female-voice`; `mix` without any.
fn name(words: &[String]) -> String {
    let text = words.join(" ").to_lowercase();
    let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let name: String = std::iter::once("mix").chain(parts).collect::<Vec<_>>().join("-");
    name.chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::{DIMS, Space};
    use crate::library::Catalog;
    use crate::library::journal::{Entry, Event, Tallies};
    use crate::library::playlists;
    use crate::track::Tags;

    fn id(n: u8) -> TrackId {
        TrackId([n; 16])
    }

    /// 160 tracks of four far apart styles, by forty artists, of which the first `heard` were heard.
    fn context(heard: u8) -> Context {
        let mut rng = Rng::with_seed(3);
        let mut noise = move || (0..6).map(|_| rng.f32() - 0.5).sum::<f32>();
        let centres: Vec<Latent> = (0..4).map(|_| std::array::from_fn(|_| 5.0 * noise())).collect();
        let mut latents = Vec::new();
        let mut songs = Vec::new();
        for n in 1..=160u8 {
            let style = usize::from(n % 4);
            latents.push((id(n), std::array::from_fn::<f32, DIMS, _>(|d| centres[style][d] + noise())));
            let genres = [["Jazz", "Folk Rock", "Metal", "R&B"][style].to_string(), "Music".into()];
            let tags = Tags {
                title: Some(format!("Song {n}").into()),
                artist: Some(format!("Artist {}", n % 40).into()),
                genres: genres.into(),
                ..Tags::default()
            };
            songs.push(Arc::new(Song {
                tags: tags.into(),
                secs: 200.0,
                ..Song::bare(format!("/m/{n:03}.mp3"), id(n))
            }));
        }
        let played =
            |n: u8| Entry { at: 1000 + u64::from(n), event: Event::Played { track: id(n), secs: 200.0, whole: true } };
        let entries: Vec<Entry> = (1..=heard).map(played).collect();
        Context {
            catalog: Catalog::new(songs).into(),
            space: Space::build("test".into(), Arc::default(), latents).into(),
            tallies: Tallies::new(&entries).into(),
            ..Context::default()
        }
    }

    fn style(song: &Song) -> u8 {
        song.track.0[0] % 4
    }

    #[test]
    fn what_was_heard_becomes_a_mix_for_each_kind_of_it() {
        let context = context(60);
        let mixes = mixes(&context, 20_261_130).unwrap();
        assert_eq!(mixes.len(), 4);
        let mut names: Vec<&str> = mixes.iter().map(|mix| mix.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["mix-folk-rock-music", "mix-jazz-music", "mix-metal-music", "mix-r-b-music"]);
        let mut seen = HashSet::new();
        for mix in &mixes {
            assert!((15..=OWN + LIKE).contains(&mix.songs.len()), "{}: {}", mix.name, mix.songs.len());
            let of = style(&mix.songs[0]);
            assert!(mix.songs.iter().all(|song| style(song) == of), "{}", mix.name);
            assert!(mix.songs.iter().all(|song| seen.insert(song.track)), "no track in two mixes, or twice in one");
            let known = mix.songs.iter().filter(|song| song.track.0[0] <= 60).count();
            assert!(known >= 5 && known < mix.songs.len(), "some that was heard, and some that was not: {known}");
            assert_eq!(playlists::check(&mix.name), Ok(()));
        }
    }

    #[test]
    fn the_same_day_has_the_same_mixes_and_another_day_others() {
        let context = context(60);
        let first = mixes(&context, 1).unwrap();
        assert_eq!(mixes(&context, 1).unwrap(), first);
        let next = mixes(&context, 2).unwrap();
        assert_eq!(next.iter().map(|m| &m.name).collect::<Vec<_>>(), first.iter().map(|m| &m.name).collect::<Vec<_>>());
        assert_ne!(next, first);
    }

    #[test]
    fn too_little_history_is_said() {
        assert_eq!(
            mixes(&context(12), 1).unwrap_err().to_string(),
            "mixes need 30 analysed tracks that you have heard; so far there are 12"
        );
        assert_eq!(mixes(&context(0), 1), Err(LikedError::TooFew { least: 30, heard: 0 }));
        assert!(mixes(&context(30), 1).is_ok_and(|mixes| (3..=6).contains(&mixes.len())));
    }

    #[test]
    fn names_are_made_of_what_a_group_has_more_than_others() {
        let said = |row: u32| -> Vec<String> {
            let words: &[&str] = match row {
                0..=2 => &["mellow", "folk", "folk"],
                3 => &["mellow", "sad"],
                _ => &["mellow", "metal"],
            };
            words.iter().map(|word| (*word).to_string()).collect()
        };
        let groups = [vec![0, 1, 2, 3], vec![4, 5], vec![]];
        let none: [&str; 0] = [];
        assert_eq!(agreed(&groups, &said), [vec!["folk", "mellow"], vec!["metal", "mellow"], none.to_vec()]);
        let of = |words: &[&str]| name(&words.iter().map(|word| (*word).to_string()).collect::<Vec<_>>());
        assert_eq!((of(&[]), of(&["R&B", "female voice"])), ("mix".into(), "mix-r-b-female-voice".into()));
        assert_eq!(of(&["演歌", "//"]), "mix-演歌");
        let long = of(&[&"a".repeat(31), "bcd"]);
        assert_eq!(long, format!("mix-{}", "a".repeat(31)));
        assert_eq!(playlists::check(&format!("{long}-12")), Ok(()));
    }
}
