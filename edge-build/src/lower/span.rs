//! Ranges of bytes within a buffer.

/// Bytes of a buffer, from the first to the one behind the last; empty unless `from < to`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub from: usize,
    /// The byte behind the last.
    pub to: usize,
}

impl Span {
    /// Whether it holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.to.saturating_sub(self.from)
    }

    /// The least span that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            (false, false) => Self {
                from: self.from.min(other.from),
                to: self.to.max(other.to),
            },
        }
    }

    /// What lies in both.
    #[must_use]
    pub fn meet(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        }
    }

    /// The least span that holds what lies in this one and not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        let mut rest = self;
        if other.from <= rest.from {
            rest.from = rest.from.max(other.to);
        } else if other.to >= rest.to {
            rest.to = rest.to.min(other.from);
        }
        rest
    }
}
