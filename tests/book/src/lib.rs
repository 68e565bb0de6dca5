//! The examples of the book as tests: `cargo test -p book`.
//!
//! `net.onnx` and `net.calib.npy` are those of the quickstart; `peak.tflite` keeps the greatest of its inputs in a
//! variable.
#![allow(
    clippy::doc_markdown,
    reason = "the book is written for people who read, not for rustdoc"
)]

macro_rules! pages {
    ($($name:ident = $file:literal;)*) => { $(
        #[doc = include_str!(concat!("../../../docs/src/", $file))]
        #[derive(Debug)]
        pub struct $name;
    )* };
}

pages! {
    Introduction = "introduction.md";
    GettingStarted = "getting-started.md";
    MacroArguments = "macro-arguments.md";
    Streaming = "streaming.md";
    BuildScripts = "build-scripts.md";
    Memory = "memory.md";
    Arithmetic = "arithmetic.md";
    AddingAnOperator = "adding-an-operator.md";
}
