//! docs/paper.md says what the runs beside it say, and `jukebox lab` makes such runs from files.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use jukebox::training::lab::{claims, figure3, page, reconstructed, record};
use support::Home;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

#[test]
fn the_page_agrees_with_the_runs() {
    let text = fs::read_to_string(docs().join("paper.md")).unwrap();
    let records = record::kept(&docs().join("paper/runs")).unwrap();
    let pictured = docs().join(reconstructed::FILE).exists();
    let fresh = page::written(&text, &records, pictured).unwrap();
    assert!(!pictured || text.contains(reconstructed::FILE), "a picture that the page does not show");
    assert!(fresh == text, "docs/paper.md is not what its runs say: run `jukebox lab report` and commit it");
    let others = figure3::others(&fs::read_to_string(docs().join("paper/authors.tsv")).unwrap()).unwrap();
    assert_eq!(others.len(), 3);
    match figure3::drawn(&records, &others) {
        Some(svg) => assert!(fs::read_to_string(docs().join(figure3::FILE)).unwrap() == svg, "the figure is older"),
        None => assert!(!docs().join(figure3::FILE).exists(), "a figure without runs"),
    }
    // The first ten lines answer what was claimed, what held, what did not, and what is not known.
    let first: Vec<&str> = text.lines().take(10).collect();
    for word in ["**Claimed**", "**Held**", "**Did not hold**", "**Undecided**", "**Not tested**"] {
        assert!(first.iter().any(|line| line.contains(word)), "{word} is not in the first ten lines");
    }
}

#[test]
fn numbers_of_other_pages_stand_there() {
    for (page, number) in claims::cited() {
        let text = fs::read_to_string(docs().join(page)).unwrap_or_else(|e| panic!("{page}: {e}"));
        let stands = claims::numbers(&text).any(|own| own == number);
        assert!(stands, "{page} no longer has {number}: mend src/training/lab/claims");
    }
}

#[test]
fn the_runs_beside_the_page_are_small_and_have_no_weights() {
    let mut bytes = 0;
    for entry in fs::read_dir(docs().join("paper/runs")).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(name.ends_with(".json") || name == "README.md", "{name}");
        bytes += entry.metadata().unwrap().len();
    }
    assert!(bytes <= 1 << 20, "{bytes} bytes of runs");
    // A program that named or wrote a setting in another way would not find them again.
    for run in record::kept(&docs().join("paper/runs")).unwrap() {
        let file = docs().join(format!("paper/runs/{}.json", run.name()));
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(text, run.text().unwrap());
    }
}

/// A tree of two genres with enough artists that every part gets some.
fn tree(home: &Home) -> String {
    for n in 0..32u32 {
        let (genre, style) = if n % 2 == 0 { ("Folk", "tone") } else { ("Rock", "noise") };
        home.wav(&format!("{genre}/artist {n}/a.wav"), style, 1.0, n + 1);
    }
    format!("tree:{}", home.music_arg())
}

