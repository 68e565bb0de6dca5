//! Inference in one call, in real numbers and in quantized ones.

use super::super::steps::type_of;
use super::super::{Context, NamedPort, number};
use super::structs::{Kind, inputs_type, outputs_type};
use super::{input_method, output_method};
use crate::program::Element;
use crate::program::tokens::ToTokens as _;
use edge_core::params::Quantize;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// `predict`, and `predict_quantized` where inputs and outputs are integers.
pub(super) fn methods(cx: &Context<'_>) -> TokenStream {
    let (inputs, outputs) = (inputs_type(cx, Kind::Real), outputs_type(cx, Kind::Real));
    let argument = argument(cx);
    let write = cx.inputs().into_iter().map(|named| write_real(cx, named));
    let read = cx.outputs().into_iter().map(|named| read_real(cx, named));
    let result = result(cx, Kind::Real);
    let quantized = if Kind::Quantized.exists(cx) {
        predict_quantized(cx)
    } else {
        TokenStream::new()
    };
    quote! {
        /// One inference.
        #[must_use]
        pub fn predict(&mut self, #argument: #inputs) -> #outputs {
            #(#write)*
            self.run();
            #(#read)*
            #result
        }
        #quantized
    }
}

fn predict_quantized(cx: &Context<'_>) -> TokenStream {
    let (inputs, outputs) = (
        inputs_type(cx, Kind::Quantized),
        outputs_type(cx, Kind::Quantized),
    );
    let argument = argument(cx);
    let write = cx.inputs().into_iter().map(|named| {
        let (target, source) = (input_method(cx, named.ident), source(cx, named));
        quote!(*self.#target() = *#source;)
    });
    let read = copies(cx);
    let result = result(cx, Kind::Quantized);
    quote! {
        /// One inference on integers with the scale and zero point of [`Self::INPUTS`]; the outputs have
        /// those of [`Self::OUTPUTS`].
        #[must_use]
        pub fn predict_quantized(&mut self, #argument: #inputs) -> #outputs {
            #(#write)*
            self.run();
            #read
            #result
        }
    }
}

/// Copies of several outputs.
fn copies(cx: &Context<'_>) -> TokenStream {
    if cx.program.outputs.len() == 1 {
        return TokenStream::new();
    }
    let copy = |named| {
        let (name, method) = (local(cx, named), output_method(cx, named.ident));
        quote!(let #name = *self.#method();)
    };
    cx.outputs().into_iter().map(copy).collect()
}

/// Name of the argument.
fn argument(cx: &Context<'_>) -> Ident {
    if cx.program.inputs.len() == 1 {
        format_ident!("input")
    } else {
        format_ident!("inputs")
    }
}

/// The reference that an input comes from.
fn source(cx: &Context<'_>, named: NamedPort<'_>) -> TokenStream {
    let argument = argument(cx);
    if cx.program.inputs.len() == 1 {
        quote!(#argument)
    } else {
        let field = named.ident;
        quote!(#argument.#field)
    }
}

/// The variable that an output goes to.
fn local(cx: &Context<'_>, named: NamedPort<'_>) -> Ident {
    if cx.program.outputs.len() == 1 {
        format_ident!("output")
    } else {
        format_ident!("output_{}", named.ident)
    }
}

fn write_real(cx: &Context<'_>, named: NamedPort<'_>) -> TokenStream {
    let (target, source) = (input_method(cx, named.ident), source(cx, named));
    quantize(named).map_or_else(
        || quote!(*self.#target() = *#source;),
        |p| {
            let [function, _] = conversions(named);
            quote!(rt::#function(&#p, #source, self.#target());)
        },
    )
}

fn read_real(cx: &Context<'_>, named: NamedPort<'_>) -> TokenStream {
    let (name, method) = (local(cx, named), output_method(cx, named.ident));
    match quantize(named) {
        Some(p) => {
            let len = number(named.port.slot.len);
            let [_, function] = conversions(named);
            quote! {
                let mut #name = [0.0; #len];
                rt::#function(&#p, self.#method(), &mut #name);
            }
        }
        None if cx.program.outputs.len() == 1 => TokenStream::new(),
        None => quote!(let #name = *self.#method();),
    }
}

fn result(cx: &Context<'_>, kind: Kind) -> TokenStream {
    if let &[named] = cx.outputs().as_slice() {
        let (name, method) = (local(cx, named), output_method(cx, named.ident));
        let converted = kind == Kind::Real && quantize(named).is_some();
        return if converted {
            quote!(#name)
        } else {
            quote!(*self.#method())
        };
    }
    let ty = outputs_type(cx, kind);
    let fields = cx.outputs().into_iter().map(|named| {
        let (field, name) = (named.ident, local(cx, named));
        quote!(#field: #name)
    });
    quote!(#ty { #(#fields),* })
}

/// Scale and zero point of a quantized port; `None` where it holds numbers that stand for themselves.
fn quantize(named: NamedPort<'_>) -> Option<TokenStream> {
    let quant = named.port.quant?;
    let p = Quantize {
        scale: quant.scale,
        zero_point: quant.zero_point,
    };
    Some(p.to_tokens())
}

/// The functions that quantize and dequantize the elements of a port.
fn conversions(named: NamedPort<'_>) -> [Ident; 2] {
    let names = match named.port.slot.element {
        Element::U8 => ["quantize_u8", "dequantize_u8"],
        Element::I16 => ["quantize_s16", "dequantize_s16"],
        // Wider integers never have a scale; see `ir::types`.
        Element::I8 | Element::F32 | Element::U16 | Element::I32 | Element::U32 | Element::I64 => {
            ["quantize_s8", "dequantize_f32"]
        }
    };
    names.map(|name| format_ident!("{name}"))
}

/// Element type of a port in `predict`.
pub(super) fn real_type(named: NamedPort<'_>) -> Ident {
    if quantize(named).is_some() {
        format_ident!("f32")
    } else {
        type_of(named.port.slot.element)
    }
}
