// The document that the program put into the page, and how its curves are packed: reformer/report/report.h.

export type Value = number | string | boolean;
export type Part = "model" | "task" | "train";

export interface PackedCurve {
  first: number;
  last: number;
  width: number;
  points: number;
  start?: number;
  low?: number;
  high?: number;
  log?: boolean;
  statistics: { last: string; mean?: string; min?: string; max?: string };
}

export interface Evaluations {
  attention: string;
  semantics: string;
  sequences: number;
  evaluations: number;
  steps: number[];
  loss: (number | null)[];
  accuracy: (number | null)[];
  hash_recall: (number | null)[];
  attention_entropy: (number | null)[];
}

export interface RunEvent {
  time: number;
  step: number;
  level: "info" | "warning" | "error";
  kind: string;
  message: string;
}

export interface Run {
  name: string;
  attention: string;
  seed: number;
  steps: number;
  step: number;
  status: string;
  reason: string;
  seconds: number | null;
  created_at: number | null;
  updated_at: number | null;
  config: Record<Part, Record<string, Value>>;
  written_by: Record<string, string>;
  command: string;
  sessions: { cpu: string; simd: string; threads: number; version: string; commit: string }[];
  events: RunEvent[];
  events_left_out: Partial<Record<RunEvent["level"], number>>; // where there are too many: the less severe, and of those the older
  curves: Record<string, PackedCurve | Curve>;
  evaluations: Evaluations[];
}

export interface Cell {
  mean: number;
  lowest?: number;
  highest?: number;
  deviation?: number;
  interval?: [number, number]; // 95 %, of the mean
}

export interface TablePart {
  name: string;
  title: string;
  command: string;
  trained_under: string;
  provenance: Record<string, string>;
  seeds: number[];
  size?: string;
  length?: number;
  buckets?: number;
  chunk_length?: number;
  sequences?: number;
  tables: { semantics: string; cells: (Cell | null)[][] }[];
  switches: { trained: string; evaluated: string; base: string; changes: string; before: Cell; after: Cell }[];
}

export interface Comparison {
  finding: string;
  title: string;
  model: string;
  evaluated: string;
  losing: string;
  keeping: string;
  verdict: string;
  seeds: number;
  rows: { flipped: string; losing: Cell; keeping: Cell }[];
}

export interface DiscrepancyPart {
  name: string;
  command: string;
  provenance: Record<string, string>;
  size: string;
  comparisons: Comparison[];
  suspects: { name: string; model: string; evaluated: string; seeds: number; usual: Cell; changed: Cell }[];
  meanings: { model: string; evaluated: string; cells: Record<string, Cell | null> }[];
  absent: string[];
}

export interface SpeedRow {
  attention: string;
  tokens: number; // of a sequence
  batch: number;
  precision: string;
  seconds: number;
  fraction_of_peak: number;
  tokens_per_second: number;
  peak_bytes?: number;
}

export interface PublishedTime {
  attention: string;
  tokens: number;
  seconds: number;
}

export interface SpeedPart {
  name: string;
  command: string;
  provenance: Record<string, string>;
  size: string;
  threads: number;
  train_step: SpeedRow[];
  evaluate: SpeedRow[];
  attention: SpeedRow[];
}

// One head of one layer on one sequence. Weights are packed: 255 times their root, row by row up to the diagonal if causal.
export interface Picture {
  run: string;
  sequence: number;
  layer: number;
  head: number;
  layers: number;
  heads: number;
  length: number;
  rounds: number;
  buckets: number;
  chunk_length: number;
  attention: string;
  semantics: string;
  causal: boolean;
  inputs: number[];
  scored: [number, number];
  answer_distance: number;
  bucket: number[][];
  order: number[][];
  meeting: number[][];
  full: string;
  lsh: string;
  lsh_of_round: string[];
}

export interface Report {
  written_by: { version: string; commit: string };
  published: {
    trained: string[];
    evaluated: string[];
    paper: number[][];
    seed_report: number[][];
    step_tokens: number;
    paper_times: PublishedTime[];
    seed_report_times: PublishedTime[];
  };
  settings: { part: Part; name: string; help: string }[];
  task: { inputs: number[]; targets: number[]; scored_begin: number; scored_end: number; chance: number } | null;
  runs: Run[];
  tables: TablePart[];
  discrepancies: DiscrepancyPart[];
  speeds: SpeedPart[];
  problems: { name: string; message: string }[];
  attention?: Picture[]; // only where it was asked for
  live?: { since: string }; // only in a page that a server shows: the last message that is in it
}

export function readReport(): Report {
  return JSON.parse(document.getElementById("report")!.textContent!) as Report;
}

// A curve, unpacked: statistics of the steps up to and including steps[i]; NaN where there are none.
export interface Curve {
  steps: Float64Array;
  mean: Float64Array;
  low: Float64Array | null; // null: the mean is all there is
  high: Float64Array | null;
  last: Float64Array;
  width: number;
  points: number;
  newest: number; // points at the end, one step each, that came after the buckets were cut
}

function bytesOf(base64: string): DataView {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return new DataView(bytes.buffer);
}

function unpackFloats(base64: string): Float64Array {
  const view = bytesOf(base64);
  return Float64Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

const HIGHEST_CODE = 65534;

function unpackCodes(base64: string, curve: PackedCurve): Float64Array {
  const view = bytesOf(base64);
  const low = curve.low!;
  const high = curve.high!;
  return Float64Array.from({ length: view.byteLength / 2 }, (_, i) => {
    const code = view.getUint16(2 * i, true);
    if (code > HIGHEST_CODE) return NaN;
    const part = code / HIGHEST_CODE;
    return curve.log ? low * (high / low) ** part : low + (high - low) * part;
  });
}

export function unpack(curve: PackedCurve): Curve {
  const read = (text: string) => (curve.width === 1 ? unpackFloats(text) : unpackCodes(text, curve));
  const last = read(curve.statistics.last);
  const { mean, min, max } = curve.statistics;
  const steps = Float64Array.from(last, (_, i) => Math.min(curve.first - 1 + (i + 1) * curve.width, curve.last));
  if (mean === undefined && curve.width > 1) {
    // Monotone between the ends of buckets: with its first value before them, the line is all there is to know.
    const values = Float64Array.of(curve.start!, ...last);
    return { steps: Float64Array.of(curve.first, ...steps), last: values, mean: values, low: null, high: null, width: curve.width, points: curve.points, newest: 0 };
  }
  return {
    steps,
    last,
    mean: mean === undefined ? last : read(mean),
    low: min === undefined ? null : read(min),
    high: max === undefined ? null : read(max),
    width: curve.width,
    points: curve.points,
    newest: 0,
  };
}

// The value of a setting, by its name alone: names are distinct over the parts.
export function settingOf(run: Run, name: string): Value | undefined {
  for (const part of ["model", "task", "train"] as const) {
    const value = run.config[part][name];
    if (value !== undefined) return value;
  }
  return undefined;
}

// Settings, and what else runs can be told apart by.
export function fieldOf(run: Run, name: string): Value | undefined {
  if (name === "trained") return run.attention;
  if (name === "name" || name === "status" || name === "step") return run[name];
  return settingOf(run, name);
}
