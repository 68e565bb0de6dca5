//! Outputs and costs as numbers.

use super::numbers;
use super::rows::Rows;
use crate::npy::{Array, Data};
use crate::program::Port;
use crate::runner::network::Outcome;

/// One output over all rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// Name in the file.
    pub(super) name: String,
    /// Shape in the file.
    pub(super) shape: Vec<usize>,
    /// What the network yields.
    pub(super) raw: Data,
    /// As floats: quantized numbers through scale and zero point.
    pub(super) floats: Vec<f32>,
    /// Checksum (zlib's) of the raw bytes of the last row.
    pub(super) crc32: u32,
}

impl Column {
    /// Element type in the words of NumPy.
    pub(super) fn dtype(&self) -> &'static str {
        self.raw.type_name()
    }

    /// The floats of each row.
    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.floats
            .chunks_exact(self.shape.iter().product::<usize>().max(1))
    }

    /// The shape of all rows together: rows in place of a batch of one, or in front.
    fn stacked(&self, rows: usize) -> Vec<usize> {
        let row = match self.shape.as_slice() {
            [1, row @ ..] => row,
            whole => whole,
        };
        [&[rows], row].concat()
    }

    /// The arrays that go to a file: floats under the name, integers under `name_int8` and the like.
    pub(super) fn arrays(&self) -> Vec<(String, Array)> {
        let shape = self.stacked(self.rows().len());
        let array = |data: Data| Array {
            shape: shape.clone(),
            data,
        };
        let mut arrays = vec![(self.name.clone(), array(self.floats.clone().into()))];
        if !matches!(self.raw, Data::F32(_)) {
            let name = format!("{}_{}", self.name, self.dtype());
            arrays.push((name, array(self.raw.clone())));
        }
        arrays
    }
}

/// Takes rows of bytes of all outputs apart.
pub(super) fn columns(bytes: &[u8], ports: &[Port]) -> Vec<Column> {
    let row_bytes: usize = ports.iter().map(|port| port.slot.bytes()).sum();
    let mut start = 0;
    let mut columns = Vec::new();
    for port in ports {
        let size = port.slot.bytes();
        let mut own = Vec::new();
        let mut last: &[u8] = &[];
        for row in bytes.chunks_exact(row_bytes.max(1)) {
            last = row.get(start..start + size).unwrap_or(&[]);
            own.extend(last);
        }
        start += size;
        columns.push(column(port, &own, rawzip::crc32(last)));
    }
    columns
}

fn column(port: &Port, bytes: &[u8], crc32: u32) -> Column {
    let raw = numbers::read(port.slot.element, bytes);
    let floats = numbers::real(&raw, port.quant);
    Column {
        name: port.name.clone(),
        shape: port.shape.clone(),
        raw,
        floats,
        crc32,
    }
}

/// What one inference costs, where it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PerInference {
    /// Instructions.
    pub(super) instructions: Option<u64>,
    /// Cycles of the model of a Cortex-M4.
    pub(super) m4_cycles: Option<u64>,
    /// Cycles of the model of a Cortex-M7.
    pub(super) m7_cycles: Option<u64>,
    /// Nanoseconds on this machine.
    pub(super) host_ns: Option<u64>,
    /// Bytes of stack, the most of all inferences.
    pub(super) stack_bytes: Option<u32>,
}

/// Means over all rows; the plugin's exact counts are preferred to those of the timer.
pub(super) fn per_inference(outcome: &Outcome, rows: &Rows, emulated: bool) -> PerInference {
    let costs = outcome.networks.iter().flat_map(|network| &network.costs);
    let total: u64 = costs.clone().map(|cost| cost.time).sum();
    let count = rows.count.max(1) as u64;
    let mean = (total + count / 2) / count;
    if !emulated {
        return PerInference {
            host_ns: Some(mean),
            ..PerInference::default()
        };
    }
    let counts = outcome.counts;
    let of = |number: fn(&crate::runner::counts::Counts) -> u64| {
        counts.map(|counts| counts.per_inference(number(&counts)))
    };
    PerInference {
        instructions: of(|counts| counts.instructions).or(Some(mean)),
        m4_cycles: of(|counts| counts.m4_cycles),
        m7_cycles: of(|counts| counts.m7_cycles),
        host_ns: None,
        stack_bytes: costs.map(|cost| cost.stack).max(),
    }
}
