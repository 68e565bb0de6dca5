//! Attributes of a node, by name and type.

use super::schema::{AttributeProto, AttributeType, NodeProto, TensorProto};
use crate::import::problem::Problem;

/// Attributes of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attrs<'a>(pub(super) &'a [AttributeProto]);

impl<'a> Attrs<'a> {
    /// The attributes of a node.
    pub(super) fn of(node: &'a NodeProto) -> Self {
        Self(&node.attribute)
    }

    /// The attribute, if it is there; it must be of the type, where the file states one.
    fn find(self, name: &str, ty: AttributeType) -> Result<Option<&'a AttributeProto>, Problem> {
        let found = self.0.iter().find(|a| a.name.as_deref() == Some(name));
        match found.and_then(|a| a.r#type) {
            Some(stated) if stated != ty as i32 && stated != AttributeType::Undefined as i32 => {
                Err(wrong_type(name, ty))
            }
            Some(_) | None => Ok(found),
        }
    }

    /// An integer.
    pub(super) fn int(self, name: &str) -> Result<Option<i64>, Problem> {
        // A default value may be left out of the bytes: the type says that it is there.
        Ok(self
            .find(name, AttributeType::Int)?
            .map(|a| a.i.unwrap_or(0)))
    }

    /// An integer that is 0 or 1, 0 if it is not there.
    pub(super) fn flag(self, name: &str) -> Result<bool, Problem> {
        Ok(self.int(name)?.unwrap_or(0) != 0)
    }

    /// A float.
    pub(super) fn float(self, name: &str) -> Result<Option<f32>, Problem> {
        Ok(self
            .find(name, AttributeType::Float)?
            .map(|a| a.f.unwrap_or(0.0)))
    }

    /// A list of integers.
    pub(super) fn ints(self, name: &str) -> Result<Option<&'a [i64]>, Problem> {
        Ok(self
            .find(name, AttributeType::Ints)?
            .map(|a| a.ints.as_slice()))
    }

    /// A list of floats.
    pub(super) fn floats(self, name: &str) -> Result<Option<&'a [f32]>, Problem> {
        Ok(self
            .find(name, AttributeType::Floats)?
            .map(|a| a.floats.as_slice()))
    }

    /// A text.
    pub(super) fn text(self, name: &str) -> Result<Option<&'a str>, Problem> {
        let Some(attribute) = self.find(name, AttributeType::String)? else {
            return Ok(None);
        };
        let bytes = attribute.s.as_deref().unwrap_or(&[]);
        std::str::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Problem::broken(format!("attribute `{name}` is no UTF-8 text")))
    }

    /// A list of texts, empty if it is not there.
    pub(super) fn texts(self, name: &str) -> Result<Vec<&'a str>, Problem> {
        let found = self.find(name, AttributeType::Strings)?;
        let list = found.map_or(&[][..], |a| a.strings.as_slice()).iter();
        list.map(|bytes| std::str::from_utf8(bytes))
            .collect::<Result<_, _>>()
            .map_err(|_| Problem::broken(format!("attribute `{name}` is no UTF-8 text")))
    }

    /// A tensor.
    pub(super) fn tensor(self, name: &str) -> Result<Option<&'a TensorProto>, Problem> {
        let Some(attribute) = self.find(name, AttributeType::Tensor)? else {
            return Ok(None);
        };
        attribute
            .t
            .as_ref()
            .map(Some)
            .ok_or_else(|| wrong_type(name, AttributeType::Tensor))
    }
}

fn wrong_type(name: &str, ty: AttributeType) -> Problem {
    Problem::broken(format!("attribute `{name}` is not of type {}", ty.text()))
}
