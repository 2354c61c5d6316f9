//! `/`: the hall at a glance.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, Uri},
    response::Response,
};

use super::{
    super::{
        Web,
        hall::{
            self, BAND_HIGH, BAND_LOW, Live, Tile,
            abnormal::{self, Abnormal, What},
        },
        problem::Problem,
        query::Query,
        shown::value_text,
        simulated::{Order, address},
    },
    climate::{SensorView, UnitView, sensor_views, unit_views},
    drawing::{BoxView, Drawing},
    frame::{Frame, mark},
    page,
    records::RecordView,
    spark::{Canvas, Curve, Drawn},
};
use crate::accounts::Caller;

const RECORDS: usize = 12;

/// Abnormal things that are listed; the rest is counted.
const MOST_ABNORMAL: usize = 8;

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Template)]
#[template(path = "hall.html")]
struct HallPage<'p> {
    frame: &'p Frame<'p>,
    /// One-click orders, in a demo; those that mend come last.
    orders: Vec<OrderView>,
    tiles: Vec<TileView>,
    drawing: Drawing,
    abnormal: Vec<AbnormalView>,
    more_abnormal: usize,
    records: Vec<RecordView>,
    sensors: Vec<SensorView>,
    units: Vec<UnitView>,
}

struct OrderView {
    text: String,
    address: String,
    mends: bool,
}

struct TileView {
    title: String,
    big: String,
    small: Option<String>,
    unknown: bool,
    more: Vec<(String, bool)>,
    priority: Option<u8>,
    spark: Option<Drawn>,
    spark_label: String,
}

struct AbnormalView {
    priority: u8,
    name: String,
    address: Option<String>,
    text: String,
}

/// The handler.
pub(in super::super) async fn hall(
    State(web): State<Arc<Web>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(raw.as_deref(), &["lang"])?;
    let (position, snapshot) = (web.hub.position(web.now().mono), web.snapshot());
    let live = Live { plant: &snapshot.plant, snapshot: &snapshot };
    let frame = Frame::new(&web, "nav-hall", (&uri, &headers, &query, &caller), &live, position)?;
    let found = abnormal::list(&live);
    let mut tiles: Vec<_> = hall::tiles(&live).iter().map(|tile| TileView::new(&frame, tile)).collect();
    if let Some(inlets) = tiles.get_mut(2) {
        inlets.spark = inlet_curve(&web, &live).await;
    }
    let shown = found.iter().take(MOST_ABNORMAL);
    let template = HallPage {
        orders: OrderView::all(&web, &frame),
        tiles,
        drawing: Drawing::new(&frame, &live, &found),
        abnormal: shown.filter_map(|abnormal| AbnormalView::new(&frame, &live, abnormal)).collect(),
        more_abnormal: found.len().saturating_sub(MOST_ABNORMAL),
        records: RecordView::newest(&web, &frame.words, None, RECORDS).await,
        sensors: sensor_views(&frame, &live),
        units: unit_views(&frame, &live),
        frame: &frame,
    };
    page(&template, &frame)
}

/// The hottest inlet's last hour, and the band.
async fn inlet_curve(web: &Web, live: &Live<'_>) -> Option<Drawn> {
    let point = hall::hottest(&hall::sensors(live))?.point;
    let to = web.now().wall;
    let curve = Curve::read(web, point, to - HOUR, to, 120).await?;
    let (least, _, greatest) = curve.extent?;
    let canvas = Canvas {
        width: 240.0,
        height: 46.0,
        from: to - HOUR,
        to,
        low: least.min(BAND_LOW - 1.0),
        high: greatest.max(BAND_HIGH + 1.0),
    };
    Some(curve.draw(&canvas, Some((BAND_LOW, BAND_HIGH))))
}

impl OrderView {
    fn all(web: &Web, frame: &Frame<'_>) -> Vec<Self> {
        let orders = web.context.simulator.as_ref().map_or_else(Vec::new, |hall| hall.orders());
        orders.into_iter().map(|order| Self::new(frame, order)).collect()
    }

    fn new(frame: &Frame<'_>, order: Order) -> Self {
        let lang = frame.language_chosen.then(|| frame.code());
        Self {
            text: frame.say(&format!("order-{}", order.id())),
            address: address(&format!("/simulated/{}", order.id()), lang),
            mends: order.mends(),
        }
    }
}

impl TileView {
    fn new(frame: &Frame<'_>, tile: &Tile) -> Self {
        Self {
            title: frame.say(&format!("tile-{}", tile.name)),
            big: tile.big.say(&frame.words),
            small: tile.small.as_ref().map(|phrase| phrase.say(&frame.words)),
            unknown: tile.big.unknown,
            more: tile.more.iter().map(|phrase| (phrase.say(&frame.words), phrase.unknown)).collect(),
            priority: tile.priority,
            spark: None,
            spark_label: frame.say("inlets-last-hour"),
        }
    }

    fn mark(&self) -> Option<String> {
        self.priority.map(mark)
    }
}

impl AbnormalView {
    fn new(frame: &Frame<'_>, live: &Live<'_>, abnormal: &Abnormal) -> Option<Self> {
        let (name, address, text) = match &abnormal.what {
            What::Hall(tile, said) => (frame.say(&format!("tile-{tile}")), None, said.say(&frame.words)),
            What::Wrong(device) => {
                let (device, _) = live.plant.device(*device)?;
                (device.name.clone(), Some(&device.id), frame.say("abnormal-wrong-device"))
            }
            What::Silent(device) => {
                let (device, _) = live.plant.device(*device)?;
                (device.name.clone(), Some(&device.id), frame.say("quality-timeout"))
            }
            What::Point(at) => {
                let (device, info) = live.plant.device(at.device)?;
                let point = info.point(at.point)?;
                let value = value_text(&frame.words, point, live.snapshot.reading(*at)?.value()?);
                let label = point.label(frame.words.language.is_vietnamese());
                (device.name.clone(), Some(&device.id), format!("{label}: {value}"))
            }
        };
        let address = address.map(|id| format!("/devices/{id}"));
        Some(Self { priority: abnormal.priority, name, address, text })
    }
}

impl BoxView {
    /// The classes of a box.
    fn classes(&self) -> String {
        let hatched = if self.hatched { " hatched" } else { "" };
        match self.priority {
            Some(priority) => format!("node p{priority}{hatched}"),
            None => format!("node{hatched}"),
        }
    }

    fn mark(&self) -> Option<String> {
        self.priority.map(mark)
    }
}
