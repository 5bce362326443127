//! Pure metrics: numbers in, numbers out. Definitions as in the field (MIREX, scikit-learn), each stated.

pub mod agreement;
pub mod bootstrap;
pub mod classes;
pub mod dimensions;
pub mod hubness;
pub mod neighbourhood;
pub mod retrieval;

pub use agreement::{jaccard, spearman, wilson};
pub use bootstrap::{Bootstrap, Interval};
pub use retrieval::{accuracy, auc, ndcg_at, precision_at, r_precision, recall_at, reciprocal_rank, vote};
