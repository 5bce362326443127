//! The room `describe`.
