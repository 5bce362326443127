//! The options of `jukebox train` about how it trains.

use anyhow::{Result, anyhow, bail};
use clap::Args;
use jukebox_encoder::recipe::{Head, Levels, Norm, Optimiser, Order, Pooling, Schedule};
use jukebox_encoder::{Augment, Input};

use crate::training::Config;

/// Options that change one choice of a training each; those left out stay as they are.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "The recipe")]
pub struct RecipeArgs {
    /// Begin with the recipe of this name: `usual` is the program's own, `authors` that of the paper's authors' code
    #[arg(long, value_name = "usual|authors", value_parser = ["usual", "authors"], conflicts_with = "resume")]
    pub recipe: Option<String>,
    /// What the network sees: `log4` (4-bit decibels), `log` (decibels) or `power`; the latter two need --data tree:DIR or fma:DIR
    #[arg(long, value_name = "KIND", conflicts_with = "resume")]
    pub input: Option<Levels>,
    /// Pools: max or mean
    #[arg(long, value_name = "KIND", conflicts_with = "resume")]
    pub pool: Option<Pooling>,
    /// Normalisation after convolutions: off, running or recomputed
    #[arg(long, value_name = "KIND", conflicts_with = "resume")]
    pub norm: Option<Norm>,
    /// Dropout rate after convolutions
    #[arg(long, value_name = "SHARE", conflicts_with = "resume")]
    pub dropout_convolutions: Option<f32>,
    /// Dropout rate in the genre head
    #[arg(long, value_name = "SHARE", conflicts_with = "resume")]
    pub dropout_head: Option<f32>,
    /// What the genre head gives to the softmax: logits, sigmoid or relu
    #[arg(long, value_name = "KIND", conflicts_with = "resume")]
    pub head: Option<Head>,
    /// Weight of a decoder, which guesses a coarse image of the clip from its 32 numbers (the paper's §6.1) and exists in training
    /// only [default: 0, no decoder]
    #[arg(long, value_name = "WEIGHT", conflicts_with = "resume")]
    pub decode: Option<f32>,
    /// Weight of guessing descriptors of the sound (tempo, energy, brightness and so on; the paper's §6.2) from the 32 numbers; for your
    /// library (also with --from-teacher), tree:DIR and fma:DIR, whose fma_metadata/echonest.csv is used if it is there [default: 0,
    /// none]
    #[arg(long, value_name = "WEIGHT", conflicts_with = "resume")]
    pub describe: Option<f32>,
    /// Order of the clips: shuffled or fixed
    #[arg(long, value_name = "KIND", conflicts_with = "resume")]
    pub order: Option<Order>,
    /// Course of the learning rate: one-cycle or constant
    #[arg(long, value_name = "KIND", conflicts_with = "resume")]
    pub schedule: Option<Schedule>,
    /// Optimiser: adamw, adam or sgd
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    pub optimiser: Option<Optimiser>,
    /// The highest learning rate
    #[arg(long, value_name = "RATE", conflicts_with = "resume")]
    pub rate: Option<f64>,
    /// Images a step; with --norm all of them are normalised together, otherwise as many as usual
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=4096), conflicts_with = "resume")]
    pub batch: Option<u16>,
    /// Width of the network; `jukebox model list` shows the architectures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), conflicts_with = "resume")]
    pub width: Option<u16>,
    /// Norm to which longer gradients are scaled down; 0 for never
    #[arg(long, value_name = "NORM", conflicts_with = "resume")]
    pub clip: Option<f64>,
    /// Decay a step of the average of the parameters, 0 to 1; 0 for no averaging
    #[arg(long, value_name = "DECAY", conflicts_with = "resume")]
    pub average: Option<f64>,
    /// Augmentation of the images: on or off
    #[arg(long, value_name = "on|off", value_parser = ["on", "off"], conflicts_with = "resume")]
    pub augment: Option<String>,
}

