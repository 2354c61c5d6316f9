// The simulator's own page: what is true beside what devices report, and the means to disturb it. It asks the control
// API once a second and speaks to nothing else. Keys and names are the API's own, so that what is seen can be written
// in a condition or a test as it stands.

const TEXTS = {
  en: {
    simulated: "SIMULATED", title: "Simulated hall", time: "Time", scenarios: "Scenarios", disturb: "Disturb",
    action: "Do", do: "Do it", fault: "Fault", set: "Set", override: "Let a point report", truth: "What is true",
    legend: "Truth on the left; beside it what the device would report of it, overrides included; then what a gateway believes if one is there. Faults of values and of the wire change neither of the first two: they show in what the gateway believes. ≠ marks what does not agree.",
    events: "True events", programs: "For programs:", reset: "Fresh hall", elapsed: "elapsed", still: "time stands still: advance it",
    speed: "times real time", reported: "Would report", believed: "Believed", isTrue: "True", all: "All points",
    end: "End", stop: "Stop", done: "done", of: "of", none: "nothing yet",
    gone: "The simulator does not answer.",
    running: "running", ended: "ended", failed: "failed", stopped: "stopped",
  },
  vi: {
    simulated: "MÔ PHỎNG", title: "Phòng máy mô phỏng", time: "Thời gian", scenarios: "Kịch bản", disturb: "Gây sự cố",
    action: "Hành động", do: "Thực hiện", fault: "Lỗi", set: "Đặt", override: "Cho một điểm báo giá trị", truth: "Thực tế",
    legend: "Bên trái là thực tế; bên cạnh là giá trị thiết bị sẽ báo, kể cả giá trị bị ghi đè; rồi đến giá trị gateway tin là đúng nếu có. Lỗi giá trị và lỗi đường truyền không làm đổi hai cột đầu: chúng chỉ hiện ở cột gateway. ≠ đánh dấu chỗ không khớp.",
    events: "Sự kiện thực tế", programs: "Dành cho chương trình:", reset: "Phòng máy mới", elapsed: "đã trôi qua", still: "thời gian đứng yên: hãy cho nó trôi",
    speed: "lần thời gian thực", reported: "Thiết bị sẽ báo", believed: "Gateway tin", isTrue: "Thực tế", all: "Mọi điểm đo",
    end: "Kết thúc", stop: "Dừng", done: "xong", of: "trên", none: "chưa có gì",
    gone: "Trình mô phỏng không trả lời.",
    running: "đang chạy", ended: "đã kết thúc", failed: "thất bại", stopped: "đã dừng",
  },
};

// Which reported point tells what a key of the truth says, and by what factor.
const PAIRS = {
  transfer_switches: { position: ["position"], source_1_live: ["source.1.available"], source_2_live: ["source.2.available"] },
  generators: { engine: ["engine.state"], out_w: ["output.power"] },
  upses: { mode: ["ups.status"], charge: ["battery.charge", 100], out_w: ["output.power"], in_w: ["input.power"] },
  cooling: { state: ["unit.state"], duty: ["cooling.duty", 100] },
  leaks: { distance_m: ["leak.distance"] },
};
// Words of physics that devices tell by another.
const SAME = { "cranking": "starting", "resting": "starting", "warming-up": "running" };
const SHARES = new Set(["charge", "duty", "humidity", "health", "fan", "filter", "agent"]);
const UNITS = { percent_per_m: "%/m", percent: "%", h: "h", w: "W", c: "°C", l: "l", j: "J", m: "m", s: "s", k: "K", v: "V", hz: "Hz", kg: "kg" };

const $ = (selector) => document.querySelector(selector);
let language = localStorage.getItem("language") ?? (navigator.language.startsWith("vi") ? "vi" : "en");
const text = (key) => TEXTS[language][key] ?? key;

