// The course of training: one panel for each quantity.
import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Chart } from "./chart";
import { type Figure, saveCsv, savePng, saveSvg } from "./download";
import { grouped, metricName, number, plural } from "./format";
import { strokeOf } from "./colours";
import { groupStrokes, type Line, linesOf, metricsOf, nearest } from "./series";
import { axis, band, crosshair, found, groupBy, hidden, hover, logX, logY, pinned, range, report, smoothing, toggled, visible, wide, type Axis, type Band } from "./state";

const AXES: Record<Axis, string> = { step: "step", sequences: "sequences", seconds: "seconds of training" };

// Draws only what comes into view.
export function useSeen() {
  const host = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && setSeen(true), { rootMargin: "300px" });
    watch.observe(host.current!);
    return () => watch.disconnect();
  }, []);
  return { host, seen };
}

// "150 000 points, mean, lowest and highest of every 181 steps".
function honesty(lines: Line[]): string {
  const points = lines.reduce((sum, line) => sum + line.points, 0);
  const width = Math.max(0, ...lines.map((line) => line.width));
  const interval = band.value === "interval";
  const shows = (line: Line) => line.extremes && !(interval && line.runs > 1);
  const statistics = lines.some(shows) ? "mean, lowest and highest" : lines.some((line) => line.extremes) ? "mean" : "last";
  const what = width > 1 ? `, ${statistics} of every ${grouped(width)} steps` : ", every one drawn";
  const newest = lines.reduce((sum, line) => sum + line.newest, 0);
  const single = width > 1 && newest > 0 ? `, the newest ${grouped(newest)} one by one` : "";
  const about = interval ? "mean and its 95 % interval" : "mean, lowest and highest";
  const group = lines.some((line) => line.runs > 1) ? `; ${about} over a group's runs` : "";
  return plural(points, "point") + what + single + group;
}

