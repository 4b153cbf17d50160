// Colours that people with any colour vision can tell apart, on light and dark ground; then dashes.
import { report } from "./state";

const PALETTE = ["#0b7fc7", "#d55e00", "#009e73", "#c2569b", "#b8860b", "#5b5bd6", "#3aa6b9", "#8a5a44", "#6a9a1f", "#7f7f7f"];
const DASHES = [undefined, [6, 3], [2, 3], [8, 3, 2, 3], [12, 4]];

// A run keeps its colour, whatever comes and goes beside it.
const places = new Map(report.peek().runs.map((run, i) => [run.name, i]));

export interface Stroke {
  colour: string;
  dash: number[] | undefined;
}

export function strokeAt(place: number): Stroke {
  return {
    colour: PALETTE[place % PALETTE.length]!,
    dash: DASHES[Math.floor(place / PALETTE.length) % DASHES.length],
  };
}

export function strokeOf(run: string): Stroke {
  if (!places.has(run)) places.set(run, places.size);
  return strokeAt(places.get(run)!);
}
