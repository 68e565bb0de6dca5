//! Real models with calibration data and golden outputs, outside of the repository.
//!
//! `EDGE_SHARED` names the folder, absolute or from the root of the workspace. Without it the tests that need
//! it are skipped, unless `EDGE_REQUIRE=1`.

use crate::array::Array;
use crate::scratch::succeed;
use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with `models`, `calib` and `golden`.
#[derive(Clone, Debug)]
pub struct Shared {
    root: PathBuf,
}

/// A file of a model.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Name of the model, which is the name of its folders: `kws_dscnn`.
    pub model: String,
    /// Name of the file without extension: `kws_dscnn_nchw`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

impl Shared {
    /// The folder, or `None` with a message if it is not there.
    #[must_use]
    pub fn find(what: &str) -> Option<Self> {
        let root = std::env::var_os("EDGE_SHARED");
        let found = root.and_then(|root| Self::at(&workspace().join(root)));
        if found.is_none() {
            let message = format!(
                "{what}: skipped; set EDGE_SHARED to a folder with models/, calib/ and golden/"
            );
            assert!(!required(), "{message}");
            println!("{message}");
        }
        found
    }

    fn at(root: &Path) -> Option<Self> {
        let candidates = [root.join("data"), root.to_path_buf()];
        let root = candidates
            .into_iter()
            .find(|root| root.join("models").is_dir())?;
        Some(Self { root })
    }

    /// A file below the folder.
    #[must_use]
    pub fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// All float ONNX files of a model, sorted by name.
    #[must_use]
    pub fn float_variants(&self, model: &str) -> Vec<Variant> {
        let folder = self.root.join("models").join(model);
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("a readable folder").path())
            .filter(|path| path.extension().is_some_and(|e| e == "onnx"))
            .filter(|path| {
                let name = path.to_string_lossy();
                !name.contains("qdq") && !name.contains("qoperator")
            })
            .collect();
        paths.sort();
        paths
            .into_iter()
            .map(|path| Variant {
                model: model.to_owned(),
                name: path
                    .file_stem()
                    .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
                path,
            })
            .collect()
    }

    /// All ONNX files that arrive quantized, sorted by path.
    #[must_use]
    pub fn quantized_variants(&self) -> Vec<Variant> {
        let entries = |path: &Path| -> Vec<PathBuf> {
            std::fs::read_dir(path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                .map(|entry| entry.expect("a readable folder").path())
                .collect()
        };
        let name = |path: Option<&std::ffi::OsStr>| {
            path.map_or_else(String::new, |part| part.to_string_lossy().into_owned())
        };
        let models = entries(&self.root.join("models"));
        let mut paths: Vec<PathBuf> = models
            .iter()
            .filter(|path| path.is_dir())
            .flat_map(|model| entries(model))
            .filter(|path| path.extension().is_some_and(|e| e == "onnx"))
            .filter(|path| {
                let name = name(path.file_stem());
                name.contains("_qdq_") || name.contains("_qoperator_")
            })
            .collect();
        paths.sort();
        let variant = |path: PathBuf| Variant {
            model: name(path.parent().and_then(Path::file_name)),
            name: name(path.file_stem()),
            path,
        };
        paths.into_iter().map(variant).collect()
    }

    /// The folder of the ONNX backend tests, a folder each, unpacked below `tmp` once.
    #[must_use]
    pub fn backend_tests(&self, tmp: &str) -> PathBuf {
        let folder = Path::new(tmp).join("onnx-backend-tests");
        if !folder.is_dir() {
            // Unpacked beside and then renamed, so that a test never sees half of it.
            let partial = Path::new(tmp).join(format!("onnx-backend-tests.{}", std::process::id()));
            std::fs::create_dir_all(&partial).expect("a folder can be made");
            let archive = self.file("onnx_node_tests.tar.xz");
            let mut tar = Command::new("tar");
            succeed(tar.arg("-xf").arg(archive).arg("-C").arg(&partial));
            std::fs::rename(partial, &folder).expect("a folder can be renamed");
        }
        folder.join("onnx_node")
    }

    /// One file of a model.
    #[must_use]
    pub fn variant(&self, model: &str, name: &str) -> Variant {
        Variant {
            model: model.to_owned(),
            name: name.to_owned(),
            path: self.file(&format!("models/{model}/{name}.onnx")),
        }
    }

    /// All `TFLite` files, sorted by path.
    #[must_use]
    pub fn tflite_files(&self) -> Vec<PathBuf> {
        let folders = |path: &Path| -> Vec<PathBuf> {
            std::fs::read_dir(path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                .map(|entry| entry.expect("a readable folder").path())
                .collect()
        };
        let models = folders(&self.root.join("models"));
        let mut paths: Vec<PathBuf> = models
            .iter()
            .filter(|path| path.is_dir())
            .flat_map(|model| folders(model))
            .filter(|path| path.extension().is_some_and(|e| e == "tflite"))
            .collect();
        paths.sort();
        paths
    }

    /// The inputs behind the golden outputs, in the layout of the data.
    #[must_use]
    pub fn golden_inputs(&self, model: &str) -> Array {
        Array::read(&self.file(&format!("golden/{model}/inputs.npy")))
    }

    /// The golden outputs of a variant.
    #[must_use]
    pub fn golden_outputs(&self, variant: &Variant) -> Array {
        let Variant { model, name, .. } = variant;
        Array::read(&self.file(&format!("golden/{model}/{name}.out0.npy")))
    }

    /// Samples for calibration, in the layout of the data.
    #[must_use]
    pub fn calibration(&self, model: &str) -> Array {
        Array::read(&self.file(&format!("calib/{model}/calib_x.npy")))
    }

    /// Samples for evaluation, in the layout of the data; bytes are not scaled.
    #[must_use]
    pub fn evaluation(&self, model: &str) -> Array {
        let floats = self.file(&format!("calib/{model}/eval_x.npy"));
        if floats.exists() {
            Array::read(&floats)
        } else {
            Array::read(&self.file(&format!("calib/{model}/eval_x_u8.npy")))
        }
    }

    /// Labels of the samples for evaluation, if there are any.
    #[must_use]
    pub fn labels(&self, model: &str) -> Option<Vec<usize>> {
        let path = self.file(&format!("calib/{model}/eval_y.npy"));
        path.exists().then(|| {
            Array::read(&path)
                .data
                .iter()
                .map(|&y| y as usize)
                .collect()
        })
    }
}

/// Whether a test that cannot run is a failure: `EDGE_REQUIRE=1`.
#[must_use]
pub fn required() -> bool {
    std::env::var("EDGE_REQUIRE").is_ok_and(|value| value == "1")
}