impl RecipeArgs {
    /// Changes a configuration as asked.
    ///
    /// # Errors
    /// An option that is out of range, or that cannot be combined with what the others say.
    pub fn apply(&self, config: &mut Config) -> Result<()> {
        if self.recipe.as_deref() == Some("authors") {
            let Config { width, seed, .. } = *config;
            *config = Config { width, seed, ..Config::authors(config.arch) };
        }
        let recipe = &mut config.recipe;
        recipe.input = self.input.unwrap_or(recipe.input);
        recipe.pool = self.pool.or(recipe.pool);
        recipe.norm = self.norm.or(recipe.norm);
        recipe.head = self.head.unwrap_or(recipe.head);
        recipe.order = self.order.unwrap_or(recipe.order);
        recipe.schedule = self.schedule.unwrap_or(recipe.schedule);
        recipe.optimiser = self.optimiser.unwrap_or(recipe.optimiser);
        recipe.dropout_convolutions = share("--dropout-convolutions", self.dropout_convolutions)?
            .map_or(recipe.dropout_convolutions, |s| s as f32);
        recipe.dropout_head = share("--dropout-head", self.dropout_head)?.map_or(recipe.dropout_head, |s| s as f32);
        match self.clip {
            None => {}
            Some(norm) if norm > 0.0 && norm.is_finite() => recipe.clip = Some(norm),
            Some(0.0) => recipe.clip = None,
            Some(norm) => bail!("--clip {norm}: a norm above 0 is wanted, or 0 for never"),
        }
        match self.rate {
            None => {}
            Some(rate) if rate > 0.0 && rate <= 10.0 => config.rate = rate,
            Some(rate) => {
                bail!("--rate {rate}: a rate above 0 and of at most 10 is wanted, such as 1e-4");
            }
        }
        config.average = share("--average", self.average)?.unwrap_or(config.average);
        config.decode = weight("--decode", self.decode)?.unwrap_or(config.decode);
        config.describe = weight("--describe", self.describe)?.unwrap_or(config.describe);
        config.width = self.width.map_or(config.width, usize::from);
        if let Some(batch) = self.batch.map(usize::from) {
            // Parts of a batch are computed side by side; where it is normalised, it is one part.
            let shard = if self.norm.is_some() { batch } else { config.shard.min(batch) };
            if !batch.is_multiple_of(shard) {
                bail!("--batch {batch}: images are computed in groups of {shard}; use a multiple of it");
            }
            (config.shard, config.batch) = (shard, batch);
        } else if self.norm.is_some_and(|norm| norm != Norm::Off) {
            config.shard = config.batch;
        }
        match self.augment.as_deref() {
            Some("off") => config.augment = Augment::none(),
            Some(_) => config.augment = Config::of(config.arch).augment,
            // Images of powers have no augmentation.
            None if config.recipe.input != Levels::Log4 => config.augment = Augment::none(),
            None => {}
        }
        if config.recipe.input != Levels::Log4 && config.augment != Augment::none() {
            bail!("--augment on changes 4-bit images only, not the input `{}`", config.recipe.input);
        }
        if config.recipe.norm == Some(Norm::Running) && config.average > 0.0 {
            bail!("--norm running needs --average 0: its statistics belong to the parameters of a step");
        }
        Ok(())
    }
}

/// The kind of image that a training needs instead of `usual`, by what its network sees.
pub fn image(config: &Config, usual: Input) -> Input {
    if config.recipe.input == Levels::Log4 { usual } else { Input::Power }
}

fn share(name: &str, value: Option<impl Into<f64>>) -> Result<Option<f64>> {
    let Some(value) = value.map(Into::into) else { return Ok(None) };
    match (0.0..1.0).contains(&value) {
        true => Ok(Some(value)),
        false => Err(anyhow!("{name} {value}: a share from 0 to below 1 is wanted")),
    }
}

fn weight(name: &str, value: Option<f32>) -> Result<Option<f32>> {
    match value {
        Some(weight) if !(0.0..=10.0).contains(&weight) => {
            Err(anyhow!("{name} {weight}: a weight from 0 to 10 is wanted"))
        }
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use jukebox_encoder::Architecture;

    use super::*;

    #[test]
    fn nothing_asked_changes_nothing() {
        for arch in Architecture::ALL {
            let mut config = Config::of(arch);
            RecipeArgs::default().apply(&mut config).unwrap();
            assert_eq!(config, Config::of(arch));
        }
    }

    #[test]
    fn the_authors_recipe_can_be_changed_one_choice_at_a_time() {
        let mut config = Config { seed: 7, width: 64, ..Config::of(Architecture::Paper) };
        let asked = RecipeArgs { recipe: Some("authors".into()), norm: Some(Norm::Running), ..RecipeArgs::default() };
        asked.apply(&mut config).unwrap();
        let mut expected = Config { seed: 7, width: 64, ..Config::authors(Architecture::Paper) };
        expected.recipe.norm = Some(Norm::Running);
        assert_eq!(config, expected);
        assert_eq!((config.batch, config.rate, config.average), (16, 1e-4, 0.0));
        assert_eq!(image(&config, Input::Mel), Input::Power);
    }

    #[test]
    fn the_heads_have_weights() {
        let mut config = Config::of(Architecture::Strobe);
        let asked = RecipeArgs { decode: Some(0.5), describe: Some(0.1), ..RecipeArgs::default() };
        asked.apply(&mut config).unwrap();
        assert_eq!(config, Config { decode: 0.5, describe: 0.1, ..Config::of(Architecture::Strobe) });
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let refused = |args: RecipeArgs| args.apply(&mut Config::of(Architecture::Paper)).unwrap_err().to_string();
        let running = RecipeArgs { norm: Some(Norm::Running), ..RecipeArgs::default() };
        assert!(refused(running).contains("--average 0"));
        let (input, augment) = (Some(Levels::Power), Some("on".into()));
        assert!(refused(RecipeArgs { input, augment, ..RecipeArgs::default() }).contains("4-bit"));
        assert!(refused(RecipeArgs { clip: Some(-1.0), ..RecipeArgs::default() }).contains("--clip -1"));
        assert!(refused(RecipeArgs { dropout_head: Some(1.0), ..RecipeArgs::default() }).contains("--dropout-head 1"));
        assert!(
            refused(RecipeArgs { decode: Some(-0.5), ..RecipeArgs::default() }).contains("--decode -0.5: a weight")
        );
        let much = RecipeArgs { describe: Some(11.0), ..RecipeArgs::default() };
        assert!(refused(much).contains("--describe 11: a weight from 0 to 10"));
    }
}
