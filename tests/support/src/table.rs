//! Markdown tables.

use std::fmt::Write;

/// Rows under headings.
#[derive(Clone, Debug)]
pub struct Table {
    text: String,
}

impl Table {
    /// A table with headings and no rows. The first column is text, the others are numbers.
    #[must_use]
    pub fn new(headings: &[&str]) -> Self {
        let mut rule = String::from("| --- |");
        for _ in 1..headings.len() {
            rule.push_str(" ---: |");
        }
        let text = format!("| {} |\n{rule}\n", headings.join(" | "));
        Self { text }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) {
        writeln!(self.text, "| {} |", cells.join(" | ")).expect("writing to a string");
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
