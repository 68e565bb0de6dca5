//! Folders that outlive a run, so that the next one finds everything built.

use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// The folder for built programs: `EDGE_CACHE_DIR`, or `edge` in the user's folder for caches.
pub(super) fn cache() -> PathBuf {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = set("EDGE_CACHE_DIR") {
        return folder;
    }
    let user = set("XDG_CACHE_HOME")
        .or_else(|| set("LOCALAPPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".cache")));
    user.unwrap_or_else(env::temp_dir).join("edge")
}

/// Sixteen hexadecimal digits for anything. They may change with the compiler: an old folder is then not
/// found again, no more.
pub(super) fn key(of: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A fresh folder for the files of one run, removed at the end.
#[derive(Debug)]
pub(super) struct Fresh(PathBuf);

impl Fresh {
    pub(super) fn new() -> std::io::Result<Self> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("edge-run-{}-{count}", std::process::id());
        let folder = env::temp_dir().join(name);
        match std::fs::create_dir(&folder) {
            // Left behind by a process of the same number that was killed.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                std::fs::remove_dir_all(&folder)?;
                std::fs::create_dir(&folder)?;
            }
            other => other?,
        }
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // A folder in the place for temporary files may stay.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
