//! Who may use whom.

use layering::{File, files, root};
use std::collections::BTreeSet;
use std::fs;

/// The modules of `edge-build` from the bottom up: a module may use those of the rows above and of its own row.
const LAYERS: &[&[&str]] = &[
    &["suggest", "diag", "ident"],
    &["npy"],
    &["target"],
    &["options", "source"],
    // Numbers that are all decided: knows no graph.
    &["program"],
    &["exec"],
    // One layer: a node holds its operator, an operator emits steps, steps meet their offsets.
    &["ir", "ops", "lower", "plan"],
    &["import"],
    &["passes"],
    &["qdq"],
    &["schedule"],
    &["quantize"],
    &["report"],
    &["codegen"],
    &["compile"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

/// `edge-build/src/plan/search.rs` → `plan`.
fn module(file: &File) -> &str {
    let inside = file.path.trim_start_matches("edge-build/src/");
    inside.split(['/', '.']).next().unwrap_or(inside)
}

/// First segments of the paths behind `crate::`, also inside `crate::{…}`.
fn used(text: &str) -> BTreeSet<String> {
    let name = |s: &str| -> String {
        s.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = BTreeSet::new();
    for (at, marker) in text.match_indices("crate::") {
        let rest = &text[at + marker.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    found.insert(name(&list[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn paths_are_found_in_every_form() {
    let text =
        "use crate::{diag::{Code, Diagnostic}, ir,\n  plan::Plan};\nlet x = crate::npy::read();";
    let found: Vec<String> = used(text).into_iter().collect();
    assert_eq!(found, ["diag", "ir", "npy", "plan"]);
}

#[test]
fn modules_use_what_stands_below_them() {
    let mut wrong = Vec::new();
    for file in files("edge-build/src", ".rs") {
        let from = module(&file);
        let Some(own) = layer(from) else { continue };
        let code: Vec<&str> = file.code().collect();
        for to in used(&code.join("\n")) {
            if layer(&to).is_none_or(|layer| layer > own) {
                wrong.push(format!("{} uses crate::{to}", file.path));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "upward dependencies:\n{}",
        wrong.join("\n")
    );
}

/// Modules above the driver may use anything: the library's front doors and the command.
const FRONT: &[&str] = &[
    "lib",
    "runner",
    "main",
    "bin",
    "cli",
    "runner",
    "cache",
    "config",
    "build_script",
];

#[test]
fn every_module_has_a_layer() {
    let all = files("edge-build/src", ".rs");
    assert!(all.len() > 40, "the tree was not found");
    let unknown: BTreeSet<&str> = all
        .iter()
        .map(module)
        .filter(|name| layer(name).is_none() && !FRONT.contains(name))
        .collect();
    assert!(
        unknown.is_empty(),
        "add {unknown:?} to LAYERS, as low as it can stand"
    );
}

#[test]
fn crates_depend_one_way() {
    let forbidden = [
        ("edge-core", ["edge-build", "edge-macros"].as_slice()),
        ("edge-build", &["edge-macros"]),
    ];
    for (name, others) in forbidden {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        for other in others {
            assert!(
                !manifest.contains(other),
                "{name} must not depend on {other}"
            );
        }
    }
}

/// The lint `unsafe_code` is denied for the workspace; who allows it is found here.
#[test]
fn unsafe_code_stands_in_arch_alone() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("\nunsafe_code = \"deny\""));
    for name in ["edge-core", "edge-build", "edge-macros"] {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{name} must take the lints of the workspace"
        );
    }
    let allows = |file: &File| file.code().any(|line| line.contains("unsafe_code"));
    let all = ["edge-core/src", "edge-build/src", "edge-macros/src"];
    let allowing: Vec<String> = all
        .into_iter()
        .flat_map(|folder| files(folder, ".rs"))
        .filter(allows)
        .map(|file| file.path)
        .collect();
    let (inside, outside): (Vec<_>, Vec<_>) = allowing
        .into_iter()
        .partition(|path| path.starts_with("edge-core/src/arch/"));
    assert!(
        !inside.is_empty(),
        "the lint is not found where it is allowed"
    );
    assert!(
        outside.is_empty(),
        "unsafe code outside edge-core/src/arch: {outside:?}"
    );
}

#[test]
fn files_are_short() {
    const MOST: usize = 500;
    let all = files(".", ".rs");
    let generated = |file: &File| {
        file.text
            .lines()
            .take(5)
            .any(|line| line.contains("@generated"))
    };
    let long: Vec<String> = all
        .iter()
        .filter(|file| !generated(file) && file.text.lines().count() > MOST)
        .map(|file| format!("{}: {} lines", file.path, file.text.lines().count()))
        .collect();
    assert!(
        long.is_empty(),
        "split these, {MOST} lines are the most:\n{}",
        long.join("\n")
    );
}

#[test]
fn no_path_of_a_machine_is_committed() {
    let wrong: Vec<String> = [".rs", ".md", ".toml", ".py"]
        .iter()
        .flat_map(|suffix| files(".", suffix))
        .filter(|file| {
            ["/work/", "/home/"]
                .iter()
                .any(|path| file.text.contains(path))
        })
        .map(|file| file.path)
        .filter(|path| !path.starts_with("tests/layering/"))
        .collect();
    assert!(wrong.is_empty(), "paths of a machine in {wrong:?}");
}
