//! What an operator sees while it emits its steps.

use super::LowerError;
use super::draft::{BufferId, Draft, DraftOperand, DraftStep};
use crate::ir::{Arithmetic, DType, Graph, Node, NodeId, Tensor, TensorType, ValueId};
use crate::program::{Constant, Element, Kernel};

/// The element type of a buffer that holds values of a type.
pub(super) fn element_of(dtype: DType) -> Element {
    match dtype {
        DType::F32 => Element::F32,
        DType::I8 => Element::I8,
        DType::U8 | DType::Bool => Element::U8,
        DType::I16 => Element::I16,
        DType::I32 => Element::I32,
        DType::I64 => Element::I64,
    }
}

/// Little-endian bytes of the elements of a tensor.
pub(super) fn bytes_of(tensor: &Tensor) -> Vec<u8> {
    fn of<T: bytemuck::NoUninit>(numbers: Option<&[T]>) -> Vec<u8> {
        numbers.map_or(Vec::new(), |numbers| bytemuck::cast_slice(numbers).to_vec())
    }
    match tensor {
        Tensor::F32(a) => of(a.as_slice()),
        Tensor::I8(a) => of(a.as_slice()),
        Tensor::U8(a) => of(a.as_slice()),
        Tensor::I16(a) => of(a.as_slice()),
        Tensor::I32(a) => of(a.as_slice()),
        Tensor::I64(a) => of(a.as_slice()),
        Tensor::Bool(a) => of(a.as_slice()),
    }
}

/// Lowering of one node.
#[derive(Debug)]
pub struct NodeLowering<'a> {
    pub(super) graph: &'a Graph,
    id: NodeId,
    pub(super) draft: &'a mut Draft,
}

impl<'a> NodeLowering<'a> {
    pub(super) fn new(graph: &'a Graph, id: NodeId, draft: &'a mut Draft) -> Self {
        Self { graph, id, draft }
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &'a Node {
        &self.graph.nodes[self.id.0 as usize]
    }

    /// The value that is input `index`.
    pub(super) fn input_id(&self, index: usize) -> Result<ValueId, LowerError> {
        self.node()
            .inputs
            .get(index)
            .copied()
            .ok_or_else(|| LowerError::new(format!("input {index} is missing"), "a verified graph"))
    }

    /// Type of input `index`.
    ///
    /// # Errors
    /// If there is no such input.
    pub fn input_type(&self, index: usize) -> Result<&'a TensorType, LowerError> {
        Ok(self.graph.ty(self.input_id(index)?))
    }

    /// Numbers of input `index`, which must be a constant.
    ///
    /// # Errors
    /// If it is computed on the device.
    pub fn input_tensor(&self, index: usize) -> Result<&'a Tensor, LowerError> {
        let id = self.input_id(index)?;
        self.graph.constant(id).map(AsRef::as_ref).ok_or_else(|| {
            LowerError::new(
                format!(
                    "input {index} (`{}`) is computed at run time",
                    self.graph.value(id).name
                ),
                "a constant",
            )
        })
    }

    /// Type of the (only) output.
    #[must_use]
    pub fn output_type(&self) -> &'a TensorType {
        self.graph.ty(self.node().outputs[0])
    }

    /// What the integers of the graph compute.
    #[must_use]
    pub fn arithmetic(&self) -> Arithmetic {
        self.graph.arithmetic
    }

    /// Whether input `index` is a constant.
    #[must_use]
    pub fn is_constant(&self, index: usize) -> bool {
        self.input_id(index)
            .is_ok_and(|id| self.graph.constant(id).is_some())
    }

    /// Type of output `index`.
    ///
    /// # Errors
    /// If there is no such output.
    pub fn output_type_at(&self, index: usize) -> Result<&'a TensorType, LowerError> {
        Ok(self.graph.ty(self.output_id(index)?))
    }

    pub(super) fn output_id(&self, index: usize) -> Result<ValueId, LowerError> {
        let id = self.node().outputs.get(index).copied();
        id.ok_or_else(|| LowerError::new(format!("output {index} is missing"), "a verified graph"))
    }

    /// The buffer of output `index`.
    ///
    /// # Errors
    /// If there is no such output.
    pub fn output_at(&mut self, index: usize) -> Result<BufferId, LowerError> {
        let id = self.output_id(index)?;
        Ok(self.draft.buffer_for(self.graph, id))
    }

    /// Input `index` as an operand: its buffer, or its numbers in flash.
    ///
    /// # Errors
    /// If there is no such input.
    pub fn operand(&mut self, index: usize) -> Result<DraftOperand, LowerError> {
        let id = self.input_id(index)?;
        Ok(match self.graph.constant(id) {
            Some(tensor) => {
                let what = format!("{} {}", self.graph.value(id).name, tensor.ty());
                DraftOperand::Constant(self.add_tensor(&what, tensor))
            }
            None => DraftOperand::Buffer(self.draft.buffer_for(self.graph, id)),
        })
    }

    /// The buffer of the (only) output.
    pub fn output(&mut self) -> BufferId {
        self.draft.buffer_for(self.graph, self.node().outputs[0])
    }

    /// A buffer that only this node uses.
    pub fn scratch(&mut self, element: Element, len: usize) -> BufferId {
        self.draft.add_buffer(element, len)
    }

    /// The output is the input under another shape.
    ///
    /// # Errors
    /// If there is no input.
    pub fn alias(&mut self) -> Result<(), LowerError> {
        let input = self.input_id(0)?;
        let buffer = self.draft.buffer_for(self.graph, input);
        let output = self.node().outputs[0];
        self.draft.buffer_of[output.index()] = Some(buffer);
        Ok(())
    }

    /// Numbers for flash; the same numbers are stored once.
    pub fn add_constant<T: bytemuck::NoUninit>(
        &mut self,
        what: &str,
        element: Element,
        data: &[T],
    ) -> usize {
        let bytes: Vec<u8> = bytemuck::cast_slice(data).to_vec();
        self.draft.add_constant(Constant {
            what: what.to_owned(),
            element,
            bytes,
        })
    }

    fn add_tensor(&mut self, what: &str, tensor: &Tensor) -> usize {
        self.add_constant(what, element_of(tensor.dtype()), &bytes_of(tensor))
    }

    /// Emits a step that writes the (only) output.
    pub fn step(&mut self, kernel: Kernel, inputs: &[DraftOperand], constants: &[usize]) {
        let output = self.output();
        self.step_to(kernel, inputs, constants, output);
    }

    /// Emits a step that writes any buffer.
    pub fn step_to(
        &mut self,
        kernel: Kernel,
        inputs: &[DraftOperand],
        constants: &[usize],
        output: BufferId,
    ) {
        self.step_with(kernel, inputs, constants, None, output);
    }

    /// Emits a step that reads and writes a buffer beside its output.
    pub fn step_with(
        &mut self,
        kernel: Kernel,
        inputs: &[DraftOperand],
        constants: &[usize],
        scratch: Option<BufferId>,
        output: BufferId,
    ) {
        let node = self.node();
        let from = node
            .inputs
            .first()
            .map_or(String::new(), |&id| format!(" {}", self.graph.ty(id)));
        let what = format!(
            "{} \"{}\"{from} → {}",
            node.op.name(),
            node.name,
            self.output_type()
        );
        self.draft.steps.push(DraftStep {
            what,
            name: node.name.clone(),
            node: self.id.0 as usize,
            kernel,
            inputs: inputs.to_vec(),
            constants: constants.to_vec(),
            scratch,
            output,
            lead: None,
            choice: None,
        });
    }
}
