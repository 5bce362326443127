//! Guards calls into third-party decoders: a panic there becomes an error of the file, and nothing is printed. A contradictory
//! file can break an assumption of a decoder that only a panic reports.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::AudioError;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls a decoder. A panic becomes [`AudioError::Broken`]; the decoder must not be used again then.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, AudioError>) -> Result<T, AudioError> {
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    GUARDED.set(before);
    result.unwrap_or_else(|_| Err(AudioError::Broken("what it says contradicts itself".into())))
}

/// Installs a panic hook that does not print panics in decoders, which are caught and become errors of the file. All others are
/// printed as before.
pub fn quiet_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !GUARDED.get() {
            tell(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let words: Vec<u8> = Vec::new();
        let failed = guarded(|| Ok(words[words.len()])).unwrap_err();
        assert!(matches!(failed, AudioError::Broken(_)), "{failed}");
        assert!(!GUARDED.get() && guarded(|| Ok(GUARDED.get())).unwrap());
    }
}
