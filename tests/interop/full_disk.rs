//! A disk that is truly full: no true event of a door goes unrecorded, and the program starts all the same. The disk is a small
//! tmpfs, so these tests take root.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use hallward::{app::demo::DemoError, model::Record};
use tempfile::TempDir;

use crate::walks::{House, check_balance};

/// A file system of its own, gone when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        let mount = ["-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs"];
        let output = Command::new("mount").args(mount).arg(disk.0.path()).output().unwrap();
        assert!(
            output.status.success(),
            "a tmpfs cannot be mounted: run as root `cargo test --test interop full_disk`\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        disk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn reserve(&self) -> u64 {
        std::fs::metadata(self.path().join("reserve")).map_or(0, |file| file.len())
    }

    /// Writes until not one more page is to be had.
    fn fill(&self, name: &str) -> Filler {
        let path = self.path().join(name);
        let mut file = OpenOptions::new().create_new(true).write(true).open(&path).unwrap();
        fill(&mut file);
        Filler(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a test that panics leaves files open.
        drop(Command::new("umount").arg("--lazy").arg(self.0.path()).status());
    }
}

/// What fills it, until it is removed.
struct Filler(PathBuf);

impl Filler {
    fn grow(&self) {
        fill(&mut OpenOptions::new().append(true).open(&self.0).unwrap());
    }

    fn remove(self) {
        std::fs::remove_file(self.0).unwrap();
    }
}

fn fill(file: &mut File) {
    let page = [0x55; 4096];
    let failed = std::iter::repeat_with(|| file.write_all(&page)).find_map(Result::err).unwrap();
    assert_eq!(failed.kind(), ErrorKind::StorageFull, "{failed}");
}

/// Time passes although history cannot be written.
async fn pass(house: &House, seconds: f64) {
    match house.demo.advance(Duration::from_secs_f64(seconds)).await {
        Ok(()) | Err(DemoError::Store(_)) => {}
        Err(failed) => panic!("{failed}"),
    }
}

/// Of a grant whose record came too late the denial that followed counts: the door stayed locked.
fn as_it_came_out(records: &[Record]) -> Vec<Record> {
    let mut records = records.to_vec();
    let denials: Vec<Record> =
        records.iter().filter(|record| record.code == "access.denied.unrecorded").cloned().collect();
    for denial in denials {
        let late = records.iter().rposition(|record| {
            record.code == "access.granted" && record.place == denial.place && record.mono <= denial.mono
        });
        records.remove(late.expect("the grant that was denied is recorded too"));
    }
    records
}

fn count(records: &[Record], code: &str) -> usize {
    records.iter().filter(|record| record.code == code).count()
}

async fn visit(house: &House, person: &str) {
    house.walk(person, "room-a");
    pass(house, 60.0).await;
    house.walk(person, "outside");
    pass(house, 60.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_true_event_goes_unrecorded_while_the_disk_is_full() {
    let disk = SmallDisk::mount();
    let house = House::start(disk.path(), |_| ()).await.unwrap();
    assert!(disk.reserve() >= 1024 * 1024);
    visit(&house, "lan").await;

    // All at once, so that nothing was seen of it before.
    let filler = disk.fill("filler");
    visit(&house, "minh").await;
    assert_eq!(disk.reserve(), 0);
    let records = house.records().await;
    house.compare(&records);
    check_balance(&records);
    let told = ["disk.filling", "disk.reserve-freed", "access.denied.unrecorded"];
    assert_eq!(told.map(|code| count(&records, code)), [1, 1, 0], "the reserve was there in time");

    // The room of the reserve, too: now nothing can be written. Whoever is inside can leave.
    house.walk("minh", "room-a");
    pass(&house, 60.0).await;
    filler.grow();
    let written = house.records().await.len();
    house.walk("minh", "outside");
    pass(&house, 60.0).await;
    for _ in 0..3 {
        visit(&house, "lan").await;
        visit(&house, "minh").await;
        filler.grow();
    }
    assert!(house.records().await.len() < written + 20, "the disk was not full");
    filler.remove();
    pass(&house, 10.0).await;
    visit(&house, "lan").await;
    assert!(disk.reserve() >= 1024 * 1024);

    let records = house.records().await;
    assert!(count(&records, "access.denied.unrecorded") > 0, "doors deny whom they cannot record");
    let story = as_it_came_out(&records);
    house.compare(&story);
    check_balance(&story);
    let told = ["disk.filling", "disk.reserve-freed", "disk.cleared", "disk.reserve-restored"];
    assert_eq!(told.map(|code| count(&records, code)), [1, 1, 1, 1]);
    let numbers: Vec<u64> = records.iter().map(|record| record.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "numbers without a gap");
    house.demo.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_well_while_history_pauses_and_the_next_run_tells_of_the_room_that_was_made() {
    let disk = SmallDisk::mount();
    let house = House::start(disk.path(), |_| ()).await.unwrap();
    let filler = disk.fill("filler");
    visit(&house, "lan").await;
    assert_eq!(disk.reserve(), 0);
    house.demo.stop().await.unwrap();
    filler.remove();
    let house = House::start(disk.path(), |_| ()).await.unwrap();
    pass(&house, 10.0).await;
    let records = house.records().await;
    let told = ["disk.filling", "disk.reserve-freed", "disk.cleared", "disk.reserve-restored"];
    assert_eq!(told.map(|code| count(&records, code)), [1, 1, 1, 1]);
    house.demo.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_on_a_disk_that_is_full_already() {
    let disk = SmallDisk::mount();
    let house = House::start(disk.path(), |_| ()).await.unwrap();
    house.demo.stop().await.unwrap();
    let filler = disk.fill("filler");
    let house = House::start(disk.path(), |_| ()).await.unwrap();
    assert_eq!(disk.reserve(), 0);
    visit(&house, "lan").await;
    filler.remove();
    visit(&house, "minh").await;
    let mut records = house.records().await;
    let run = records.last().unwrap().run;
    records.retain(|record| record.run == run);
    house.compare(&records);
    check_balance(&records);
    assert_eq!(count(&records, "disk.reserve-freed"), 1);
    house.demo.stop().await.unwrap();
}
