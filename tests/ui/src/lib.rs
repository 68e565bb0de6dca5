//! Errors and warnings of the macro as users see them: `cargo test -p ui`.
//!
//! `cases/` holds a program per mistake, with the expected text of the compiler beside it; `models/` holds
//! their networks, made by `make_models.py`. `TRYBUILD=overwrite` writes the expected texts anew.