#[test]
fn an_experiment_on_files_is_listed_run_stopped_and_reported() {
    let home = Home::new();
    let data = tree(&home);
    let lab = |more: &[&str]| {
        let mut args = vec!["lab", "ablation", "--data", &data, "--epochs", "2", "--only", "power-sigmoid-plain-fixed"];
        args.extend(["--device", "cpu"]);
        args.extend(more);
        home.run(&args)
    };
    let listed = lab(&["--list"]).code(0);
    assert_eq!(listed.out.lines().filter(|l| l.ends_with("not run")).count(), 4, "{}", listed.out);
    let ran = lab(&[]).code(0);
    assert!(ran.out.contains("power-sigmoid-plain-fixed seed 1: epoch 2 of 2"), "{}", ran.out);
    assert!(ran.err.contains("all runs are finished") && ran.err.contains("its pilots chose a rate of"), "{}", ran.err);
    assert!(ran.out.contains("**Partial**: 1 of 16 arms have a finished run."), "{}", ran.out);
    let again = lab(&[]).code(0);
    assert!(!again.out.contains("epoch 1 of 2"), "nothing is done twice: {}", again.out);
    // Nothing was published.
    assert!(!home.home().join("data/models/current").exists());

    let place = home.dir.path().join("docs");
    fs::create_dir_all(place.join("paper")).unwrap();
    fs::copy(docs().join("paper.md"), place.join("paper.md")).unwrap();
    let place = place.display().to_string();
    let said = home.run(&["lab", "report", "--docs", &place]).code(0);
    assert!(said.out.contains("4 runs, 4 of them finished"), "{}", said.out);
    let page = fs::read_to_string(Path::new(&place).join("paper.md")).unwrap();
    assert!(
        page.contains("**Partial**: 1 of 16 arms have a finished run.") && page.contains("--data tree:DIR"),
        "{page}"
    );
    home.run(&["lab", "report", "--docs", &place]).code(0);
    assert_eq!(fs::read_to_string(Path::new(&place).join("paper.md")).unwrap(), page, "the same runs, the same page");

    let listed = home.run(&["lab", "list"]).code(0).out;
    assert_eq!(listed.lines().filter(|l| l.contains(": finished, 2 epochs, best validation")).count(), 4, "{listed}");
    let figure = home.dir.path().join("fig1.svg");
    home.run(&["lab", "fig1", "--data", &data, "--out", &figure.display().to_string()]).code(0);
    let drawn = fs::read_to_string(figure).unwrap();
    assert!(drawn.contains(">Folk: ") && drawn.contains(">Rock: "), "two genres, one track each");

    let refused = home.run(&["lab", "fig3", "--data", "library"]).code(1);
    assert!(refused.err.contains("strobe:DIR, tree:DIR or fma:DIR"), "{}", refused.err);
    let refused = home.run(&["lab", "ablation", "--data", &data, "--only", "sigmoid-power"]).code(1);
    assert!(refused.err.contains("no such arm"), "{}", refused.err);
}

#[test]
fn table_4_is_measured_on_the_test_clips() {
    let home = Home::new();
    let data = home.pack();
    let lab = |more: &[&str]| {
        let mut args = vec!["lab", "table4", "--data", &data, "--epochs", "1", "--width", "32", "--device", "cpu"];
        args.extend(["--only", "strobe,paper-random"]);
        args.extend(more);
        home.run(&args)
    };
    let ran = lab(&[]).code(0);
    assert!(ran.out.contains("24 training, 8 validation and 8 test clips of 2 genres, strobe images"), "{}", ran.out);
    assert!(ran.out.contains("**Partial**: 2 of 13 arms have a finished run."), "{}", ran.out);
    let row = ran.out.lines().find(|l| l.starts_with("| strobe | 24 | ")).unwrap();
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    assert!(
        [6, 7].iter().all(|i| cells[*i].contains(" ± ") && cells[*i].ends_with(" %")),
        "validation and test: {row}"
    );
    assert!(ran.out.contains("| pilot: architecture, rate | epochs |"), "{}", ran.out);
    let refused = lab(&["--full"]).code(1);
    assert!(refused.err.contains("Table 4 always takes strobe images as they are"), "{}", refused.err);
}

