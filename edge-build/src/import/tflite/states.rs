//! Memory from run to run: variable tensors and resource variables.

use crate::import::builder::{Builder, Constant, Datum, checked_len};
use crate::import::problem::Problem;
use crate::ir::{DType, State, Tensor, TensorType, ValueId};

/// Greatest number of elements of all variables together.
const MAX_ELEMENTS: usize = 16 << 20;

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
    /// Elements of all variables.
    elements: usize,
    /// Names of resources by the tensor of the main subgraph that is their handle.
    handles: Vec<(usize, String)>,
    /// What a subgraph that runs once gives to resources, the last word last.
    first: Vec<(String, Constant)>,
}

impl States {
    fn find(&mut self, key: &Key) -> Option<&mut Variable> {
        self.variables
            .iter_mut()
            .find(|variable| variable.key == *key)
    }

    /// What a variable tensor holds before the run: real zeros in bytes, zeros in anything else.
    pub(super) fn variable(
        &mut self,
        builder: &mut Builder,
        index: usize,
        name: &str,
        ty: TensorType,
    ) -> Result<Datum, Problem> {
        let byte = match ty.dtype {
            DType::I8 => zero_byte(&ty),
            DType::F32 | DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool => 0,
        };
        self.charge(&ty)?;
        let init = filled(&ty, byte)?;
        self.add(builder, Key::Tensor(index), name, ty, init)
    }

    /// Takes note of a variable before memory for it is asked for.
    fn charge(&mut self, ty: &TensorType) -> Result<(), Problem> {
        let len = checked_len(&ty.shape, MAX_ELEMENTS)?;
        self.elements = self.elements.saturating_add(len);
        if self.elements > MAX_ELEMENTS {
            return Err(Problem::too_large(
                "all variables together are too large",
                format!("{MAX_ELEMENTS} elements in all"),
            ));
        }
        Ok(())
    }

    /// Takes note that a tensor is the handle of a resource.
    pub(super) fn set_handle(&mut self, tensor: usize, name: String) {
        self.handles.push((tensor, name));
    }

    /// The resource of which a tensor is the handle.
    pub(super) fn handle(&self, tensor: Option<usize>) -> Result<String, Problem> {
        let known = self
            .handles
            .iter()
            .find(|(handle, _)| Some(*handle) == tensor);
        known
            .map(|(_, name)| name.clone())
            .ok_or_else(|| Problem::broken("a variable without VAR_HANDLE before it"))
    }

    /// Gives a resource what it holds before the first run.
    pub(super) fn set_first(&mut self, name: String, value: Constant) -> Result<(), Problem> {
        if self.find(&Key::Resource(name.clone())).is_some() {
            return Err(Problem::attribute(
                format!("variable `{name}` gets its first value behind its first use"),
                "CALL_ONCE before all other operators",
            ));
        }
        self.first.push((name, value));
        Ok(())
    }

    /// What a resource holds now; `ty` is the type it is used with.
    pub(super) fn resource(
        &mut self,
        builder: &mut Builder,
        name: &str,
        ty: &TensorType,
    ) -> Result<Datum, Problem> {
        let key = Key::Resource(name.to_owned());
        let known = if let Some(known) = self.read(&key) {
            known
        } else {
            self.charge(ty)?;
            let init = self.first_of(name, ty)?;
            self.add(builder, key, name, ty.clone(), init)?
        };
        let stored = builder.ty(&known);
        if stored != *ty {
            return Err(differs(name, &stored, ty));
        }
        Ok(known)
    }

    /// What a resource holds before the first run. Without an initial value the reference writes the low byte of the
    /// zero point everywhere.
    fn first_of(&self, name: &str, ty: &TensorType) -> Result<Tensor, Problem> {
        match self.first.iter().rev().find(|(own, _)| own == name) {
            Some((_, first)) if first.ty() == *ty => Ok((*first.tensor).clone()),
            Some((_, first)) => Err(differs(name, &first.ty(), ty)),
            None => filled(ty, zero_byte(ty)),
        }
    }

    /// A new variable.
    fn add(
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

fn differs(name: &str, stored: &TensorType, ty: &TensorType) -> Problem {
    Problem::shape(
        format!("variable `{name}` holds {stored} and is used as {ty}"),
        "one type and one scale for all uses of a variable",
    )
}

/// The low byte of the zero point.
fn zero_byte(ty: &TensorType) -> i8 {
    ty.params().map_or(0, |p| p.zero_point as i8)
}

/// A tensor all of whose bytes are the same.
fn filled(ty: &TensorType, byte: i8) -> Result<Tensor, Problem> {
    let (shape, len) = (&ty.shape, ty.len());
    let bytes = [byte as u8; 8];
    let [a, b, c, d, ..] = bytes;
    let tensor = match ty.dtype {
        DType::F32 => Tensor::from_f32(shape, vec![f32::from_le_bytes([a, b, c, d]); len]),
        DType::I8 => Tensor::from_i8(shape, vec![byte; len]),
        DType::U8 => Tensor::from_u8(shape, vec![a; len]),
        DType::I16 => Tensor::from_i16(shape, vec![i16::from_le_bytes([a, b]); len]),
        DType::I32 => Tensor::from_i32(shape, vec![i32::from_le_bytes([a, b, c, d]); len]),
        DType::I64 => Tensor::from_i64(shape, vec![i64::from_le_bytes(bytes); len]),
        DType::Bool => Tensor::from_bool(shape, vec![byte != 0; len]),
    };
    tensor.ok_or_else(|| Problem::broken("a variable of an impossible shape"))
}

#[cfg(test)]
mod tests;