function Values({ lines }: { lines: Line[] }) {
  const at = crosshair.value ?? hover.value;
  const rows = lines
    .map((line) => ({ line, i: at === null ? line.x.length - 1 : nearest(line, at) }))
    .filter(({ i }) => i >= 0)
    .map(({ line, i }) => ({ line, value: line.y[i]!, smooth: line.smooth?.[i], low: line.low?.[i], high: line.high?.[i], x: line.x[i]! }))
    .sort((a, b) => b.value - a.value);
  return (
    <table class="values" data-x={at ?? "last"} tabIndex={0}>
      <caption>
        {at === null ? "newest values; point or click for others" : `${AXES[axis.value]} ${number(axis.value === "seconds" ? at : Math.round(at))}`}
        {crosshair.value !== null && " (pinned)"}
      </caption>
      <tbody>
        {rows.map(({ line, value, smooth, low, high, x }) => (
          <tr key={line.name} data-run={line.name} data-at={x} data-value={value}>
            <th scope="row">
              <Swatch colour={line.stroke.colour} /> {line.name}
            </th>
            <td>{number(smooth ?? value)}</td>
            <td class="quiet">{smooth !== undefined && `measured ${number(value)} `}{low !== undefined && low !== high && `${number(low)} to ${number(high)}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Swatch({ colour }: { colour: string }) {
  return <span class="swatch" style={{ background: colour }} aria-hidden="true" />;
}

function Panel({ metric }: { metric: string }) {
  const { host, seen } = useSeen();
  const lines = useComputed(() =>
    linesOf(visible.value, metric, { axis: axis.value, smoothing: smoothing.value, groupBy: groupBy.value, band: band.value, pinned: pinned.value }),
  );
  const title = metricName(metric);
  const log = logY.value.includes(metric);
  const isWide = wide.value.includes(metric);
  const figure = (): Figure => ({ title, xLabel: AXES[axis.value], lines: lines.value, range: range.value, logX: logX.value, logY: log });
  return (
    <article class={isWide ? "panel wide" : "panel"} ref={host} data-metric={metric} aria-label={title}>
      <header>
        <h3>{title}</h3>
        <button aria-pressed={log} onClick={() => (logY.value = toggled(logY.value, metric))} title="Logarithmic value axis">
          log y
        </button>
        <button aria-pressed={isWide} onClick={() => (wide.value = toggled(wide.value, metric))} title="Over the whole width">
          wide
        </button>
        <details class="menu">
          <summary>Save</summary>
          <div>
            <button onClick={() => saveSvg(figure())}>SVG</button>
            <button onClick={() => void savePng(figure())}>PNG</button>
            <button onClick={() => saveCsv(figure())}>CSV</button>
          </div>
        </details>
      </header>
      {seen ? <Chart label={title} lines={lines.value} logX={logX.value} logY={log} /> : <div class="chart" />}
      <p class="quiet honesty">{honesty(lines.value)}</p>
      <Values lines={lines.value} />
    </article>
  );
}

export function groupKeys(): string[] {
  const keys = report.value.settings
    .filter(({ part, name }) => new Set(report.value.runs.map((run) => run.config[part][name])).size > 1)
    .map((setting) => setting.name);
  return ["trained", ...keys.filter((key) => key !== "attention")];
}

function Controls() {
  return (
    <div class="controls" role="group" aria-label="How the panels are drawn">
      <label>
        x axis
        <select value={axis.value} onChange={(e) => { range.value = null; crosshair.value = null; axis.value = e.currentTarget.value as Axis; }}>
          {Object.entries(AXES).map(([value, text]) => (
            <option key={value} value={value}>{text}</option>
          ))}
        </select>
      </label>
      <button aria-pressed={logX.value} onClick={() => (logX.value = !logX.value)}>log x</button>
      <label>
        smoothing
        <input type="range" min="0" max="0.99" step="0.01" value={smoothing.value} onInput={(e) => (smoothing.value = Number(e.currentTarget.value))} />
        <output>{smoothing.value.toFixed(2)}</output>
      </label>
      <label>
        group by
        <select value={groupBy.value} onChange={(e) => (groupBy.value = e.currentTarget.value)}>
          <option value="">nothing: one line a run</option>
          {groupKeys().map((key) => (
            <option key={key} value={key}>{key === "trained" ? "attention in training" : key}</option>
          ))}
        </select>
      </label>
      {groupBy.value !== "" && (
        <label>
          band
          <select value={band.value} onChange={(e) => (band.value = e.currentTarget.value as Band)}>
            <option value="range">lowest to highest run</option>
            <option value="interval">95 % interval of the mean</option>
          </select>
        </label>
      )}
      <button disabled={range.value === null && crosshair.value === null} onClick={() => { range.value = null; crosshair.value = null; }}>
        reset zoom
      </button>
      <p class="quiet">
        Drag to zoom, Shift and drag to move, Ctrl and wheel to zoom at the pointer, click to pin, double click to see all. By touch: two fingers zoom, one moves what is
        zoomed, a tap pins, two taps show all. By keys, in a panel: arrows read, with Shift they move, + and - zoom, 0 shows all, Enter pins.
      </p>
    </div>
  );
}

// Names beside colours, in view while the panels are: a run's shows and hides it.
function Legend() {
  if (groupBy.value !== "") {
    return (
      <div class="legend" role="group" aria-label="Groups">
        {groupStrokes(visible.value, groupBy.value).map(({ name, stroke }) => (
          <span key={name}><Swatch colour={stroke.colour} /> {name}</span>
        ))}
      </div>
    );
  }
  return (
    <div class="legend" role="group" aria-label="Runs drawn">
      {found.value.map(({ name }) => (
        <button key={name} aria-pressed={!hidden.value.includes(name)} title={`Show or hide ${name}`} onClick={() => (hidden.value = toggled(hidden.value, name))}>
          <Swatch colour={strokeOf(name).colour} /> {name}
        </button>
      ))}
    </div>
  );
}

export function Panels() {
  const metrics = metricsOf(report.value.runs);
  return (
    <>
      <Controls />
      <Legend />
      <div class="panels">
        {metrics.map((metric) => (
          <Panel key={metric} metric={metric} />
        ))}
      </div>
    </>
  );
}
