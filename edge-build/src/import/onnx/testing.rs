//! Small models for tests, made in memory.

use super::schema::{
    AttributeProto, AttributeType, DataType, Dimension, DimensionProto, GraphProto, ModelProto,
    NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TensorTypeProto, TypeProto,
    ValueInfoProto,
};
use crate::diag::Diagnostics;
use crate::ir::{Graph, ValueId};
use crate::options::Options;
use crate::source::Source;
use prost::Message as _;

/// A model under construction.
pub(super) struct Model {
    pub(super) proto: ModelProto,
    pub(super) options: Options,
}

/// A node under construction.
pub(super) struct NodeRef<'a>(&'a mut NodeProto);

impl Model {
    /// An empty model of a version of the standard operators.
    pub(super) fn new(opset: i64) -> Self {
        Self {
            proto: ModelProto {
                ir_version: Some(8),
                graph: Some(Box::default()),
                opset_import: vec![OperatorSetIdProto {
                    domain: None,
                    version: Some(opset),
                }],
                functions: Vec::new(),
            },
            options: Options::new(crate::target::find("host").unwrap()),
        }
    }

    pub(super) fn graph(&mut self) -> &mut GraphProto {
        self.proto.graph.as_mut().unwrap()
    }

    pub(super) fn input(&mut self, name: &str, dims: &[i64]) -> &mut Self {
        let dims: Vec<_> = dims.iter().map(|&dim| Some(known(dim))).collect();
        let info = info(name, &dims);
        self.graph().input.push(info);
        self
    }

    /// An input with dimensions that are numbers or names.
    pub(super) fn dynamic_input(&mut self, name: &str, dims: &[&str]) -> &mut Self {
        let dims: Vec<Option<Dimension>> = dims
            .iter()
            .map(|dim| match dim.parse() {
                Ok(number) => Some(known(number)),
                Err(_) if *dim == "?" => None,
                Err(_) => Some(Dimension::DimParam((*dim).to_owned())),
            })
            .collect();
        let info = info(name, &dims);
        self.graph().input.push(info);
        self
    }

    pub(super) fn output(&mut self, name: &str, dims: &[i64]) -> &mut Self {
        let dims: Vec<_> = dims.iter().map(|&dim| Some(known(dim))).collect();
        let info = info(name, &dims);
        self.graph().output.push(info);
        self
    }

    pub(super) fn floats(&mut self, name: &str, dims: &[i64], data: &[f32]) -> &mut Self {
        let tensor = TensorProto {
            name: Some(name.to_owned()),
            data_type: Some(DataType::Float as i32),
            dims: dims.to_vec(),
            float_data: data.to_vec(),
            ..TensorProto::default()
        };
        self.graph().initializer.push(tensor);
        self
    }

    /// Floats 0.1, 0.2, … of a shape.
    pub(super) fn weights(&mut self, name: &str, dims: &[i64]) -> &mut Self {
        let len: i64 = dims.iter().product();
        let data: Vec<f32> = (1..=len).map(|k| k as f32 / 10.0).collect();
        self.floats(name, dims, &data)
    }

    pub(super) fn ints(&mut self, name: &str, data: &[i64]) -> &mut Self {
        let tensor = TensorProto {
            name: Some(name.to_owned()),
            data_type: Some(DataType::Int64 as i32),
            dims: vec![data.len() as i64],
            int64_data: data.to_vec(),
            ..TensorProto::default()
        };
        self.graph().initializer.push(tensor);
        self
    }

    pub(super) fn node(&mut self, op: &str, inputs: &[&str], outputs: &[&str]) -> NodeRef<'_> {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let graph = self.graph();
        graph.node.push(NodeProto {
            name: Some(format!("/{op}{}", graph.node.len())),
            op_type: Some(op.to_owned()),
            input: own(inputs),
            output: own(outputs),
            ..NodeProto::default()
        });
        NodeRef(graph.node.last_mut().unwrap())
    }

    pub(super) fn shape(&mut self, name: &str, dims: &[usize]) -> &mut Self {
        self.options.shapes.push((name.to_owned(), dims.to_vec()));
        self
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.proto.encode_to_vec()
    }

    pub(super) fn import(&self) -> Result<Graph, Diagnostics> {
        let source = Source {
            path: "net.onnx".into(),
            bytes: self.bytes(),
        };
        crate::import::run(&source, &self.options)
    }

    /// All error texts; panics if the model is fine.
    pub(super) fn errors(&self) -> String {
        self.import().unwrap_err().to_string()
    }
}

impl NodeRef<'_> {
    fn add(self, name: &str, ty: AttributeType, set: impl FnOnce(&mut AttributeProto)) -> Self {
        let mut attribute = AttributeProto {
            name: Some(name.to_owned()),
            r#type: Some(ty as i32),
            ..AttributeProto::default()
        };
        set(&mut attribute);
        self.0.attribute.push(attribute);
        self
    }

    pub(super) fn int(self, name: &str, value: i64) -> Self {
        self.add(name, AttributeType::Int, |a| a.i = Some(value))
    }

    pub(super) fn float(self, name: &str, value: f32) -> Self {
        self.add(name, AttributeType::Float, |a| a.f = Some(value))
    }

    pub(super) fn ints(self, name: &str, value: &[i64]) -> Self {
        self.add(name, AttributeType::Ints, |a| a.ints = value.to_vec())
    }

    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.add(name, AttributeType::String, |a| a.s = Some(value.into()))
    }

    pub(super) fn tensor(self, name: &str, value: TensorProto) -> Self {
        self.add(name, AttributeType::Tensor, |a| a.t = Some(value))
    }
}

fn known(dim: i64) -> Dimension {
    Dimension::DimValue(dim)
}

fn info(name: &str, dims: &[Option<Dimension>]) -> ValueInfoProto {
    let dim = dims.iter().map(|value| DimensionProto {
        value: value.clone(),
    });
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: Some(DataType::Float as i32),
                shape: Some(TensorShapeProto { dim: dim.collect() }),
            }),
        }),
    }
}

/// The floats of a constant.
pub(super) fn floats(graph: &Graph, id: ValueId) -> Vec<f32> {
    graph.constant(id).unwrap().as_f32().unwrap().to_vec()
}

/// The operators of a graph in order.
pub(super) fn names(graph: &Graph) -> Vec<&'static str> {
    graph.nodes.iter().map(|node| node.op.name()).collect()
}

/// The first node with an operator of a kind: its index and the operator.
macro_rules! find_op {
    ($graph:expr, $kind:ident) => {
        $graph
            .nodes
            .iter()
            .enumerate()
            .find_map(|(index, node)| {
                if let crate::ops::Op::$kind(op) = &node.op {
                    Some((index, op))
                } else {
                    None
                }
            })
            .expect(stringify!($kind))
    };
}
pub(super) use find_op;
