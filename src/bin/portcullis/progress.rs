//! The bar of a long scan: for people only, and only when there is something to wait for.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Global;

/// Whoever waits for less does not want to be told.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that shows itself late.
pub(crate) struct Bar {
    began: Instant,
    done: AtomicU64,
    total: u64,
    watched: bool,
    shown: OnceLock<ProgressBar>,
}

impl Bar {
    /// A bar for so many files.
    pub(crate) fn new(global: &Global, total: usize) -> Self {
        Self {
            began: Instant::now(),
            done: AtomicU64::new(0),
            total: total as u64,
            watched: global.quiet == 0 && std::io::stderr().is_terminal(),
            shown: OnceLock::new(),
        }
    }

    /// One file more is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.watched && self.began.elapsed() >= PATIENCE {
            self.shown.get_or_init(|| begin(self.total)).set_position(done);
        }
    }

    /// All is done: the bar leaves no trace.
    pub(crate) fn finish(&self) {
        if let Some(bar) = self.shown.get() {
            bar.finish_and_clear();
        }
    }
}

fn begin(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("checking {bar:30} {pos}/{len} files") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
