//! What the arguments of the compiler that expands the macro say. An editor's server has other arguments: then
//! nothing is known and the usual is assumed.

use std::path::Path;

/// How the crate under compilation names `edge-core`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CoreCrate {
    /// By this name.
    Named(String),
    /// It is not among the dependencies.
    Absent,
    /// The arguments are not those of rustc.
    Unknown,
}

/// How the crate under compilation names `edge-core`, from `--extern name=…/libedge_core-….rmeta`.
pub(crate) fn core_crate(args: &[String]) -> CoreCrate {
    let mut externs = values(args, "--extern").peekable();
    if externs.peek().is_none() {
        return CoreCrate::Unknown;
    }
    let mut found: Vec<&str> = externs.filter_map(core_alias).collect();
    found.sort_unstable();
    match found.first() {
        Some(alias) => CoreCrate::Named((*alias).to_owned()),
        None => CoreCrate::Absent,
    }
}

/// The name in `name=path` or `options:name=path`, if the path is that of `edge-core`.
fn core_alias(value: &str) -> Option<&str> {
    let (name, path) = value.split_once('=')?;
    let file = Path::new(path).file_stem()?.to_str()?;
    let library = file.strip_prefix("lib").unwrap_or(file);
    let ours = library == "edge_core" || library.starts_with("edge_core-");
    let name = name.rsplit(':').next()?;
    ours.then_some(name)
}

/// The target triple, where it is not that of the host.
pub(crate) fn triple(args: &[String]) -> Option<String> {
    let value = values(args, "--target").last()?;
    // The file of a custom target is named after it.
    let name = Path::new(value).file_name()?.to_str()?;
    Some(name.strip_suffix(".json").unwrap_or(name).to_owned())
}

/// Values of an option, as `--key value` or `--key=value`.
fn values<'a>(args: &'a [String], key: &'a str) -> impl Iterator<Item = &'a str> {
    args.iter().enumerate().filter_map(move |(index, arg)| {
        let rest = arg.strip_prefix(key)?;
        if rest.is_empty() {
            args.get(index + 1).map(String::as_str)
        } else {
            rest.strip_prefix('=')
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Vec<String> {
        text.split(' ').map(ToOwned::to_owned).collect()
    }

    #[test]
    fn renamed_dependencies_are_found() {
        let name = |text: &str| core_crate(&args(text));
        let named = |name: &str| CoreCrate::Named(name.to_owned());
        assert_eq!(
            name("rustc --extern a=/x/liba.rmeta --extern nn=/x/libedge_core-1f.rmeta"),
            named("nn")
        );
        assert_eq!(
            name("rustc --extern=priv,noprelude:edge_core=C/edge_core-1f.rlib"),
            named("edge_core")
        );
        assert_eq!(name("rustc --extern a=/x/liba.rmeta"), CoreCrate::Absent);
        assert_eq!(name("rust-analyzer-proc-macro-srv"), CoreCrate::Unknown);
        assert_eq!(
            name("rustc --extern b=/x/libedge_core_extras-1.rlib"),
            CoreCrate::Absent
        );
    }

    #[test]
    fn the_triple_is_found() {
        let triple = |text: &str| triple(&args(text));
        assert_eq!(triple("rustc --edition=2024"), None);
        assert_eq!(
            triple("rustc --target thumbv6m-none-eabi").as_deref(),
            Some("thumbv6m-none-eabi")
        );
        assert_eq!(
            triple("rustc --target=/a/thumbv7em-none-eabi.json").as_deref(),
            Some("thumbv7em-none-eabi")
        );
    }
}
