//! One dimension of a signature: where further tracks of the set are expected, and with what certainty.

use super::named::label;

/// The candidate within-set variances, as shares of the library's: from close agreement to almost none.
pub const VARIANCES: [f64; 6] = [0.1, 0.2, 0.35, 0.55, 0.75, 0.95];

/// The predictive density of a set's further tracks in one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A mixture of normal densities in the library's normal scores, one per candidate within-set variance, weighted by
    /// its posterior: a dimension that may or may not be agreed on has a narrow part and a wide one.
    Normal {
        /// The mixture's mean: the centre m̂.
        mean: f32,
        /// The mixture's variance: the predictive variance p.
        var: f32,
        /// The parts of the mixture.
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
    /// Its mixing weight; the weights sum to 1.
    pub share: f32,
    /// Its mean.
    pub mean: f32,
    /// Its variance.
    pub var: f32,
}

/// One dimension of a signature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dim {
    /// 0-based dimension; from 32 on the named ones.
    pub dim: u8,
    /// Where further tracks are expected.
    pub shape: Shape,
    /// The weight in the distance: 1 unless the user says otherwise.
    pub weight: f32,
    /// A second factor: how much tracks differ in it relative to the other dimensions (`Space::says`). 1 for encoders
    /// whose dimensions count alike, and for dimensions that the user picked.
    pub share: f32,
    /// The information of the dimension about the set, in nats.
    pub info: f32,
    /// p-value of the test for agreement; 1 where no test was possible.
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

    /// The name shown to the user.
    pub fn label(&self) -> String {
        label(self.dim)
    }
}
