//! Whether a draft leaves room on the device.

use crate::lower::Draft;
use crate::options::Optimize;
use crate::plan::{Planner, Search};
use crate::target::Target;

/// What a device has too little of, as the aim that takes least of it.
pub(super) fn lacks(draft: &Draft, target: &Target) -> Option<Optimize> {
    let arena = || Search.plan(draft).arena_bytes;
    let constants = || draft.constants.iter().map(|c| c.bytes.len()).sum::<usize>();
    if target.ram.is_some_and(|ram| arena() > ram) {
        Some(Optimize::Ram)
    } else if target.flash.is_some_and(|flash| constants() > flash) {
        Some(Optimize::Flash)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::variants::tests::constant;
    use super::*;
    use crate::program::Element;
    use crate::target::find;

    #[test]
    fn what_there_is_too_little_of_becomes_the_aim() {
        let device = find("stm32g0").unwrap();
        let (ram, flash) = (device.ram.unwrap(), device.flash.unwrap());
        let draft = |arena: usize, numbers: usize| {
            let mut draft = Draft::default();
            let input = draft.add_buffer(Element::I8, arena);
            draft.inputs.push(input);
            draft.outputs.push(input);
            draft.constants = vec![constant(Element::I8, vec![0; numbers])];
            draft
        };
        assert_eq!(lacks(&draft(ram, flash), device), None);
        assert_eq!(lacks(&draft(ram + 1, 0), device), Some(Optimize::Ram));
        assert_eq!(lacks(&draft(0, flash + 1), device), Some(Optimize::Flash));
        let core = find("cortex-m0").unwrap();
        assert_eq!(lacks(&draft(ram + 1, flash + 1), core), None);
    }
}
