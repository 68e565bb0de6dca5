//! The header of an `.npy` file: a Python dictionary as text.

use super::NpyError;

/// What the header says.
#[derive(Debug)]
pub(super) struct Header {
    /// Kind and size of the elements: `f4`, `i8`, …
    pub(super) code: String,
    /// Whether the most significant byte comes first.
    pub(super) big_endian: bool,
    /// Whether the first index runs fastest.
    pub(super) column_major: bool,
    /// Dimensions.
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// The header of a file, and the bytes behind it.
    pub(super) fn split(bytes: &[u8]) -> Result<(Self, &[u8]), NpyError> {
        let rest = bytes
            .strip_prefix(b"\x93NUMPY")
            .ok_or(NpyError::Magic("an .npy"))?;
        let short = || NpyError::Header("it is cut off".to_owned());
        let (len, rest) = match rest {
            [1, _, low, high, rest @ ..] => (u16::from_le_bytes([*low, *high]) as usize, rest),
            [2 | 3, _, a, b, c, d, rest @ ..] => {
                (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest)
            }
            [version, ..] if !(1..=3).contains(version) => {
                return Err(NpyError::Header(format!(
                    "version {version}; known are 1 to 3"
                )));
            }
            _ => return Err(short()),
        };
        let (text, body) = rest.split_at_checked(len).ok_or_else(short)?;
        let text =
            std::str::from_utf8(text).map_err(|_| NpyError::Header("it is no text".to_owned()))?;
        Ok((Self::parse(text)?, body))
    }

    /// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, keys in any order.
    fn parse(text: &str) -> Result<Self, NpyError> {
        let broken = |what: &str| NpyError::Header(format!("no {what} in {:?}", text.trim()));
        let descr = value_of(text, "descr").ok_or_else(|| broken("'descr'"))?;
        let descr = quoted(descr).ok_or_else(|| NpyError::Type(shorten(descr)))?;
        let (big_endian, code) = match descr.split_at_checked(1) {
            Some(("<" | "|" | "=", code)) => (false, code),
            Some((">", code)) => (true, code),
            _ => return Err(NpyError::Type(shorten(descr))),
        };
        let order = value_of(text, "fortran_order").ok_or_else(|| broken("'fortran_order'"))?;
        let column_major = if order.starts_with("True") {
            true
        } else if order.starts_with("False") {
            false
        } else {
            return Err(broken("'fortran_order'"));
        };
        let shape = value_of(text, "shape")
            .and_then(|value| value.strip_prefix('('))
            .and_then(|value| value.split_once(')'))
            .and_then(|(dims, _)| dimensions(dims))
            .ok_or_else(|| broken("'shape'"))?;
        Ok(Self {
            code: code.to_owned(),
            big_endian,
            column_major,
            shape,
        })
    }
}

/// The text behind `'key':`.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = ['\'', '"']
        .into_iter()
        .find_map(|mark| text.split_once(&format!("{mark}{key}{mark}")));
    let (_, rest) = at?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// What stands between the quotation marks with which the text starts.
fn quoted(text: &str) -> Option<&str> {
    let mark = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text.get(1..)?.split_once(mark).map(|(inside, _)| inside)
}

/// `3, 4` or `3,` or nothing.
fn dimensions(text: &str) -> Option<Vec<usize>> {
    let text = text.trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() {
        return Some(Vec::new());
    }
    let dim = |dim: &str| dim.trim().trim_end_matches('L').parse().ok();
    text.split(',').map(dim).collect()
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
