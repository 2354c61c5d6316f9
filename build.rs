//! Puts the pages' assets into `OUT_DIR`, each with the hash of its content for its name: the styles as they are,
//! the scripts bundled by esbuild when npm is there. Without npm the program is built without scripts: it serves
//! every page, without charts and live motion, and says so.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

fn main() {
    for path in ["build.rs", "ui/src", "ui/styles", "ui/package.json", "ui/package-lock.json"] {
        println!("cargo::rerun-if-changed={path}");
    }
    if let Err(error) = build() {
        println!("cargo::error=the pages' assets: {error}");
    }
}

fn build() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut assets = vec![("hallward.css", styles()?)];
    assets.push(("icon.svg", fs::read("ui/styles/icon.svg")?));
    match scripts(&out) {
        Ok(bundles) => assets.extend(bundles),
        Err(why) => println!("cargo::warning=pages without charts and live motion: {why}"),
    }
    let mut table = String::from("&[\n");
    for (name, bytes) in &assets {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let path = out.join(format!("asset-{name}"));
        fs::write(&path, bytes)?;
        table += &format!("    ({name:?}, \"{:016x}\", include_bytes!({path:?})),\n", hasher.finish());
    }
    fs::write(out.join("assets.rs"), table + "]\n")
}

/// All styles in one file, in the order of their names.
fn styles() -> io::Result<Vec<u8>> {
    let entries = fs::read_dir("ui/styles")?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        all.extend(fs::read(path)?);
    }
    Ok(all)
}

/// The bundles, or why there are none.
fn scripts(out: &Path) -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    install()?;
    let ui = env::current_dir().map_err(|error| error.to_string())?.join("ui");
    let mut esbuild = Command::new(ui.join("node_modules/.bin/esbuild"));
    esbuild
        .args(["src/live.ts", "src/trends.ts"])
        .args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none"])
        .arg("--log-level=warning")
        .arg(format!("--outdir={}", out.display()))
        .current_dir(ui);
    run(&mut esbuild, "esbuild")?;
    let read = |name: &'static str| {
        let bytes = fs::read(out.join(name)).map_err(|error| format!("{name}: {error}"))?;
        Ok((name, bytes))
    };
    ["live.js", "trends.js", "trends.css"].into_iter().map(read).collect()
}

/// `npm ci`, when there are no modules yet or the lock file is newer.
fn install() -> Result<(), String> {
    let changed = |path: &str| fs::metadata(path).and_then(|file| file.modified()).ok();
    let installed: Option<SystemTime> = changed("ui/node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("ui/package-lock.json") {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]).current_dir("ui");
    run(&mut npm, "npm ci")
}

fn run(command: &mut Command, name: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{name} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} failed: {}", said.lines().take(3).collect::<Vec<_>>().join(" · ")))
}
