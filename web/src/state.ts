// What the reader chose to see. All of it is in the address, so that a link restores it.
import { computed, effect, signal } from "@preact/signals";
import { readReport, type Run, settingOf } from "./data";
import { matcher } from "./search";

export type Axis = "step" | "sequences" | "seconds";
export type Band = "range" | "interval";
export type Theme = "auto" | "light" | "dark";

// A picture of attention; of "" as run that of the first one, of 0 as round all of them.
export interface Look {
  run: string;
  sequence: number;
  layer: number;
  head: number;
  round: number;
}

// A served report changes while it is looked at: live.ts.
export const report = signal(readReport());

export const hidden = signal<string[]>([]);
export const pinned = signal<string[]>([]);
export const search = signal("");
export const groupBy = signal("");
export const smoothing = signal(0);
export const axis = signal<Axis>("step");
export const logX = signal(false);
export const logY = signal<string[]>([]);
export const range = signal<[number, number] | null>(null);
export const crosshair = signal<number | null>(null); // pinned
export const theme = signal<Theme>("auto");
export const onlyDifferences = signal(true);
export const band = signal<Band>("range"); // about the mean of a group
export const wide = signal<string[]>([]); // quantities whose panel is as wide as the page
export const picture = signal<Look>({ run: "", sequence: 0, layer: 0, head: 0, round: 0 });
export const sort = signal(""); // a column of the run set, with "-" before it downwards; "": in the order of names

// Where the pointer is, in the units of the axis; not in the link.
export const hover = signal<number | null>(null);

const persistent = { hidden, pinned, search, groupBy, smoothing, axis, logX, logY, range, crosshair, theme, onlyDifferences, band, sort, wide, picture };
type Name = keyof typeof persistent;
const names = Object.keys(persistent) as Name[];
const defaults = Object.fromEntries(names.map((name) => [name, persistent[name].peek()]));

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const isText = (value: unknown): value is string => typeof value === "string";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isPlace = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
function isLook(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { run, sequence, layer, head, round } = value as Record<keyof Look, unknown>;
  return isText(run) && [sequence, layer, head, round].every(isPlace);
}

// A link comes from outside: what does not fit is left out.
const fits: Record<Name, (value: unknown) => boolean> = {
  hidden: isTexts,
  pinned: isTexts,
  search: isText,
  groupBy: isText,
  smoothing: (v) => isNumber(v) && (v as number) >= 0 && (v as number) < 1,
  axis: (v) => v === "step" || v === "sequences" || v === "seconds",
  logX: (v) => typeof v === "boolean",
  logY: isTexts,
  range: (v) => Array.isArray(v) && v.length === 2 && v.every(isNumber) && v[0] < v[1],
  crosshair: isNumber,
  theme: (v) => v === "auto" || v === "light" || v === "dark",
  onlyDifferences: (v) => typeof v === "boolean",
  band: (v) => v === "range" || v === "interval",
  sort: (v) => isText(v) && (v === "" || v.replace(/^-/, "") in COLUMNS),
  wide: isTexts,
  picture: isLook,
};

export function restore(hash: string): void {
  let state: Record<string, unknown> = {};
  try {
    state = JSON.parse(decodeURIComponent(hash.replace(/^#/, ""))) as Record<string, unknown>;
  } catch {
    // Not a link of ours: everything as at first.
  }
  for (const name of names) {
    const value = state?.[name];
    persistent[name].value = (value !== undefined && fits[name](value) ? value : defaults[name]) as never;
  }
}

function link(): string {
  const changed = names.filter((name) => !same(persistent[name].value, defaults[name]));
  if (changed.length === 0) return "";
  return "#" + encodeURIComponent(JSON.stringify(Object.fromEntries(changed.map((n) => [n, persistent[n].value]))));
}

export function keepInAddress(): void {
  restore(location.hash);
  effect(() => {
    const hash = link();
    if (location.hash !== hash) history.replaceState(null, "", hash || location.pathname + location.search);
  });
  addEventListener("hashchange", () => restore(location.hash));
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
  });
}

// The last evaluation under the attention of training, else nothing.
export function lastEvaluation(run: Run): { loss: number | null; accuracy: number | null } {
  const own = run.evaluations.find((e) => e.attention === run.attention && e.semantics === settingOf(run, "semantics"));
  return { loss: own?.loss.at(-1) ?? null, accuracy: own?.accuracy.at(-1) ?? null };
}

// What the run set can be sorted by.
export const COLUMNS: Record<string, (run: Run) => string | number | null> = {
  run: (run) => run.name,
  status: (run) => run.status,
  steps: (run) => run.step,
  accuracy: (run) => lastEvaluation(run).accuracy,
  loss: (run) => lastEvaluation(run).loss,
  time: (run) => run.seconds,
};

// Runs without a value come last, whatever the direction.
function bySort(a: Run, b: Run): number {
  const column = COLUMNS[sort.value.replace(/^-/, "")];
  if (!column) return 0;
  const [x, y] = [column(a), column(b)];
  if (x === null || y === null) return Number(x === null) - Number(y === null);
  return (x < y ? -1 : x > y ? 1 : 0) * (sort.value.startsWith("-") ? -1 : 1);
}

const byPin = (a: Run, b: Run) => Number(pinned.value.includes(b.name)) - Number(pinned.value.includes(a.name));

// Runs that the search leaves, pinned ones first.
export const found = computed(() => report.value.runs.filter(matcher(search.value)).sort((a, b) => byPin(a, b) || bySort(a, b)));
export const visible = computed(() => found.value.filter((run) => !hidden.value.includes(run.name)));

export function toggled(list: string[], name: string): string[] {
  return list.includes(name) ? list.filter((other) => other !== name) : [...list, name];
}
