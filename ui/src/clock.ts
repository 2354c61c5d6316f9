// The site's clock, the ages of values, and whether the page still lives.

import { growAges } from "./patch";

const { dataset } = document.body;

/** After so long without an event the page says that it is not live. */
const SILENT_MS = 10_000;

/** The server's time when the page was made, and this browser's timer then. */
let start = { server: Number(dataset.now), timer: performance.now() };
let lastLife = performance.now();

/** The server's time now, ms since the epoch. */
function now(): number {
  return start.server + performance.now() - start.timer;
}

/** The page was fetched anew at the server's time `server`. */
export function setClock(server: number): void {
  start = { server, timer: performance.now() };
}

/** The stream told something. */
export function markLife(): void {
  lastLife = performance.now();
}

function fill(pattern: string | undefined, text: string): string {
  return (pattern ?? "{x}").replace("{x}", text);
}

/** A span in its nearest unit, as the server writes it. */
function span(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  const whole = (unit: number) => String(Math.floor(seconds / unit));
  if (seconds < 10) {
    const tenths = seconds.toFixed(1);
    return fill(dataset.textSeconds, document.documentElement.lang === "vi" ? tenths.replace(".", ",") : tenths);
  }
  if (seconds < 120) return fill(dataset.textSeconds, whole(1));
  if (seconds < 7200) return fill(dataset.textMinutes, whole(60));
  if (seconds < 172_800) return fill(dataset.textHours, whole(3600));
  return fill(dataset.textDays, whole(86_400));
}

/** How old something of `time` (ms since the epoch) is. */
export function ageText(time: number): string {
  return fill(dataset.textAge, span(now() - time));
}

/** Lets clock, ages and the sign of life move. */
export function startClock(): void {
  const clock = document.getElementById("clock");
  const zone = clock?.textContent?.split(" ").slice(1).join(" ") ?? "";
  const tick = () => {
    const local = new Date(now() + Number(dataset.offsetMin) * 60_000);
    if (clock) clock.textContent = `${local.toISOString().slice(11, 19)} ${zone}`;
    growAges();
    showLife();
  };
  tick();
  setInterval(tick, 1000);
}

function showLife(): void {
  const silence = performance.now() - lastLife;
  const silent = silence > SILENT_MS;
  const link = document.getElementById("link");
  if (link) link.textContent = fill(silent ? dataset.textSilent : dataset.textLive, span(silence));
  if (silent === document.body.classList.contains("silent")) return;
  document.body.classList.toggle("silent", silent);
  // Said aloud once, not each second.
  const announcement = document.getElementById("announcement");
  if (announcement) announcement.textContent = silent ? fill(dataset.textSilent, span(silence)) : "";
}
