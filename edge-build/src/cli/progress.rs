//! What is going on, on standard error, if somebody looks.

use crate::runner::Phase;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::time::Duration;

/// A line that says what is going on.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    inferences: Cell<u64>,
    building: String,
}

impl Progress {
    /// Nothing is shown yet. indicatif shows nothing at all where standard error is no terminal.
    pub(super) fn new() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            inferences: Cell::new(0),
            building: String::new(),
        }
    }

    /// Shows what is begun.
    pub(super) fn start(&self, what: &str) {
        self.bar
            .set_draw_target(indicatif::ProgressDrawTarget::stderr());
        self.bar.set_style(ProgressStyle::default_spinner());
        self.bar.set_message(what.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    /// Clears the line.
    pub(super) fn stop(&self) {
        self.bar.finish_and_clear();
    }

    /// The same, with what is shown while a program is built and how many inferences there will be.
    pub(super) fn of_run(mut self, building: String, inferences: usize) -> Self {
        self.bar = ProgressBar::new_spinner();
        self.building = building;
        self.inferences.set(inferences as u64);
        self
    }

    /// Follows a run.
    pub(super) fn follow(&self, phase: Phase) {
        match phase {
            Phase::Building => self.start(&self.building),
            Phase::Running { done } => {
                if self.bar.length().is_none() {
                    let template = "{spinner} {msg} [{bar:30}] {pos}/{len}";
                    let style = ProgressStyle::with_template(template)
                        .unwrap_or_else(|_| ProgressStyle::default_bar());
                    self.bar.set_length(self.inferences.get());
                    self.bar.set_style(style);
                    self.bar.set_message("running");
                }
                self.bar.set_position(done as u64);
            }
        }
    }
}
