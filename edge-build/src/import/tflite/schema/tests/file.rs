//! A small file: an image goes through `CONV_2D`, and there is a variable.

use flatbuffers::{FlatBufferBuilder, Push, TableFinishedWIPOffset, VOffsetT, WIPOffset};

/// What stands behind the flatbuffer.
pub(super) const BEHIND: [u8; 4] = [9, 8, 7, 6];

/// What may be different.
#[derive(Clone, Copy)]
pub(super) struct Changes {
    pub(super) version: u32,
    pub(super) subgraphs: usize,
    pub(super) code: (i8, i32),
    pub(super) conv_input: i32,
    pub(super) buffer: u32,
    pub(super) behind_size: u64,
    /// How often the first tensor stands in the list once more.
    pub(super) shared_tensors: usize,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            version: 3,
            subgraphs: 1,
            code: (3, 3),
            conv_input: 0,
            buffer: 1,
            behind_size: BEHIND.len() as u64,
            shared_tensors: 0,
        }
    }
}

type Offset = WIPOffset<TableFinishedWIPOffset>;

/// A table whose fields are written by `fill`.
fn table<'a>(
    builder: &mut FlatBufferBuilder<'a>,
    fill: impl FnOnce(&mut FlatBufferBuilder<'a>),
) -> Offset {
    let start = builder.start_table();
    fill(builder);
    WIPOffset::new(builder.end_table(start).value())
}

fn put<T: Push>(builder: &mut FlatBufferBuilder<'_>, slot: VOffsetT, value: T) {
    builder.push_slot_always(4 + 2 * slot, value);
}

/// The file. The offset of the bytes behind it is put in at the end, when it is known.
pub(super) fn small(changes: Changes) -> Vec<u8> {
    let unknown = small_with(&changes, 0x1234_5678);
    let mut file = small_with(&changes, unknown.len() as u64);
    file.extend(BEHIND);
    file
}

fn small_with(changes: &Changes, behind: u64) -> Vec<u8> {
    let mut b = FlatBufferBuilder::new();
    let subgraph = subgraph(&mut b, changes);
    let subgraphs = b.create_vector(&vec![subgraph; changes.subgraphs]);
    let codes = [changes.code, (127, 142)].map(|code| operator_code(&mut b, code));
    let codes = b.create_vector(&codes);
    let buffers = buffers(&mut b, changes, behind);
    let signatures = signatures(&mut b);
    let root = table(&mut b, |b| {
        put(b, 0, changes.version);
        put(b, 1, codes);
        put(b, 2, subgraphs);
        put(b, 4, buffers);
        put(b, 7, signatures);
    });
    b.finish(root, Some("TFL3"));
    b.finished_data().to_vec()
}

fn subgraph(b: &mut FlatBufferBuilder<'_>, changes: &Changes) -> Offset {
    let image = tensor(b, "image", &[1, 8, 8, 2], 0, None);
    let weights = quantization(b);
    let weights = tensor(b, "weights", &[2, 1, 2, 2], changes.buffer, Some(weights));
    let far = tensor(b, "far", &[4], 2, None);
    let out = tensor(b, "out", &[1, 3, 4, 2], 0, None);
    let mut tensors = vec![image, weights, far, out];
    tensors.extend(vec![image; changes.shared_tensors]);
    let tensors = b.create_vector(&tensors);
    let inputs = b.create_vector(&[0i32]);
    let outputs = b.create_vector(&[3i32]);
    let operators = [conv(b, changes.conv_input), state(b)];
    let operators = b.create_vector(&operators);
    let name = b.create_string("main");
    table(b, |b| {
        put(b, 0, tensors);
        put(b, 1, inputs);
        put(b, 2, outputs);
        put(b, 3, operators);
        put(b, 4, name);
    })
}

fn tensor(
    b: &mut FlatBufferBuilder<'_>,
    name: &str,
    shape: &[i32],
    buffer: u32,
    quantization: Option<Offset>,
) -> Offset {
    let name = b.create_string(name);
    let shape = b.create_vector(shape);
    table(b, |b| {
        put(b, 0, shape);
        put(b, 1, 9i8);
        put(b, 2, buffer);
        put(b, 3, name);
        if let Some(quantization) = quantization {
            put(b, 4, quantization);
        }
    })
}

fn quantization(b: &mut FlatBufferBuilder<'_>) -> Offset {
    let scale = b.create_vector(&[0.5f32, 0.25]);
    let zero_point = b.create_vector(&[0i64, -3]);
    table(b, |b| {
        put(b, 2, scale);
        put(b, 3, zero_point);
    })
}

fn conv(b: &mut FlatBufferBuilder<'_>, input: i32) -> Offset {
    let inputs = b.create_vector(&[input, 1, -1]);
    let outputs = b.create_vector(&[3i32]);
    let options = table(b, |b| {
        put(b, 0, 1i8);
        put(b, 1, 2i32);
        put(b, 2, 3i32);
        put(b, 5, 4i32);
    });
    table(b, |b| {
        put(b, 1, inputs);
        put(b, 2, outputs);
        put(b, 3, 1u8);
        put(b, 4, options);
    })
}

fn state(b: &mut FlatBufferBuilder<'_>) -> Offset {
    let name = b.create_string("state");
    let options = table(b, |b| put(b, 1, name));
    let outputs = b.create_vector(&[2i32]);
    table(b, |b| {
        put(b, 0, 1u32);
        put(b, 2, outputs);
        put(b, 3, 111u8);
        put(b, 4, options);
    })
}

fn operator_code(b: &mut FlatBufferBuilder<'_>, (narrow, wide): (i8, i32)) -> Offset {
    let name = b.create_string("Custom");
    table(b, |b| {
        put(b, 0, narrow);
        put(b, 1, name);
        put(b, 3, wide);
    })
}

fn buffers<'a>(
    b: &mut FlatBufferBuilder<'a>,
    changes: &Changes,
    behind: u64,
) -> WIPOffset<flatbuffers::Vector<'a, flatbuffers::ForwardsUOffset<TableFinishedWIPOffset>>> {
    let data = b.create_vector(&[1u8, 2, 3, 4, 5, 6, 7, 8]);
    let none = table(b, |_| {});
    let inside = table(b, |b| put(b, 0, data));
    let outside = table(b, |b| {
        put(b, 1, behind);
        put(b, 2, changes.behind_size);
    });
    b.create_vector(&[none, inside, outside])
}

fn signatures<'a>(
    b: &mut FlatBufferBuilder<'a>,
) -> WIPOffset<flatbuffers::Vector<'a, flatbuffers::ForwardsUOffset<TableFinishedWIPOffset>>> {
    let name = b.create_string("image");
    let map = table(b, |b| put(b, 0, name));
    let maps = b.create_vector(&[map]);
    let signature = table(b, |b| put(b, 0, maps));
    b.create_vector(&[signature])
}
