//! Badge readers from a controller's side: in memory, where time is the test's, and over OSDP in real time.

use std::{sync::Arc, time::Duration};

use hallward_simulator::{
    Action, CardBits, Colour, Done, Feedback, Flash, Gateway, GatewayPoint, Hall, Options, Read, ReaderState,
    Side, Simulator,
};
use hallward_site::Site;
use tokio::time::timeout;

use crate::{
    client::{PATIENCE, demo, demo_options, device, options, site},
    osdp::{ACK, POLL, Panel},
};

/// The default key of OSDP's secure channel (IEC 60839-11-5), which everyone knows.
const DEFAULT_KEY: [u8; 16] = *b"0123456789:;<=>?";

/// Codes of OSDP.
const LOCAL_STATUS: u8 = 0x64;
const LOCAL_STATUS_REPORT: u8 = 0x48;
const IDENTITY: u8 = 0x61;
const IDENTITY_REPORT: u8 = 0x45;
const LED: u8 = 0x69;
const BUZZER: u8 = 0x6A;
const KEY_SET: u8 = 0x75;
const RAW: u8 = 0x50;
const KEYPAD: u8 = 0x53;

fn hall() -> Site {
    let lines = "[[line]]\nid = \"io\"\ntcp = \"10.0.0.1:502\"\n\
                 [[line]]\nid = \"readers\"\nserial = \"/dev/ttyUSB7\"\nmode = \"osdp\"\nbaud = 38400\n";
    let door = "[[room]]\nid = \"hall\"\nname = \"Hall\"\n[[door]]\nid = \"front\"\nfrom = \"outside\"\nto = \"hall\"\n\
                reader = { line = \"readers\", address = 3 }\nexit_reader = { line = \"readers\", address = 4 }\n\
                strike = \"door-io/output.0\"\nkind = \"fail-secure\"\ncontact = \"door-io/input.0\"\n\
                [[simulation.person]]\nid = \"lan\"\nname = \"Lan\"\ncard = { facility = 42, card = 1234 }\n";
    site(&format!("{lines}{}{door}", device("door-io", "io", 1, "moxa-iologik-e1214")))
}

async fn start() -> Simulator {
    let options: Options = options(hall());
    Simulator::start(options).await.unwrap()
}

fn act(hall: &Hall, action: &str) {
    hall.act(&serde_json::from_str::<Action>(action).unwrap()).unwrap();
}

const BADGE: &str = r#"{"do":"badge","door":"front","facility":42,"card":1234}"#;
const CARD: [u8; 4] = [0x95, 0x02, 0x69, 0x00];

fn key(digits: &str) -> [u8; 16] {
    u128::from_str_radix(digits, 16).unwrap().to_be_bytes()
}

/// The reader on the entry side, in the truth.
fn light(hall: &Hall) -> (Colour, bool) {
    let reader = hall.truth().doors.remove(0).readers.remove(0);
    (reader.light, reader.buzzer)
}

/// Asks until the answer is `code`.
fn until(panel: &mut Panel, question: u8, code: u8) -> Vec<u8> {
    let answers = std::iter::repeat_with(|| panel.ask(question, &[])).take(2000);
    answers.into_iter().find(|(answer, _)| *answer == code).expect("it is told in time").1
}

