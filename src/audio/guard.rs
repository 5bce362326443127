//! Calls into decoders, which are not ours and may hold a file's contradictions for errors of their own: what panics there is an
//! error of the file, and nothing is printed of it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::AudioError;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls a decoder. A panic becomes [`AudioError::Broken`]; what was called must not be used again then.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, AudioError>) -> Result<T, AudioError> {
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(call));
    GUARDED.set(before);
    result.unwrap_or_else(|_| Err(AudioError::Broken("what it says contradicts itself".into())))
}

/// From now on a panic in a decoder is not printed: it is caught, and told as an error of the file. All others are told as before.
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
