//! From a dirty path to a stored latent.
//!
//! One thread, the *coordinator*, owns the store and decides; worker threads, each with a child process, read
//! files; one more drives the encoder's child process. The rest of the program hears of it by [`Update`]s.

pub mod agenda;
pub mod changes;
pub mod coordinator;
pub mod embed;
pub mod error;
pub mod figure;
pub mod jobs;
pub mod messages;
pub mod model;
pub mod pool;
pub mod progress;
mod publish;
pub mod shelf;
pub mod sounds;
mod switch;
mod teller;
mod watch;
mod work;

use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use error::ThreadError;
pub use jukebox_encoder::memory::give_back;
pub use messages::{Options, Order, Update};
pub use progress::Progress;
pub use sounds::SoundRecord;

/// A running analysis. Dropping it stops it.
pub struct Analysis {
    orders: Sender<Order>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Analysis {
    /// Opens the store and begins: what is known comes first, as `Catalog` and `Space`, then the work goes on behind.
    ///
    /// # Errors
    /// When the thread cannot be started. Everything else arrives as an [`Update`].
    pub fn start(options: Options) -> Result<(Analysis, Receiver<Update>), ThreadError> {
        Analysis::start_after(|| (), options)
    }

    /// As [`Analysis::start`], but runs `first` on the thread before the store is opened, so that the two do not share
    /// the processor and no update precedes the end of `first`.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start_after(
        first: impl FnOnce() + Send + 'static,
        options: Options,
    ) -> Result<(Analysis, Receiver<Update>), ThreadError> {
        let (updates, updated) = crossbeam_channel::unbounded();
        let (orders, ordered) = crossbeam_channel::unbounded();
        let thread = std::thread::Builder::new()
            .name("analysis".into())
            .spawn(move || {
                first();
                let outcome = coordinator::run(options, ordered, updates.clone());
                let _ = updates.send(Update::Ended(outcome.err().map(|e| e.to_string())));
            })
            .map_err(ThreadError::of("the analysis thread"))?;
        Ok((Analysis { orders, thread: Some(thread) }, updated))
    }

    /// Tells it something.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Stops and waits until what is known has been written down, at most `patience`.
    pub fn stop(mut self, patience: Duration) {
        self.order(Order::Stop);
        let Some(thread) = self.thread.take() else { return };
        let begun = std::time::Instant::now();
        while !thread.is_finished() && begun.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(5));
        }
        if thread.is_finished() {
            let _ = thread.join();
        }
    }
}

impl Drop for Analysis {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
    }
}
