//! Tests of the importer on models made in memory.
