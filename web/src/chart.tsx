// One panel's drawing: uPlot, with a cross-hair that all panels share, zoom, pan and keys.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { number } from "./format";
import { type Line, shownX } from "./series";
import { crosshair, hover, range, theme } from "./state";

export interface ChartProps {
  label: string;
  lines: Line[];
  logX: boolean;
  logY: boolean;
}

const HEIGHT = 240;

const gaps = (values: Float64Array) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));
const positive = (values: (number | null)[]) => values.map((value) => (value !== null && value > 0 ? value : null));

interface Layout {
  data: uPlot.AlignedData;
  series: uPlot.Series[];
  bands: uPlot.Band[];
}

function translucent(colour: string, alpha: string): string {
  return colour + alpha;
}

// Columns of uPlot: one x for all lines, and of each line its band, itself and its smoothed self.
function layoutOf(lines: Line[], logY: boolean): Layout {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  const tables: uPlot.AlignedData[] = [];
  for (const line of lines) {
    const columns: (number | null)[][] = [Array.from(line.x)];
    const add = (values: Float64Array, options: uPlot.Series) => {
      columns.push(logY ? positive(gaps(values)) : gaps(values));
      series.push({ points: { show: values.length < 3 }, ...options });
    };
    const { colour, dash } = line.stroke;
    // A band of no height where every value is drawn: a run that is cut anew keeps its drawing.
    bands.push({ series: [series.length, series.length + 1], fill: translucent(colour, "26") });
    const edge = { width: 0, points: { show: false } };
    add(line.high ?? line.y, edge);
    add(line.low ?? line.y, edge);
    const width = line.pinned ? 3 : 1.6;
    add(line.y, line.smooth ? { stroke: translucent(colour, "55"), width: 1 } : { stroke: colour, width, dash });
    if (line.smooth) add(line.smooth, { stroke: colour, width, dash });
    tables.push(columns as unknown as uPlot.AlignedData);
  }
  const data = tables.length > 0 ? uPlot.join(tables) : ([[], []] as uPlot.AlignedData);
  if (tables.length === 0) series.push({});
  return { data, series, bands };
}

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axisOptions(): uPlot.Axis {
  const font = "12px system-ui, sans-serif";
  return { stroke: css("--quiet"), font, grid: { stroke: css("--grid"), width: 1 }, ticks: { stroke: css("--grid"), width: 1 } };
}

// The digits of every power of ten from `low` to `high`. uPlot's own never end where a scale below 1 begins just before such a power.
function logarithmicSplits(low: number, high: number): number[] {
  if (!(low > 0 && high < Infinity)) return [low, high];
  const splits: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; ++power) {
    for (let digit = 1; digit <= 9; ++digit) {
      const split = Number(`${digit}e${power}`);
      if (split >= low && split <= high) splits.push(split);
    }
  }
  return splits.length > 1 ? splits : [low, high];
}

