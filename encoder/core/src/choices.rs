//! A training's configuration in words, for reports.

use crate::Augment;
use crate::job::Config;
use crate::recipe::Schedule;

impl Config {
    /// Every choice of a training with its value, in a fixed order.
    pub fn choices(&self) -> Vec<(&'static str, String)> {
        let recipe = &self.recipe;
        let own = |name: Option<&str>| name.unwrap_or("the architecture's own").to_string();
        let off = |share: f32| if share > 0.0 { share.to_string() } else { "off".into() };
        let rate = match recipe.schedule {
            Schedule::Constant => format!("{}, constant", self.rate),
            Schedule::OneCycle => format!("up to {}, one-cycle", self.rate),
        };
        let mut all = vec![
            ("input", recipe.input.to_string()),
            ("pools", own(recipe.pool.map(|p| p.name()))),
            ("normalisation", own(recipe.norm.map(|n| n.name()))),
            ("dropout after convolutions", off(recipe.dropout_convolutions)),
            ("dropout in the head", off(recipe.dropout_head)),
            ("dropout of the features", off(self.dropout)),
            ("head", recipe.head.to_string()),
            ("order", recipe.order.to_string()),
            ("optimiser", format!("{}, weight decay {}", recipe.optimiser, self.decay)),
            ("learning rate", rate),
            ("images a step", format!("{}, {} normalised together", self.batch, self.shard)),
            ("gradients clipped to", recipe.clip.map_or("off".into(), |norm| format!("a norm of {norm}"))),
            ("averaging", if self.average > 0.0 { self.average.to_string() } else { "off".into() }),
            ("augmentation", if self.augment == Augment::none() { "off".into() } else { "on".into() }),
            ("label smoothing", off(self.smoothing)),
            ("initial values", recipe.init.to_string()),
        ];
        for (name, weight) in [("weight of the decoder", self.decode), ("weight of the descriptors", self.describe)] {
            if weight > 0.0 {
                all.push((name, weight.to_string()));
            }
        }
        if self.frozen {
            all.push(("encoder", "as it was; heads alone are trained".into()));
        }
        all
    }
}
