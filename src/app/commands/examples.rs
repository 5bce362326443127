//! An example of every command, for the help.

use super::Command;
use super::row::Args;

/// A line that shows how a command is used, without the colon.
pub fn example(command: &Command) -> String {
    let argument = match (command.name, command.args) {
        ("play" | "enqueue" | "enqueue-next", _) => "/music/song.mp3",
        ("seek", _) => "1:20",
        ("volume", _) => "+5",
        ("balance", _) => "-30",
        ("device", _) => "2",
        ("crossfade", _) => "4",
        ("sleep", _) => "45m",
        ("repeat", _) => "one",
        ("shuffle", _) => "albums",
        ("replaygain", _) => "smart",
        ("move", _) => "5 1",
        ("sort", _) => "tempo,-year",
        ("playlist", _) => "save evening",
        ("save", _) => "evening.m3u8",
        ("rate", _) => "4",
        ("less", _) => "tempo",
        ("engine", _) => "albums",
        ("signature", _) => "3,calm,tempo",
        ("direction", _) => "tempo up",
        ("journey", _) => "\"So What\" \"Army of Me\" 12",
        ("blend", _) => "+\"Nina Simone\" -metal",
        ("mood", _) => "late-night 22-2",
        ("dims", _) => "tempo",
        ("name", _) => "3 twang",
        ("dimension", _) => "weigh 3 +0.5",
        ("trial", _) => "keep",
        ("signature-of", _) => "album",
        ("compare", _) => "late-night",
        ("taste", _) => "off",
        ("train", _) => "start 6h",
        ("model", _) => "rollback",
        ("filter", _) => "genre=jazz & plays=0",
        ("by", _) => "genre",
        ("map", _) => "colour tempo",
        ("lyrics", _) => "offset +0.5",
        ("spectrogram", _) => "one.flac two.mp3",
        ("find", _) => "calm acoustic, no singing",
        ("search-for" | "search-for-back", _) => "miles",
        ("theme", _) => "gruvbox-dark",
        ("help", _) => "seek",
        ("command-line", _) => "signature save",
        (_, Args::None) => "",
        (_, Args::Words(_, words)) => words.first().copied().unwrap_or_default(),
        (_, Args::Count | Args::Typed(..) | Args::Quoted(..)) => "3",
    };
    format!("{} {argument}", command.name).trim_end().to_string()
}