function optionsOf(props: ChartProps, layout: Layout, width: number): uPlot.Options {
  const tick = (_: uPlot, values: (number | null)[]) => values.map((value) => (value === null ? "" : number(value)));
  const splits = (log: boolean) => (log ? { splits: (_: uPlot, __: number, low: number, high: number) => logarithmicSplits(low, high) } : {});
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    series: layout.series,
    bands: layout.bands,
    scales: {
      x: { time: false, distr: props.logX ? 3 : 1, range: (_, min, max) => [min, max] }, // as it is set, not rounded
      y: props.logY ? { distr: 3 } : {},
    },
    axes: [
      { ...axisOptions(), ...splits(props.logX), values: tick, size: 28 },
      { ...axisOptions(), ...splits(props.logY), values: tick, size: 62 },
    ],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    hooks: {
      setCursor: [
        (plot) => {
          const left = plot.cursor.left ?? -1;
          if (crosshair.peek() === null && !moving) hover.value = left < 0 ? null : plot.posToVal(left, "x");
        },
      ],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          range.value = [plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x")];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

// Moving one chart's cursor by program must not be taken for the pointer.
let moving = false;

function showCursor(plot: uPlot, x: number | null): void {
  moving = true;
  plot.setCursor(x === null ? { left: -10, top: -10 } : { left: plot.valToPos(x, "x"), top: 1 });
  moving = false;
}

function extent(plot: uPlot): [number, number] {
  const { min, max } = plot.scales["x"]!;
  return [min ?? 0, max ?? 1];
}

// The part of the axis that remains after zooming by `factor` about `centre` and moving by `shift` of its width.
function zoomed(plot: uPlot, factor: number, centre?: number, shift = 0): void {
  const [min, max] = extent(plot);
  const middle = centre ?? (min + max) / 2;
  const move = shift * (max - min);
  range.value = [middle - (middle - min) * factor + move, middle + (max - middle) * factor + move];
}

function keyPressed(plot: uPlot, event: KeyboardEvent): void {
  const xs = plot.data[0];
  const [min, max] = extent(plot);
  const stay = crosshair.value ?? hover.value ?? (min + max) / 2;
  const step = (max - min) / 100;
  const go = (x: number) => {
    const to = Math.min(Math.max(x, min), max);
    if (crosshair.value === null) hover.value = to;
    else crosshair.value = to;
  };
  const actions: Record<string, () => void> = {
    ArrowLeft: () => go(stay - step),
    ArrowRight: () => go(stay + step),
    Home: () => go(xs[0] ?? min),
    End: () => go(xs.at(-1) ?? max),
    "+": () => zoomed(plot, 0.5, stay),
    "-": () => zoomed(plot, 2, stay),
    "0": () => void (range.value = null),
    Enter: () => void (crosshair.value = crosshair.value === null ? stay : null),
    Escape: () => void (crosshair.value = hover.value = null),
  };
  const shifted: Record<string, () => void> = {
    ...actions,
    ArrowLeft: () => zoomed(plot, 1, undefined, -0.1),
    ArrowRight: () => zoomed(plot, 1, undefined, 0.1),
  };
  const action = (event.shiftKey ? shifted : actions)[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

interface Held {
  value: number; // of x, under the finger when it came down
  at: number; // where it is now: 0 to 1 along the axis
}

// The view follows what holds it: one finger, or the mouse with Shift, moves it, two zoom it.
function viewOf(held: Held[], width: number, log: boolean): [number, number] | null {
  const place = log ? Math.log : (x: number) => x;
  const value = log ? Math.exp : (x: number) => x;
  const [one, two] = held.sort((a, b) => a.at - b.at);
  if (!one) return null;
  const apart = two && two.at - one.at > 0.02 ? two.at - one.at : null;
  const span = apart ? (place(two!.value) - place(one.value)) / apart : width;
  if (!(span > 0) || !Number.isFinite(span)) return null;
  const low = place(one.value) - span * one.at;
  return [value(low), value(low + span)];
}

const TWICE = 350; // milliseconds between two taps that are one act

function listenToFingers(plot: uPlot, log: boolean): { tapped: () => number } {
  const over = plot.over;
  const held = new Map<number, Held>();
  let down = { x: 0, y: 0 };
  let moved = false;
  let tapped = -Infinity;
  const atOf = (event: PointerEvent) => (event.clientX - over.getBoundingClientRect().left) / over.clientWidth;
  const width = () => {
    const [min, max] = extent(plot);
    return log ? Math.log(max / min) : max - min;
  };
  // From here on the view follows what holds it now.
  const hold = () => held.forEach((one) => (one.value = plot.posToVal(one.at * over.clientWidth, "x")));
  over.addEventListener("pointerdown", (event) => {
    const finger = event.pointerType === "touch";
    if (!finger && !event.shiftKey) return;
    if (!finger) over.setPointerCapture(event.pointerId);
    held.set(event.pointerId, { value: 0, at: atOf(event) });
    moved = held.size > 1;
    down = { x: event.clientX, y: event.clientY };
    hold();
  });
  over.addEventListener("pointermove", (event) => {
    const one = held.get(event.pointerId);
    if (!one) return;
    one.at = atOf(event);
    moved ||= Math.hypot(event.clientX - down.x, event.clientY - down.y) > 10;
    if (held.size === 1 && event.pointerType === "touch" && (!moved || range.peek() === null)) return;
    range.value = viewOf([...held.values()], width(), log) ?? range.peek();
  });
  const release = (event: PointerEvent) => {
    if (held.delete(event.pointerId)) hold();
  };
  over.addEventListener("pointercancel", release);
  over.addEventListener("pointerup", (event) => {
    const tap = held.size === 1 && held.has(event.pointerId) && event.pointerType === "touch" && !moved;
    release(event);
    if (!tap) return;
    if (event.timeStamp - tapped < TWICE) whole();
    else pin(plot, event.clientX);
    tapped = event.timeStamp;
  });
  return { tapped: () => tapped };
}

function whole(): void {
  range.value = null;
  crosshair.value = null;
}

function pin(plot: uPlot, clientX: number): void {
  const x = plot.posToVal(clientX - plot.over.getBoundingClientRect().left, "x");
  crosshair.value = crosshair.value === null ? x : null;
}

// A drag zooms, see setSelect, and with Shift moves the view, the wheel with Ctrl zooms it, a click pins the cross-hair, a
// double click resets. Fingers: two zoom, one moves what is zoomed, a tap and two taps are a click and a double one.
function listen(plot: uPlot, host: HTMLElement, log: boolean): void {
  const over = plot.over;
  const fingers = listenToFingers(plot, log);
  // Browsers tell of a tap a second time, as of a mouse.
  const afterTap = (event: MouseEvent) => event.timeStamp - fingers.tapped() < 2 * TWICE;
  let downAt = 0;
  over.addEventListener(
    "mousedown",
    (event) => {
      downAt = event.clientX;
      if (event.shiftKey || afterTap(event)) event.stopImmediatePropagation();
    },
    { capture: true },
  );
  over.addEventListener("click", (event) => {
    if (Math.abs(event.clientX - downAt) > 3 || event.shiftKey || event.detail > 1 || afterTap(event)) return;
    pin(plot, event.clientX);
  });
  over.addEventListener("dblclick", (event) => {
    if (!afterTap(event)) whole();
  });
  over.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const x = plot.posToVal(event.clientX - over.getBoundingClientRect().left, "x");
      zoomed(plot, event.deltaY > 0 ? 1.25 : 0.8, x);
    },
    { passive: false },
  );
  host.onkeydown = (event) => keyPressed(plot, event);
}

interface Drawing {
  lines: Line[];
  update(lines: Line[]): void;
  end(): void;
}

function draw(host: HTMLElement, props: ChartProps): Drawing {
  const layout = layoutOf(props.lines, props.logY);
  const width = () => Math.max(host.clientWidth, 200);
  const plot = new uPlot(optionsOf(props, layout, width()), layout.data, host);
  listen(plot, host, props.logX);
  const resize = new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT }));
  resize.observe(host);
  let shown = props.lines;
  const showRange = () => {
    const [min, max] = shownX(shown, range.value, props.logX);
    plot.setScale("x", { min, max });
  };
  const stopRange = effect(showRange);
  const stopCursor = effect(() => {
    void range.value;
    showCursor(plot, crosshair.value ?? hover.value);
  });
  return {
    lines: props.lines,
    update(lines) {
      if (lines === this.lines) return;
      this.lines = shown = lines;
      plot.setData(layoutOf(lines, props.logY).data, false);
      showRange();
      showCursor(plot, crosshair.peek() ?? hover.peek());
    },
    end() {
      stopRange();
      stopCursor();
      resize.disconnect();
      host.onkeydown = null;
      plot.destroy();
    },
  };
}

// All that a drawing is made for once; while it stays, new values go into the drawing that is there.
function shapeOf({ lines, logX, logY }: ChartProps): string {
  return JSON.stringify([logX, logY, lines.map((line) => [line.stroke, line.pinned, !line.smooth, line.y.length < 3])]);
}

export function Chart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const colours = theme.value; // axes take their colours from the theme
  useEffect(() => {
    drawing.current = draw(host.current!, props);
    return () => drawing.current!.end();
  }, [shapeOf(props), colours]);
  useEffect(() => drawing.current!.update(props.lines), [props.lines]);
  return (
    <div
      class="chart"
      ref={host}
      tabIndex={0}
      role="application"
      aria-roledescription="chart"
      aria-label={`${props.label}. Arrow keys read values, with Shift they move the view, plus and minus zoom, 0 shows all, Enter pins.`}
    />
  );
}
