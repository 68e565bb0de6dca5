//! The shape of generated code: a snapshot, determinism, text that parses back.

use super::{run, text};
use crate::options::Options;
use crate::program::{Constant, Element, Kernel, Operand, Port, Program, Slot, Step};
use crate::report::{Layer, Report};
use edge_core::params::{FullyConnectedS8, TableS8, UnaryFn};
use edge_core::quant::{QuantParams, Requant};
use proc_macro2::{TokenStream, TokenTree};

fn slot(offset: usize, len: usize, element: Element) -> Slot {
    Slot {
        offset,
        len,
        element,
    }
}

fn port(name: &str, shape: &[usize], slot: Slot) -> Port {
    let quant = (slot.element == Element::I8).then_some(QuantParams {
        scale: 0.5,
        zero_point: -3,
    });
    Port {
        name: name.to_owned(),
        shape: shape.to_vec(),
        slot,
        quant,
    }
}

fn constant(what: &str, element: Element, bytes: &[u8]) -> Constant {
    Constant {
        what: what.to_owned(),
        element,
        bytes: bytes.to_vec(),
    }
}

/// int8: a fully connected layer, then a table in place.
fn int8() -> Program {
    let requant = Requant {
        offset: -24576,
        shift: 13,
        pre_shift: 0,
    };
    let layer = Kernel::FullyConnectedS8(FullyConnectedS8 {
        batch: 1,
        inputs: 2,
        outputs: 3,
        requant,
    });
    let (x, y) = (slot(0, 2, Element::I8), slot(4, 3, Element::I8));
    Program {
        inputs: vec![port("x \"1\"\n", &[1, 2], x)],
        outputs: vec![port("y", &[1, 3], y)],
        constants: vec![
            constant("fc weights", Element::I8, &[1, 2, 3, 4, 255, 0]),
            constant("fc bias", Element::I32, &[0; 12]),
            constant("fc multipliers", Element::I32, &[7; 12]),
            constant("table", Element::I8, &[9; 256]),
        ],
        steps: vec![
            Step {
                what: "FullyConnected \"fc\" i8[1,2] → i8[1,3]".to_owned(),
                node: 0,
                kernel: layer,
                inputs: vec![Operand::Arena(x)],
                constants: vec![0, 1, 2],
                scratch: None,
                output: y,
                choice: None,
                in_place: false,
            },
            Step {
                what: "Unary \"tanh\"".to_owned(),
                node: 1,
                kernel: Kernel::TableS8(TableS8 { len: 3 }),
                inputs: vec![Operand::Arena(y)],
                constants: vec![3],
                scratch: None,
                output: y,
                choice: None,
                in_place: true,
            },
        ],
        states: vec![],
        started: None,
        arena_bytes: 8,
        macs: 6,
    }
}

/// Float: two inputs, two outputs, an operand in flash, a sum in place.
fn float() -> Program {
    use edge_core::params::{BinaryF32, BinaryKind, Broadcast};
    let [a, b, y, z] = [0, 8, 16, 24].map(|at| slot(at, 2, Element::F32));
    let walk = Broadcast {
        shape: [1, 1, 1, 1, 1, 2],
        first: [0, 0, 0, 0, 0, 1],
        second: [0, 0, 0, 0, 0, 1],
    };
    let add = Kernel::BinaryF32(BinaryF32 {
        kind: BinaryKind::Add,
        walk,
        clamp: [f32::NEG_INFINITY, 6.0],
    });
    let step = |kernel: &Kernel, inputs: &[Operand], output, in_place| Step {
        what: "Binary".to_owned(),
        node: 0,
        kernel: kernel.clone(),
        inputs: inputs.to_vec(),
        constants: vec![],
        scratch: None,
        output,
        choice: None,
        in_place,
    };
    let [oa, ob, oy] = [a, b, y].map(Operand::Arena);
    let clip = Kernel::UnaryF32(UnaryFn::Clip(-0.0, 0.1));
    Program {
        inputs: vec![port("a", &[2], a), port("type", &[1, 2], b)],
        outputs: vec![port("y", &[2], y), port("z", &[2], z)],
        constants: vec![constant("offset", Element::F32, &[0; 8])],
        steps: vec![
            step(&add, &[oa, ob], y, false),
            step(&add, &[oa, Operand::Constant(0)], z, false),
            step(&add, &[oy, ob], y, true),
            step(&add, &[oy, Operand::Constant(0)], y, true),
            step(&clip, &[oy], y, true),
        ],
        states: vec![],
        started: None,
        arena_bytes: 32,
        macs: 0,
    }
}

fn report(program: &Program, name: &str) -> Report {
    Report {
        name: name.to_owned(),
        file: "tiny.onnx".to_owned(),
        target: "host",
        quant: "int8",
        inputs: program.inputs.clone(),
        outputs: program.outputs.clone(),
        ram_bytes: program.arena_bytes.next_multiple_of(16),
        stack_bytes: 512,
        flash_bytes: 286,
        weights_bytes: 6,
        macs: program.macs,
        file_macs: program.macs,
        optimize: "balanced",
        cycles: 0,
        layers: vec![Layer {
            node: "fc".to_owned(),
            operator: "FullyConnected",
            kernel: "fully_connected_s8",
            choice: None,
            output: "i8[1,3]".to_owned(),
            macs: 6,
            constant_bytes: 30,
            arena: [4, 7],
        }],
        accuracy: None,
    }
}

fn generate(program: &Program, name: &str) -> TokenStream {
    let options = Options::new(crate::target::find("host").unwrap());
    run(program, &report(program, name), &options)
}

/// Compares with a committed file; `EDGE_BLESS=1` rewrites it.
fn check_snapshot(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/codegen/snapshots")
        .join(name);
    if std::env::var_os("EDGE_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{} differs; look at the difference and bless it with EDGE_BLESS=1\n{text}",
        path.display()
    );
}

#[test]
fn int8_network() {
    check_snapshot("int8.rs", &text(&generate(&int8(), "Tiny")));
}

#[test]
fn float_network_with_several_inputs_and_outputs() {
    check_snapshot("float.rs", &text(&generate(&float(), "TwoInTwoOut")));
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    let once = text(&generate(&int8(), "Tiny"));
    assert_eq!(once, text(&generate(&int8(), "Tiny")));
}

#[test]
fn text_parses_back_to_the_same_tokens() {
    for program in [int8(), float()] {
        let tokens = generate(&program, "Tiny");
        let parsed: TokenStream = text(&tokens).parse().unwrap();
        assert_eq!(flat(parsed), flat(tokens));
    }
}

/// Tokens one by one, without the spaces between; raw strings as plain ones.
fn flat(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                all.push(format!("{:?}", group.delimiter()));
                all.extend(flat(group.stream()));
                all.push("end".to_owned());
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                all.push(
                    text.strip_prefix("r\"")
                        .map_or(text.clone(), |raw| format!("\"{raw}")),
                );
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => all.push(token.to_string()),
        }
    }
    all
}
