//! One reader on an OSDP bus: libosdp's peripheral device between the wire's bytes and the hall's reader.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use libosdp::{
    Channel, ChannelError, OsdpCommand, OsdpCommandBuzzer, OsdpCommandLed, OsdpEvent, OsdpEventCardRead,
    OsdpEventKeyPress, OsdpFlag, OsdpLedColor, OsdpLedParams, OsdpStatusReport, OsdpStatusReportType,
    PdCapEntity, PdCapability, PdId, PdInfoBuilder, PeripheralDevice,
};

use tokio::time::Instant;

use crate::{
    clock,
    hall::{Hall, lock},
    physics::{Colour, Feedback, Flash, Read, Side},
    reader::{DoorReader, ReaderState},
};

/// Bytes that wait on their way in or out; what is more is lost, as on a wire that nobody reads.
const MOST_BYTES: usize = 4096;

/// Commands that wait to be carried out: a bus brings one at a time.
const MOST_COMMANDS: usize = 64;

/// OSDP counts the times of lights and buzzers in these.
const UNIT: Duration = Duration::from_millis(100);

/// A reader that has not been asked for so long is offline (IEC 60839-11-5).
const ONLINE: Duration = Duration::from_secs(8);

/// Who made it, as far as OSDP asks: no assigned number of a vendor.
const VENDOR: (u8, u8, u8) = (0, 0, 0);

/// One reader.
pub(super) struct Peripheral {
    door: usize,
    side: Side,
    address: u8,
    baud: u32,
    device: Option<PeripheralDevice>,
    /// What the device was made with; it is made anew when that is another.
    made: ReaderState,
    /// When it last said something.
    said_at: Option<Instant>,
    ends: Ends,
}

/// What the device and we share.
#[derive(Clone, Default)]
struct Ends {
    heard: Arc<Mutex<VecDeque<u8>>>,
    said: Arc<Mutex<Vec<u8>>>,
    commands: Arc<Mutex<Vec<OsdpCommand>>>,
    tampered: Arc<Mutex<bool>>,
}

impl Peripheral {
    pub(super) fn new(door: usize, side: Side, address: u8, baud: u32) -> Self {
        Self {
            door,
            side,
            address,
            baud,
            device: None,
            made: ReaderState::default(),
            said_at: None,
            ends: Ends::default(),
        }
    }

    /// Hears these bytes, and what is said to them comes back.
    pub(super) fn turn(&mut self, hall: &Hall, heard: &[u8]) -> Vec<u8> {
        let Some(reader) = hall.reader_at(self.door, self.side) else { return Vec::new() };
        let state = reader.state();
        if !state.powered {
            (self.device, self.said_at) = (None, None);
            reader.connected(false, false);
            return Vec::new();
        }
        self.boot(state);
        *lock(&self.ends.tampered) = state.tampered;
        hear(&mut lock(&self.ends.heard), heard);
        let Some(device) = &mut self.device else { return Vec::new() };
        if state.tampered != self.made.tampered {
            self.made.tampered = state.tampered;
            notify(device, OsdpEvent::Status(local_status(state.tampered)));
        }
        let now = clock::now();
        let online = self.said_at.is_some_and(|at| now.duration_since(at) < ONLINE);
        reader.connected(online, online && device.is_sc_active());
        if online {
            std::iter::from_fn(|| reader.take()).for_each(|read| notify(device, event(read)));
        } else {
            reader.lose();
        }
        device.refresh();
        for command in std::mem::take(&mut *lock(&self.ends.commands)) {
            obey(command, reader, &mut self.made);
        }
        let said = std::mem::take(&mut *lock(&self.ends.said));
        if !said.is_empty() {
            self.said_at = Some(now);
        }
        said
    }

    /// Each reader of a site has its own.
    fn serial_number(&self) -> [u8; 4] {
        let door = u32::try_from(self.door).unwrap_or(u32::MAX / 2);
        (door * 2 + u32::from(self.side == Side::Exit) + 1).to_be_bytes()
    }

    /// A device as after power has come, unless there is one already.
    fn boot(&mut self, state: ReaderState) {
        let same = (state.power_cycles, state.key) == (self.made.power_cycles, self.made.key);
        if self.device.is_some() && same {
            return;
        }
        // The old one goes first: its bytes and commands with it.
        (self.device, self.said_at) = (None, None);
        (self.ends, self.made) = (Ends::default(), state);
        self.device = device(self.serial_number(), self.address, self.baud, state.key, &self.ends)
            .inspect_err(|error| tracing::error!(address = self.address, %error, "no OSDP reader"))
            .ok();
    }
}

fn device(
    serial_number: [u8; 4],
    address: u8,
    baud: u32,
    key: Option<[u8; 16]>,
    ends: &Ends,
) -> Result<PeripheralDevice, libosdp::OsdpError> {
    let capabilities = [
        PdCapability::CardDataFormat(PdCapEntity::new(1, 0)),
        PdCapability::LedControl(PdCapEntity::new(1, 1)),
        PdCapability::AudibleOutput(PdCapEntity::new(1, 1)),
        PdCapability::CommunicationSecurity(PdCapEntity::new(1, 0)),
        PdCapability::Readers(PdCapEntity::new(0, 1)),
    ];
    let id = PdId { vendor_code: VENDOR, serial_number, ..PdId::from_number(address) };
    let info = PdInfoBuilder::new()
        .address(i32::from(address))?
        .baud_rate(i32::try_from(baud).unwrap_or(0))?
        .id(&id)
        .capabilities(&capabilities);
    let info = match key {
        Some(key) => info.secure_channel_key(key),
        None => info.flag(OsdpFlag::InstallMode),
    };
    let mut device = PeripheralDevice::new(info, Box::new(Wire { address, ends: ends.clone() }))?;
    let (commands, tampered) = (Arc::clone(&ends.commands), Arc::clone(&ends.tampered));
    device.set_command_callback(move |command| {
        if let OsdpCommand::Status(report) = command {
            *report = match report.type_ {
                OsdpStatusReportType::Local => local_status(*lock(&tampered)),
                OsdpStatusReportType::Input | OsdpStatusReportType::Output | OsdpStatusReportType::Remote => {
                    return -1;
                }
            };
            return 0;
        }
        let mut commands = lock(&commands);
        if commands.len() >= MOST_COMMANDS {
            return -1;
        }
        commands.push(command.clone());
        0
    });
    Ok(device)
}

