//! Tells the code which instructions an Arm core has: `cfg(edge_dsp)` the DSP extension, `cfg(edge_thumb1)` no
//! more than the 16-bit half of Thumb, `cfg(edge_v8m)` those of Armv8-M. `cfg(target_feature = "dsp")` is known to
//! nightly compilers only.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(edge_dsp, edge_v8m, edge_thumb1)");
    let of = |name: &str| env::var(name).unwrap_or_default();
    if let Some(cfg) = instructions(&of("TARGET"), &of("CARGO_ENCODED_RUSTFLAGS")) {
        println!("cargo:rustc-cfg={cfg}");
    }
    if of("TARGET").starts_with("thumbv8m") {
        println!("cargo:rustc-cfg=edge_v8m");
    }
}

/// What is special about the instructions of a Cortex-M core: the DSP extension, or only the 16-bit half of Thumb.
fn instructions(target: &str, flags: &str) -> Option<&'static str> {
    if has_dsp(target, flags) {
        return Some("edge_dsp");
    }
    let small = target.starts_with("thumbv6m") || target.starts_with("thumbv8m.base");
    small.then_some("edge_thumb1")
}

/// Armv7E-M has the extension always, Armv8-M where the flags name it or a core that has it.
fn has_dsp(target: &str, flags: &str) -> bool {
    let named = |words: &[&str]| words.iter().any(|word| flags.contains(word));
    let cores = [
        "target-cpu=cortex-m33",
        "target-cpu=cortex-m35p",
        "target-cpu=cortex-m55",
        "target-cpu=cortex-m85",
    ];
    let chosen = target.starts_with("thumbv8m.main") && (named(&cores) || named(&["+dsp"]));
    (target.starts_with("thumbv7em") || chosen) && !named(&["-dsp", "+nodsp"])
}
