//! What the type tells about itself.

use super::super::{Context, NamedPort, doc, number};
use super::port_text;
use crate::program::tokens::ToTokens as _;
use edge_core::model::ElementType;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The associated constants.
pub(super) fn consts(cx: &Context<'_>) -> TokenStream {
    let report = cx.report;
    let (name, target) = (&report.name, report.target);
    let (ram, flash) = (number(report.ram_bytes), number(report.flash_bytes));
    let stack = number(report.stack_bytes);
    let macs = Literal::u64_unsuffixed(report.macs);
    let (inputs, outputs) = (cx.inputs(), cx.outputs());
    let (input_infos, output_infos) = (infos(&inputs), infos(&outputs));
    let (input_shapes, output_shapes) = (shapes(&inputs, true), shapes(&outputs, false));
    let lines = report.to_text();
    let lines = lines.split_inclusive('\n');
    quote! {
        /// Name of the network.
        pub const NAME: &'static str = #name;
        /// The target it was compiled for.
        pub const TARGET: &'static str = #target;
        /// Inputs in the order of the model file.
        pub const INPUTS: &'static [rt::TensorInfo] = &[#(#input_infos),*];
        /// Outputs in the order of the model file.
        pub const OUTPUTS: &'static [rt::TensorInfo] = &[#(#output_infos),*];
        #input_shapes
        #output_shapes
        /// Bytes of RAM: the size of this type, with inputs, outputs and scratch.
        pub const RAM_BYTES: usize = #ram;
        /// Bytes of stack that [`Self::run`] takes at most on a microcontroller, in an optimised build.
        pub const STACK_BYTES: usize = #stack;
        /// Bytes of flash for weights, biases, multipliers and tables; code not included.
        pub const FLASH_BYTES: usize = #flash;
        /// Multiply-accumulate operations of one inference.
        pub const MACS: u64 = #macs;
        /// The costs as a table; it takes flash only where it is used.
        pub const SUMMARY: &'static str = ::core::concat!(#(#lines),*);
    }
}

fn infos(ports: &[NamedPort<'_>]) -> Vec<TokenStream> {
    let one = |named: &NamedPort<'_>| {
        let port = named.port;
        let (name, shape) = (&port.name, port.shape.to_tokens());
        let element = match port.slot.element.at_border() {
            Some(ElementType::F32) | None => quote!(rt::ElementType::F32),
            Some(ElementType::I8) => quote!(rt::ElementType::I8),
            Some(ElementType::U8) => quote!(rt::ElementType::U8),
            Some(ElementType::I16) => quote!(rt::ElementType::I16),
            Some(ElementType::I32) => quote!(rt::ElementType::I32),
            Some(ElementType::I64) => quote!(rt::ElementType::I64),
        };
        let quant = port.quant.to_tokens();
        quote!(rt::TensorInfo { name: #name, shape: &#shape, element: #element, quant: #quant })
    };
    ports.iter().map(one).collect()
}

/// Shape and number of elements of a lone input or output.
fn shapes(ports: &[NamedPort<'_>], input: bool) -> TokenStream {
    let &[named] = ports else {
        return TokenStream::new();
    };
    let (rank, len) = (number(named.port.shape.len()), number(named.port.slot.len));
    let shape = named.port.shape.to_tokens();
    let shape_doc = doc(&format!("Shape of {}.", port_text(named)));
    let len_doc = doc(&format!("Number of elements of {}.", port_text(named)));
    let (shape_name, len_name) = if input {
        (quote!(INPUT_SHAPE), quote!(INPUT_LEN))
    } else {
        (quote!(OUTPUT_SHAPE), quote!(OUTPUT_LEN))
    };
    quote! {
        #shape_doc
        pub const #shape_name: [usize; #rank] = #shape;
        #len_doc
        pub const #len_name: usize = #len;
    }
}