/// The device's end of the wire.
struct Wire {
    address: u8,
    ends: Ends,
}

impl Channel for Wire {
    fn get_id(&self) -> i32 {
        i32::from(self.address)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ChannelError> {
        let mut heard = lock(&self.ends.heard);
        let count = heard.len().min(buffer.len());
        buffer.iter_mut().zip(heard.drain(..count)).for_each(|(place, byte)| *place = byte);
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, ChannelError> {
        let mut said = lock(&self.ends.said);
        if said.len() + bytes.len() <= MOST_BYTES {
            said.extend(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }

    fn close(&mut self) -> Result<(), ChannelError> {
        Ok(())
    }
}

fn hear(waiting: &mut VecDeque<u8>, bytes: &[u8]) {
    let room = MOST_BYTES.saturating_sub(waiting.len());
    waiting.extend(bytes.iter().take(room));
}

fn notify(device: &mut PeripheralDevice, event: OsdpEvent) {
    if let Err(error) = device.notify_event(event) {
        tracing::debug!(%error, "a reader's queue is full");
    }
}

fn event(read: Read) -> OsdpEvent {
    match read {
        Read::Card(card) => OsdpEvent::CardRead(OsdpEventCardRead {
            nr_bits: usize::from(card.bits),
            data: card.bytes,
            ..OsdpEventCardRead::default()
        }),
        Read::Keys(keys) => OsdpEvent::KeyPress(OsdpEventKeyPress::new(keys.bytes().map(key).collect())),
    }
}

/// OSDP's codes of keys: digits as in ASCII, `*` is delete and `#` is return.
fn key(key: u8) -> u8 {
    match key {
        b'*' => 0x7F,
        b'#' => 0x0D,
        digit => digit,
    }
}

fn local_status(tampered: bool) -> OsdpStatusReport {
    let mut report = [0; 64];
    if let Some(first) = report.first_mut() {
        *first = u8::from(tampered);
    }
    OsdpStatusReport { type_: OsdpStatusReportType::Local, nr_entries: 2, report }
}

/// What a controller has asked for shows in the hall. A key that it sets is the device's already.
fn obey(command: OsdpCommand, reader: DoorReader<'_>, made: &mut ReaderState) {
    match command {
        OsdpCommand::Led(led) => light(&led, reader),
        OsdpCommand::Buzzer(buzzer) => reader.show(buzz(buzzer)),
        OsdpCommand::KeySet(keyset) => {
            if let Ok(key) = <[u8; 16]>::try_from(keyset.data) {
                made.key = Some(key);
                reader.set_key(key);
            }
        }
        OsdpCommand::Text(_)
        | OsdpCommand::Output(_)
        | OsdpCommand::ComSet(_)
        | OsdpCommand::ComSetDone(_)
        | OsdpCommand::Mfg(_)
        | OsdpCommand::FileTx(_)
        | OsdpCommand::Status(_) => {}
    }
}

/// Control codes of osdp_LED: permanent 1 sets; temporary 1 ends, 2 sets.
fn light(led: &OsdpCommandLed, reader: DoorReader<'_>) {
    if led.permanent.control_code == 1 {
        reader.show(Feedback::Light(flash(&led.permanent)));
    }
    match led.temporary.control_code {
        1 => reader.show(Feedback::EndLight),
        2 => reader
            .show(Feedback::LightFor(flash(&led.temporary), UNIT * u32::from(led.temporary.timer_count))),
        _ => {}
    }
}

fn flash(led: &OsdpLedParams) -> Flash {
    Flash {
        on: colour(led.on_color),
        off: colour(led.off_color),
        on_time: UNIT * u32::from(led.on_count),
        off_time: UNIT * u32::from(led.off_count),
    }
}

fn colour(colour: OsdpLedColor) -> Colour {
    match colour {
        OsdpLedColor::Red => Colour::Red,
        OsdpLedColor::Green => Colour::Green,
        OsdpLedColor::Amber => Colour::Amber,
        OsdpLedColor::Blue => Colour::Blue,
        OsdpLedColor::Magenta => Colour::Magenta,
        OsdpLedColor::Cyan => Colour::Cyan,
        OsdpLedColor::Unknown(7) => Colour::White,
        OsdpLedColor::None | OsdpLedColor::Unknown(_) => Colour::Off,
    }
}

/// Control codes of osdp_BUZ: 2 sounds, others are silent.
fn buzz(buzzer: OsdpCommandBuzzer) -> Feedback {
    match buzzer.control_code {
        2 => Feedback::Buzz {
            on: UNIT * u32::from(buzzer.on_count),
            off: UNIT * u32::from(buzzer.off_count),
            times: buzzer.rep_count,
        },
        _ => Feedback::Quiet,
    }
}
