// Writes readings into the elements of their points: `data-point` (the value), `data-age` (how old it is).

import { ageText } from "./clock";
import type { Reading } from "./stream";

const language = document.documentElement.lang;

/** The look of a quality; the server's `Shown::look`. */
function look(quality: string): string {
  return quality === "good" || quality === "stale" ? quality : "bad";
}

/** Shows `readings` wherever the page has their points. */
export function patch(readings: Reading[]): void {
  const news = new Map(readings.map((reading) => [`${reading.device}/${reading.point}`, reading]));
  for (const element of document.querySelectorAll<HTMLElement | SVGElement>("[data-point]")) {
    const reading = news.get(element.dataset.point ?? "");
    if (reading) show(element, reading);
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-age]")) {
    const time = news.get(element.dataset.age ?? "")?.time;
    if (time) element.dataset.time = String(Date.parse(time));
  }
}

function show(element: HTMLElement | SVGElement, reading: Reading): void {
  const kind = look(reading.quality);
  const text = reading.text[language] ?? "";
  element.setAttribute("class", `value ${kind}${reading.priority ? ` p${reading.priority}` : ""}`);
  element.dataset.text = text;
  if (reading.time) element.dataset.time = String(Date.parse(reading.time));
  element.textContent = element.dataset.short !== undefined && kind === "bad" ? "–" : aged(element, kind);
}

/** The value's text, with its age if it is old. */
function aged(element: HTMLElement | SVGElement, kind: string): string {
  const text = element.dataset.text ?? "";
  const isOld = kind === "stale" && element.dataset.short === undefined && element.dataset.time;
  return isOld ? `${text} · ${ageText(Number(element.dataset.time))}` : text;
}

/** Lets the ages on the page grow. */
export function growAges(): void {
  for (const element of document.querySelectorAll<HTMLElement>(".value.stale[data-text]")) {
    element.textContent = aged(element, "stale");
  }
  for (const element of document.querySelectorAll<HTMLElement>("[data-age]")) {
    element.textContent = ageText(Number(element.dataset.time));
  }
}
