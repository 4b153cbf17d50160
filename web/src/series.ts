// From the curves of runs to the lines of a panel.
import { fieldOf, type Curve, type Run, settingOf, unpack } from "./data";
import { attentionName } from "./format";
import { strokeAt, strokeOf, type Stroke } from "./colours";
import type { Axis, Band } from "./state";

export interface Line {
  name: string;
  stroke: Stroke;
  pinned: boolean;
  x: Float64Array;
  y: Float64Array; // as measured: the mean of a bucket, or of a group
  smooth: Float64Array | null;
  low: Float64Array | null; // least and greatest in a bucket, over all runs of a group
  high: Float64Array | null;
  extremes: boolean; // whether buckets say their least and greatest; else their last is all there is to know
  points: number;
  width: number; // steps of a bucket
  newest: number; // points after the buckets
  runs: number;
}

export interface View {
  axis: Axis;
  smoothing: number;
  groupBy: string;
  band: Band;
  pinned: string[];
}

const unpacked = new WeakMap<object, Curve>();

function curveOf(run: Run, metric: string): Curve | null {
  if (metric.startsWith("validation ")) return evaluationCurve(run, metric.slice("validation ".length));
  const packed = run.curves[metric];
  if (!packed || !("statistics" in packed)) return packed ?? null;
  let curve = unpacked.get(packed);
  if (!curve) unpacked.set(packed, (curve = unpack(packed)));
  return curve;
}

function joined(before: Float64Array, after: number[]): Float64Array {
  const all = new Float64Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}

// The run's curve with rows that came since; steps that it has already are left out. In a quantity that is measured now
// and then, a row without a value is no gap.
export function extended(run: Run, metric: string, steps: number[], values: (number | null)[], sampled: boolean): Curve {
  const nothing = new Float64Array(0);
  const curve = curveOf(run, metric) ?? { steps: nothing, mean: nothing, last: nothing, low: null, high: null, width: 1, points: 0, newest: 0 };
  const end = curve.steps.at(-1) ?? -Infinity;
  const taken = steps.map((_, i) => i).filter((i) => steps[i]! > end && (values[i] !== null || !sampled));
  const ys = taken.map((i) => values[i] ?? NaN);
  const last = joined(curve.last, ys);
  return {
    steps: joined(curve.steps, taken.map((i) => steps[i]!)),
    last,
    mean: curve.mean === curve.last ? last : joined(curve.mean, ys),
    low: curve.low && joined(curve.low, ys),
    high: curve.high && joined(curve.high, ys),
    width: curve.width,
    points: curve.points + ys.filter((y) => !Number.isNaN(y)).length,
    newest: curve.newest + taken.length,
  };
}

// Evaluations under the attention and meaning that the run was trained with.
function evaluationCurve(run: Run, metric: string): Curve | null {
  const own = run.evaluations.find((e) => e.attention === run.attention && e.semantics === settingOf(run, "semantics"));
  const series = own?.[metric as "loss" | "accuracy"];
  if (!own || !series || series.every((value) => value === null)) return null;
  const values = Float64Array.from(series, (value) => value ?? NaN);
  return { steps: Float64Array.from(own.steps), mean: values, last: values, low: null, high: null, width: 1, points: own.evaluations, newest: 0 };
}

export const METRICS = [
  "loss",
  "accuracy",
  "validation loss",
  "validation accuracy",
  "learning_rate",
  "momentum",
  "gradient_norm",
  "lost_pairs",
  "hash_recall",
  "attention_entropy",
  "steps_per_second",
];

export const metricsOf = (runs: Run[]) => METRICS.filter((metric) => runs.some((run) => curveOf(run, metric)));

// Value of a curve between its points.
function interpolate(curve: Curve, step: number): number {
  const { steps, last } = curve;
  let low = 0;
  let high = steps.length - 1;
  if (step <= steps[0]!) return (last[0]! * step) / steps[0]!;
  if (step >= steps[high]!) return last[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= step) low = middle;
    else high = middle;
  }
  const part = (step - steps[low]!) / (steps[high]! - steps[low]!);
  return last[low]! + part * (last[high]! - last[low]!);
}

