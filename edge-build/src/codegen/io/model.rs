//! `impl rt::Model`: the same by index, for code that takes any network.

use super::super::{Context, NamedPort, number};
use proc_macro2::TokenStream;
use quote::quote;

/// The implementation of the trait.
pub(super) fn implement(cx: &Context<'_>) -> TokenStream {
    let ty = &cx.names.ty;
    let inputs = arms(
        &cx.inputs(),
        |place| quote!(self.arena.view_mut::<u8, #place>()),
    );
    let outputs = arms(
        &cx.outputs(),
        |place| quote!(self.arena.view::<u8, #place>()),
    );
    let reset = (!cx.program.states.is_empty()).then(|| quote!(Self::reset(self);));
    quote! {
        impl rt::Model for #ty {
            const NAME: &'static str = Self::NAME;
            const TARGET: &'static str = Self::TARGET;
            const INPUTS: &'static [rt::TensorInfo] = Self::INPUTS;
            const OUTPUTS: &'static [rt::TensorInfo] = Self::OUTPUTS;
            const RAM_BYTES: usize = Self::RAM_BYTES;
            const STACK_BYTES: usize = Self::STACK_BYTES;
            const FLASH_BYTES: usize = Self::FLASH_BYTES;
            const MACS: u64 = Self::MACS;

            fn run(&mut self) {
                Self::run(self);
            }

            fn reset(&mut self) {
                #reset
            }

            fn input_bytes_mut(&mut self, index: usize) -> &mut [u8] {
                match index {
                    #inputs
                    _ => &mut [],
                }
            }

            fn output_bytes(&self, index: usize) -> &[u8] {
                match index {
                    #outputs
                    _ => &[],
                }
            }
        }
    }
}

/// One arm per port; `view` takes first byte and number of bytes.
fn arms(ports: &[NamedPort<'_>], view: impl Fn(TokenStream) -> TokenStream) -> TokenStream {
    let one = |(index, named): (usize, &NamedPort<'_>)| {
        let slot = named.port.slot;
        let (index, offset, len) = (number(index), number(slot.offset), number(slot.bytes()));
        let view = view(quote!(#offset, #len));
        quote!(#index => #view,)
    };
    ports.iter().enumerate().map(one).collect()
}
