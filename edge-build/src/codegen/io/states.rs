//! Memory that keeps its numbers from run to run.

use super::super::{Context, number};
use crate::program::StateSlot;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The method `reset`, if there are states.
pub(super) fn reset(cx: &Context<'_>) -> TokenStream {
    let states = &cx.program.states;
    if states.is_empty() {
        return TokenStream::new();
    }
    let writes = states.iter().map(write);
    quote! {
        /// Forgets all earlier runs: the next one is like the first.
        pub fn reset(&mut self) {
            #(#writes)*
        }
    }
}

/// Sets the states before the first run, where zeroed memory is not what they begin with.
pub(super) fn start(cx: &Context<'_>) -> TokenStream {
    let Some(started) = cx.program.started else {
        return TokenStream::new();
    };
    let offset = number(started.offset);
    quote! {
        if *self.arena.view::<u8, #offset, 1>() == [0] {
            self.reset();
        }
    }
}

fn write(state: &StateSlot) -> TokenStream {
    let (offset, len) = (number(state.slot.offset), number(state.slot.bytes()));
    let place = quote!(self.arena.view_mut::<u8, #offset, #len>());
    match state.init.as_slice() {
        [first, rest @ ..] if rest.iter().all(|byte| byte == first) => {
            let first = number((*first).into());
            quote!(#place.fill(#first);)
        }
        bytes => {
            let bytes = Literal::byte_string(bytes);
            quote!(*#place = *#bytes;)
        }
    }
}
