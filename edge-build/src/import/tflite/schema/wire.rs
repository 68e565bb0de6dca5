//! Tables of a flatbuffer, read while they are verified: a field is looked at only after the verifier has found
//! it inside the file, so that no offset is trusted, and all that is read counts against the limits.

use super::error::Broken;
use flatbuffers::{InvalidFlatbuffer, SIZE_UOFFSET, TableVerifier, Verifier, VerifierOptions};
use std::ops::Range;

/// Tables inside tables; the schema itself has six levels.
const DEPTH: usize = 16;
/// What an honest table takes at least: itself, and an offset that leads to it.
const TABLE_BYTES: usize = 8;
/// Tables and bytes that a small file may have beyond its due, for what is shared in it.
const SHARED_TABLES: usize = 1 << 10;
const SHARED_BYTES: usize = 1 << 16;
/// How often a byte may be read: tables share vtables, and files share strings.
const READS_PER_BYTE: usize = 8;

/// Reads the table at the root of a file.
///
/// # Errors
/// If the file is cut, leads out of itself, or holds the same things so often that it would not be linear.
pub(super) fn root<R: Record>(file: &[u8]) -> Result<R, Broken> {
    let options = VerifierOptions {
        max_depth: DEPTH,
        max_tables: file.len() / TABLE_BYTES + SHARED_TABLES,
        max_apparent_size: file.len().saturating_mul(READS_PER_BYTE) + SHARED_BYTES,
        ignore_missing_null_terminator: true,
    };
    let mut verifier = Verifier::new(&options, file);
    read_table(file, &mut verifier, 0)
}

/// What is read from a table.
pub(super) trait Record: Sized {
    /// Reads the fields.
    fn read(table: &mut Table<'_, '_, '_>) -> Result<Self, Broken>;
}

/// What a field holds.
pub(super) trait Field: Sized {
    /// Reads the field at a position.
    fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken>;
}

/// What a vector holds.
pub(super) trait Element: Sized {
    /// Reads the vector at a position.
    fn read_all(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Vec<Self>, Broken>;
}

/// A table whose place and list of fields are verified.
pub(super) struct Table<'ver, 'opts, 'file> {
    file: &'file [u8],
    fields: TableVerifier<'ver, 'opts, 'file>,
}

impl<'opts, 'file> Table<'_, 'opts, 'file> {
    /// A field by its number in the schema, or `None` if the table has none: it has its default value then.
    pub(super) fn field<F: Field>(
        &mut self,
        slot: u16,
        name: &'static str,
    ) -> Result<Option<F>, Broken> {
        let entry = flatbuffers::field_index_to_field_offset(slot);
        let read = match self.fields.deref(entry) {
            Ok(None) => return Ok(None),
            Ok(Some(position)) => F::read(self, position),
            Err(error) => Err(error.into()),
        };
        read.map(Some).map_err(|error| error.inside(name))
    }

    fn verifier(&mut self) -> &mut Verifier<'opts, 'file> {
        self.fields.verifier()
    }

    /// The bytes of a number; `position` is verified.
    fn bytes<const N: usize>(&self, position: usize) -> Result<[u8; N], Broken> {
        let bytes = self.file.get(position..).and_then(<[u8]>::first_chunk);
        bytes.copied().ok_or(Broken::new(BEYOND))
    }

    /// Where bytes lie that stand behind the flatbuffer.
    pub(super) fn outside(&mut self, offset: u64, size: u64) -> Result<Range<usize>, Broken> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        self.verifier().range_in_buffer(start, size)?;
        Ok(start..start.saturating_add(size))
    }

    /// Where the offset at a position leads.
    fn target(&mut self, position: usize) -> Result<usize, Broken> {
        target(self.verifier(), position)
    }

    /// Where the elements of the vector lie to which the offset at a position leads.
    fn vector(&mut self, position: usize, size: usize) -> Result<Range<usize>, Broken> {
        let vector = self.target(position)?;
        let len = self.verifier().get_uoffset(vector)? as usize;
        let start = vector.saturating_add(SIZE_UOFFSET);
        let bytes = len.saturating_mul(size);
        self.verifier().range_in_buffer(start, bytes)?;
        Ok(start..start.saturating_add(bytes))
    }
}

const BEYOND: &str = "leads out of the file";

fn target(verifier: &mut Verifier<'_, '_>, position: usize) -> Result<usize, Broken> {
    match verifier.get_uoffset(position)? {
        0 => Err(Broken::new("leads nowhere")),
        offset => Ok(position.saturating_add(offset as usize)),
    }
}

