//! Trains an encoder on a set of strobe images: `train strobe:DIR OUT [EPOCHS [SEED]]`. The program's own
//! `jukebox train` does the same.

use std::process::ExitCode;

use jukebox::training::{Options, Progress, train};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, out, rest @ ..] = &args[..] else {
        eprintln!("usage: train strobe:DIR OUT [EPOCHS [SEED]]");
        return ExitCode::from(2);
    };
    let mut options = Options::new(data, out);
    if let Some(epochs) = rest.first().and_then(|e| e.parse().ok()) {
        options.config.epochs = epochs;
    }
    if let Some(seed) = rest.get(1).and_then(|s| s.parse().ok()) {
        options.config.seed = seed;
    }
    options.resume = std::path::Path::new(out).join("checkpoint.safetensors").exists();
    let mut show = |p: &Progress| {
        match p {
            Progress::Ready { clips, genres, teacher } => {
                println!("{clips:?} clips for training, validation, test; genres {genres:?}; teacher: {teacher}");
            }
            Progress::Step { epoch, step, steps, loss } if step % 20 == 0 => {
                println!("epoch {epoch} step {step}/{steps} loss {loss:.4}");
            }
            Progress::Step { .. } => {}
            Progress::Epoch(e) => println!(
                "epoch {}: loss {:.4} (genre {:.4}, teacher {:.4}, decorrelation {:.4}), validation {:.2} % ({:.4}){}, {:.0} s",
                e.epoch,
                e.loss,
                e.genre_loss,
                e.teacher_loss,
                e.decorrelation,
                100.0 * e.validation,
                e.validation_loss,
                if e.best { " best" } else { "" },
                e.seconds
            ),
        }
        true
    };
    match train(&options, &mut show) {
        Ok(outcome) => {
            println!("{outcome:#?}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}
