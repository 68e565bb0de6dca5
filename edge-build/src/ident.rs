//! Rust identifiers from names in files.

use proc_macro2::{TokenStream, TokenTree};
use std::path::Path;

/// Words that cannot name a type, field or function, in any edition.
pub const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Name of the type for a model file: `kws_dscnn.onnx` becomes `KwsDscnn`.
#[must_use]
pub fn type_name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    camel(&stem.unwrap_or_default())
}

/// Whether a text can name a type.
#[must_use]
pub fn is_type_name(text: &str) -> bool {
    let Some(tokens) = text
        .parse::<TokenStream>()
        .ok()
        .filter(|_| !text.contains('#'))
    else {
        return false;
    };
    let mut tokens = tokens.into_iter();
    let one = matches!(tokens.next(), Some(TokenTree::Ident(ident)) if ident == text);
    one && tokens.next().is_none() && !KEYWORDS.contains(&text) && text != "_"
}

/// Upper camel case of ASCII letters and digits; `Net` leads where that is no name.
#[must_use]
pub fn camel(text: &str) -> String {
    let mut name = String::new();
    let mut start = true;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(if start { c.to_ascii_uppercase() } else { c });
        }
        start = !c.is_ascii_alphanumeric();
    }
    let broken = !name.starts_with(|c: char| c.is_ascii_alphabetic()) || KEYWORDS.contains(&&*name);
    if broken { format!("Net{name}") } else { name }
}

/// Lower snake case; words begin at capital letters that follow a small one or a digit.
#[must_use]
pub fn snake(text: &str) -> String {
    let mut name = String::new();
    let mut small = false;
    for c in text.chars() {
        let letter = c.is_alphanumeric();
        let boundary = !letter || (small && c.is_uppercase());
        if boundary && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if letter {
            name.extend(c.to_lowercase());
        }
        small = c.is_lowercase() || c.is_ascii_digit();
    }
    name.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_after_files() {
        let name = |file: &str| type_name(Path::new(file));
        assert_eq!(name("models/kws_dscnn.onnx"), "KwsDscnn");
        assert_eq!(name("net.onnx"), "Net");
        assert_eq!(name("my-model v1.2.onnx"), "MyModelV12");
        assert_eq!(name("2d.onnx"), "Net2d");
        assert_eq!(name("self.onnx"), "NetSelf");
        assert_eq!(name("网络.onnx"), "Net");
    }

    #[test]
    fn modules_are_snake_case() {
        assert_eq!(snake("KwsDscnn"), "kws_dscnn");
        assert_eq!(snake("HTTPNet"), "httpnet");
        assert_eq!(snake("Vww96Int8"), "vww96_int8");
    }

    #[test]
    fn type_names_are_identifiers() {
        assert!(is_type_name("Net2") && is_type_name("my_net"));
        for text in [
            "", "2d", "a b", "a::b", "fn", "Self", "_", "\"x\"", "a-b", "r#a",
        ] {
            assert!(!is_type_name(text), "{text}");
        }
    }
}
