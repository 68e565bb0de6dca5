//! What runs when, and by which kernel: the order of the nodes before lowering, the kernel of each step after it.

pub mod order;
pub mod tables;
pub mod variants;