#[tokio::test(start_paused = true)]
async fn a_reader_in_memory_waits_for_a_badge_in_the_halls_own_time() {
    let hall = Arc::new(Hall::new(hall()).unwrap());
    let other = Arc::clone(&hall);
    let taken = tokio::spawn(async move { other.reader("front", Side::Entry).unwrap().next().await });
    act(&hall, r#"{"do":"walk","person":"lan","to":"hall"}"#);
    tokio::task::yield_now().await;
    assert!(!taken.is_finished());
    hall.advance(Duration::from_secs(5));
    let taken = timeout(PATIENCE, taken).await.expect("the reader rings").unwrap();
    assert_eq!(taken, Read::Card(CardBits { bits: 26, bytes: CARD.to_vec() }));
    let reader = hall.reader("front", Side::Entry).unwrap();
    reader.show(Feedback::Light(Flash::steady(Colour::Green)));
    assert_eq!(light(&hall), (Colour::Green, false));
    assert_eq!(reader.take(), None);
    assert!(hall.reader("back", Side::Entry).is_none());
    act(&hall, r#"{"do":"reader-tamper","door":"front","on":true}"#);
    assert_eq!(reader.state(), ReaderState { powered: true, tampered: true, ..ReaderState::default() });
}

#[tokio::test]
async fn cards_and_keys_come_over_osdp_and_light_and_buzzer_go_there() {
    let simulator = start().await;
    let mut panel = Panel::to(&simulator, "readers", 3);
    assert_eq!(panel.ask(POLL, &[]).0, ACK);
    let identity = panel.ask(IDENTITY, &[0]);
    assert_eq!(identity.0, IDENTITY_REPORT);
    act(simulator.hall(), BADGE);
    let card = until(&mut panel, POLL, RAW);
    assert_eq!(card, [&[0, 0, 26, 0][..], &CARD].concat());
    act(simulator.hall(), r#"{"do":"pin","door":"front","digits":"25*#"}"#);
    assert_eq!(until(&mut panel, POLL, KEYPAD), [0, 4, b'2', b'5', 0x7F, 0x0D]);
    let green_for_3_s = [0, 0, 2, 1, 0, 2, 2, 30, 0, 1, 1, 0, 1, 1];
    assert_eq!(panel.ask(LED, &green_for_3_s).0, ACK);
    assert_eq!(panel.ask(BUZZER, &[0, 2, 10, 0, 1]).0, ACK);
    assert_eq!(light(simulator.hall()), (Colour::Green, true));
    simulator.hall().advance(Duration::from_secs(3));
    assert_eq!(light(simulator.hall()), (Colour::Red, false));
    panel.turn_to(4);
    assert_eq!(panel.ask(POLL, &[]).0, ACK, "another reader on the line");
    assert_ne!(panel.ask(IDENTITY, &[0]), identity, "with another serial number");
    panel.turn_to(5);
    assert!(panel.is_alone(), "no reader has this address");
}

#[tokio::test]
async fn a_reader_takes_a_key_in_install_mode_and_keeps_it_without_power() {
    let simulator = start().await;
    let hall = simulator.hall();
    let mut panel = Panel::to(&simulator, "readers", 3);
    let ours = key("00112233445566778899aabbccddeeff");
    assert!(!panel.secure(ours, false), "it has not got our key yet");
    assert!(panel.secure(DEFAULT_KEY, true));
    let set = [&[1, 16][..], &ours].concat();
    assert_eq!(panel.ask(KEY_SET, &set).0, ACK);
    assert!(panel.secure(ours, false));
    let truth = || hall.truth().doors.remove(0).readers.remove(0);
    until(&mut panel, POLL, ACK);
    assert!(truth().secure && truth().online && !truth().install_mode);

    act(hall, r#"{"do":"reader-power-cycle","door":"front","seconds":3}"#);
    assert!(panel.is_alone(), "a reader without power");
    act(hall, BADGE);
    hall.advance(Duration::from_secs(3));
    assert!(panel.secure(ours, false), "back with its key");
    act(hall, BADGE);
    assert_eq!(until(&mut panel, POLL, RAW)[4..], CARD, "encrypted now");
    assert_eq!(panel.ask(POLL, &[]).0, ACK, "what was badged without power is lost");
    assert!(!panel.secure(key("ff"), false), "a wrong key");

    act(hall, r#"{"do":"reader-key","door":"front"}"#);
    assert!(panel.secure(DEFAULT_KEY, true), "somebody has put it into install mode");
}

#[tokio::test]
async fn a_reader_off_its_wall_says_so() {
    let simulator = start().await;
    let mut panel = Panel::to(&simulator, "readers", 4);
    assert_eq!(until(&mut panel, LOCAL_STATUS, LOCAL_STATUS_REPORT), [0, 0]);
    act(simulator.hall(), r#"{"do":"reader-tamper","door":"front","side":"exit","on":true}"#);
    assert_eq!(until(&mut panel, POLL, LOCAL_STATUS_REPORT), [1, 0], "by itself");
    assert_eq!(until(&mut panel, LOCAL_STATUS, LOCAL_STATUS_REPORT), [1, 0], "and when asked");
}

#[tokio::test]
async fn what_is_badged_while_no_panel_listens_opens_nothing_later() {
    let simulator = start().await;
    act(simulator.hall(), BADGE);
    let lost = || simulator.hall().truth().doors.remove(0).readers.remove(0).lost;
    let noticed = async {
        while lost() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, noticed).await.expect("the reader notices that nobody listens");
    let mut panel = Panel::to(&simulator, "readers", 3);
    for _ in 0..3 {
        assert_eq!(panel.ask(POLL, &[]).0, ACK);
    }
}

/// Takes part in the hall's time, as the demo does.
struct Beside;

impl Gateway for Beside {
    fn advance(&self, _span: Duration) -> Done<'_> {
        Box::pin(async { Ok(()) })
    }

    fn point(&self, _device: &str, _point: &str) -> Option<GatewayPoint> {
        None
    }
}

#[tokio::test]
async fn a_gateway_in_the_same_process_shares_its_readers_with_no_line() {
    let gateway: Option<Arc<dyn Gateway>> = Some(Arc::new(Beside));
    let beside = Simulator::start(Options { gateway, ..demo_options() }).await.unwrap();
    let lines = &beside.hall().site().reader_lines;
    assert!(!lines.is_empty() && lines.iter().all(|line| !beside.lines().contains_key(&line.id)));
    let alone = demo().await;
    assert!(lines.iter().all(|line| alone.lines().contains_key(&line.id)));
}
