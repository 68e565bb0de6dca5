//! Wrong numbers in a flatbuffer: its offsets, counts and codes are words of four bytes or parts of one, and none
//! may move.

use edge_test_support::random::Random;

/// Numbers at which arithmetic on offsets, counts and dimensions goes wrong.
const NUMBERS: [u32; 14] = [
    0,
    1,
    2,
    4,
    127,
    255,
    1 << 16,
    1 << 24,
    (1 << 30) + 1,
    i32::MAX as u32,
    i32::MIN as u32,
    u32::MAX - 1,
    u32::MAX,
    f32::NAN.to_bits(),
];

/// Bytes that are looked at to tell tables from weights.
const WINDOW: usize = 16;

/// The file with one to four wrong numbers, at random places or among the tables.
pub(crate) fn mutant(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    if bytes.len() < WINDOW {
        return bytes;
    }
    for _ in 0..=random.below(4) {
        change(&mut bytes, random);
    }
    bytes
}

fn change(bytes: &mut [u8], random: &mut Random) {
    let place = if random.below(2) == 0 {
        random.below(bytes.len())
    } else {
        place_in_tables(bytes, random)
    };
    match random.below(6) {
        0 => bytes[place] = random.draw() as u8,
        1 => bytes[place] ^= 1 << random.below(8),
        2 => bytes[place] = [0, 1, 127, 128, 255][random.below(5)],
        3 => {
            let other = word(place_in_tables(bytes, random));
            let number = read(bytes, other);
            write(bytes, word(place), number);
        }
        4 => {
            // An offset or a count that is a little off.
            let near = read(bytes, word(place)).wrapping_add(random.below(17) as u32);
            write(bytes, word(place), near.wrapping_sub(8));
        }
        _ => write(bytes, word(place), NUMBERS[random.below(NUMBERS.len())]),
    }
}

/// A place, if one is found, where many bytes are zero, as numbers of tables are small.
fn place_in_tables(bytes: &[u8], random: &mut Random) -> usize {
    let starts = bytes.len() - WINDOW + 1;
    for _ in 0..256 {
        let place = random.below(starts);
        let window = &bytes[place..place + WINDOW];
        let zeros: usize = window.iter().map(|&byte| usize::from(byte == 0)).sum();
        if (WINDOW / 4..WINDOW).contains(&zeros) {
            return place;
        }
    }
    random.below(bytes.len())
}

/// The start of the word in which a byte lies.
fn word(place: usize) -> usize {
    place & !3
}

fn read(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

fn write(bytes: &mut [u8], at: usize, number: u32) {
    if let Some(word) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *word = number.to_le_bytes();
    }
}

#[test]
fn mutants_have_the_length_of_the_file() {
    let file: Vec<u8> = (0..1000u32).flat_map(u32::to_le_bytes).collect();
    let different = (0..100).filter(|&seed| {
        let mutant = mutant(&file, &mut Random::new(seed));
        assert_eq!(mutant.len(), file.len());
        mutant != file
    });
    assert!(different.count() > 90);
}
