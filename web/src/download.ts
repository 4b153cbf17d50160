// A panel as a file: SVG, PNG or CSV.
import { number } from "./format";
import { type Line, shownX } from "./series";

export interface Figure {
  title: string;
  xLabel: string;
  lines: Line[];
  range: [number, number] | null;
  logX: boolean;
  logY: boolean;
}

function save(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const fileName = (figure: Figure, ending: string) => `${figure.title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.${ending}`;

// RFC 4180. A name that begins like a formula would be run by spreadsheets: a quote in front keeps it text.
function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(figure: Figure): string {
  const rows = [["run", figure.xLabel, "value", "lowest", "highest", "smoothed"].map(csvText).join(",")];
  const cell = (values: Float64Array | null, i: number) => (values && Number.isFinite(values[i]) ? String(values[i]) : "");
  for (const line of figure.lines) {
    for (let i = 0; i < line.x.length; ++i) {
      if (figure.range && (line.x[i]! < figure.range[0] || line.x[i]! > figure.range[1])) continue;
      const values = [line.y, line.low, line.high, line.smooth].map((column) => cell(column, i));
      rows.push([csvText(line.name), String(line.x[i]), ...values].join(","));
    }
  }
  return rows.join("\r\n") + "\r\n";
}

const WIDTH = 900;
const PLOT = { left: 80, top: 44, width: 790, height: 380 };

const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");

class Scale {
  constructor(
    private min: number,
    private max: number,
    private log: boolean,
    private from: number,
    private to: number,
  ) {}
  at(value: number): number {
    const f = this.log ? Math.log : (x: number) => x;
    return this.from + ((f(value) - f(this.min)) / (f(this.max) - f(this.min) || 1)) * (this.to - this.from);
  }
  ticks(): number[] {
    if (this.log) {
      const out: number[] = [];
      for (let e = Math.ceil(Math.log10(this.min)); 10 ** e <= this.max * 1.0001; ++e) out.push(10 ** e);
      return out.length > 1 ? out : [this.min, this.max];
    }
    const rough = (this.max - this.min) / 6 || 1;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * unit).find((s) => s >= rough)!;
    const out: number[] = [];
    for (let t = Math.ceil(this.min / step) * step; t <= this.max + step * 1e-9; t += step) out.push(Number(t.toPrecision(12)));
    return out;
  }
}

// Least and greatest value within a part of the x axis.
function extremes(figure: Figure, [from, to]: [number, number]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const line of figure.lines) {
    for (const values of [line.y, line.low, line.high]) {
      values?.forEach((value, i) => {
        const x = line.x[i]!;
        if (!Number.isFinite(value) || (figure.logY && value <= 0) || x < from || x > to) return;
        low = Math.min(low, value);
        high = Math.max(high, value);
      });
    }
  }
  if (low > high) return figure.logY ? [1, 10] : [0, 1];
  if (low === high) return figure.logY ? [low / 2, low * 2] : [low - 0.5, high + 0.5];
  return [low, high];
}

export function svg(figure: Figure): string {
  const shown = shownX(figure.lines, figure.range, figure.logX);
  const x = new Scale(...shown, figure.logX, PLOT.left, PLOT.left + PLOT.width);
  const y = new Scale(...extremes(figure, shown), figure.logY, PLOT.top + PLOT.height, PLOT.top);
  const point = (line: Line, values: Float64Array, i: number) => `${x.at(line.x[i]!).toFixed(1)},${y.at(values[i]!).toFixed(1)}`;
  const drawn = (line: Line, values: Float64Array, i: number) =>
    Number.isFinite(values[i]) && (!figure.logY || values[i]! > 0) && (!figure.logX || line.x[i]! > 0);
  const indices = (line: Line) => Array.from(line.x.keys());
  const path = (line: Line, values: Float64Array) => {
    let pen = "M";
    return indices(line).map((i) => {
      const shown = drawn(line, values, i);
      const part = shown ? pen + point(line, values, i) : "";
      pen = shown ? "L" : "M";
      return part;
    }).join("");
  };
  const parts: string[] = [];
  const legendRows = figure.lines.length;
  const height = PLOT.top + PLOT.height + 52 + 20 * legendRows;
  parts.push(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#fff"/><text x="${PLOT.left}" y="26" font-size="17" font-weight="600">${escaped(figure.title)}</text>`,
    `<clipPath id="plot"><rect x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.width}" height="${PLOT.height}"/></clipPath>`,
  );
  for (const t of y.ticks()) {
    const at = y.at(t).toFixed(1);
    parts.push(`<path d="M${PLOT.left},${at}h${PLOT.width}" stroke="#e3e6ea"/><text x="${PLOT.left - 8}" y="${at}" dy="4" text-anchor="end" fill="#57606a">${number(t)}</text>`);
  }
  for (const t of x.ticks()) {
    parts.push(`<text x="${x.at(t).toFixed(1)}" y="${PLOT.top + PLOT.height + 18}" text-anchor="middle" fill="#57606a">${number(t)}</text>`);
  }
  parts.push(`<text x="${PLOT.left + PLOT.width}" y="${PLOT.top + PLOT.height + 36}" text-anchor="end" fill="#57606a">${escaped(figure.xLabel)}</text><g clip-path="url(#plot)" fill="none">`);
  for (const line of figure.lines) {
    const { colour, dash } = line.stroke;
    if (line.low && line.high) {
      const kept = indices(line).filter((i) => drawn(line, line.low!, i) && drawn(line, line.high!, i));
      const up = kept.map((i) => point(line, line.high!, i));
      const down = kept.reverse().map((i) => point(line, line.low!, i));
      if (up.length > 0) parts.push(`<path d="M${[...up, ...down].join("L")}Z" fill="${colour}" fill-opacity=".15"/>`);
    }
    const dashes = dash ? ` stroke-dasharray="${dash.join(" ")}"` : "";
    if (line.smooth) parts.push(`<path d="${path(line, line.y)}" stroke="${colour}" stroke-opacity=".33"/>`);
    parts.push(`<path d="${path(line, line.smooth ?? line.y)}" stroke="${colour}" stroke-width="1.8"${dashes}/>`);
  }
  parts.push("</g>");
  figure.lines.forEach((line, i) => {
    const at = PLOT.top + PLOT.height + 58 + 20 * i;
    parts.push(`<path d="M${PLOT.left},${at - 4}h24" stroke="${line.stroke.colour}" stroke-width="3"/><text x="${PLOT.left + 32}" y="${at}">${escaped(line.name)}</text>`);
  });
  return parts.join("\n") + "</svg>\n";
}

export const saveCsv = (figure: Figure) => save(fileName(figure, "csv"), new Blob([csv(figure)], { type: "text/csv" }));
export const saveSvg = (figure: Figure) => save(fileName(figure, "svg"), new Blob([svg(figure)], { type: "image/svg+xml" }));

export async function savePng(figure: Figure): Promise<void> {
  const url = URL.createObjectURL(new Blob([svg(figure)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob) save(fileName(figure, "png"), blob);
  } finally {
    URL.revokeObjectURL(url);
  }
}
