// The chart: one plot for each unit, each point's mean as a line in the band of its least and greatest values.
// Where nothing is known there is a gap. The lines that the server drew stand until the chart is there.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { columns, type Line, type Series } from "./series";

const HEIGHT = 260;
const BUCKETS = 600;

/** The chart moves on by a thousandth of its span, within these bounds. */
const MOVE_MS = { least: 5000, most: 60_000 };

const loaded = performance.now();
const place = document.getElementById("chart");
const language = document.documentElement.lang;

function lines(): Line[] {
  return [...document.querySelectorAll<HTMLElement>("[data-series]")].map((figure, n) => ({
    path: figure.dataset.series ?? "",
    name: figure.dataset.name ?? "",
    unit: figure.dataset.unit ?? "",
    decimals: Number(figure.dataset.decimals),
    period: Number(figure.dataset.period),
    color: n + 1,
  }));
}

function style(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

async function load(all: Line[], hours: number): Promise<Map<string, Series>> {
  const query = new URLSearchParams(all.map((line) => ["point", line.path]));
  query.set("buckets", String(BUCKETS));
  const to = Number(document.body.dataset.now) + performance.now() - loaded;
  query.set("from", new Date(to - hours * 3_600_000).toISOString());
  query.set("to", new Date(to).toISOString());
  const answer = await fetch(`/api/v1/history?${query}`);
  if (!answer.ok) throw new Error(await answer.text());
  const { series } = (await answer.json()) as { series: Series[] };
  return new Map(series.map((one) => [`${one.device}/${one.point}`, one]));
}

function options(unit: string, group: Line[], width: number): uPlot.Options {
  const number = (decimals: number) => (value: number | null) =>
    value === null || value === undefined
      ? "–"
      : `${value.toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })} ${unit}`;
  const axis = { stroke: style("--soft"), grid: { stroke: style("--line"), width: 1 }, ticks: { stroke: style("--line") } };
  const edge = { points: { show: false }, width: 0, stroke: "transparent" };
  const curves = group.flatMap((line): uPlot.Series[] => {
    const color = style(`--c${line.color}`);
    return [
      { ...edge, label: `${line.name} max`, class: "unseen" },
      { ...edge, label: `${line.name} min`, class: "unseen" },
      { label: line.name, stroke: color, width: 1.8, value: (_, value) => number(line.decimals)(value) },
    ];
  });
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), place?.dataset.zone ?? "UTC"),
    cursor: { sync: { key: "trends" } },
    series: [{ value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" }, ...curves],
    bands: group.map((line, n) => ({ series: [n * 3 + 1, n * 3 + 2], fill: `${style(`--c${line.color}`)}33` })),
    axes: [
      {
        ...axis,
        values: [
          [86_400, "{MM}-{DD}", null, null, null, null, null, null, 1],
          [60, "{HH}:{mm}", null, null, null, null, null, null, 1],
          [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1],
        ],
      },
      { ...axis, size: 80, values: (_, ticks) => ticks.map((tick) => `${tick.toLocaleString(language)} ${unit}`) },
    ],
  } as uPlot.Options;
}

async function draw(container: HTMLElement, all: Line[], hours: number): Promise<void> {
  const series = await load(all, hours);
  const plots: uPlot[] = [];
  container.replaceChildren();
  for (const [unit, group] of Map.groupBy(all, (line) => line.unit)) {
    const tables = group.map((line) => columns(line, series.get(line.path)));
    const data = uPlot.join(tables as uPlot.AlignedData[]);
    plots.push(new uPlot(options(unit, group, container.clientWidth), data, container));
  }
  current = plots;
}

let current: uPlot[] = [];

async function start(container: HTMLElement): Promise<void> {
  const [all, hours] = [lines(), Number(container.dataset.hours)];
  if (all.length === 0) return;
  const show = async () => {
    try {
      await draw(container, all, hours);
    } catch (error) {
      console.warn(error);
      const said = document.createElement("p");
      said.textContent = container.dataset.failed ?? "";
      if (!container.querySelector("p")) container.prepend(said);
    }
  };
  await show();
  addEventListener("resize", () => current.forEach((plot) => plot.setSize({ width: container.clientWidth, height: HEIGHT })));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void show());
  const period = Math.min(Math.max(hours * 3600, MOVE_MS.least), MOVE_MS.most);
  setInterval(() => {
    if (!document.hidden && !container.matches(":hover")) void show();
  }, period);
}

if (place) void start(place);
