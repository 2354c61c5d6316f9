//! Wiring lists become sound site files, or say what is wrong with each row.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use hallward_profiles::Library;
use hallward_site::{Site, import::import};

static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| Library::load(None).unwrap_or_else(|wrong| panic!("{wrong:?}")));

/// The hall that a list stands for.
fn hall(list: &str) -> Site {
    let text = import(list, &LIBRARY).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let whole = format!("[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n{text}");
    Site::parse("site.toml", &whole, &LIBRARY).unwrap_or_else(|wrong| panic!("{wrong}\n{whole}"))
}

/// What is said of a list.
fn said(list: &str) -> Vec<String> {
    let problems = import(list, &LIBRARY).expect_err("the list is wrong");
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_list_becomes_lines_rooms_and_devices() {
    let site = hall(
        "Device,Name,Room,Host,Port,Baud,Parity,Unit,Profile,Every,Tag\n\
         ups-a,\"UPS A, left\",Plant room,10.0.5.21,,,,,apc-smart-ups,500ms,TS-1\n\
         inlet-1,Rack 1,hall,,/dev/ttyUSB0,19200,even,1,xy-md02,10s,\n\
         inlet-2,Rack 2,hall,,/dev/ttyUSB0,,,2,xy-md02,10s,\n\n",
    );
    let lines: Vec<_> = site.lines.iter().map(|line| format!("{} {}", line.id, line.transport)).collect();
    assert_eq!(lines, ["10-0-5-21-502 10.0.5.21:502", "dev-ttyusb0 /dev/ttyUSB0 (19200 8E1)"]);
    let devices: Vec<_> = site.devices.iter().map(|device| (device.name.as_str(), device.unit)).collect();
    assert_eq!(devices, [("UPS A, left", 1), ("Rack 1", 1), ("Rack 2", 2)]);
    let rooms: Vec<_> = site.rooms.iter().map(|room| (room.id.as_str(), room.name.as_str())).collect();
    assert_eq!(rooms, [("plant-room", "Plant room"), ("hall", "hall")]);
    let tag = site.devices.first().and_then(|device| device.asset.as_ref()).map(|asset| asset.tag.as_str());
    assert_eq!(tag, Some("TS-1"));
}

#[test]
fn semicolons_byte_order_marks_and_rooms_in_vietnamese_are_read() {
    let site = hall(
        "\u{FEFF}device;room;line;host;profile\r\nups-a;Phòng máy;ups;10.0.5.21:1502;apc-smart-ups\r\n\
         ups-b;Phòng máy;;10.0.5.22;huawei-ups2000\r\n",
    );
    assert_eq!(site.rooms.iter().map(|room| room.id.as_str()).collect::<Vec<_>>(), ["room-1"]);
    assert_eq!(site.lines.first().map(|line| line.transport.to_string()), Some("10.0.5.21:1502".to_owned()));
}

#[test]
fn a_serial_line_gets_the_speed_of_its_profiles() {
    let list = |profile| format!("device,port,profile\na,/dev/ttyS1,{profile}\n");
    let line = |site: &Site| site.lines.first().map(|line| line.transport.to_string());
    let usual =
        LIBRARY.get("eastron-sdm630").and_then(|profile| profile.connection.baud).expect("it has one");
    let shown = line(&hall(&list("eastron-sdm630"))).expect("a line");
    assert!(shown.contains(&format!("({usual} 8")), "{shown}");
}

#[test]
fn rows_of_one_line_may_leave_out_what_another_says() {
    let site = hall(
        "device,line,host,port,mode,baud,unit,profile\n\
         a,bus,10.0.5.41,4001,rtu-over-tcp,9600,1,xy-md02\n\
         b,bus,,,,,2,xy-md02\n",
    );
    assert_eq!(site.lines.len(), 1);
    assert!(site.lines.iter().all(|line| line.transport.to_string() == "10.0.5.41:4001 (RTU, 9600 baud)"));
}

#[test]
fn every_problem_is_told_with_its_row_and_column() {
    let said = said(
        "device,line,host,port,baud,unit,profile,every,tag,serial_number\n\
         UPS A,ups,10.0.5.21,,,,apc-smart-ups,,,\n\
         b,bus,,/dev/ttyUSB0,12,1,xy-md20,,,\n\
         c,bus,,/dev/ttyUSB1,,one,xy-md02,soon,,\n\
         d,,,,,,xy-md02,,,\n\
         ,bus,,,,3,xy-md02,,,4711\n\
         e,other,,COM1,,300,xy-md02,,,\n",
    );
    let has = |start: &str, part: &str| {
        let found = said.iter().any(|line| line.starts_with(start) && line.contains(part));
        assert!(found, "{start} … {part}: {}", said.join("\n"));
    };
    has("row 2, column device:", "is not an id");
    has("row 3, column baud:", "no line is that fast or slow");
    has("row 3, column profile:", "did you mean `xy-md02`");
    has("row 4, column port:", "but row 3 says `/dev/ttyUSB0`");
    has("row 4, column unit:", "`one` is none");
    has("row 4, column every:", "`soon` is none");
    has("row 5, column line:", "on which line");
    has("row 6, column device:", "required");
    has("row 7, column unit:", "`300` is none");
    has("row 7, column port:", "`COM1` is no serial port");
    has("row 7, column line:", "no row says where line `other` is");
    assert_eq!(said.len(), 11, "each once: {}", said.join("\n"));
    assert!(said.is_sorted_by_key(|line| line.split([' ', ',']).nth(1).and_then(|n| n.parse::<u8>().ok())));
}

#[test]
fn a_list_without_a_form_is_told_so() {
    let header = said("device,colour\na,red\n");
    assert!(
        header.iter().any(|line| line.starts_with("row 1, column colour: there is no such column")),
        "{header:?}"
    );
    assert!(header.iter().any(|line| line.starts_with("row 1, column profile")), "{header:?}");
    let wide = said("device,line,host,profile\na,l,h,xy-md02,more\n");
    assert!(wide.iter().any(|line| line.starts_with("row 2: 5 columns")), "{wide:?}");
    assert_eq!(said("device,line,host,profile\n").len(), 1);
    let asset = said("device,host,profile,serial_number\na,h,xy-md02,1\n");
    assert!(asset.iter().any(|line| line.starts_with("row 2, column tag")), "{asset:?}");
}

#[test]
fn what_two_rows_cannot_share_is_told() {
    let unit = said("device,host,unit,profile\na,h,1,xy-md02\nb,h,1,xy-md02\n");
    assert!(unit.iter().any(|line| line.starts_with("row 3, column unit")), "{unit:?}");
    let lines = said("device,line,host,unit,profile\na,one,h,1,xy-md02\nb,two,h,2,xy-md02\n");
    assert!(lines.iter().any(|line| line.starts_with("row 3, column port")), "{lines:?}");
}

#[test]
fn ports_and_rooms_of_different_names_never_share_an_id() {
    let adapter = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART";
    let site = hall(&format!(
        "device,room,port,unit,profile\n\
         a,Phòng máy,{adapter}_A1,1,xy-md02\n\
         b,Room 1,{adapter}_A2,1,xy-md02\n\
         c,Phòng điện,{adapter}_A1,2,xy-md02\n"
    ));
    let lines: Vec<_> = site.lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(lines, ["dev-serial-by-id-usb-ftdi-ft232r", "dev-serial-by-id-usb-ftdi-ft-2"]);
    let rooms: Vec<_> = site.rooms.iter().map(|room| (room.name.as_str(), room.id.as_str())).collect();
    assert_eq!(rooms, [("Phòng máy", "room-1"), ("Room 1", "room-1-2"), ("Phòng điện", "room-2")]);
    assert_eq!(site.devices.iter().map(|device| device.line).collect::<Vec<_>>(), [0, 1, 0]);
}
