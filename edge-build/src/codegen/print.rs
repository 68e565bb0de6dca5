//! Tokens as text that people can read: an item, statement or field per line, doc comments as `///`.
//!
//! Knows the shapes that this generator emits, not all of Rust. The text parses back to the same tokens.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// Longest line of a list that stays on one line.
const WIDTH: usize = 96;

/// The source text of generated tokens.
#[must_use]
pub fn text(tokens: &TokenStream) -> String {
    let mut text = String::new();
    block(&mut text, tokens.clone(), 0);
    text
}

/// One line per item, statement, field or arm; an empty line behind items with a long body.
fn block(out: &mut String, tokens: TokenStream, indent: usize) {
    let mut after_body = false;
    for line in split(tokens) {
        if after_body {
            out.push('\n');
        }
        indent_to(out, indent);
        let start = out.len();
        if let Some(doc) = doc_text(&line) {
            out.push_str("///");
            out.push_str(&doc);
        } else {
            inline(out, &line, indent);
        }
        after_body = line.len() > 1 && out[start..].contains('\n') && out.ends_with('}');
        out.push('\n');
    }
}

/// Cuts tokens into lines: behind attributes, `;`, bodies, and behind `,` where no `;` stands.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let statements = tokens.iter().any(|t| is_punct(t, ';'));
    let mut lines = Vec::new();
    let mut line: Vec<TokenTree> = Vec::new();
    let mut angles = 0usize;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let arrow = line
            .last()
            .is_some_and(|t| is_joint(t) && !is_punct(t, ':'));
        match &token {
            TokenTree::Punct(p) if p.as_char() == '<' => angles += 1,
            TokenTree::Punct(p) if p.as_char() == '>' && !arrow => {
                angles = angles.saturating_sub(1);
            }
            TokenTree::Punct(_)
            | TokenTree::Group(_)
            | TokenTree::Ident(_)
            | TokenTree::Literal(_) => {}
        }
        let goes_on = tokens
            .peek()
            .is_some_and(|next| [';', ',', '.'].iter().any(|&c| is_punct(next, c)));
        let ends = match &token {
            TokenTree::Punct(p) => match p.as_char() {
                ';' => true,
                ',' => !statements && angles == 0,
                _ => false,
            },
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Brace => !goes_on,
                Delimiter::Bracket => matches!(line.as_slice(), [hash] if is_punct(hash, '#')),
                Delimiter::Parenthesis | Delimiter::None => false,
            },
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        line.push(token);
        if ends {
            lines.push(std::mem::take(&mut line));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Tokens on one line; groups that are too long open up.
fn inline(out: &mut String, tokens: &[TokenTree], indent: usize) {
    let wide = width(tokens) + 4 * indent > WIDTH;
    let mut before: Option<&TokenTree> = None;
    for (index, token) in tokens.iter().enumerate() {
        if before.is_some_and(|before| spaced(before, token, tokens.get(index.wrapping_sub(2)))) {
            out.push(' ');
        }
        match token {
            TokenTree::Group(group) => {
                let last = index + 1 == tokens.len();
                self::group(out, group, indent, before, wide && last);
            }
            TokenTree::Ident(ident) => out.push_str(&ident.to_string()),
            TokenTree::Punct(punct) => out.push(punct.as_char()),
            TokenTree::Literal(literal) => out.push_str(&literal.to_string()),
        }
        before = Some(token);
    }
}

fn group(out: &mut String, group: &Group, indent: usize, before: Option<&TokenTree>, wide: bool) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    };
    out.push_str(open);
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    if opens(group, &tokens, before, wide, indent) {
        out.push('\n');
        block(out, group.stream(), indent + 1);
        indent_to(out, indent);
    } else if !tokens.is_empty() {
        let padding = if open == "{" { " " } else { "" };
        out.push_str(padding);
        inline(out, &tokens, indent);
        out.push_str(padding);
    }
    out.push_str(close);
}

/// Whether a group takes several lines: bodies, and lists that are too long, but not a lone long literal.
fn opens(
    group: &Group,
    tokens: &[TokenTree],
    before: Option<&TokenTree>,
    wide: bool,
    indent: usize,
) -> bool {
    let has = |c: char| tokens.iter().any(|token| is_punct(token, c));
    let braces = group.delimiter() == Delimiter::Brace;
    let body = braces && (has(';') || before.is_none() || wide);
    let long = || (has(',') || braces) && width(tokens) + 4 * indent > WIDTH;
    !tokens.is_empty() && (body || has('#') || long())
}

/// About how many characters tokens take on one line.
fn width(tokens: &[TokenTree]) -> usize {
    let one = |token: &TokenTree| match token {
        TokenTree::Group(group) => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            width(&inner) + 2
        }
        TokenTree::Ident(ident) => ident.to_string().len() + 1,
        TokenTree::Punct(_) => 1,
        TokenTree::Literal(literal) => literal.to_string().len() + 1,
    };
    tokens.iter().map(one).sum()
}

/// Whether a space stands between two tokens.
fn spaced(before: &TokenTree, token: &TokenTree, earlier: Option<&TokenTree>) -> bool {
    let tight_behind = |c: char| matches!(c, '&' | '#' | '!' | '\'' | '.' | '<' | '-' | '*');
    let behind_joint = earlier.is_some_and(is_joint);
    if let TokenTree::Punct(p) = before {
        let path = p.as_char() == ':' && behind_joint;
        if p.spacing() == Spacing::Joint || path || tight_behind(p.as_char()) {
            return false;
        }
    }
    let arrow = is_punct(before, '>') && behind_joint;
    let keyword = matches!(before, TokenTree::Ident(word) if LONE_WORDS.iter().any(|w| word == w));
    match token {
        TokenTree::Punct(p) => match p.as_char() {
            ',' | ';' | '.' | '<' | '>' | '!' => false,
            ':' => {
                p.spacing() == Spacing::Joint
                    && (keyword || arrow || is_punct(before, '=') || is_punct(before, ':'))
            }
            _ => true,
        },
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => {
                keyword
                    || arrow
                    || !(matches!(before, TokenTree::Ident(_)) || is_punct(before, '>'))
            }
            Delimiter::Brace | Delimiter::Bracket | Delimiter::None => true,
        },
        TokenTree::Ident(_) | TokenTree::Literal(_) => true,
    }
}

/// Keywords that a path or a parenthesis may follow.
const LONE_WORDS: &[&str] = &["let", "impl", "use", "for", "mut", "match", "return"];

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == c)
}

fn is_joint(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(p) if p.spacing() == Spacing::Joint)
}

/// The text of a doc attribute, if it can stand behind `///` and mean the same.
fn doc_text(line: &[TokenTree]) -> Option<String> {
    let [hash, TokenTree::Group(group)] = line else {
        return None;
    };
    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
    let [TokenTree::Ident(name), equals, TokenTree::Literal(literal)] = inner.as_slice() else {
        return None;
    };
    if !is_punct(hash, '#') || name != "doc" || !is_punct(equals, '=') {
        return None;
    }
    let quoted = literal.to_string();
    let plain = if let Some(raw) = quoted.strip_prefix('r') {
        raw.trim_matches('"').to_owned()
    } else {
        let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
        inner.replace("\\\"", "\"").replace("\\'", "'")
    };
    let same = !plain.contains(['\\', '#', '\n']) && !plain.starts_with('/');
    same.then_some(plain)
}

fn indent_to(out: &mut String, indent: usize) {
    for _ in 0..indent {
        out.push_str("    ");
    }
}
