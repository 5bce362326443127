//! The room `sound`.
