//! Accounts at the console, as whoever installs the service makes them: the command line, the control socket and the
//! running service together.

use serde_json::Value as Json;

use crate::gateway::{Running, hallward};

struct Console {
    folder: tempfile::TempDir,
    _running: Running,
}

impl Console {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = Running::demo(folder.path(), &[]);
        Self { folder, _running: running }
    }

    /// Exit, standard output and both outputs.
    fn run(&self, line: &[&str]) -> (Option<i32>, String, String) {
        let data = self.folder.path().to_str().unwrap();
        let output = hallward().args(line).args(["--data", data]).output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let both = format!("{out}{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), out, both)
    }

    #[track_caller]
    fn ended(&self, exit: i32, words: &str, line: &[&str]) -> String {
        let (code, out, both) = self.run(line);
        assert_eq!(code, Some(exit), "{both}");
        assert!(both.contains(words), "not {words:?}: {both}");
        out
    }

    fn json(&self, line: &[&str]) -> Json {
        serde_json::from_str(&self.ended(0, "", &[line, &["--json"]].concat())).unwrap()
    }

    /// The account of this sign-in name, in the list.
    fn account(&self, sign_in: &str) -> Json {
        let list = self.json(&["account", "list", "--all"]);
        let found = list["accounts"].as_array().unwrap().iter().find(|line| line["sign_in"] == sign_in);
        found.unwrap_or_else(|| panic!("{sign_in} is not in {list}")).clone()
    }
}

const ADD: [&str; 8] = ["account", "add", "--name", "Nguyễn Lan", "--sign-in", "lan", "--role", "operator"];

#[test]
fn r_account_the_console_makes_changes_and_ends_accounts() {
    let console = Console::start();
    let link = console.ended(0, "counts once", &ADD);
    assert!(link.starts_with("http://127.0.0.1:") && link.contains("/link/"), "{link}");
    assert_eq!(link.trim_end().rsplit('/').next().map(str::len), Some(43), "{link}");
    console.ended(1, "`lan` is taken", &ADD);
    let inspector = ["account", "add", "--name", "B", "--sign-in", "binh", "--role", "inspector"];
    console.ended(2, "needs an end", &inspector);
    console.ended(0, "", &[&inspector[..], &["--ends", "2099-12-31"]].concat());
    assert_eq!(
        console.account("binh")["ends"],
        "2099-12-31T17:00:00.000Z",
        "a day counts to its end in the hall"
    );
    let wrong = [&ADD[..5], &["an", "--role", "admin"]].concat();
    console.ended(2, "Did you mean `administrator`?", &wrong);

    console.ended(2, "--why", &["account", "role", "lan", "viewer"]);
    console.ended(2, "1 to 500 characters", &["account", "role", "lan", "viewer", "--why", " "]);
    console.ended(0, "done: p", &["account", "role", "lan", "viewer", "--why", "leaves the shift"]);
    console.ended(0, "done: p", &["account", "remote", "lan", "on call", "--why", "new shift"]);
    console.ended(0, "done: p", &["account", "end-date", "lan", "2099-01-01", "--why", "contract"]);
    let lan = console.account("lan");
    assert_eq!(
        (&lan["role"], &lan["remote"], &lan["password"]),
        (&"viewer".into(), &"on call".into(), &false.into())
    );
    console.ended(0, "done: p", &["account", "end-date", "lan", "--never", "--why", "staff"]);
    console.ended(0, "done: p", &["account", "remote", "lan", "--no", "--why", "shift over"]);
    console.ended(1, "is not locked", &["account", "unlock", "lan", "--request", "Lan"]);
    console.ended(0, "done: p", &["account", "suspend", "lan", "--why", "leave"]);
    assert_eq!(console.account("lan")["standing"], "suspended");
    console.ended(0, "done: p", &["account", "restore", "lan", "--why", "back"]);
    let again = console.ended(0, "counts once", &["account", "link", "lan", "--why", "lost"]);
    assert_ne!(again, link);
    console.ended(0, "accounts", &["account", "change-all", "--role", "viewer", "--why", "order 12"]);
    console.ended(2, "there is no account `lam`", &["account", "end", "lam", "--why", "has left"]);
    console.ended(0, "done: p", &["account", "end", "lan", "--why", "has left"]);
    assert_eq!(console.account("lan")["standing"], "ended");
    console.ended(2, "there is no account `lan`", &["account", "link", "lan", "--why", "x"]);
}

