//! `jukebox stats`: listening statistics, as charts on a terminal and as plain lines in a pipe.

use std::collections::{BTreeMap, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use clap::Args;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::{asker, print};
use crate::ask::report::About;
use crate::config::Config;
use crate::library::journal::{Journal, Stats, Tallies};
use crate::paths::Paths;
use crate::text;
use crate::track::TrackId;

/// Maximum number of rows in a chart.
const ROWS: usize = 10;
/// A favourite that was not played for this long counts as forgotten, in seconds.
const FORGOTTEN: u64 = 90 * 86_400;
/// Minimum rating of a favourite.
const FAVOURITE: u8 = 80;

/// `jukebox stats`
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Only the last days, weeks or years: 30d, 8w, 1y
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub since: Option<u64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// One chart.
#[derive(Debug, Serialize)]
struct Chart {
    title: &'static str,
    unit: &'static str,
    rows: Vec<(String, f64)>,
}

/// Prints the charts.
///
/// # Errors
/// When the journal cannot be read, or neither the player nor the store can be reached.
pub fn run(args: &StatsArgs, config: &Config, paths: &Paths) -> Result<()> {
    let journal = paths.journal();
    let mut entries = Journal::read(&journal).map_err(|e| anyhow!("{}: {e}", journal.display()))?;
    let mut tracks: Vec<TrackId> = entries.iter().filter_map(|e| e.event.track()).collect();
    tracks.sort();
    tracks.dedup();
    let mut about = asker::Asker::new(paths, config).about(&tracks)?;
    // Events recorded under a track's former identity count for its present one.
    let renewed = |track: TrackId| about.get(&track).and_then(|known| known.track).unwrap_or(track);
    entries.iter_mut().for_each(|entry| entry.event.renew(&renewed));
    let known: Vec<_> = about.values().filter_map(|known| Some((known.track?, known.clone()))).collect();
    about.extend(known);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let zone = TimeZone::system();
    let stats = Stats::new(&entries, args.since.map_or(0, |span| now.saturating_sub(span)), |at| place(at, &zone));
    let tallies = Tallies::new(&entries);
    let charts = charts(&stats, &tallies, &about, now);
    if args.json {
        return print::json(&charts);
    }
    if stats.plays == 0 {
        print::note("nothing was played in this time");
    }
    let total = format!("{} listened to, {} turned away, {:.2} hours", stats.plays, stats.skips, stats.secs / 3600.0);
    print::line(&total);
    let columns = print::to_person().then(|| crossterm::terminal::size().map_or(80, |(columns, _)| columns.into()));
    charts.iter().flat_map(|chart| lines(chart, columns)).for_each(|line| print::line(&line));
    Ok(())
}

/// Parses `30d`, `8w` or `1y`; in seconds.
fn span(text: &str) -> Result<u64> {
    let wrong = || anyhow!("a time is a number of days, weeks or years: 30d, 8w, 1y");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let days = match unit {
        'd' => 1,
        'w' => 7,
        'y' => 365,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    count.checked_mul(days * 86_400).ok_or_else(wrong)
}

/// The local hour of a Unix time, and the Unix time at which its week begins.
fn place(at: u64, zone: &TimeZone) -> (usize, i64) {
    let time = i64::try_from(at).ok().and_then(|at| Timestamp::from_second(at).ok()).unwrap_or_default();
    let here = time.to_zoned(zone.clone());
    let back = i64::from(here.weekday().to_monday_zero_offset());
    let monday = here.checked_sub(back.days()).and_then(|day| day.start_of_day());
    (usize::try_from(here.hour()).unwrap_or(0), monday.map_or(0, |day| day.timestamp().as_second()))
}

fn charts(stats: &Stats, tallies: &Tallies, about: &HashMap<TrackId, About>, now: u64) -> Vec<Chart> {
    let name = |track: TrackId| match about.get(&track) {
        Some(About { artist, title, .. }) if artist.is_empty() => title.clone(),
        Some(About { artist, title, .. }) => format!("{artist} – {title}"),
        None => format!("not in the library: {track}"),
    };
    let hours = |secs: f64| secs / 3600.0;
    let most = stats.most(ROWS).into_iter().map(|(track, plays)| (name(track), f64::from(plays))).collect();
    let mut forgotten: Vec<_> = tallies
        .iter()
        .filter(|(_, t)| t.loved || t.rating.is_some_and(|r| r >= FAVOURITE))
        .filter_map(|(track, t)| Some((track, now.saturating_sub(t.last_played?))))
        .filter(|(_, ago)| *ago >= FORGOTTEN)
        .collect();
    forgotten.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let forgotten = forgotten.into_iter().take(ROWS).map(|(track, ago)| (name(track), (ago / 86_400) as f64)).collect();
    let (mut genres, mut tempos) = (HashMap::<&str, f64>::new(), BTreeMap::<u32, f64>::new());
    for (track, (_, secs)) in &stats.tracks {
        let Some(about) = about.get(track) else { continue };
        for genre in &about.genres {
            *genres.entry(genre).or_default() += hours(*secs);
        }
        if let Some(tempo) = about.tempo {
            *tempos.entry(tempo as u32 / 10 * 10).or_default() += hours(*secs);
        }
    }
    let tempos = tempos.into_iter().map(|(from, h)| (format!("{from}–{}", from + 9), h)).collect();
    let mut genres: Vec<(String, f64)> = genres.into_iter().map(|(genre, h)| (genre.to_string(), h)).collect();
    genres.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    genres.truncate(ROWS);
    let by_hour = stats.hours.iter().enumerate().map(|(hour, secs)| (format!("{hour:02}"), hours(*secs))).collect();
    let week = |(monday, secs): (&i64, &f64)| {
        let day = Timestamp::from_second(*monday).unwrap_or_default().to_zoned(TimeZone::system());
        (day.date().to_string(), hours(*secs))
    };
    let weeks = stats.weeks.iter().skip(stats.weeks.len().saturating_sub(2 * ROWS)).map(week).collect();
    let chart = |title, unit, rows| Chart { title, unit, rows };
    let all = [
        chart("Most played", "plays", most),
        chart("Forgotten favourites", "days ago", forgotten),
        chart("By genre", "hours", genres),
        chart("By tempo, beats a minute", "hours", tempos),
        chart("By hour of the day", "hours", by_hour),
        chart("By week", "hours", weeks),
    ];
    all.into_iter().filter(|chart| chart.rows.iter().any(|(_, value)| *value > 0.0)).collect()
}

/// Formats a chart: with bars for a terminal of this many columns, otherwise as tab-separated
/// fields.
fn lines(chart: &Chart, columns: Option<usize>) -> Vec<String> {
    // Two decimals, so that a few minutes show in a chart of hours.
    let number = |value: f64| match value {
        whole if whole.fract() == 0.0 => format!("{whole:.0}"),
        little if little < 10.0 => format!("{little:.2}"),
        much => format!("{much:.1}"),
    };
    let Some(columns) = columns else {
        let row = |(label, value): &(String, f64)| format!("{}\t{}\t{label}", chart.title, number(*value));
        return chart.rows.iter().map(row).collect();
    };
    let most = chart.rows.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let widest = chart.rows.iter().map(|(label, _)| text::width(label)).max().unwrap_or(0);
    let label_columns = widest.min(columns / 2);
    let room = columns.saturating_sub(label_columns + 10);
    let heading = [String::new(), format!("{} ({})", chart.title, chart.unit)];
    let rows = chart.rows.iter().map(|(label, value)| {
        let bar = bar(value / most, room);
        format!("{} {:>7} {bar}", text::fit(label, label_columns), number(*value)).trim_end().to_string()
    });
    heading.into_iter().chain(rows).collect()
}

/// A bar drawn with a resolution of an eighth of a column.
fn bar(share: f64, columns: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * columns as f64 * 8.0).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_bars() {
        assert_eq!((span("30d").unwrap(), span("2w").unwrap()), (2_592_000, 1_209_600));
        assert!(
            span("").is_err() && span("5").is_err() && span("é").is_err() && span("99999999999999999999y").is_err()
        );
        assert_eq!((bar(1.0, 2).as_str(), bar(0.25, 2).as_str(), bar(0.0, 2).as_str()), ("██", "▌", ""));
        // 1970-01-01 is a Thursday; its week began on Monday, 29 December 1969.
        assert_eq!(place(3600, &TimeZone::UTC), (1, -3 * 86_400));
    }

    #[test]
    fn a_chart_fits_its_columns() {
        let chart =
            Chart {
                title: "T", unit: "plays", rows: vec![("日本日本日本日本".into(), 4.0), ("b".into(), 1.5)]
            };
        let wide = lines(&chart, Some(30));
        assert!(wide.iter().all(|line| text::width(line) <= 30), "{wide:?}");
        assert!(wide[2].contains('█'));
        assert_eq!(lines(&chart, None), ["T\t4\t日本日本日本日本", "T\t1.50\tb"]);
    }
}
