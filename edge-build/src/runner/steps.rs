//! What each step of a network costs.
//!
//! Code that was generated with [`Options::profile`](crate::options::Options) has a NOP before and behind every
//! step, and its firmware a section that says where they are (`edge_core::rt::step_begin`). The plugin has seven
//! regions beside that of the inference: the firmware runs once for every seven steps, with their NOPs replaced by
//! the plugin's marks.

use super::counts::Counts;
use super::elf::{self, Section};
use super::folder::Fresh;
use super::network::Job;
use super::{Phase, RunError, Watch};

/// Regions for steps; region 0 is the inference.
const REGIONS: usize = 7;

/// First half of the marks and of `NOP.W`.
const HINT: u16 = 0xf3af;

/// Second half of the mark that begins region 0. Those of the others follow: begin and end in turn.
const MARK: u16 = 0x80f0;

/// An instruction that may become a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    step: usize,
    /// Whether it stands behind the step.
    end: bool,
    /// Its place in the file.
    at: usize,
}

impl Job {
    /// Builds the program, which holds one network with `steps` steps, and counts what each of them takes, over all
    /// inferences.
    ///
    /// # Errors
    /// As [`Job::run`]; and if there is no plugin, or the code was generated without [`Options::profile`].
    ///
    /// [`Options::profile`]: crate::options::Options::profile
    pub fn count_steps(&self, steps: usize, watch: Watch<'_>) -> Result<Vec<Counts>, RunError> {
        watch(Phase::Building);
        let program = self.build()?;
        let elf = std::fs::read(&program).map_err(RunError::file(&program))?;
        let places = places(&elf)?;
        let folder = Fresh::new().map_err(RunError::file(&std::env::temp_dir()))?;
        let marked = folder.path().join("firmware");
        let mut counts = Vec::with_capacity(steps);
        for first in (0..steps).step_by(REGIONS) {
            std::fs::write(&marked, mark(&elf, &places, first)).map_err(RunError::file(&marked))?;
            let written = self.execute(&marked, watch)?;
            let json = written.counts.unwrap_or_default();
            for step in first..steps.min(first + REGIONS) {
                counts.push(Counts::parse(&json, region(step - first))?);
            }
        }
        Ok(counts)
    }
}

/// The region of the n-th step of a run.
fn region(nth: usize) -> u64 {
    nth as u64 + 1
}

/// Reads the section that lists the places: pairs of a number, twice the step and one more behind it, and an address.
fn places(elf: &[u8]) -> Result<Vec<Place>, RunError> {
    let sections = elf::sections(elf)?;
    let list = sections
        .iter()
        .find(|section| section.name == b".edge_steps");
    let list = list.ok_or(RunError::NoSteps)?;
    let place = |at: usize| {
        let (number, address) = (elf::word(elf, at)?, elf::word(elf, at + 4)? & !1);
        let at = in_file(&sections, address).ok_or(RunError::Elf)?;
        Ok(Place {
            step: number as usize / 2,
            end: number % 2 == 1,
            at,
        })
    };
    (list.offset..list.offset + list.size)
        .step_by(8)
        .map(place)
        .collect()
}

/// Place in the file of an address.
fn in_file(sections: &[Section], address: u32) -> Option<usize> {
    let inside = |section: &&Section| {
        let offset = address.wrapping_sub(section.address) as usize;
        section.loaded && offset < section.size
    };
    let section = sections.iter().find(inside)?;
    Some(section.offset + (address - section.address) as usize)
}

/// The program with marks around the steps from `first` on.
fn mark(elf: &[u8], places: &[Place], first: usize) -> Vec<u8> {
    let mut elf = elf.to_vec();
    for place in places {
        let Some(nth) = place.step.checked_sub(first).filter(|&nth| nth < REGIONS) else {
            continue;
        };
        let mark = MARK + 2 * region(nth) as u16 + u16::from(place.end);
        let halves = [HINT, mark].map(u16::to_le_bytes);
        if let Some(bytes) = elf.get_mut(place.at..place.at + 4) {
            bytes.copy_from_slice(halves.as_flattened());
        }
    }
    elf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_run_get_marks_of_their_own() {
        let places: Vec<Place> = (0..20)
            .map(|n| Place {
                step: n / 2,
                end: n % 2 == 1,
                at: 4 * n,
            })
            .collect();
        let nops = [0xaf, 0xf3, 0x00, 0x80].repeat(20);
        let marked = mark(&nops, &places, 7);
        let expected: Vec<u8> = (0xf2..=0xf7).flat_map(|n| [0xaf, 0xf3, n, 0x80]).collect();
        assert_eq!(marked[56..], expected);
        assert_eq!(marked[..56], nops[..56]);
    }

    #[test]
    fn addresses_are_found_in_sections_that_are_loaded() {
        let section = |loaded, address| Section {
            name: Vec::new(),
            loaded,
            writable: false,
            executable: true,
            address,
            offset: 100,
            size: 8,
        };
        let sections = [section(false, 0), section(true, 4)];
        assert_eq!(in_file(&sections, 0), None);
        assert_eq!(in_file(&sections, 4), Some(100));
        assert_eq!(in_file(&sections, 11), Some(107));
        assert_eq!(in_file(&sections, 12), None);
    }
}
