//! Memory from run to run: variable tensors and resource variables.

use crate::import::builder::{Builder, Datum};
use crate::import::problem::Problem;
use crate::ir::{DType, State, Tensor, TensorType, ValueId};

/// What names a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A tensor that keeps its numbers.
    Tensor(usize),
    /// A resource, by its name.
    Resource(String),
}

struct Variable {
    key: Key,
    name: String,
    init: Tensor,
    /// What it holds before a run.
    old: ValueId,
    /// What it holds now.
    current: Datum,
}

/// All variables of a network.
#[derive(Default)]
pub(super) struct States {
    variables: Vec<Variable>,
}

impl States {
    fn find(&mut self, key: &Key) -> Option<&mut Variable> {
        self.variables
            .iter_mut()
            .find(|variable| variable.key == *key)
    }

    /// What a variable tensor holds before the run.
    pub(super) fn variable(
        &mut self,
        builder: &mut Builder,
        index: usize,
        name: &str,
        ty: TensorType,
    ) -> Result<Datum, Problem> {
        let init = zeros(&ty)?;
        self.add(builder, Key::Tensor(index), name, ty, init)
    }

    /// A new variable.
    pub(super) fn add(
        &mut self,
        builder: &mut Builder,
        key: Key,
        name: &str,
        ty: TensorType,
        init: Tensor,
    ) -> Result<Datum, Problem> {
        let old = builder.add_computed(name.to_owned(), ty)?;
        let current = Datum::Computed(old);
        self.variables.push(Variable {
            key,
            name: name.to_owned(),
            init,
            old,
            current: current.clone(),
        });
        Ok(current)
    }

    /// What a variable holds now, if it is known.
    pub(super) fn read(&mut self, key: &Key) -> Option<Datum> {
        self.find(key).map(|variable| variable.current.clone())
    }

    /// Gives a variable, which must be known, another value.
    pub(super) fn assign(&mut self, key: &Key, value: Datum) -> Result<(), Problem> {
        let variable = self
            .find(key)
            .ok_or_else(|| Problem::broken("an assignment to what is no variable"))?;
        variable.current = value;
        Ok(())
    }

    /// Adds all variables to the inputs and outputs of the graph; the last act of reading.
    pub(super) fn finish(&mut self, builder: &mut Builder) -> Result<(), Problem> {
        for variable in self.variables.drain(..) {
            let new = builder.output_of(&variable.name, &variable.current)?;
            builder.graph.inputs.push(variable.old);
            builder.graph.outputs.push(new);
            builder.graph.states.push(State {
                name: variable.name,
                init: variable.init,
            });
        }
        Ok(())
    }
}

/// Real zeros.
pub(super) fn zeros(ty: &TensorType) -> Result<Tensor, Problem> {
    let zero = ty.params().map_or(0, |p| p.zero_point);
    let (shape, len) = (&ty.shape, ty.len());
    let tensor = match ty.dtype {
        DType::F32 => Tensor::from_f32(shape, vec![0.0; len]),
        DType::I8 => Tensor::from_i8(shape, vec![zero as i8; len]),
        DType::U8 => Tensor::from_u8(shape, vec![0; len]),
        DType::I16 => Tensor::from_i16(shape, vec![zero as i16; len]),
        DType::I32 => Tensor::from_i32(shape, vec![0; len]),
        DType::I64 => Tensor::from_i64(shape, vec![0; len]),
        DType::Bool => Tensor::from_bool(shape, vec![false; len]),
    };
    tensor.ok_or_else(|| Problem::broken("a variable of an impossible shape"))
}
