//! The same model as in the library, by the build script.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    edge_build::Config::new("../ui/models/net.onnx")
        .target("host")
        .quant("int8")
        .calibration("../ui/models/samples.npy")
        .name("Scripted")
        .compile()?;
    edge_build::Config::new("../ui/models/two.onnx")
        .target("cortex-m4")
        .compile()?;
    Ok(())
}
