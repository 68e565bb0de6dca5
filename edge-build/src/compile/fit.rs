//! Whether a finished program fits its device, and its border fits the types of generated code.

use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::options::{Options, QuantMode};
use crate::program::{Port, Program};
use crate::report::Report;

/// Checks that all inputs and outputs are of types that files have.
///
/// # Errors
/// Every input or output of another type.
pub(super) fn check_border(program: &Program) -> Result<(), Diagnostics> {
    let ports = program.inputs.iter().chain(&program.outputs);
    let errors: Vec<Diagnostic> = ports
        .filter(|port| port.slot.element.at_border().is_none())
        .map(wrong_type)
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Diagnostics(errors))
    }
}

fn wrong_type(port: &Port) -> Diagnostic {
    Diagnostic::error(
        Code::UnsupportedType,
        format!(
            "`{}` has elements of type {}",
            port.name,
            port.slot.element.rust_name()
        ),
        "cut the graph where its numbers are floats",
    )
    .supported("inputs and outputs of f32, i8, u8, i16, i32 and i64")
}

/// Checks that arena and constants fit the largest member of the target's family.
///
/// # Errors
/// RAM or flash, or both, that do not fit.
pub(super) fn check(report: &Report, options: &Options) -> Result<(), Diagnostics> {
    let target = options.target;
    let needs = [
        ("RAM", "activations", report.ram_bytes, target.ram),
        (
            "flash",
            "weights and tables",
            report.flash_bytes,
            target.flash,
        ),
    ];
    let errors: Vec<Diagnostic> = needs
        .into_iter()
        .filter_map(|(memory, what, need, have)| {
            let have = have.filter(|&have| need > have)?;
            Some(
                Diagnostic::error(
                    Code::DoesNotFit,
                    format!(
                        "{what} need {need} bytes of {memory}, the largest `{}` has {have}: {} too many",
                        target.name,
                        need - have
                    ),
                    help(options.quant),
                )
                .at(Argument::Target),
            )
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Diagnostics(errors))
    }
}

fn help(quant: QuantMode) -> &'static str {
    match quant {
        QuantMode::None => {
            "`quant = \"int8\"` takes a quarter; `cargo edge inspect` shows what each layer takes"
        }
        QuantMode::Int8 => {
            "take a smaller network or a larger device; `cargo edge inspect` shows what each layer takes"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Element, Slot};

    fn report(ram_bytes: usize, flash_bytes: usize) -> Report {
        Report {
            name: "Net".to_owned(),
            file: "net.onnx".to_owned(),
            target: "stm32g0",
            quant: "none",
            inputs: vec![],
            outputs: vec![],
            ram_bytes,
            stack_bytes: 512,
            flash_bytes,
            weights_bytes: 0,
            macs: 0,
            file_macs: 0,
            optimize: "balanced",
            cycles: 0,
            layers: vec![],
            accuracy: None,
        }
    }

    #[test]
    fn what_does_not_fit_says_by_how_much() {
        let device = Options::new(crate::target::find("stm32g0").unwrap());
        let full = report(144 * 1024, 512 * 1024);
        assert_eq!(check(&full, &device), Ok(()));
        let errors = check(&report(144 * 1024 + 16, 1 << 20), &device).unwrap_err();
        let messages: Vec<&str> = errors.0.iter().map(|e| e.message.as_str()).collect();
        assert!(messages[0].ends_with("has 147456: 16 too many"), "{errors}");
        assert!(messages[1].contains("flash"), "{errors}");
        assert!(errors.0.iter().all(|e| e.argument == Argument::Target));
    }

    #[test]
    fn bare_cores_have_no_limit() {
        let core = Options::new(crate::target::find("cortex-m0").unwrap());
        assert_eq!(check(&report(1 << 30, 1 << 30), &core), Ok(()));
    }

    #[test]
    fn only_numbers_of_a_file_cross_the_border() {
        let port = |element| Port {
            name: "x".to_owned(),
            shape: vec![1],
            slot: Slot {
                offset: 0,
                len: 1,
                element,
            },
            quant: None,
        };
        let program = |element| Program {
            inputs: vec![port(element)],
            outputs: vec![],
            constants: vec![],
            steps: vec![],
            states: vec![],
            started: None,
            arena_bytes: 4,
            macs: 0,
        };
        for element in [
            Element::F32,
            Element::I8,
            Element::U8,
            Element::I16,
            Element::I32,
        ] {
            assert_eq!(check_border(&program(element)), Ok(()));
        }
        let errors = check_border(&program(Element::U32)).unwrap_err();
        assert_eq!(errors.0[0].code, Code::UnsupportedType);
    }
}
