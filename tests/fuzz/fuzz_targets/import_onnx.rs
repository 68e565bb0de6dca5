//! ONNX files, and what the importer makes of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The other importer has a target of its own.
    if bytes.get(4..8) != Some(b"TFL3") {
        edge_fuzz::attempt("net.onnx", bytes);
    }
});
