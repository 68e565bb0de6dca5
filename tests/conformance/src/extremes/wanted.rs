//! What an element of a result may be.

/// What an element of a result may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This.
    Equal(i64),
    /// This, or one step beside it.
    Near(i64),
    /// This far from it at most.
    Within(i64, i64),
    /// Nothing: the compiler must have refused, since something overflows.
    Overflow(String),
    /// Anything: the reference is undefined for these inputs, and takes what its machine does.
    Undefined,
}

impl Wanted {
    /// A result of `TFLite` between limits.
    #[must_use]
    pub fn of(checked: Result<i128, String>, [low, high]: [i64; 2]) -> Self {
        match checked {
            Ok(value) => Self::Equal(value.max(low.into()).min(high.into()) as i64),
            Err(reason) => Self::Overflow(reason),
        }
    }

    /// A real result rounded once, between limits.
    #[must_use]
    pub fn near(value: i64, [low, high]: [i64; 2]) -> Self {
        Self::Near(value.max(low).min(high))
    }

    /// What is wrong with a result, if something is.
    #[must_use]
    pub fn fault(&self, found: i64) -> Option<String> {
        let (wanted, room) = match self {
            Self::Equal(wanted) => (*wanted, 0),
            Self::Near(wanted) => (*wanted, 1),
            Self::Within(wanted, room) => (*wanted, *room),
            Self::Overflow(reason) => return Some(format!("{found}, but {reason}")),
            Self::Undefined => return None,
        };
        ((found - wanted).abs() > room).then(|| format!("{found}, not {wanted}"))
    }

    /// Whether a result is allowed, but not the wanted one.
    #[must_use]
    pub fn is_beside(&self, found: i64) -> bool {
        *self != Self::Near(found) && matches!(self, Self::Near(_))
    }
}
