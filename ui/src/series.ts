// History's answer as columns of a plot: time, greatest, least, mean; with a null where nothing is known.

/** One line of the chart. */
export interface Line {
  path: string;
  name: string;
  unit: string;
  decimals: number;
  /** How often the point is read, s. */
  period: number;
  color: number;
}

/** A series as the API tells it. */
export interface Series {
  device: string;
  point: string;
  samples?: { time: string; value: number | null }[];
  bucket_s?: number;
  buckets?: { time: string; min: number; max: number; mean: number }[];
}

type Column = (number | null)[];

/** The columns of a line; empty without a series. */
export function columns(line: Line, series: Series | undefined): [number[], Column, Column, Column] {
  const made: [number[], Column, Column, Column] = [[], [], [], []];
  const patience = Math.max(line.period * 3 + 2, (series?.bucket_s ?? 0) * 1.5);
  const push = (time: number, max: number | null, min: number | null, mean: number | null) => {
    const last = made[0].at(-1);
    if (last !== undefined && mean !== null && time - last > patience) push(last + patience / 2, null, null, null);
    made[0].push(time);
    made[1].push(max);
    made[2].push(min);
    made[3].push(mean);
  };
  const seconds = (time: string) => Date.parse(time) / 1000;
  for (const { time, value } of series?.samples ?? []) push(seconds(time), value, value, value);
  for (const { time, min, max, mean } of series?.buckets ?? []) push(seconds(time), max, min, mean);
  return made;
}
