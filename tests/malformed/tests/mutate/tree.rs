//! Wrong fields in a file that is well-formed otherwise: numbers out of range, edges that lead elsewhere,
//! fields that are missing, doubled or in another place.

use edge_test_support::random::Random;

/// A field of a protobuf message.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    tag: u64,
    value: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(u64),
    Message(Vec<Field>),
    /// Text, packed numbers or raw data.
    Bytes(Vec<u8>),
    Fixed([u8; 4]),
    Fixed64([u8; 8]),
}

/// Numbers at which arithmetic on dimensions goes wrong.
const NUMBERS: [u64; 12] = [
    0,
    1,
    2,
    3,
    255,
    1 << 16,
    (1 << 31) - 1,
    1 << 32,
    1 << 62,
    i64::MAX as u64,
    i64::MIN as u64,
    u64::MAX,
];

/// Messages of ONNX are not nested deeper than this.
const DEPTH: usize = 12;
/// Bytes above which a field is raw data and not a message.
const LONG: usize = 1 << 20;

/// The file with one to three wrong fields; `None` if the file is not a protobuf message.
pub(crate) fn mutant(file: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut root = parse(file, 0)?;
    for _ in 0..=random.below(3) {
        let text = some_text(&root, random);
        change(&mut root, &text, random);
    }
    let mut bytes = Vec::new();
    encode(&root, &mut bytes);
    Some(bytes)
}

fn change(fields: &mut Vec<Field>, text: &[u8], random: &mut Random) {
    if fields.is_empty() {
        return;
    }
    let place = random.below(fields.len());
    if let Value::Message(inner) = &mut fields[place].value
        && !inner.is_empty()
        && random.below(8) != 0
    {
        return change(inner, text, random);
    }
    let other = random.below(fields.len());
    match random.below(6) {
        0 => {
            fields.remove(place);
        }
        1 => fields.insert(other, fields[place].clone()),
        2 => fields.swap(place, other),
        3 => fields[place].tag = 1 + random.below(32) as u64,
        _ => change_value(&mut fields[place].value, text, random),
    }
}

fn change_value(value: &mut Value, text: &[u8], random: &mut Random) {
    match value {
        Value::Number(number) => *number = NUMBERS[random.below(NUMBERS.len())],
        Value::Message(fields) => fields.clear(),
        Value::Bytes(bytes) if random.below(3) == 0 => bytes.truncate(bytes.len() / 2),
        Value::Bytes(bytes) => *bytes = text.to_vec(),
        Value::Fixed(bytes) => *bytes = f32::NAN.to_le_bytes(),
        Value::Fixed64(bytes) => *bytes = NUMBERS[random.below(NUMBERS.len())].to_le_bytes(),
    }
}

/// A short text of the file, such as the name of an edge or of an operator.
fn some_text(fields: &[Field], random: &mut Random) -> Vec<u8> {
    let mut texts = Vec::new();
    collect_texts(fields, &mut texts);
    if texts.is_empty() {
        return Vec::new();
    }
    texts[random.below(texts.len())].to_vec()
}

fn collect_texts<'a>(fields: &'a [Field], texts: &mut Vec<&'a [u8]>) {
    for field in fields {
        match &field.value {
            Value::Message(fields) => collect_texts(fields, texts),
            Value::Bytes(bytes) if bytes.len() < 64 => texts.push(bytes),
            Value::Bytes(_) | Value::Number(_) | Value::Fixed(_) | Value::Fixed64(_) => {}
        }
    }
}

fn parse(mut bytes: &[u8], depth: usize) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Number(number(&mut bytes)?),
            1 => Value::Fixed64(take(&mut bytes, 8)?.try_into().ok()?),
            2 => {
                let len = usize::try_from(number(&mut bytes)?).ok()?;
                nested(take(&mut bytes, len)?, depth)
            }
            5 => Value::Fixed(take(&mut bytes, 4)?.try_into().ok()?),
            _ => return None,
        };
        let tag = key >> 3;
        if !(1..=64).contains(&tag) {
            return None;
        }
        fields.push(Field { tag, value });
    }
    Some(fields)
}

/// A message if the bytes can be one and are no text, else bytes.
fn nested(bytes: &[u8], depth: usize) -> Value {
    let text = bytes.iter().all(u8::is_ascii_graphic);
    let may_be_message = !text && bytes.len() < LONG && depth < DEPTH || depth == 0;
    let message = if may_be_message {
        parse(bytes, depth + 1)
    } else {
        None
    };
    message.map_or_else(|| Value::Bytes(bytes.to_vec()), Value::Message)
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken)
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(bytes, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn encode(fields: &[Field], bytes: &mut Vec<u8>) {
    for field in fields {
        let mut put = |kind: u64, body: &[u8]| {
            encode_number(field.tag << 3 | kind, bytes);
            if kind == 2 {
                encode_number(body.len() as u64, bytes);
            }
            bytes.extend(body);
        };
        match &field.value {
            Value::Number(number) => {
                let mut body = Vec::new();
                encode_number(*number, &mut body);
                put(0, &body);
            }
            Value::Message(fields) => {
                let mut body = Vec::new();
                encode(fields, &mut body);
                put(2, &body);
            }
            Value::Bytes(body) => put(2, body),
            Value::Fixed(body) => put(5, body),
            Value::Fixed64(body) => put(1, body),
        }
    }
}

fn encode_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[test]
fn a_file_survives_parsing() {
    let path = edge_test_support::workspace().join("examples/quickstart/digits.onnx");
    let file = std::fs::read(path).unwrap();
    let fields = parse(&file, 0).unwrap();
    let mut bytes = Vec::new();
    encode(&fields, &mut bytes);
    assert_eq!(parse(&bytes, 0).unwrap(), fields);
    assert_eq!(bytes.len(), file.len());
}
