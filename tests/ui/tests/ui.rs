//! Every mistake gets one clear message at the argument at fault, and no other.
#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::fs;
use std::path::Path;

#[test]
fn mistakes_get_one_clear_message() {
    copy_models();
    let cases = trybuild::TestCases::new();
    cases.compile_fail("cases/fail/*.rs");
    cases.pass("cases/pass/*.rs");
}

/// Paths in the macro are relative to the manifest, and the manifest of the cases is one that `trybuild` writes.
fn copy_models() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let there = target.join("tests/trybuild/ui/models");
    fs::create_dir_all(&there).unwrap();
    for model in fs::read_dir(here.join("models")).unwrap() {
        let model = model.unwrap();
        fs::copy(model.path(), there.join(model.file_name())).unwrap();
    }
}
