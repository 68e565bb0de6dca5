//! What the fuzz targets share.

use edge_build::compile::compile;
use edge_build::options::Options;
use edge_build::source::Source;
use edge_build::target::find;

/// Compiles the bytes of a model as a user would. An error is as good as a program; a panic, a hang or a lot of
/// memory is not.
pub fn attempt(name: &str, bytes: &[u8]) {
    let source = Source {
        // A folder that is not there, so that nothing is read beside the model.
        path: ["no-such-folder", name].iter().collect(),
        bytes: bytes.to_vec(),
    };
    let target = find("cortex-m4").expect("a target");
    // Whether there is a program does not matter.
    drop(compile(&source, &Options::new(target)));
}
