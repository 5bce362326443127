//! The room `training`.
