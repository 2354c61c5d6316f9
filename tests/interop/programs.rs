//! Programs that others wrote: where they are, what brings them, and children that end with the test.

use std::{
    env,
    ffi::OsStr,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output},
    sync::{Mutex, OnceLock, PoisonError},
};

/// One installation at a time.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Where a program is; `package` is Debian's package that brings it.
pub(crate) fn need(program: &str, package: &str) -> PathBuf {
    let _one = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = find(program) {
        return path;
    }
    if fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        install(package);
    }
    find(program).unwrap_or_else(|| panic!("`{program}` is missing. Install it: apt-get install {package}"))
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Servers are where an ordinary user's path does not lead.
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/usr/bin", "/lib/nut"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

fn install(package: &str) {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .output()
            .is_ok_and(|o| o.status.success())
    };
    let install = ["install", "-y", "--no-install-recommends", package];
    if !apt(&install) {
        let _ = apt(&["update"]) && apt(&install);
    }
}

/// What a program prints, which must end well.
pub(crate) fn output(program: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{} ends with {}\n{}{}",
        program.display(),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}

/// A child process, ended by its own id when dropped.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What `docs/verify.py` and `docs/command.py` need besides Python.
const PACKAGE: &str = "cryptography==46.0.3";

/// Python with cryptography, in an environment of its own below the target folder.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify");
        let python = folder.join("bin/python");
        let asked = Command::new(&python).args(["-m", "pip", "freeze"]).output();
        if !asked.is_ok_and(|asked| String::from_utf8_lossy(&asked.stdout).contains(PACKAGE)) {
            let system = need("python3", "python3-venv");
            output(&system, [Path::new("-m"), Path::new("venv"), &folder]);
            output(&python, ["-m", "pip", "install", "--quiet", PACKAGE]);
        }
        python
    })
}
