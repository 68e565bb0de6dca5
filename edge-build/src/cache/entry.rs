//! An entry as bytes: texts, each behind its length, and a hash at the end.

use super::Compiled;
use super::hash::ContentHash;
use crate::diag::{Argument, Code, Diagnostic, Severity};

/// The bytes of a result.
pub(super) fn encode(compiled: &Compiled) -> Vec<u8> {
    let mut out = Vec::new();
    let heads = [&compiled.code, &compiled.report_text, &compiled.report_json];
    for text in heads {
        push(&mut out, text);
    }
    for warning in &compiled.warnings {
        push(&mut out, warning.code.text());
        push(&mut out, argument_name(warning.argument));
        push(&mut out, &warning.message);
        push(&mut out, &warning.help);
        push_optional(&mut out, warning.place.as_deref());
        push_optional(&mut out, warning.supported.as_deref());
    }
    let sum = checksum(&out);
    out.extend(sum.as_bytes());
    out
}

/// The result that bytes hold; `None` if they are broken.
pub(super) fn decode(bytes: &[u8]) -> Option<Compiled> {
    let (mut rest, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_LEN)?)?;
    if checksum(rest).as_bytes() != sum {
        return None;
    }
    let rest = &mut rest;
    let mut compiled = Compiled {
        code: take(rest)?,
        report_text: take(rest)?,
        report_json: take(rest)?,
        warnings: Vec::new(),
    };
    while !rest.is_empty() {
        let (code, argument) = (take(rest)?, take(rest)?);
        compiled.warnings.push(Diagnostic {
            code: Code::ALL.iter().copied().find(|c| c.text() == code)?,
            severity: Severity::Warning,
            argument: ARGUMENTS
                .into_iter()
                .find(|&a| argument_name(a) == argument)?,
            message: take(rest)?,
            help: take(rest)?,
            place: take_optional(rest)?,
            supported: take_optional(rest)?,
        });
    }
    Some(compiled)
}

const SUM_LEN: usize = 32;

fn checksum(bytes: &[u8]) -> String {
    let mut hash = ContentHash::default();
    hash.add(bytes);
    hash.hex()
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn push_optional(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    push(out, text.unwrap_or_default());
}

fn take(rest: &mut &[u8]) -> Option<String> {
    let (len, tail) = rest.split_first_chunk::<8>()?;
    let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
    let (text, tail) = tail.split_at_checked(len)?;
    *rest = tail;
    String::from_utf8(text.to_vec()).ok()
}

/// `None` outside: the bytes are broken.
#[allow(
    clippy::option_option,
    reason = "broken bytes and an absent text are different"
)]
fn take_optional(rest: &mut &[u8]) -> Option<Option<String>> {
    let (&present, tail) = rest.split_first()?;
    *rest = tail;
    let text = take(rest)?;
    Some((present == 1).then_some(text))
}

const ARGUMENTS: [Argument; 9] = [
    Argument::Model,
    Argument::Target,
    Argument::Quant,
    Argument::Rounding,
    Argument::Optimize,
    Argument::Pin,
    Argument::Calibration,
    Argument::Name,
    Argument::Shapes,
];

fn argument_name(argument: Argument) -> &'static str {
    match argument {
        Argument::Model => "model",
        Argument::Target => "target",
        Argument::Quant => "quant",
        Argument::Rounding => "rounding",
        Argument::Optimize => "optimize",
        Argument::Pin => "pin",
        Argument::Calibration => "calibration",
        Argument::Name => "name",
        Argument::Shapes => "shapes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled() -> Compiled {
        let warning = Diagnostic::warning(Code::CalibrationMissing, "no data", "give some");
        Compiled {
            code: "mod x { }".to_owned(),
            warnings: vec![
                warning.clone().at(Argument::Quant).in_place("node \"é\""),
                warning.supported(""),
            ],
            report_text: "table\n".to_owned(),
            report_json: "{}".to_owned(),
        }
    }

    #[test]
    fn entries_read_back() {
        assert_eq!(decode(&encode(&compiled())), Some(compiled()));
    }

    #[test]
    fn broken_entries_are_none() {
        let bytes = encode(&compiled());
        for len in 0..bytes.len() {
            assert_eq!(decode(&bytes[..len]), None);
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(decode(&changed), None, "byte {at}");
        }
    }
}
