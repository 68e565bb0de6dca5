//! Steps: the parameters of each as a constant, and its call.

use super::{Context, code, doc, number, weights};
use crate::program::{Element, Operand, Slot, Step};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The parameters of every step.
pub(super) fn params(cx: &Context<'_>) -> TokenStream {
    let one = |(index, step): (usize, &Step)| {
        let doc = doc(&format!(
            "{}, arena {}..{}",
            code(&step.what),
            step.output.offset,
            step.output.offset + step.output.bytes()
        ));
        let (ident, ty) = (ident(index), format_ident!("{}", step.kernel.params_type()));
        let value = step.kernel.params();
        quote! {
            #doc
            const #ident: rt::#ty = #value;
        }
    };
    cx.program.steps.iter().enumerate().map(one).collect()
}

/// The call of every step, each in its own block.
pub(super) fn calls(cx: &Context<'_>) -> TokenStream {
    let constants = Constants {
        cx,
        idents: weights::idents(cx),
    };
    let one = |(index, step): (usize, &Step)| call(&constants, index, step);
    cx.program.steps.iter().enumerate().map(one).collect()
}

fn ident(index: usize) -> Ident {
    format_ident!("STEP_{index}")
}

/// Constants with their names.
struct Constants<'a> {
    cx: &'a Context<'a>,
    idents: Vec<Ident>,
}

impl Constants<'_> {
    /// A constant as an array of elements; nothing if there is none, which a verified program excludes.
    fn reference(&self, index: usize, element: Element) -> TokenStream {
        let constant = self.cx.program.constants.get(index);
        let Some((ident, constant)) = self.idents.get(index).zip(constant) else {
            return TokenStream::new();
        };
        let ty = type_of(element);
        let len = number(constant.bytes.len() / element.size());
        let bytes = number(constant.bytes.len());
        quote!(rt::constant::<#ty, #len, #bytes>(&#ident))
    }
}

/// Where the operands of a step come from.
#[derive(Default)]
struct Operands {
    /// Names of operands in the arena, in order, and where they lie.
    views: Vec<(Ident, Slot)>,
    /// All operands as arguments, in order.
    arguments: Vec<TokenStream>,
}

fn operands(constants: &Constants<'_>, step: &Step) -> Operands {
    let mut operands = Operands::default();
    let skip = usize::from(step.in_place);
    for (index, operand) in step.inputs.iter().enumerate().skip(skip) {
        match *operand {
            Operand::Arena(slot) => {
                let name = format_ident!("x{index}");
                operands.arguments.push(quote!(#name));
                operands.views.push((name, slot));
            }
            Operand::Constant(constant) => {
                let element = step.kernel.inputs().get(index);
                let element = element.copied().unwrap_or(Element::I8);
                operands
                    .arguments
                    .push(constants.reference(constant, element));
            }
        }
    }
    operands
}

fn call(constants: &Constants<'_>, index: usize, step: &Step) -> TokenStream {
    let operands = operands(constants, step);
    let views = views(&operands.views, step);
    let p = ident(index);
    let inputs = &operands.arguments;
    let elements = step.kernel.constants().iter();
    let tables: Vec<TokenStream> = elements
        .zip(&step.constants)
        .map(|(&element, &constant)| constants.reference(constant, element))
        .collect();
    let twin = step.kernel.in_place_function().filter(|_| step.in_place);
    let function = format_ident!("{}", twin.unwrap_or_else(|| step.kernel.function()));
    let scratch = step.scratch.map(|_| quote!(, scratch));
    let call = if twin.is_some() {
        quote!(rt::#function(&#p, y #(, #inputs)* #(, #tables)*);)
    } else {
        quote!(rt::#function(&#p #(, #inputs)* #(, #tables)* #scratch, y);)
    };
    let (begin, end) = marks(constants.cx, index);
    quote!({ #begin #views #call #end })
}

/// Places for the marks of simulators, where they are asked for.
fn marks(cx: &Context<'_>, index: usize) -> (TokenStream, TokenStream) {
    if !cx.profile {
        return (TokenStream::new(), TokenStream::new());
    }
    let step = number(index);
    (
        quote!(rt::step_begin::<#step>();),
        quote!(rt::step_end::<#step>();),
    )
}

/// Binds the operands in the arena, `scratch` if there is some, and `y`, the output.
fn views(inputs: &[(Ident, Slot)], step: &Step) -> TokenStream {
    let (scratch, output) = (step.scratch, step.output);
    if let ([], None) = (inputs, scratch) {
        let (ty, place) = (type_of(output.element), place(output));
        return quote!(let y = self.arena.view_mut::<#ty, #place>(););
    }
    let method = match (inputs.len(), scratch) {
        (_, None) if step.kernel.takes_cells() => "cells",
        (_, Some(_)) if step.kernel.takes_cells() => "cells_scratch",
        (1, None) => "one_in",
        (2, None) => "two_in",
        (_, None) => "three_in",
        (0 | 1, Some(_)) => "one_in_scratch",
        (_, Some(_)) => "two_in_scratch",
    };
    let method = format_ident!("{method}");
    let mut slots: Vec<(Ident, Slot)> = inputs.to_vec();
    slots.extend(scratch.map(|slot| (format_ident!("scratch"), slot)));
    slots.push((format_ident!("y"), output));
    let names = slots.iter().map(|(name, _)| name);
    let types = slots.iter().map(|(_, slot)| type_of(slot.element));
    let places = slots.iter().map(|(_, slot)| place(*slot));
    quote!(let (#(#names),*) = self.arena.#method::<#(#types,)* #(#places),*>();)
}

/// First byte and number of elements, as arguments of a view.
pub(super) fn place(slot: Slot) -> TokenStream {
    let (offset, len) = (number(slot.offset), number(slot.len));
    quote!(#offset, #len)
}

/// The Rust type of an element.
pub(super) fn type_of(element: Element) -> Ident {
    format_ident!("{}", element.rust_name())
}
