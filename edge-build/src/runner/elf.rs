//! Sections of a firmware and their sizes.

use super::RunError;

/// Bytes that a firmware takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Code and numbers of the networks in flash: all but start-up, files and measuring.
    pub networks: u64,
    /// What of it is code.
    pub code: u64,
    /// Everything in flash.
    pub flash: u64,
    /// Static memory in RAM: the networks, and some bytes of what measures.
    pub ram: u64,
}

/// A section of an ELF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: Vec<u8>,
    /// Whether it is part of the memory of the program and has bytes in the file.
    pub loaded: bool,
    /// Whether the program may write it.
    pub writable: bool,
    /// Whether it is code.
    pub executable: bool,
    /// Address of its first byte.
    pub address: u32,
    /// Place of its first byte in the file.
    pub offset: usize,
    /// Bytes.
    pub size: usize,
}

/// The sections of a little-endian 32-bit ELF file.
///
/// # Errors
/// If it is none.
pub fn sections(elf: &[u8]) -> Result<Vec<Section>, RunError> {
    /// `SHF_WRITE`, `SHF_ALLOC`, `SHF_EXECINSTR` and `SHT_NOBITS`.
    const WRITABLE: u32 = 1;
    const ALLOCATED: u32 = 2;
    const EXECUTABLE: u32 = 4;
    const NO_BITS: u32 = 8;
    if elf.get(..6) != Some(b"\x7fELF\x01\x01") {
        return Err(RunError::Elf);
    }
    let (table, size) = (word(elf, 32)?, half(elf, 46)?);
    let (count, names) = (half(elf, 48)?, half(elf, 50)?);
    let header = |index: usize| table as usize + index * size;
    let names = word(elf, header(names) + 16)? as usize;
    let section = |index: usize| {
        let at = header(index);
        let name = names + word(elf, at)? as usize;
        let name = elf.get(name..).unwrap_or(&[]);
        let name = name.split(|&byte| byte == 0).next().unwrap_or(&[]);
        let (kind, flags) = (word(elf, at + 4)?, word(elf, at + 8)?);
        Ok(Section {
            name: name.to_vec(),
            loaded: flags & ALLOCATED != 0 && kind != NO_BITS,
            writable: flags & (WRITABLE | ALLOCATED) == WRITABLE | ALLOCATED,
            executable: flags & EXECUTABLE != 0,
            address: word(elf, at + 12)?,
            offset: word(elf, at + 16)? as usize,
            size: word(elf, at + 20)? as usize,
        })
    };
    (0..count).map(section).collect()
}

/// What a firmware takes.
///
/// # Errors
/// If it is no little-endian 32-bit ELF file.
pub fn sizes(elf: &[u8]) -> Result<Sizes, RunError> {
    let mut sizes = Sizes::default();
    for section in sections(elf)? {
        let bytes = section.size as u64;
        if section.writable {
            sizes.ram += bytes;
        }
        if !section.loaded {
            continue;
        }
        sizes.flash += bytes;
        if section.name != b".vectors" && section.name != b".boot" {
            sizes.networks += bytes;
            sizes.code += if section.executable { bytes } else { 0 };
        }
    }
    Ok(sizes)
}

fn bytes<const N: usize>(elf: &[u8], at: usize) -> Result<[u8; N], RunError> {
    let bytes = elf.get(at..).and_then(|rest| rest.first_chunk());
    bytes.copied().ok_or(RunError::Elf)
}

pub(super) fn word(elf: &[u8], at: usize) -> Result<u32, RunError> {
    bytes(elf, at).map(u32::from_le_bytes)
}

fn half(elf: &[u8], at: usize) -> Result<usize, RunError> {
    bytes(elf, at).map(|b| usize::from(u16::from_le_bytes(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF file with sections: name, type, flags, size.
    fn elf(sections: &[(&str, u32, u32, u32)]) -> Vec<u8> {
        let mut names = vec![0];
        let mut headers = Vec::new();
        let mut header = |name: u32, kind: u32, flags: u32, offset: u32, size: u32| {
            for word in [name, kind, flags, 0, offset, size, 0, 0, 0, 0] {
                headers.extend(word.to_le_bytes());
            }
        };
        for (name, kind, flags, size) in sections {
            header(names.len() as u32, *kind, *flags, 0, *size);
            names.extend(name.as_bytes());
            names.push(0);
        }
        header(0, 3, 0, 52, names.len() as u32);
        let mut file = b"\x7fELF\x01\x01".to_vec();
        file.resize(52, 0);
        file[32..36].copy_from_slice(&(52 + names.len() as u32).to_le_bytes());
        file[46..48].copy_from_slice(&40u16.to_le_bytes());
        file[48..50].copy_from_slice(&(sections.len() as u16 + 1).to_le_bytes());
        file[50..52].copy_from_slice(&(sections.len() as u16).to_le_bytes());
        file.extend(names);
        file.extend(headers);
        file
    }

    #[test]
    fn sections_are_summed() {
        let file = elf(&[
            (".vectors", 1, 2, 64),
            (".boot", 1, 6, 500),
            (".text", 1, 6, 1000),
            (".rodata", 1, 2, 200),
            (".data", 1, 3, 8),
            (".bss", 8, 3, 4096),
            (".debug_info", 1, 0, 9999),
        ]);
        let expected = Sizes {
            networks: 1208,
            code: 1000,
            flash: 1772,
            ram: 4104,
        };
        assert_eq!(sizes(&file).unwrap(), expected);
    }

    #[test]
    fn other_files_are_refused() {
        assert!(sizes(b"").is_err());
        let file = elf(&[(".text", 1, 6, 4)]);
        // What is cut lies in the last header at least, of which the first words are read.
        for length in 0..file.len() - 20 {
            assert!(sizes(&file[..length]).is_err(), "{length} bytes");
        }
    }
}