#[test]
fn r_overreach_tokens_and_displays_are_made_and_ended_at_the_console() {
    let console = Console::start();
    console.ended(0, "", &ADD);
    let add = |rights| ["token", "add", "suite", "--for", "lan", "--rights", rights];
    console.ended(2, "beyond what the role operator permits", &add("account.manage"));
    console.ended(2, "Did you mean `hall.read`?", &add("hall.reed"));
    let made = console.json(&add("hall.read,point.write"));
    assert_eq!(made["token"].as_str().map(str::len), Some(43), "{made}");
    let id = made["id"].as_str().unwrap();
    let display = console.json(&["token", "display", "corridor"]);
    assert!(display["link"].as_str().is_some_and(|link| link.contains("/link/")), "{display}");
    let list = console.json(&["token", "list"]);
    let line = |id: &Json| {
        list["tokens"].as_array().unwrap().iter().find(|line| line["token"] == *id).unwrap().clone()
    };
    assert_eq!(line(&made["id"])["rights"], serde_json::json!(["hall.read", "point.write"]));
    assert_eq!(
        (line(&display["id"])["kind"].clone(), line(&display["id"])["in_use"].clone()),
        ("display".into(), false.into())
    );
    console.ended(0, &format!("done: {id}"), &["token", "end", id, "--why", "gone"]);
    console.ended(2, "there is no token", &["token", "end", id, "--why", "gone"]);
}

#[test]
fn every_verb_of_the_console_has_an_example() {
    let verbs = [
        "list",
        "add",
        "link",
        "role",
        "end-date",
        "remote",
        "unlock",
        "suspend",
        "restore",
        "end",
        "change-all",
    ];
    let accounts = verbs.map(|verb| ["account", verb]);
    let tokens = ["list", "add", "display", "end"].map(|verb| ["token", verb]);
    for verb in accounts.iter().chain(&tokens) {
        let output = hallward().args(verb).arg("--help").output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && help.contains(&format!("hallward {}", verb.join(" "))), "{help}");
        assert!(help.contains("Example"), "{help}");
    }
}

#[test]
fn r_leaver_people_badges_and_rules_are_made_listed_as_they_were_and_ended_at_the_console() {
    let console = Console::start();
    console.ended(0, "", &ADD);
    let person = ["person", "add", "--for", "lan", "--groups", "shift", "--pin", "2580", "--why", "joins"];
    let id = console.json(&person)["id"].as_str().unwrap().to_owned();
    console.ended(1, "there already", &person);
    let issue = ["badge", "issue", "lan", "--facility", "42", "--number", "61234", "--why", "first"];
    let badge = console.json(&issue)["id"].as_str().unwrap().to_owned();
    console.ended(1, &format!("badge {badge} already"), &issue);
    console.ended(2, "no unknown card 9", &["badge", "issue", "lan", "--swiped", "9", "--why", "x"]);
    let office = ["rule", "schedule", "set", "shift-hours", "Mon-Fri 08:00-17:30", "--why", "x"];
    console.ended(0, "done: shift-hours", &office);
    let rule =
        ["rule", "add", "Shift", "--who", "shift", "--schedule", "shift-hours", "--why", "house rules"];
    let rule = console.json(&rule)["id"].as_str().unwrap().to_owned();
    console.ended(
        1,
        &format!("{rule} goes by it"),
        &["rule", "schedule", "end", "shift-hours", "--why", "x"],
    );
    let line = |list: &Json, id: &str| {
        let people = list["people"].as_array().unwrap().iter();
        people.into_iter().find(|line| line["id"] == id).cloned()
    };
    let now = line(&console.json(&["person", "list"]), &id).unwrap();
    assert_eq!(
        (&now["groups"], &now["badges"]),
        (&serde_json::json!(["shift"]), &serde_json::json!([badge]))
    );
    assert!(now["by"].as_str().unwrap().starts_with("uid-"), "{now}");
    assert_eq!(line(&console.json(&["person", "list", "--at", "2020-01-01"]), &id), None);
    let list = console.folder.path().join("staff.csv");
    std::fs::write(&list, "name,card,groups\nBình,42/61235,shift\n").unwrap();
    let import = ["person", "import", list.to_str().unwrap(), "--why", "list of June"];
    console.ended(0, "line 2: adds Bình", &[&import[..], &["--dry-run"]].concat());
    console.ended(0, "line 2: adds Bình", &import);
    console.ended(0, "stays as it is", &import);
    console.ended(2, "unlock=1s (3s–60s)", &["door", "set", "hall-door", "unlock=1s", "--why", "x"]);
    console.ended(0, "done: hall-door", &["door", "set", "hall-door", "unlock=7s", "--why", "x"]);
    let doors = console.json(&["door", "list"]);
    let main = doors["doors"].as_array().unwrap().iter().find(|door| door["id"] == "hall-door").unwrap();
    assert_eq!(main["settings"]["unlock"], "7s");
    console.ended(2, "no door `moon`", &["door", "unlock", "moon", "--why", "x"]);
    let gone = console.ended(0, "undertaking", &["person", "end", "lan", "--why", "has left"]);
    assert!(gone.contains(&format!("to be given back: {badge}")), "{gone}");
    assert_eq!(console.account("lan")["standing"], "ended");
    assert_eq!(line(&console.json(&["person", "list"]), &id).unwrap()["standing"], "ended");
    console.ended(0, "done: 3", &["review", "3", "--findings", "nothing odd"]);
    console.ended(2, "cannot be reviewed", &["review", "3", "--findings", "again"]);
    console.ended(0, "up to 3", &["review"]);
    console.ended(
        0,
        "Controller",
        &["door", "coverage", "hall-door", "--from", "2020-01-01", "--to", "2099-01-01"],
    );
}
