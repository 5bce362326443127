//! One dimension of a signature: where further tracks of a set are expected, and how certain that is.

use super::named::label;

/// The within-set variances that are thought possible, as shares of the library's: from close agreement to next to none.
pub const VARIANCES: [f64; 6] = [0.1, 0.2, 0.35, 0.55, 0.75, 0.95];

/// What a set's further tracks are expected to show in one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A mixture of normal densities in the library's normal scores, one for each within-set variance that is thought
    /// possible, by how likely it is: a dimension that may or may not be agreed on has a narrow part and a wide one.
    Normal {
        /// The mixture's mean: the centre m̂.
        mean: f32,
        /// The mixture's variance: the predictive variance p.
        var: f32,
        /// The mixture.
        parts: [Part; VARIANCES.len()],
    },
    /// A von Mises density on the library's uniform scores.
    Circular {
        /// The mean direction, radians.
        centre: f32,
        /// The predictive mean resultant, 0 (anywhere) to 1.
        rho: f32,
    },
}

/// One part of a mixture of normal densities.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// Its share; they sum to 1.
    pub share: f32,
    /// Its mean.
    pub mean: f32,
    /// Its variance.
    pub var: f32,
}

/// One dimension of a signature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dim {
    /// Which one, counted from 0; from 32 on the named ones.
    pub dim: u8,
    /// Where further tracks are expected.
    pub shape: Shape,
    /// How much it counts in the distance: 1 unless the user says otherwise.
    pub weight: f32,
    /// How much it counts beside the others by how tracks differ in it (`Space::says`); multiplies the weight. 1 where dimensions
    /// count alike, and for what the user picked.
    pub share: f32,
    /// The information of the dimension about the set, in nats.
    pub info: f32,
    /// p-value of the test for agreement; 1 where there was none.
    pub p_value: f32,
}

impl Dim {
    /// The centre: m̂, or the direction in radians.
    pub fn centre(&self) -> f32 {
        match self.shape {
            Shape::Normal { mean, .. } => mean,
            Shape::Circular { centre, .. } => centre,
        }
    }

    /// How far tracks are expected from the centre, in the scores' unit: √p, or the circular standard deviation
    /// √(−2 ln ρ), at most π.
    pub fn spread(&self) -> f32 {
        match self.shape {
            Shape::Normal { var, .. } => var.sqrt(),
            Shape::Circular { rho, .. } => (-2.0 * rho.max(1e-6).ln()).sqrt().min(std::f32::consts::PI),
        }
    }

    /// What the user calls it.
    pub fn label(&self) -> String {
        label(self.dim)
    }
}
