//! Edits of a graph that passes share.
