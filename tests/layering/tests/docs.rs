//! The book names what exists.
#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use edge_build::diag::Code;
use edge_build::ops::Op;
use layering::{files, root};
use std::fs;

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs/src").join(name)).unwrap()
}

#[test]
fn every_code_has_a_section() {
    let page = page("errors.md");
    for code in Code::ALL {
        let head = format!("## {code}: ");
        assert!(
            page.contains(&head),
            "docs/src/errors.md has no section \"{head}…\""
        );
    }
    let sections = page.lines().filter(|line| line.starts_with("## E")).count();
    assert_eq!(
        sections,
        Code::ALL.len(),
        "docs/src/errors.md has a section too many"
    );
}

/// The first columns of the table in a section of the page of operators, sorted.
fn listed(section: &str) -> Vec<String> {
    let page = page("operators.md");
    let head = format!("\n## {section}\n");
    let (_, rest) = page.split_once(&head).unwrap_or_default();
    let part = rest.split("\n## ").next().unwrap_or_default();
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let names = cells.flat_map(str::split_whitespace);
    let mut names: Vec<String> = names
        .map(|name| name.trim_matches('`').to_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Checks that a section lists all names, each once, and no other.
fn expect_listed<'a>(section: &str, names: impl Iterator<Item = &'a str>) {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    assert!(names.len() > 10, "{names:?}");
    let listed = listed(section);
    for name in &names {
        assert!(
            listed.iter().any(|own| own == name),
            "docs/src/operators.md, {section}: no row for `{name}`"
        );
    }
    assert_eq!(listed, names, "docs/src/operators.md, {section}");
}

#[test]
fn every_operator_has_a_row() {
    expect_listed("Inside the compiler", Op::NAMES.iter().copied());
}

#[test]
fn every_onnx_operator_is_listed() {
    use edge_build::import::onnx;
    expect_listed("From ONNX", onnx::operators());
    expect_listed("From onnxruntime", onnx::operators_of_onnxruntime());
}

#[test]
fn every_tflite_operator_is_listed() {
    expect_listed("From TFLite", edge_build::import::tflite::operators());
}

/// A field below `#[arg(long` in the definition of the command is an option.
#[test]
fn every_option_of_the_command_is_explained() {
    let page = page("cli.md");
    let code = fs::read_to_string(root().join("edge-build/src/cli/args.rs")).unwrap();
    let fields: Vec<&str> = code
        .split("#[arg(long")
        .skip(1)
        .filter_map(|rest| rest.split_once('\n')?.1.split(':').next())
        .filter_map(|field| field.split_whitespace().last())
        .collect();
    assert!(fields.len() > 8, "{fields:?}");
    for field in fields {
        let option = format!("`--{field}");
        assert!(
            page.contains(&option),
            "docs/src/cli.md does not explain {option}`"
        );
    }
}

#[test]
fn every_target_is_listed() {
    let page = page("macro-arguments.md");
    for target in edge_build::target::TARGETS {
        let name = format!("`{}`", target.name);
        assert!(
            page.contains(&name),
            "docs/src/macro-arguments.md does not list {name}"
        );
    }
}

#[test]
fn every_page_is_in_the_summary_and_exists() {
    let summary = page("SUMMARY.md");
    for file in files("docs/src", ".md") {
        let name = file.path.trim_start_matches("docs/src/");
        assert!(
            name == "SUMMARY.md" || summary.contains(&format!("]({name})")),
            "{name} is not in the summary"
        );
    }
    for link in links(&summary) {
        assert!(
            root().join("docs/src").join(&link).exists(),
            "the summary names {link}"
        );
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut broken = Vec::new();
    for file in files(".", ".md") {
        let folder = root().join(&file.path).parent().unwrap().to_path_buf();
        for link in links(&file.text) {
            if !link.contains("://") && !folder.join(&link).exists() {
                broken.push(format!("{}: {link}", file.path));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

/// Targets of `[text](target)` without `#fragment`; those within a page are left out.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|link| !link.is_empty())
        .map(str::to_owned)
        .collect()
}