function make(tag, content = "", attributes = {}) {
  const element = document.createElement(tag);
  element.append(...[content].flat());
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function say(words, wrong = false) {
  $("#said").textContent = words;
  $("#said").classList.toggle("wrong", wrong);
}

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail ?? answer.statusText);
  return told;
}

async function order(method, path, body) {
  try {
    await ask(method, path, body);
    say(`${method} ${path} ${body === undefined ? "" : JSON.stringify(body)} ✓`);
  } catch (error) {
    say(error.message, true);
  }
  await refresh();
}

function number(value) {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 5 }).format(value);
}

function shown(value, key = "") {
  if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
  if (SHARES.has(key)) return `${number(value * 100)} %`;
  const end = Object.keys(UNITS).find((end) => key.endsWith(`_${end}`));
  return end ? `${number(value)} ${UNITS[end]}` : number(value);
}

function clockOf(seconds) {
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  return `${days ? `${days} d ` : ""}${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// Whether a report tells the truth: words alike, numbers within two hundredths.
function agrees(truth, reported, factor = 1) {
  if (reported === null || reported === undefined || truth === null) return true;
  if (typeof truth === "number" && typeof reported === "number") {
    return Math.abs(truth * factor - reported) <= Math.max(1, Math.abs(truth * factor)) * 0.02;
  }
  return String(truth) === String(reported) || SAME[truth] === reported;
}

function flat(value, prefix = "") {
  return Object.entries(value).flatMap(([key, inner]) => {
    if (inner !== null && typeof inner === "object" && !Array.isArray(inner)) return flat(inner, `${prefix}${key}.`);
    return [[`${prefix}${key}`, Array.isArray(inner) ? inner.map((one) => one.id ?? one).join(", ") : inner]];
  });
}

const cell = (value, differs) => make("td", value, differs ? { class: "differs" } : {});

function rowsOf(list, item, points, gateway) {
  return flat(item).filter(([key]) => key !== "id").map(([key, value]) => {
    const [name, factor] = PAIRS[list]?.[key] ?? [];
    const point = points?.get(name);
    const cells = [cell(key), cell(shown(value, key))];
    cells.push(cell(point ? shown(point.reported) : "", point && !agrees(value, point.reported, factor)));
    if (gateway) {
      const believed = point?.believed;
      const told = believed ? `${shown(believed.value)}${believed.quality === "good" ? "" : ` (${believed.quality})`}` : "";
      cells.push(cell(told, believed && (believed.value === null || !agrees(value, believed.value, factor))));
    }
    return make("tr", cells);
  });
}

function pointRows(points, gateway) {
  return points.map((point) => {
    const cells = [cell(point.point), cell(""), cell(shown(point.reported), point.overridden)];
    if (gateway) {
      const believed = point.believed;
      const told = believed ? `${shown(believed.value)}${believed.quality === "good" ? "" : ` (${believed.quality})`}` : "";
      cells.push(cell(told, believed && !agrees(point.reported, believed.value)));
    }
    return make("tr", cells);
  });
}

// Cards stay where they are while their tables are filled anew, so that nobody loses the focus.
const cards = new Map();

function cardOf(title) {
  if (!cards.has(title)) {
    const [table, summary, all] = [make("table"), make("summary"), make("table")];
    const details = make("details", [summary, all]);
    const box = make("article", [make("h3", title), table, details], { class: "item" });
    const made = { box, table, summary, all, details, points: [], gateway: false };
    details.addEventListener("toggle", () => fillAll(made));
    cards.set(title, made);
  }
  return cards.get(title);
}

function fillAll({ details, all, points, gateway }) {
  all.replaceChildren(...(details.open ? pointRows(points, gateway) : []));
}

function card(title, rows, points, gateway) {
  const made = Object.assign(cardOf(title), { points: [...(points?.values() ?? [])], gateway });
  const columns = ["", text("isTrue"), text("reported"), ...(gateway ? [text("believed")] : [])];
  made.table.replaceChildren(make("tr", columns.map((name) => make("th", name))), ...rows);
  made.table.hidden = rows.length === 0;
  made.details.hidden = made.points.length === 0;
  made.summary.textContent = `${text("all")} (${made.points.length})`;
  fillAll(made);
  return made.box;
}

function drawTruth(truth, points) {
  const byDevice = new Map();
  for (const point of points) {
    if (!byDevice.has(point.device)) byDevice.set(point.device, new Map());
    byDevice.get(point.device).set(point.point, point);
  }
  const gateway = points.some((point) => point.believed);
  const boxes = [];
  const shownDevices = new Set();
  for (const [list, items] of Object.entries(truth)) {
    if (!Array.isArray(items)) continue;
    for (const item of items) {
      shownDevices.add(item.id);
      const known = byDevice.get(item.id);
      boxes.push(card(`${list}.${item.id}`, rowsOf(list, item, known, gateway), known, gateway));
    }
  }
  for (const [device, known] of byDevice) {
    if (!shownDevices.has(device)) boxes.push(card(device, [], known, gateway));
  }
  const box = $("#truth");
  if (boxes.length !== box.children.length || boxes.some((one, n) => one !== box.children[n])) box.replaceChildren(...boxes);
}

function listed(line, label, act) {
  const button = make("button", label, { type: "button" });
  button.addEventListener("click", act);
  return make("li", [line, " ", button]);
}

function drawScenarios({ scenarios, runs }) {
  const box = $("#scenarios");
  const signature = language + scenarios.map((one) => one.name).join();
  if (box.dataset.signature !== signature) {
    box.dataset.signature = signature;
    box.replaceChildren(...scenarios.map((one) => {
      const button = make("button", one.name, { type: "button" });
      button.addEventListener("click", () => order("POST", `/scenarios/${one.name}`));
      return make("li", [button, " ", make("span", one.text[language], { class: "faint" })]);
    }));
  }
  const lines = runs.slice(-6).reverse().map((run) => {
    const line = `${run.scenario}: ${text(run.state)}, ${run.done} ${text("of")} ${run.steps}${run.why ? ` – ${run.why}` : ""}`;
    if (run.state !== "running") return make("li", line);
    return listed(line, text("stop"), () => order("DELETE", `/scenarios/${run.scenario}`));
  });
  $("#runs").replaceChildren(...lines);
}

function drawWrong(faults, overrides) {
  const lines = faults.map((fault) => {
    const { id, device, line, ...rest } = fault;
    const query = id !== undefined ? `id=${id}` : device ? `device=${device}` : `line=${line}`;
    const words = `${device ?? line}: ${Object.values(rest).join(" ")}`;
    return listed(words, text("end"), () => order("DELETE", `/faults?${query}`));
  });
  for (const { device, point, value } of overrides) {
    const path = `/overrides/${device}/${point}`;
    lines.push(listed(`${device}/${point} = ${value}`, text("end"), () => order("DELETE", path)));
  }
  $("#wrong").replaceChildren(...lines);
}

function drawClock({ elapsed_s, speed }) {
  $("#elapsed").textContent = clockOf(elapsed_s);
  $("#speed").textContent = speed === 0 ? text("still") : `${number(speed)} ${text("speed")}`;
}

let seen = { last: 0, lines: [] };

async function drawEvents() {
  const { events } = await ask("GET", `/events?after=${seen.last}`);
  if (events.length) {
    seen.last = events.at(-1).seq;
    seen.lines = [...events.toReversed(), ...seen.lines].slice(0, 200);
  }
  const lines = seen.lines.map((event) => make("li", `${clockOf(event.at_s)}  ${event.code}  ${event.place}`));
  $("#events").replaceChildren(...(lines.length ? lines : [make("li", text("none"))]));
}

let refreshing = null;

function refresh() {
  refreshing ??= draw().catch(() => say(text("gone"), true)).finally(() => { refreshing = null; });
  return refreshing;
}

async function draw() {
  const paths = ["/clock", "/truth", "/points", "/scenarios", "/faults", "/overrides"];
  const [clock, truth, points, scenarios, faults, overrides] = await Promise.all(paths.map((path) => ask("GET", path)));
  drawClock(clock);
  drawTruth(truth, points.points);
  drawScenarios(scenarios);
  drawWrong(faults.faults, overrides.overrides);
  await drawEvents();
}

// Forms, made from the API's own description.

function field(name, schema) {
  const types = [schema.type ?? []].flat();
  const kind = types.includes("boolean") ? "checkbox" : types.some((one) => one === "number" || one === "integer") ? "number" : "text";
  const input = make("input", "", { name, type: kind, placeholder: name, "aria-label": name, size: 8 });
  if (kind === "number") input.step = "any";
  return kind === "checkbox" ? make("label", [input, name]) : input;
}

function filled(form) {
  const values = {};
  for (const input of form.querySelectorAll("input, select")) {
    if (input.type === "checkbox") values[input.name] = input.checked;
    else if (input.value !== "") values[input.name] = input.type === "number" ? Number(input.value) : input.value;
  }
  return values;
}

function variable(form, choices, send) {
  const select = form.querySelector("select");
  select.replaceChildren(...choices.map(({ name, what }) => make("option", name, { value: name, title: what ?? "" })));
  const offer = () => {
    const choice = choices.find((one) => one.name === select.value);
    form.querySelector(".fields").replaceChildren(...choice.fields.map(([name, schema]) => field(name, schema)));
  };
  select.addEventListener("change", offer);
  form.addEventListener("submit", (event) => { event.preventDefault(); send(filled(form)); });
  offer();
}

function literal(written) {
  if (written === "true" || written === "false") return written === "true";
  return written.trim() !== "" && Number.isFinite(Number(written)) ? Number(written) : written;
}

async function forms() {
  const { components: { schemas } } = await ask("GET", "/openapi.json");
  const actions = schemas.Action.oneOf.map((one) => ({
    name: one.properties.do.const,
    what: one.description,
    fields: Object.entries(one.properties).filter(([name]) => name !== "do"),
  }));
  variable($("#action"), actions, (values) => order("POST", "/actions", values));
  const { kinds } = await ask("GET", "/faults/kinds");
  const properties = schemas.FaultRequest.properties;
  const faults = kinds.map(({ kind, on, needs, takes }) => {
    const place = on.includes("point") ? ["device", "point"] : on;
    const keys = new Set([...place, ...needs, ...takes, "after_s", "for_s", "probability"]);
    return { name: kind, fields: [...keys].map((key) => [key, properties[key] ?? {}]) };
  });
  variable($("#fault"), faults, (values) => order("POST", "/faults", values));
  const { points } = await ask("GET", "/points");
  const { device, point, value } = $("#override").elements;
  device.replaceChildren(...new Set(points.map((one) => one.device)).values().map((id) => make("option", id)));
  const offer = () => {
    const own = points.filter((one) => one.device === device.value);
    point.replaceChildren(...own.map((one) => make("option", one.point)));
  };
  device.addEventListener("change", offer);
  offer();
  $("#override").addEventListener("submit", (event) => {
    event.preventDefault();
    order("PUT", `/overrides/${device.value}/${point.value}`, { value: literal(value.value) });
  });
}

function speak() {
  document.documentElement.lang = language;
  document.title = `${text("simulated")} – ${text("title")}`;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    language = button.dataset.language;
    localStorage.setItem("language", language);
    speak();
    refresh();
  });
}
for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => order("POST", "/clock/advance", { seconds: Number(button.dataset.advance) }));
}
$("#reset").addEventListener("click", () => order("POST", "/reset"));

speak();
await refresh();
await forms().catch((error) => say(error.message, true));
for (;;) {
  await new Promise((done) => setTimeout(done, 1000));
  if (!document.hidden) await refresh();
}
