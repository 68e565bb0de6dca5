use super::*;
use crate::lower::Buffer;
use crate::options::parse_pins;
use edge_core::params::{ExactOutput, FullyConnectedExact};
use edge_core::quant::Rounding;
use edge_core::rt;

fn options(pins: &str) -> Options {
    let mut options = Options::new(crate::target::find("cortex-m4").unwrap());
    options.pins = parse_pins(pins).unwrap();
    options
}

fn layer(inputs: usize, outputs: usize) -> FullyConnectedExact {
    FullyConnectedExact {
        batch: 1,
        inputs,
        outputs,
        output: ExactOutput {
            rounding: Rounding::TfLite,
            range: [-128, 127],
            zero_point: 0,
        },
    }
}

/// Weights, bias, multipliers and shifts of a layer.
fn numbers(inputs: usize, outputs: usize) -> (Vec<i8>, Vec<i32>, Vec<i32>, Vec<i8>) {
    (
        (0..inputs * outputs)
            .map(|i| (i * 89 % 251) as u8 as i8)
            .collect(),
        (0..outputs).map(|i| i as i32 * 977 % 500 - 250).collect(),
        vec![0x5000_0000; outputs],
        vec![-6; outputs],
    )
}

/// Fully connected layers of such widths, one behind another.
fn draft(widths: &[usize]) -> Draft {
    let mut draft = Draft::default();
    for &len in widths {
        draft.buffers.push(Buffer {
            len,
            element: Element::I8,
            part: None,
        });
    }
    for (index, pair) in widths.windows(2).enumerate() {
        let (weights, bias, multipliers, shifts) = numbers(pair[0], pair[1]);
        let words = |words: &[i32]| words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let bytes = |bytes: &[i8]| bytes.iter().map(|&b| b as u8).collect::<Vec<u8>>();
        let first = draft.constants.len();
        for (element, bytes) in [
            (Element::I8, bytes(&weights)),
            (Element::I32, words(&bias)),
            (Element::I32, words(&multipliers)),
            (Element::I8, bytes(&shifts)),
        ] {
            draft.constants.push(Constant {
                what: String::new(),
                element,
                bytes,
            });
        }
        draft.steps.push(DraftStep {
            what: format!("layer {index}"),
            name: format!("layer{index}"),
            node: index,
            kernel: Kernel::FullyConnectedExactS8(layer(pair[0], pair[1])),
            inputs: vec![DraftOperand::Buffer(BufferId(index))],
            constants: (first..first + 4).collect(),
            scratch: None,
            output: BufferId(index + 1),
            lead: None,
            choice: None,
        });
    }
    draft.inputs = vec![BufferId(0)];
    draft.outputs = vec![BufferId(widths.len() - 1)];
    draft
}

fn functions(widths: &[usize], pins: &str) -> Vec<&'static str> {
    let after = run(draft(widths), &options(pins));
    after
        .steps
        .iter()
        .map(|step| step.kernel.function())
        .collect()
}

#[test]
fn a_network_of_one_byte_is_a_table() {
    let after = run(draft(&[1, 30, 1]), &options(""));
    let [step] = after.steps.as_slice() else {
        panic!("{:?}", after.steps);
    };
    assert_eq!(step.inputs, [DraftOperand::Buffer(BufferId(0))]);
    assert_eq!(step.output, BufferId(2));
    let table = &after.constants[step.constants[0]].bytes;
    let mut different = Vec::new();
    for x in i8::MIN..=i8::MAX {
        let (mut hidden, mut y) = ([0; 30], [0; 1]);
        let (w, b, m, s) = numbers(1, 30);
        rt::fully_connected_exact(&layer(1, 30), &[x], &w, &b, &m, &s, &mut hidden);
        let (w, b, m, s) = numbers(30, 1);
        rt::fully_connected_exact(&layer(30, 1), &hidden, &w, &b, &m, &s, &mut y);
        assert_eq!(table[(i32::from(x) + 128) as usize] as i8, y[0]);
        different.push(y[0]);
    }
    different.sort_unstable();
    different.dedup();
    assert!(different.len() > 10);
}

#[test]
fn only_what_is_larger_than_a_table_becomes_one() {
    let fully = "fully_connected_exact";
    assert_eq!(functions(&[1, 2, 1], ""), [fully; 2]);
    assert_eq!(functions(&[2, 30, 1], ""), [fully; 2]);
    assert_eq!(functions(&[1, 30, 2], ""), [fully; 2]);
    assert_eq!(functions(&[9, 1, 30, 1, 5], ""), [fully, "table_s8", fully]);
}

#[test]
fn pinned_steps_stay() {
    assert_eq!(functions(&[1, 30, 1], "layer1=packed").len(), 2);
    assert_eq!(functions(&[1, 30, 1], "*=reference").len(), 2);
    assert_eq!(functions(&[1, 30, 1, 9], "layer2=reference").len(), 2);
}

#[test]
fn numbers_that_are_read_elsewhere_stay() {
    let mut before = draft(&[1, 30, 1]);
    before.outputs.push(BufferId(1));
    assert_eq!(run(before, &options("")).steps.len(), 2);
}
