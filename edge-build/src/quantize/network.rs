//! A graph ready to run on many samples, with every value visible after the run.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::exec::{ExecError, Executor};
use crate::ir::{Graph, QuantParams, ValueId};
use crate::lower::{self, Assembly};
use crate::plan::{Disjoint, Planner};
use crate::program::{Element, Program, Slot};
use edge_core::params::Quantize;
use edge_core::rt;

/// Most cores used: each holds an arena and the state of a worker.
const MOST_CORES: usize = 8;

/// A graph ready to run.
pub(super) struct Network {
    program: Program,
    slot_of: Vec<Option<Slot>>,
    params_of: Vec<Option<QuantParams>>,
}

impl Network {
    /// Lowers a graph with memory of its own for every value.
    pub(super) fn of(graph: &Graph) -> Result<Self, Diagnostics> {
        let draft = lower::run(graph).map_err(|errors| lower::diagnostics(graph, errors))?;
        let plan = Disjoint.plan(&draft);
        let Assembly { program, slot_of } = lower::assemble(graph, &draft, &plan);
        let params_of = graph.values.iter().map(|value| value.ty.params()).collect();
        Ok(Self {
            program,
            slot_of,
            params_of,
        })
    }

    /// Multiply-accumulate operations of one run.
    pub(super) fn macs(&self) -> u64 {
        self.program.macs
    }

    /// Where a value lies.
    pub(super) fn slot(&self, id: ValueId) -> Option<Slot> {
        self.slot_of.get(id.index()).copied().flatten()
    }

    /// Runs samples on all cores. `inputs` gives the numbers of an input of a sample, `look` takes what it wants
    /// of a sample from the memory after the run; what it yields comes back in the order of the samples. `worker`
    /// makes the state of one core; which samples a state saw depends on the number of cores, so states may only
    /// hold what can be merged in any order.
    pub(super) fn run<'d, W: Send, T: Send>(
        &self,
        samples: &[usize],
        inputs: impl Fn(usize, usize) -> &'d [f32] + Sync,
        worker: impl Fn() -> W + Sync,
        look: impl Fn(&mut W, usize, &View<'_>) -> T + Sync,
    ) -> Result<(Vec<W>, Vec<T>), Diagnostics> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = cores.clamp(1, samples.len().clamp(1, MOST_CORES));
        let one_core = |core: usize| -> Result<(W, Vec<T>), ExecError> {
            let (mut state, mut seen) = (worker(), Vec::new());
            let mut executor = Executor::new(&self.program);
            for &sample in samples.iter().skip(core).step_by(cores) {
                for index in 0..self.program.inputs.len() {
                    self.set_input(&mut executor, index, inputs(sample, index));
                }
                executor.run()?;
                seen.push(look(
                    &mut state,
                    sample,
                    &View {
                        network: self,
                        executor: &executor,
                    },
                ));
            }
            Ok((state, seen))
        };
        let done: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..cores)
                .map(|core| {
                    let one_core = &one_core;
                    scope.spawn(move || one_core(core))
                })
                .collect();
            threads
                .into_iter()
                .map(std::thread::ScopedJoinHandle::join)
                .collect()
        });
        let mut states = Vec::new();
        let mut by_core = Vec::new();
        for result in done {
            let (state, seen) = result
                .map_err(|_| internal("a thread that ran the network panicked".to_owned()))?
                .map_err(|error| internal(error.to_string()))?;
            states.push(state);
            by_core.push(seen.into_iter());
        }
        let in_order = (0..samples.len()).filter_map(|at| by_core.get_mut(at % cores)?.next());
        Ok((states, in_order.collect()))
    }

    fn set_input(&self, executor: &mut Executor<'_>, index: usize, numbers: &[f32]) {
        let Some(port) = self.program.inputs.get(index) else {
            return;
        };
        match port.quant {
            None => executor.set_input(index, bytemuck::cast_slice(numbers)),
            Some(QuantParams { scale, zero_point }) => {
                let mut bytes = vec![0i8; numbers.len()];
                rt::quantize_s8(&Quantize { scale, zero_point }, numbers, &mut bytes);
                executor.set_input(index, bytemuck::cast_slice(&bytes));
            }
        }
    }
}

fn internal(message: String) -> Diagnostics {
    let help = "this is a bug of edge: please report it with the model";
    Diagnostic::error(Code::Internal, message, help).into()
}

/// The memory of a network after a run.
pub(super) struct View<'a> {
    network: &'a Network,
    executor: &'a Executor<'a>,
}

impl View<'_> {
    /// The real numbers of a value; empty for constants and dead values.
    pub(super) fn numbers(&self, id: ValueId) -> Vec<f32> {
        let Some(slot) = self.network.slot(id) else {
            return Vec::new();
        };
        let bytes = self.executor.slot(slot);
        match slot.element {
            Element::F32 => bytemuck::pod_collect_to_vec(bytes),
            Element::I8 => self.dequantized(id, bytemuck::cast_slice(bytes)),
            Element::U8
            | Element::I16
            | Element::U16
            | Element::I32
            | Element::U32
            | Element::I64 => Vec::new(),
        }
    }

    /// The floats of a slot where they lie; empty if they are no floats.
    pub(super) fn floats(&self, slot: Slot) -> &[f32] {
        let bytes = self.executor.slot(slot);
        match slot.element {
            Element::F32 => bytemuck::try_cast_slice(bytes).unwrap_or(&[]),
            Element::I8
            | Element::U8
            | Element::I16
            | Element::U16
            | Element::I32
            | Element::U32
            | Element::I64 => &[],
        }
    }

    fn dequantized(&self, id: ValueId, bytes: &[i8]) -> Vec<f32> {
        let params = self.network.params_of.get(id.index()).copied().flatten();
        let Some(QuantParams { scale, zero_point }) = params else {
            return Vec::new();
        };
        let mut numbers = vec![0.0; bytes.len()];
        rt::dequantize_f32(&Quantize { scale, zero_point }, bytes, &mut numbers);
        numbers
    }
}