function xOf(run: Run, curve: Curve, axis: Axis): Float64Array {
  if (axis === "step") return curve.steps;
  if (axis === "sequences") return curve.steps.map((step) => step * Number(settingOf(run, "batch")));
  const seconds = curveOf(run, "seconds");
  return seconds ? curve.steps.map((step) => interpolate(seconds, step)) : curve.steps;
}

// Exponential moving average without bias at the start. The weight is that of a thousandth of the curve, so that curves
// of many and of few points are smoothed alike, and buckets like the single points after them.
export function smoothed(x: Float64Array, y: Float64Array, weight: number): Float64Array | null {
  const span = y.length < 3 ? 0 : x.at(-1)! - x[0]!;
  if (weight === 0 || span <= 0) return null;
  let sum = 0;
  let mass = 0;
  let before = x[0]! - span / (y.length - 1);
  return y.map((value, i) => {
    if (Number.isNaN(value)) return NaN;
    const w = weight ** ((1000 * (x[i]! - before)) / span);
    before = x[i]!;
    sum = w * sum + (1 - w) * value;
    mass = w * mass + (1 - w);
    return sum / mass;
  });
}

function lineOf(run: Run, metric: string, view: View): Line | null {
  const curve = curveOf(run, metric);
  if (!curve) return null;
  const x = xOf(run, curve, view.axis);
  return {
    name: run.name,
    stroke: strokeOf(run.name),
    pinned: view.pinned.includes(run.name),
    x,
    y: curve.mean,
    smooth: smoothed(x, curve.mean, view.smoothing),
    low: curve.low,
    high: curve.high,
    extremes: curve.low !== null,
    points: curve.points,
    width: curve.width,
    newest: curve.newest,
    runs: 1,
  };
}

// Name of the group that a run belongs to.
export function groupName(run: Run, key: string): string {
  const value = fieldOf(run, key);
  return key === "trained" ? attentionName(String(value)) : `${key} = ${String(value)}`;
}

// Of Student's distribution with 1, 2, ... degrees of freedom, what |T| exceeds in 5 of 100 cases; beyond, by the first two
// terms of its expansion about the normal distribution's, which are off by less than 0.001 there.
const STUDENT = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];
export function studentT(degrees: number): number {
  const z = 1.959964;
  const u = z * z;
  return STUDENT[degrees - 1] ?? z + (z * (u + 1)) / (4 * degrees) + (z * (5 * u * u + 16 * u + 3)) / (96 * degrees * degrees);
}

// Mean over a group's runs at every x that one of them has, where all of them reach; about it the lowest and the highest of
// all runs, or the 95 % interval of the mean.
function groupLine(name: string, stroke: Stroke, lines: Line[], view: View): Line {
  const end = Math.min(...lines.map((line) => line.x.at(-1)!));
  const begin = Math.max(...lines.map((line) => line.x[0]!));
  const xs = [...new Set(lines.flatMap((line) => [...line.x]))].filter((x) => x >= begin && x <= end).sort((a, b) => a - b);
  const x = Float64Array.from(xs);
  const y = new Float64Array(x.length);
  const low = new Float64Array(x.length);
  const high = new Float64Array(x.length);
  const interval = view.band === "interval" && lines.length > 1;
  const at = lines.map(() => 0);
  for (let i = 0; i < x.length; ++i) {
    let sum = 0;
    let squares = 0;
    let least = Infinity;
    let most = -Infinity;
    const shift = y[i - 1] ?? 0; // near the values, so that their squares lose no digits
    lines.forEach((line, j) => {
      while (at[j]! + 1 < line.x.length && line.x[at[j]! + 1]! <= x[i]!) at[j]!++;
      const k = at[j]!;
      const next = Math.min(k + 1, line.x.length - 1);
      const gap = line.x[next]! - line.x[k]!;
      const part = gap > 0 ? (x[i]! - line.x[k]!) / gap : 0;
      const value = part === 0 ? line.y[k]! : line.y[k]! + part * (line.y[next]! - line.y[k]!);
      sum += value;
      squares += (value - shift) ** 2;
      // A bucket ends at its x: what lies between two is in the latter.
      const bucket = part === 0 ? k : next;
      least = Math.min(least, value, line.low?.[bucket] ?? value);
      most = Math.max(most, value, line.high?.[bucket] ?? value);
    });
    const n = lines.length;
    const mean = sum / n;
    const half = n > 1 ? studentT(n - 1) * Math.sqrt(Math.max(0, squares - n * (mean - shift) ** 2) / (n - 1) / n) : 0;
    y[i] = mean;
    low[i] = interval ? mean - half : least;
    high[i] = interval ? mean + half : most;
  }
  if (!interval && x.length > 0) includeFiner(lines, begin, low, high);
  const banded = lines.length > 1 || lines[0]!.low !== null;
  return {
    name: `${name} (${lines.length})`,
    stroke,
    pinned: false,
    x,
    y,
    smooth: smoothed(x, y, view.smoothing),
    low: banded ? low : null,
    high: banded ? high : null,
    extremes: lines.some((line) => line.extremes),
    points: lines.reduce((sum, line) => sum + line.points, 0),
    width: Math.max(...lines.map((line) => line.width)),
    newest: lines.reduce((sum, line) => sum + line.newest, 0),
    runs: lines.length,
  };
}

