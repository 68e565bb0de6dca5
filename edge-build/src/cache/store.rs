//! Entries as files of a folder that concurrent builds share.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

/// Bytes beyond which the entries that were used least recently go.
const CAPACITY: u64 = 256 << 20;

/// Ending of entries.
const ENDING: &str = "edge";

/// A folder of entries.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: PathBuf,
    capacity: u64,
}

impl Store {
    /// The store of this machine; `None` if it is switched off or has no place.
    pub(super) fn of_environment() -> Option<Self> {
        if env::var_os("EDGE_CACHE").is_some_and(|value| value == "0") {
            return None;
        }
        let path = |name: &str| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let folder = path("EDGE_CACHE_DIR")
            .or_else(|| Some(path("XDG_CACHE_HOME")?.join("edge")))
            .or_else(|| Some(path("HOME")?.join(".cache/edge")))
            .or_else(|| Some(path("LOCALAPPDATA")?.join("edge")))?;
        Some(Self::in_folder(folder))
    }

    /// The store in a folder, which is made when something is written.
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            capacity: CAPACITY,
        }
    }

    /// The bytes of an entry, which is now the one used last.
    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        // Best effort: without it the entry is only evicted sooner.
        if let Ok(file) = fs::File::options().append(true).open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(bytes)
    }

    /// Writes an entry, whole or not at all, and evicts old ones.
    pub(super) fn put(&self, key: &str, bytes: &[u8]) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if fs::create_dir_all(&self.folder).is_err() {
            return;
        }
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let unique = format!("{key}.{}.{count}.tmp", std::process::id());
        let temporary = self.folder.join(unique);
        let written =
            fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, self.path(key)));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        self.evict();
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key).with_extension(ENDING)
    }

    /// Removes the entries used least recently until the rest fits, and what crashed builds left.
    fn evict(&self) {
        let mut entries = entries(&self.folder);
        entries.sort();
        let mut size: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in &entries {
            let left_over = entry.path.extension().is_some_and(|ending| ending == "tmp")
                && entry.used.elapsed().is_ok_and(|age| age.as_secs() > 3600);
            if left_over || size > self.capacity {
                let _ = fs::remove_file(&entry.path);
                size -= entry.bytes;
            }
        }
    }
}

/// A file of the folder; the order is that of eviction.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    used: SystemTime,
    path: PathBuf,
    bytes: u64,
}

/// Our own files in the folder: others that somebody keeps there stay.
fn entries(folder: &Path) -> Vec<Entry> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let entry = |file: fs::DirEntry| {
        let path = file.path();
        let ours = path.extension().is_some_and(|e| e == ENDING || e == "tmp");
        let data = file.metadata().ok().filter(|data| ours && data.is_file())?;
        Some(Entry {
            used: data.modified().ok()?,
            path,
            bytes: data.len(),
        })
    };
    files.filter_map(|file| entry(file.ok()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn store(name: &str, capacity: u64) -> Store {
        let folder = env::temp_dir().join(format!("edge-cache-test-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Store { folder, capacity }
    }

    #[test]
    fn entries_are_kept() {
        let store = store("kept", 100);
        assert_eq!(store.get("a"), None);
        store.put("a", b"one");
        store.put("a", b"two");
        assert_eq!(store.get("a").as_deref(), Some(&b"two"[..]));
        assert_eq!(entries(&store.folder).len(), 1, "nothing is left over");
        fs::remove_dir_all(&store.folder).unwrap();
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let store = store("evicted", 25);
        for (age, key) in [(30, "a"), (20, "b")] {
            store.put(key, &[0; 10]);
            let file = fs::File::options()
                .append(true)
                .open(store.path(key))
                .unwrap();
            let then = SystemTime::now() - Duration::from_secs(age);
            file.set_modified(then).unwrap();
        }
        assert!(store.get("a").is_some());
        store.put("c", &[0; 10]);
        let left = ["a", "b", "c"].map(|key| store.get(key).is_some());
        assert_eq!(left, [true, false, true]);
        fs::remove_dir_all(&store.folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_no_error() {
        let file = env::temp_dir().join(format!("edge-cache-test-{}-file", std::process::id()));
        fs::write(&file, "").unwrap();
        let store = Store {
            folder: file.join("below"),
            capacity: 1,
        };
        store.put("a", b"x");
        assert_eq!(store.get("a"), None);
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn concurrent_writers_leave_a_whole_entry() {
        let store = store("concurrent", 1 << 20);
        std::thread::scope(|scope| {
            for fill in 0..4u8 {
                let store = &store;
                scope.spawn(move || {
                    for _ in 0..20 {
                        store.put("same", &vec![fill; 5000]);
                    }
                });
            }
        });
        let bytes = store.get("same").unwrap();
        assert_eq!(bytes.len(), 5000);
        assert!(bytes.iter().all(|&b| b == bytes[0]));
        fs::remove_dir_all(&store.folder).unwrap();
    }
}
