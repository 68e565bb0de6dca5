//! The format of a file, told by its first bytes.

use crate::diag::{Code, Diagnostic};
use crate::source::Source;

/// How much of a file is looked at.
const HEAD: usize = 512;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `.onnx`: a protocol buffer without a mark of its own.
    Onnx,
    /// `.tflite`: a flatbuffer.
    TfLite,
}

/// The format of a file; what has no mark may be ONNX.
///
/// # Errors
/// If it is empty, or a file of another known kind.
pub(super) fn check(source: &Source) -> Result<Format, Diagnostic> {
    let bytes = source.bytes.as_slice();
    let (what, help) = match bytes {
        [] => ("the file is empty", "export or download the model again"),
        [_, _, _, _, b'T', b'F', b'L', b'3', ..] => return Ok(Format::TfLite),
        [_, _, _, _, b'O', b'R', b'T', b'M', ..] => (
            "the file is a model in the format of onnxruntime (.ort)",
            "give the ONNX file that it was made from",
        ),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => (
            "the file is a ZIP archive, such as a PyTorch checkpoint (.pt, .pth) or a Keras model (.keras)",
            "export the model to ONNX with `torch.onnx.export` or `tf2onnx`",
        ),
        [0x89, b'H', b'D', b'F', ..] => (
            "the file is an HDF5 file, such as a Keras model (.h5)",
            "export the model to ONNX: `python -m tf2onnx.convert --keras net.h5 --output net.onnx`",
        ),
        [0x80, 2..=5, ..] => (
            "the file is a Python pickle, such as an old PyTorch checkpoint (.pt, .pth)",
            "export the model to ONNX with `torch.onnx.export`",
        ),
        [b'G', b'G', b'U', b'F', ..] => (
            "the file is a GGUF model",
            "export the model to ONNX from the framework it was trained with",
        ),
        _ if bytes.starts_with(b"version https://git-lfs") => (
            "the file is a pointer of Git LFS, not the model itself",
            "fetch the model with `git lfs pull`",
        ),
        _ if is_text(bytes) => (
            "the file is a text file, not a model",
            "check the path; a web page in its place is a download that failed",
        ),
        _ => return Ok(Format::Onnx),
    };
    Err(Diagnostic::error(Code::UnknownFormat, what, help)
        .in_place(source.file_name())
        .supported("ONNX and TFLite"))
}

/// Whether the file begins with text. An ONNX file begins with control characters.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    head.iter()
        .all(|&byte| byte >= 0x20 && byte != 0x7f || matches!(byte, b'\n' | b'\r' | b'\t'))
        && match std::str::from_utf8(head) {
            Ok(_) => true,
            // The head may end inside a character.
            Err(error) => error.error_len().is_none(),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> String {
        let source = Source {
            path: "net.onnx".into(),
            bytes: bytes.to_vec(),
        };
        check(&source).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn each_kind_of_file_is_named() {
        let cases: [(&[u8], &str); 8] = [
            (b"", "empty"),
            (b"PK\x03\x04....", "ZIP"),
            (b"\x89HDF\r\n\x1a\n", "HDF5"),
            (b"\x80\x02}q", "pickle"),
            (b"GGUF\x03\0", "GGUF"),
            (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
            (b"<!DOCTYPE html>\n<html>", "text file"),
            (b"\0\0\0\0ORTM", "onnxruntime"),
        ];
        for (bytes, word) in cases {
            assert!(message(bytes).contains(word), "{word}: {}", message(bytes));
            assert!(message(bytes).contains("E0102"));
        }
        assert_eq!(message(b"\x08\x07\x12\x07pytorch"), "");
    }
}
