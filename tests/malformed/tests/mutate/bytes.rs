//! Wrong bytes anywhere in a file.

use edge_test_support::random::Random;

/// The file with a few wrong bytes, or cut, or both.
pub(crate) fn mutant(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=random.below(4) {
        change(file, &mut bytes, random);
    }
    bytes
}

fn change(file: &[u8], bytes: &mut Vec<u8>, random: &mut Random) {
    let place = place(file, random).min(bytes.len().saturating_sub(1));
    let up_to = |len: usize| (place + len).min(bytes.len());
    match random.below(8) {
        0 => bytes.truncate(place),
        1 => bytes.insert(place, random.draw() as u8),
        2 => {
            let end = up_to(1 + random.below(16));
            bytes.drain(place..end);
        }
        3 => {
            let end = up_to(1 + random.below(64));
            let copy = bytes[place..end].to_vec();
            bytes.splice(place..place, copy);
        }
        4 => {
            // A number of ten bytes, the longest that a file can hold.
            let end = up_to(1);
            bytes.splice(place..end, [0xff; 9].into_iter().chain([0x01]));
        }
        5 => set(bytes, place, random.draw() as u8),
        _ => {
            let byte = bytes.get(place).copied().unwrap_or(0);
            set(bytes, place, byte ^ (1 << random.below(8)));
        }
    }
}

fn set(bytes: &mut [u8], place: usize, value: u8) {
    if let Some(byte) = bytes.get_mut(place) {
        *byte = value;
    }
}

/// A place; mostly near text, which is where the structure of the file is.
fn place(file: &[u8], random: &mut Random) -> usize {
    for _ in 0..64 {
        let place = random.below(file.len());
        let window = &file[place..(place + 12).min(file.len())];
        let letters = window.iter().filter(|byte| byte.is_ascii_graphic()).count();
        if letters * 2 > window.len() {
            return place;
        }
    }
    random.below(file.len())
}
