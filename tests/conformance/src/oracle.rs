//! What `tflite-micro`, the reference, computes for random models: `tests/conformance/oracle/` holds the
//! Python scripts that make the models and run them.
//!
//! | variable | what |
//! | --- | --- |
//! | `EDGE_ORACLE_DIR` | cases that are there already: `generate.py --out DIR` |
//! | `EDGE_ORACLE_MODELS_DIR` | the same of whole models: `models.py --out DIR` |
//! | `EDGE_ORACLE_ONLY` | operators, joined by commas: `CONV_2D,ADD` |

mod case;
mod difference;
mod scripts;
mod tally;
mod verdict;

pub use case::{Case, Run, Spec, cases};
pub use difference::{Allowed, Difference};
pub use scripts::{Scripts, only};
pub use tally::Tally;
pub use verdict::Verdict;