// A group begins where the widest first bucket ends: what finer buckets of other runs hold of its steps belongs there too.
function includeFiner(lines: Line[], begin: number, low: Float64Array, high: Float64Array): void {
  const widest = lines.find((line) => line.x[0] === begin)!;
  if (!widest.extremes || widest.x.length < 2) return;
  const before = begin - (widest.x[1]! - begin);
  for (const line of lines) {
    for (let k = 0; k < line.x.length && line.x[k]! < begin; ++k) {
      if (line.x[k]! <= before) continue;
      low[0] = Math.min(low[0]!, line.low?.[k] ?? line.y[k]!);
      high[0] = Math.max(high[0]!, line.high?.[k] ?? line.y[k]!);
    }
  }
}

// Names of the groups, in the order and with the strokes of their lines.
export function groupStrokes(runs: Run[], key: string): { name: string; stroke: Stroke }[] {
  return [...new Set(runs.map((run) => groupName(run, key)))].map((name, place) => ({ name, stroke: strokeAt(place) }));
}

export function linesOf(runs: Run[], metric: string, view: View): Line[] {
  const lines = runs.map((run) => lineOf(run, metric, view));
  if (!view.groupBy) return lines.filter((line) => line !== null);
  return groupStrokes(runs, view.groupBy)
    .map(({ name, stroke }) => ({ name, stroke, members: lines.filter((line, i): line is Line => line !== null && groupName(runs[i]!, view.groupBy) === name) }))
    .filter(({ members }) => members.length > 0)
    .map(({ name, stroke, members }) => groupLine(name, stroke, members, view));
}

// The part of the x axis that is shown: all of it, or what was chosen as far as a logarithmic axis has it.
export function shownX(lines: Line[], chosen: [number, number] | null, log: boolean): [number, number] {
  const fits = (line: Line) => line.x.length > 0;
  const first = (line: Line) => (log ? line.x.find((x) => x > 0) : line.x[0]) ?? Infinity;
  const least = Math.min(...lines.filter(fits).map(first));
  const low = Number.isFinite(least) ? least : log ? 1 : 0;
  const high = Math.max(...lines.filter(fits).map((line) => line.x.at(-1)!));
  const from = chosen && (log ? Math.max(chosen[0], low) : chosen[0]);
  if (chosen && from! < chosen[1]) return [from!, chosen[1]];
  return [low, high > low ? high : low + 1];
}

// Index of the point of a line that is nearest to x, or -1 beyond its ends.
export function nearest(line: Line, x: number): number {
  const xs = line.x;
  const end = xs.length - 1;
  if (end < 0) return -1;
  const reach = end > 0 ? (xs[end]! - xs[0]!) / end : Math.max(Math.abs(xs[0]!), 1);
  if (x < xs[0]! - reach || x > xs[end]! + reach) return -1;
  let low = 0;
  let high = end;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  return Math.abs(xs[low]! - x) <= Math.abs(xs[high]! - x) ? low : high;
}
