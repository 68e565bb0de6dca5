//! Tests of the importer on models made in memory.

mod elementwise;
mod errors;
mod layers;
mod mutations;
mod recurrent;
mod shapes;
