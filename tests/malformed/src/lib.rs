//! Broken model files: an error or a program, and nothing else.
