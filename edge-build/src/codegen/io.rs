//! The type: what it tells about itself, and how numbers go in and out.

mod consts;
mod model;
mod predict;
mod states;
mod structs;

pub(super) use structs::{struct_names, structs};

use super::steps::{calls, place, type_of};
use super::{Context, NamedPort, code, doc, number};
use crate::ir::types::shape_text;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The type with all that it implements.
pub(super) fn network(cx: &Context<'_>) -> TokenStream {
    let ty = &cx.names.ty;
    let arena = number(cx.program.arena_bytes);
    let doc = doc(&about(cx));
    let (consts, predict) = (consts::consts(cx), predict::methods(cx));
    let (views, run) = (views(cx), run(cx));
    let model = model::implement(cx);
    let text = cx.names.ty.to_string();
    quote! {
        #doc
        pub struct #ty {
            arena: rt::Arena<#arena>
        }

        impl #ty {
            #consts

            /// A network whose memory is zero: in a `static` it costs no flash.
            #[must_use]
            pub const fn new() -> Self {
                Self { arena: rt::Arena::new() }
            }

            #predict
            #views
            #run
        }

        const _: () = ::core::assert!(::core::mem::size_of::<#ty>() == #ty::RAM_BYTES);

        impl ::core::default::Default for #ty {
            fn default() -> Self {
                Self::new()
            }
        }

        impl ::core::fmt::Debug for #ty {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#text).finish_non_exhaustive()
            }
        }

        #model
    }
}

fn about(cx: &Context<'_>) -> String {
    let report = cx.report;
    let mut text = format!(
        "The network {} for target {}, quant {}.\n\n",
        code(&report.file),
        code(report.target),
        code(report.quant)
    );
    for (kind, ports) in [("Input", cx.inputs()), ("Output", cx.outputs())] {
        let lines = ports
            .into_iter()
            .map(|named| format!("- {kind} {}\n", port_text(named)));
        text.extend(lines);
    }
    text + &format!(
        "\n{} bytes of RAM, {} bytes of flash for weights and tables, {} multiply-accumulates.",
        report.ram_bytes, report.flash_bytes, report.macs
    )
}

/// Name, type and shape of a port in a doc line.
fn port_text(named: NamedPort<'_>) -> String {
    let port = named.port;
    let shape = format!(
        "{}{}",
        port.slot.element.rust_name(),
        shape_text(&port.shape)
    );
    let quant = port.quant.map_or_else(String::new, |quant| {
        format!(", scale {}, zero point {}", quant.scale, quant.zero_point)
    });
    format!("{} {}{quant}", code(&port.name), code(&shape))
}

/// The method that gives the memory of an input to write.
fn input_method(cx: &Context<'_>, ident: &Ident) -> Ident {
    if cx.program.inputs.len() == 1 {
        format_ident!("input_mut")
    } else {
        format_ident!("input_{}_mut", ident.to_string().trim_end_matches('_'))
    }
}

/// The method that gives the memory of an output to read.
fn output_method(cx: &Context<'_>, ident: &Ident) -> Ident {
    if cx.program.outputs.len() == 1 {
        format_ident!("output")
    } else {
        format_ident!("output_{ident}")
    }
}

/// Inputs and outputs in the arena.
fn views(cx: &Context<'_>) -> TokenStream {
    let inputs = cx.inputs().into_iter().map(|named| {
        let method = input_method(cx, named.ident);
        let (ty, len) = (
            type_of(named.port.slot.element),
            number(named.port.slot.len),
        );
        let place = place(named.port.slot);
        let doc = doc(&format!(
            "The memory of input {}, to be written before [`Self::run`].\n\n\
             The run may overwrite it: write all of it before every run.",
            port_text(named)
        ));
        quote! {
            #doc
            #[must_use]
            pub const fn #method(&mut self) -> &mut [#ty; #len] {
                self.arena.view_mut::<#ty, #place>()
            }
        }
    });
    let outputs = cx.outputs().into_iter().map(|named| {
        let method = output_method(cx, named.ident);
        let (ty, len) = (
            type_of(named.port.slot.element),
            number(named.port.slot.len),
        );
        let place = place(named.port.slot);
        let doc = doc(&format!(
            "Output {} of the last [`Self::run`].\n\n\
             Inputs may share its memory: read it before the next input is written.",
            port_text(named)
        ));
        quote! {
            #doc
            #[must_use]
            pub const fn #method(&self) -> &[#ty; #len] {
                self.arena.view::<#ty, #place>()
            }
        }
    });
    quote!(#(#inputs)* #(#outputs)*)
}

/// All steps, one behind the other.
fn run(cx: &Context<'_>) -> TokenStream {
    let calls = calls(cx);
    let (reset, start) = (states::reset(cx), states::start(cx));
    quote! {
        /// Runs the network on what stands in the inputs; the results stand in the outputs.
        pub fn run(&mut self) {
            #start
            #calls
        }
        #reset
    }
}
