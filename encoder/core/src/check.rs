//! Whether a training can be run: its clips, its configuration and its recipe.

use anyhow::{Result, ensure};

use crate::Augment;
use crate::job::{Clips, Job};
use crate::recipe::Levels;

/// Checks that the recipe suits the clips and contradicts itself nowhere.
fn recipe(job: &Job) -> Result<()> {
    let (config, recipe) = (job.config, &job.config.recipe);
    let (levels, power) = (recipe.input, job.training.power);
    ensure!(
        power == (levels != Levels::Log4),
        "the images are {}, and the recipe's input is `{levels}`: `log4` takes 4-bit images, `log` and `power` take powers",
        if power { "powers" } else { "of 4 bits" }
    );
    ensure!(
        levels == Levels::Log4 || Augment { mixup: 0.0, ..config.augment.clone() } == Augment::none(),
        "the input `{levels}` is not augmented: switch augmentation off"
    );
    let shares = [recipe.dropout_convolutions, recipe.dropout_head];
    ensure!(shares.iter().all(|s| (0.0..1.0).contains(s)), "a share of dropout must lie in 0 to 1");
    ensure!(recipe.clip.is_none_or(|norm| norm > 0.0), "gradients cannot be clipped to a norm of 0 or less");
    ensure!(
        !config.runs_statistics() || config.average == 0.0,
        "running statistics belong to the parameters of a step, not to their average: switch averaging off"
    );
    Ok(())
}

/// Maximum number of time steps of an image.
const LONGEST: usize = 8192;

/// # Errors
/// When the clips are inconsistent, or the configuration contradicts them or itself.
pub(crate) fn check(job: &Job) -> Result<()> {
    let taught = !job.training.teacher.is_empty();
    ensure!(job.genres.len() <= 4096, "there are {} genres to learn", job.genres.len());
    ensure!(!job.genres.is_empty() || taught, "there are neither genres nor a teacher's vectors to learn from");
    ensure!(!job.genres.is_empty() || job.config.arch.unit(), "`{}` needs genres to learn", job.config.arch.name());
    let c = job.config;
    ensure!((1..=1024).contains(&c.width), "a width of {} is out of range", c.width);
    ensure!(
        c.epochs > 0 && c.shard > 1 + usize::from(c.agree > 0.0) * 2 && c.batch >= c.shard,
        "epochs, batch or shard are too small"
    );
    for (name, weight) in [("decode", c.decode), ("describe", c.describe)] {
        ensure!(weight >= 0.0 && weight.is_finite(), "the weight `{name}` is {weight}: it must be 0 or more");
    }
    ensure!(
        !c.frozen || job.start.is_some(),
        "there is no encoder to keep frozen: name one to begin from, or leave `frozen` out"
    );
    ensure!((0.0..1.0).contains(&c.dropout) && (0.0..1.0).contains(&c.smoothing), "a share must lie in 0 to 1");
    ensure!(job.training.len() >= 2, "there are {} clips to train on, which is too few", job.training.len());
    let wide = job.training.teacher.len() / job.training.len();
    for (name, clips) in [("training", job.training), ("validation", job.validation)] {
        let n = clips.len();
        let fits = clips.steps > 0 && clips.steps.is_multiple_of(2) && clips.steps <= LONGEST;
        ensure!(fits, "{name}: images of {} steps are not understood", clips.steps);
        let (arch, bands) = (job.config.arch, job.config.arch.bands());
        let known = clips.bands == bands || arch.takes(clips.bands, clips.steps);
        ensure!(
            known || clips.is_empty(),
            "{name}: `{}` hears {bands} mel bands, these images have {}",
            job.config.arch.name(),
            clips.bands
        );
        let (own, has) = (n * clips.bytes(), clips.strobes.len());
        ensure!(has == own, "{name}: {has} bytes of images for {n} clips of {} × {}", clips.bands, clips.steps);
        ensure!(
            clips.variants.is_empty() || own > 0 && clips.variants.len().is_multiple_of(own),
            "{name}: {} bytes of further images for {n} clips of {} × {}, which is not as many of each",
            clips.variants.len(),
            clips.bands,
            clips.steps
        );
        ensure!(
            clips.logits.is_empty() || clips.logits.len() == n * job.tags.len(),
            "{name}: {} logits for {n} clips and {} tags",
            clips.logits.len(),
            job.tags.len()
        );
        ensure!(
            clips.tracks.is_empty() || clips.tracks.len() == n,
            "{name}: {} tracks for {n} clips",
            clips.tracks.len()
        );
        let (has, known) = (clips.descriptors.len(), clips.descriptor_names.len());
        ensure!(has == n * known, "{name}: {has} descriptors for {n} clips, with {known} names");
        ensure!(clips.logits.iter().all(|t| t.is_finite()), "{name}: a teacher's logit is not finite");
        let shares = clips.targets.len();
        ensure!(shares == 0 || shares == n * job.genres.len(), "{name}: {shares} shares of genres for {n} clips");
        ensure!(clips.targets.iter().all(|t| (0.0..=1.0).contains(t)), "{name}: a share of a genre is not in 0 to 1");
        ensure!(
            clips.genres.iter().all(|g| usize::from(*g) < job.genres.len().max(1)),
            "{name}: a genre without a name"
        );
        ensure!(clips.teacher.iter().all(|t| t.is_finite()), "{name}: a teacher's number is not finite");
    }
    recipe(job)?;
    let (steps, own) = (job.training.steps, job.config.arch.steps());
    let of = |clips: &Clips| (clips.bands, clips.steps, clips.power);
    let alike = of(job.validation) == of(job.training);
    ensure!(job.validation.is_empty() || alike, "validation: images of another size or kind");
    let named = &job.training.descriptor_names;
    ensure!(
        c.describe == 0.0 || !named.is_empty(),
        "the weight `describe` needs descriptors of the clips, and these have none"
    );
    ensure!(
        c.describe == 0.0 || job.validation.is_empty() || job.validation.descriptor_names == *named,
        "validation: other descriptors than those of the training clips"
    );
    ensure!(
        own.is_none_or(|own| own == steps),
        "`{}` needs images of {} steps, these have {steps}: it hears others, which are made from audio",
        job.config.arch.name(),
        own.unwrap_or(0)
    );
    let (bands, arch) = (job.training.bands, job.config.arch);
    ensure!(arch.takes(bands, steps), "`{}` does not take images of {bands} bands and {steps} steps", arch.name());
    ensure!(job.training.teacher.len() == wide * job.training.len(), "training: the teacher's vectors do not fit");
    Ok(())
}
