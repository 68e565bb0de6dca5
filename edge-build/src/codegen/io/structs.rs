//! Structs for several inputs or outputs.

use super::super::steps::type_of;
use super::super::{Context, NamedPort, doc, number};
use super::port_text;
use super::predict::real_type;
use crate::program::{Element, Port};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// What the elements of inputs and outputs are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Real numbers: `predict`.
    Real,
    /// The integers of the arena: `predict_quantized`.
    Quantized,
}

impl Kind {
    /// Whether the network has such a call.
    pub(super) fn exists(self, cx: &Context<'_>) -> bool {
        let ports = || cx.program.inputs.iter().chain(&cx.program.outputs);
        let is_integer = |port: &Port| port.slot.element != Element::F32;
        match self {
            Self::Real => true,
            // Plain integers are what `predict` takes.
            Self::Quantized => ports().all(is_integer) && ports().any(|port| port.quant.is_some()),
        }
    }

    fn suffix(self, side: &str) -> String {
        match self {
            Self::Real => side.to_owned(),
            Self::Quantized => format!("Quantized{side}"),
        }
    }

    fn element(self, named: NamedPort<'_>) -> Ident {
        match self {
            Self::Real => real_type(named),
            Self::Quantized => type_of(named.port.slot.element),
        }
    }

    fn array(self, named: NamedPort<'_>) -> TokenStream {
        let (ty, len) = (self.element(named), number(named.port.slot.len));
        quote!([#ty; #len])
    }
}

/// Type of the argument.
pub(super) fn inputs_type(cx: &Context<'_>, kind: Kind) -> TokenStream {
    if let &[named] = cx.inputs().as_slice() {
        let array = kind.array(named);
        return quote!(&#array);
    }
    let name = cx.names.beside(&kind.suffix("Inputs"));
    quote!(#name<'_>)
}

/// Type of the result.
pub(super) fn outputs_type(cx: &Context<'_>, kind: Kind) -> TokenStream {
    if let &[named] = cx.outputs().as_slice() {
        return kind.array(named);
    }
    let name = cx.names.beside(&kind.suffix("Outputs"));
    quote!(#name)
}

/// Names of all structs.
pub(in super::super) fn struct_names(cx: &Context<'_>) -> Vec<Ident> {
    let mut names = Vec::new();
    for kind in kinds(cx) {
        if cx.program.inputs.len() != 1 {
            names.push(cx.names.beside(&kind.suffix("Inputs")));
        }
        if cx.program.outputs.len() != 1 {
            names.push(cx.names.beside(&kind.suffix("Outputs")));
        }
    }
    names
}

/// All structs.
pub(in super::super) fn structs(cx: &Context<'_>) -> TokenStream {
    let mut structs = TokenStream::new();
    for kind in kinds(cx) {
        if cx.program.inputs.len() != 1 {
            structs.extend(inputs_struct(cx, kind));
        }
        if cx.program.outputs.len() != 1 {
            structs.extend(outputs_struct(cx, kind));
        }
    }
    structs
}

fn kinds(cx: &Context<'_>) -> Vec<Kind> {
    let mut kinds = vec![Kind::Real, Kind::Quantized];
    kinds.retain(|kind| kind.exists(cx));
    kinds
}

fn inputs_struct(cx: &Context<'_>, kind: Kind) -> TokenStream {
    let name = cx.names.beside(&kind.suffix("Inputs"));
    let about = doc(&format!("Inputs of [`{}`].", cx.names.ty));
    let inputs = cx.inputs();
    let fields = inputs.iter().map(|&named| {
        let (field, array) = (named.ident, kind.array(named));
        let doc = doc(&port_text(named));
        quote!(#doc pub #field: &'a #array)
    });
    quote! {
        #about
        #[::core::prelude::v1::derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug
        )]
        pub struct #name<'a> { #(#fields),* }
    }
}

fn outputs_struct(cx: &Context<'_>, kind: Kind) -> TokenStream {
    let name = cx.names.beside(&kind.suffix("Outputs"));
    let about = doc(&format!("Outputs of [`{}`].", cx.names.ty));
    let outputs = cx.outputs();
    let fields = outputs.iter().map(|&named| {
        let (field, array) = (named.ident, kind.array(named));
        let doc = doc(&port_text(named));
        quote!(#doc pub #field: #array)
    });
    quote! {
        #about
        #[::core::prelude::v1::derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::cmp::PartialEq,
            ::core::fmt::Debug
        )]
        pub struct #name { #(#fields),* }
    }
}
