//! Constants: one aligned byte string each.

use super::{Context, code, doc, number};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

/// The `static` of every constant.
pub(super) fn statics(cx: &Context<'_>) -> TokenStream {
    let idents = idents(cx);
    let one = |(ident, constant): (&Ident, &crate::program::Constant)| {
        let doc = doc(&format!(
            "{} bytes: {}",
            constant.bytes.len(),
            code(&constant.what)
        ));
        let len = number(constant.bytes.len());
        let bytes = Literal::byte_string(&constant.bytes);
        quote! {
            #doc
            static #ident: rt::Aligned<#len> = rt::Aligned(*#bytes);
        }
    };
    idents.iter().zip(&cx.program.constants).map(one).collect()
}

/// Names of the constants: what the first step that reads one calls it, and its index.
pub(super) fn idents(cx: &Context<'_>) -> Vec<Ident> {
    let mut roles = vec!["operand"; cx.program.constants.len()];
    for step in cx.program.steps.iter().rev() {
        for (&role, &index) in step.kernel.constant_names().iter().zip(&step.constants) {
            if let Some(slot) = roles.get_mut(index) {
                *slot = role;
            }
        }
    }
    let name = |(index, role): (usize, &&str)| format_ident!("{}_{index}", role.to_uppercase());
    roles.iter().enumerate().map(name).collect()
}
