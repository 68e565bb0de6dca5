//! Prints a program as Rust. Decides nothing.
//!
//! | file | section of the generated module |
//! | --- | --- |
//! | `module` | the module around all, its header and lints, the re-exports |
//! | `weights` | one `static` per constant |
//! | `steps` | one `const` per step and the calls in `run` |
//! | `io` | what the type tells about itself, and how numbers go in and out |
//! | `names` | identifiers from the names in the file |
//! | `print` | the tokens as text with lines and indents |

mod io;
mod module;
mod names;
mod print;
mod steps;
#[cfg(test)]
mod tests;
mod weights;

pub use print::text;

use crate::options::Options;
use crate::program::{Port, Program};
use crate::report::Report;
use names::Names;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// The Rust source of a program.
#[must_use]
pub fn run(program: &Program, report: &Report, options: &Options) -> TokenStream {
    let cx = Context {
        program,
        report,
        names: Names::of(program, report),
        profile: options.profile,
    };
    module::module(&cx, &options.core_path)
}

/// What every section reads.
struct Context<'a> {
    program: &'a Program,
    report: &'a Report,
    names: Names,
    profile: bool,
}

/// One port with its identifier.
#[derive(Clone, Copy)]
struct NamedPort<'a> {
    ident: &'a Ident,
    port: &'a Port,
}

impl Context<'_> {
    fn inputs(&self) -> Vec<NamedPort<'_>> {
        named(&self.names.inputs, &self.program.inputs)
    }

    fn outputs(&self) -> Vec<NamedPort<'_>> {
        named(&self.names.outputs, &self.program.outputs)
    }
}

fn named<'a>(idents: &'a [Ident], ports: &'a [Port]) -> Vec<NamedPort<'a>> {
    idents
        .iter()
        .zip(ports)
        .map(|(ident, port)| NamedPort { ident, port })
        .collect()
}

/// Doc lines; a line keeps to one line whatever names from the file it holds.
fn doc(lines: &str) -> TokenStream {
    let lines = lines.lines().map(|line| {
        let line: String = line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        if line.is_empty() {
            line
        } else {
            format!(" {line}")
        }
    });
    quote!(#(#[doc = #lines])*)
}

/// Text from the file as code in a doc line.
fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| match c {
            '`' => '\'',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    format!("`{text}`")
}

/// A number without type suffix.
fn number(value: usize) -> Literal {
    Literal::usize_unsuffixed(value)
}