/// Reads the table to which the offset at a position leads.
fn read_table<'file, R: Record>(
    file: &'file [u8],
    verifier: &mut Verifier<'_, 'file>,
    position: usize,
) -> Result<R, Broken> {
    let position = target(verifier, position)?;
    let fields = verifier.visit_table(position)?;
    let mut table = Table { file, fields };
    let record = R::read(&mut table)?;
    table.fields.finish();
    Ok(record)
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Field for $number {
            fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken> {
                table.verifier().in_buffer::<Self>(position)?;
                Ok(Self::from_le_bytes(table.bytes(position)?))
            }
        }

        impl Element for $number {
            fn read_all(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Vec<Self>, Broken> {
                let range = table.vector(position, size_of::<Self>())?;
                let bytes = table.file.get(range).ok_or(Broken::new(BEYOND))?;
                let (numbers, _) = bytes.as_chunks();
                Ok(numbers.iter().map(|bytes| Self::from_le_bytes(*bytes)).collect())
            }
        }
    )*};
}

numbers!(i8 i32 u32 i64 u64 f32);

impl Field for bool {
    fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken> {
        Ok(i8::read(table, position)? != 0)
    }
}

/// An index into a list.
impl Field for usize {
    fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken> {
        Ok(u32::read(table, position)? as Self)
    }
}

/// Indices into a list.
impl Element for usize {
    fn read_all(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Vec<Self>, Broken> {
        let indices = u32::read_all(table, position)?;
        Ok(indices.into_iter().map(|index| index as Self).collect())
    }
}

/// Indices into a list, where −1 stands for none.
impl Element for Option<usize> {
    fn read_all(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Vec<Self>, Broken> {
        let indices = u32::read_all(table, position)?;
        let some = |index| (index != u32::MAX).then_some(index as usize);
        Ok(indices.into_iter().map(some).collect())
    }
}

/// Where raw bytes lie in the file.
impl Field for Range<usize> {
    fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken> {
        table.vector(position, 1)
    }
}

/// Text. Bytes that are not UTF-8 are escaped: nothing but names is text, and different names stay different.
impl Field for String {
    fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken> {
        let range = table.vector(position, 1)?;
        let bytes = table.file.get(range).ok_or(Broken::new(BEYOND))?;
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.escape_ascii().to_string(),
        })
    }
}

impl<E: Element> Field for Vec<E> {
    fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken> {
        E::read_all(table, position)
    }
}

impl<R: Record> Field for Option<R> {
    fn read(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Self, Broken> {
        let file = table.file;
        read_table(file, table.verifier(), position).map(Some)
    }
}

impl<R: Record> Element for R {
    fn read_all(table: &mut Table<'_, '_, '_>, position: usize) -> Result<Vec<Self>, Broken> {
        let file = table.file;
        let range = table.vector(position, SIZE_UOFFSET)?;
        let mut records = Vec::new();
        for (index, position) in range.step_by(SIZE_UOFFSET).enumerate() {
            let record = read_table(file, table.verifier(), position);
            records.push(record.map_err(|error| error.at(index))?);
        }
        Ok(records)
    }
}

impl From<InvalidFlatbuffer> for Broken {
    fn from(error: InvalidFlatbuffer) -> Self {
        use InvalidFlatbuffer as E;
        Self::new(match error {
            E::RangeOutOfBounds { .. } | E::SignedOffsetOutOfBounds { .. } => BEYOND,
            E::Unaligned { .. } => "leads to a place that is not aligned",
            E::TooManyTables | E::ApparentSizeTooLarge => "repeats parts of the file too often",
            E::DepthLimitReached => "is nested too deeply",
            E::MissingRequiredField { .. }
            | E::InconsistentUnion { .. }
            | E::Utf8Error { .. }
            | E::MissingNullTerminator { .. } => "is malformed",
        })
    }
}

/// Structs with the fields of a table each: the number in the schema, the name, the type, and the default value
/// if it is not that of the type.
macro_rules! tables {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$field_doc:meta])* $slot:literal $field:ident: $type:ty $(= $default:expr)?, )* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) struct $name { $( $(#[$field_doc])* pub(crate) $field: $type, )* }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: tables!(@default $($default)?), )* }
            }
        }

        impl $crate::import::tflite::schema::wire::Record for $name {
            fn read(
                table: &mut $crate::import::tflite::schema::wire::Table<'_, '_, '_>,
            ) -> Result<Self, $crate::import::tflite::schema::error::Broken> {
                let mut record = Self::default();
                $(
                    if let Some(value) = table.field($slot, stringify!($field))? {
                        record.$field = value;
                    }
                )*
                Ok(record)
            }
        }
    )*};
    (@default) => { Default::default() };
    (@default $value:expr) => { $value };
}
pub(super) use tables;
