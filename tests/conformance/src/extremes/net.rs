//! A network of one operator, from the graph to the numbers.

use edge_build::exec::Executor;
use edge_build::ir::{
    self, Arithmetic, DType, Graph, Node, Quant, QuantParams, State, Tensor, TensorType, ValueId,
};
use edge_build::lower;
use edge_build::ops::Op;
use edge_build::plan::{self, Planner};
use edge_build::program::Program;

/// A network that is being made.
#[derive(Debug)]
pub struct Net {
    graph: Graph,
    operands: Vec<ValueId>,
}

/// A type with a scale.
#[must_use]
pub fn quantized(dtype: DType, shape: &[usize], quant: QuantParams) -> TensorType {
    TensorType {
        dtype,
        shape: shape.to_vec(),
        quant: Some(Quant::PerTensor(quant)),
    }
}

/// Numbers as a tensor of a type.
#[must_use]
pub fn tensor(dtype: DType, shape: &[usize], numbers: &[i64]) -> Tensor {
    macro_rules! of {
        ($make:ident) => {
            Tensor::$make(
                shape,
                numbers
                    .iter()
                    .map(|&n| n.try_into().expect("in range"))
                    .collect(),
            )
        };
    }
    let made = match dtype {
        DType::I8 => of!(from_i8),
        DType::I16 => of!(from_i16),
        DType::I32 => of!(from_i32),
        DType::I64 => of!(from_i64),
        DType::F32 | DType::U8 | DType::Bool => None,
    };
    made.expect("integers with as many elements as their shape")
}

/// Little-endian bytes of integers.
#[must_use]
pub fn bytes(dtype: DType, numbers: &[i64]) -> Vec<u8> {
    let all = numbers.iter().map(|n| n.to_le_bytes());
    all.flat_map(|b| b[..dtype.size()].to_vec()).collect()
}

/// Integers of little-endian bytes.
#[must_use]
pub fn numbers(dtype: DType, bytes: &[u8]) -> Vec<i64> {
    let of = |chunk: &[u8]| {
        let mut wide = [if chunk[chunk.len() - 1] >= 128 {
            255
        } else {
            0
        }; 8];
        wide[..chunk.len()].copy_from_slice(chunk);
        i64::from_le_bytes(wide)
    };
    bytes.chunks(dtype.size()).map(of).collect()
}

impl Net {
    /// An empty network.
    #[must_use]
    pub fn new(arithmetic: Arithmetic) -> Self {
        Self {
            graph: Graph {
                arithmetic,
                ..Graph::default()
            },
            operands: Vec::new(),
        }
    }

    /// The next operand is an input.
    pub fn input(&mut self, ty: TensorType) -> ValueId {
        let id = self.graph.add_value("x", ty);
        self.graph.inputs.push(id);
        self.operands.push(id);
        id
    }

    /// The next operand is a constant.
    pub fn constant(&mut self, tensor: Tensor, quant: Option<Quant>) {
        let id = self.graph.add_constant("w", tensor);
        self.graph.values[id.index()].ty.quant = quant;
        self.operands.push(id);
    }

    /// The next operand is memory.
    pub fn state(&mut self, ty: TensorType, init: Tensor) {
        let name = "memory".to_owned();
        self.graph.states.push(State { name, init });
        self.input(ty);
    }

    /// Compiles the operator with outputs of these types.
    ///
    /// # Errors
    /// If the compiler refuses.
    pub fn compile(
        mut self,
        op: impl Into<Op>,
        outputs: Vec<TensorType>,
    ) -> Result<Program, String> {
        let outputs = outputs.into_iter().map(|ty| self.graph.add_value("y", ty));
        self.graph.outputs = outputs.collect();
        self.graph.nodes = vec![Node {
            name: "node".to_owned(),
            op: op.into(),
            inputs: self.operands,
            outputs: self.graph.outputs.clone(),
        }];
        // What the importers cannot make is a fault of the test.
        ir::verify::run(&self.graph).expect("a sound graph");
        let draft = lower::run(&self.graph).map_err(|errors| errors[0].1.to_string())?;
        let plan = plan::Search.plan(&draft);
        plan::verify(&draft, &plan).expect("a sound plan");
        Ok(lower::assemble(&self.graph, &draft, &plan).program)
    }
}

/// Runs a network once on the bytes of its inputs.
#[must_use]
pub fn run(program: &Program, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut executor = Executor::new(program);
    for (index, bytes) in inputs.iter().enumerate() {
        executor.set_input(index, bytes);
    }
    executor.run().expect("a sound program");
    executor.output(0).to_vec()
}