#[test]
fn the_outlook_is_drawn_from_files_and_run() {
    let home = Home::new();
    let data = tree(&home);
    let lab = |more: &[&str]| {
        let mut args = vec!["lab", "outlook", "--data", &data, "--epochs", "1", "--seeds", "1", "--device", "cpu"];
        args.extend(["--only", "plain,decoder-1,pitch-resampled,windows-3"]);
        args.extend(more);
        home.run(&args)
    };
    let ran = lab(&[]).code(0);
    assert!(
        ran.out.contains(" tracks to train on, ") && ran.out.contains("of 2 genres, strobe images, 128 × 128"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("**Partial**: 4 of 12 arms have a finished run."), "{}", ran.out);
    let row = ran.out.lines().find(|l| l.starts_with("| windows-3 | 1 | ")).unwrap();
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    assert!(
        [3, 4, 5].iter().all(|i| cells[*i].contains(" ± ") && cells[*i].ends_with(" %")),
        "validation and test: {row}"
    );
    let again = lab(&[]).code(0);
    assert!(!again.out.contains("epoch 1 of 1"), "nothing is done twice: {}", again.out);
    assert!(!home.home().join("data/models/current").exists(), "nothing was published");

    // The decoder's guesses are drawn, and the page shows them.
    let place = home.dir.path().join("docs");
    fs::create_dir_all(&place).unwrap();
    fs::copy(docs().join("paper.md"), place.join("paper.md")).unwrap();
    home.run(&["lab", "report", "--docs", &place.display().to_string()]).code(0);
    let svg = fs::read_to_string(place.join(reconstructed::FILE)).unwrap();
    assert!(svg.contains(">decoder-1, seed 1, ") && svg.contains(">guess</text>"), "{svg}");
    assert!(svg.contains(">Folk</text>") || svg.contains(">Rock</text>"), "{svg}");
    assert!(fs::read_to_string(place.join("paper.md")).unwrap().contains("](paper/reconstructions.svg)"));

    let refused = lab(&["--width", "8"]).code(1);
    assert!(refused.err.contains("--width: outlook has networks and images of one size"), "{}", refused.err);
    let refused = home.run(&["lab", "outlook", "--data", "strobe:nowhere"]).code(1);
    assert!(refused.err.contains("use tree:DIR"), "{}", refused.err);
}

#[test]
fn whole_images_of_powers_train_at_a_width_of_64() {
    let home = Home::new();
    let data = tree(&home);
    let mut args =
        vec!["lab", "ablation", "--data", &data, "--full", "--width", "64", "--epochs", "1", "--rate", "1e-4"];
    args.extend(["--only", "log-sigmoid-bn-fixed", "--device", "cpu"]);
    let ran = home.run(&args).code(0);
    assert!(ran.out.contains("genres, powers, 128 × 1280; width 64, 1 epochs."), "{}", ran.out);
    assert!(ran.out.contains("| log-sigmoid-bn-fixed | 1e-4 | 1 | "), "{}", ran.out);
}

#[test]
fn spectrograms_are_drawn_of_one_file_or_two() {
    let home = Home::new();
    let [tone, noise] = ["tone", "noise"].map(|style| {
        home.wav(&format!("{style}.wav"), style, 3.0, 1);
        home.music.join(format!("{style}.wav")).display().to_string()
    });
    let text = home.run(&["spectrogram", &tone]).code(0).out;
    assert!(text.contains("1024 Hz") && text.lines().count() == 18, "{text}");
    let [svg, png] = ["a.svg", "a.png"].map(|name| home.dir.path().join(name));
    let (svg_text, png_text) = (svg.display().to_string(), png.display().to_string());
    home.run(&["spectrogram", &tone, &noise, "--svg", &svg_text, "--png", &png_text]).code(0);
    let drawn = fs::read_to_string(&svg).unwrap();
    assert!(drawn.contains("tone.wav") && drawn.contains("noise.wav") && drawn.matches("<image").count() == 2);
    assert!(fs::read(&png).unwrap().starts_with(b"\x89PNG"));
    fs::write(home.dir.path().join("plain"), "").unwrap();
    assert_eq!(support::mode(&svg), support::mode(&home.dir.path().join("plain")), "as the umask says");
    let missing = home.run(&["spectrogram", "/nowhere.mp3"]).code(1);
    assert!(missing.err.contains("/nowhere.mp3: no such file"), "{}", missing.err);
    let layers = home.run(&["model", "show", "--layers", "paper"]).code(0).out;
    assert!(layers.contains("2233032") && layers.contains("22.34 G"), "{layers}");
}
