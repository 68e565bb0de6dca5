//! TFLite files, and what the importer makes of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Without the identifier it would be a test of the other importer.
    let mut bytes = bytes.to_vec();
    if let Some(identifier) = bytes.get_mut(4..8) {
        identifier.copy_from_slice(b"TFL3");
        edge_fuzz::attempt("net.tflite", &bytes);
    }
});
