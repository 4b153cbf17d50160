// Reports of real runs, made once for all tests.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const folder = join(root, "build/page-reports");
export const reportOf = (name: string) => "file://" + join(folder, `${name}.html`);

export function program(...args: string[]): string {
  return execFileSync(process.env["REFORMER_PROGRAM"] ?? join(root, "build/release/reformer"), args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

// The page of another report with its document changed, for what no small run shows.
export function altered<Document>(from: string, to: string, change: (document: Document) => void): string {
  const page = readFileSync(join(folder, `${from}.html`), "utf8");
  const [, before, text, after] = /^([^]*<script type="application\/json" id="report">)([^]*?)(<\/script>[^]*)$/.exec(page)!;
  const document = JSON.parse(text!) as Document;
  change(document);
  writeFileSync(join(folder, `${to}.html`), before + JSON.stringify(document).replaceAll("<", "\\u003c") + after);
  return to;
}

export interface Bucket {
  mean: number;
  min: number;
  max: number;
}

// A curve as the program packs it: reformer/report/curve.h.
export function packedCurve(steps: number, width: number, buckets: Bucket[]): object {
  const low = Math.min(...buckets.map((bucket) => bucket.min));
  const high = Math.max(...buckets.map((bucket) => bucket.max));
  const codes = (values: number[]) =>
    Buffer.from(Uint16Array.from(values, (value) => Math.round(((value - low) / (high - low)) * 65534)).buffer).toString("base64");
  const mean = codes(buckets.map((bucket) => bucket.mean));
  const statistics = { last: mean, mean, min: codes(buckets.map((bucket) => bucket.min)), max: codes(buckets.map((bucket) => bucket.max)) };
  return { first: 1, last: steps, width, points: steps, low, high, log: false, start: buckets[0]!.mean, statistics };
}

export const HOSTILE = `<img src=x onerror="document.title='run'"></script><b>`;

// Results as studies at full size write them, and measurements by length: test data.
function writeFullSize(): void {
  const write = (name: string, content: object) => {
    mkdirSync(join(folder, "full", name, ".."), { recursive: true });
    writeFileSync(join(folder, "full", name), JSON.stringify(content));
  };
  const spread = { count: 4, mean: 0.6, deviation: 0.1, lowest: 0.5, highest: 0.7 };
  const cells = ["full", "lsh-4", "lsh-2", "lsh-1"].flatMap((trained) =>
    ["full", "lsh-8", "lsh-4", "lsh-2", "lsh-1"].map((evaluated) => ({ trained, evaluated, semantics: "consistent", over_training: spread })),
  );
  write("table2-full/table2-seeds.json", { study: "table2 over seeds", size: "full", seeds: [1, 2, 3, 4], rotations: 1, cells });
  const step = (attention: string, tokens: number, seconds: number) => ({
    attention, tokens, batch: 32768 / tokens, precision: "fp32", seconds, fraction_of_peak: 0.7, peak_bytes: 1.5 * 2 ** 10 * tokens,
  });
  const train_step = [step("full", 1024, 0.5), step("full", 2048, 1), step("lsh-4", 1024, 0.625), step("lsh-4", 2048, 0.75)];
  write("bench/lengths.json", { size: "seed", threads: 2, repeats: 5, peak_gflops: {}, train_step, attention: [], evaluate: [] });
}

export default function setUp(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "runs/damaged"), { recursive: true });
  const train = (name: string, ...more: string[]) =>
    program("train", "--preset", "smoke", "--quiet", "--steps", "400", "--run", `runs/${name}`, ...more);
  train("full-1", "--attention", "full", "--seed", "1");
  train("full-2", "--attention", "full", "--seed", "2");
  train("lsh-1", "--attention", "lsh", "--seed", "1");
  train("lsh-1-fast", "--attention", "lsh", "--seed", "1", "--learning-rate", "0.01");
  train("long", "--attention", "lsh", "--seed", "3", "--steps", "9000", "--evaluate-every", "1000");
  // The name of a directory is whatever somebody called it.
  cpSync(join(folder, "runs/full-2"), join(folder, "runs", HOSTILE.replaceAll("/", "_")), { recursive: true });
  writeFileSync(join(folder, "runs/damaged/config.json"), "{");
  writeFullSize();
  program("report", "runs", join(root, "results"), "full", "-o", "all.html");
  program("report", "runs", "--format", "json", "-o", "runs.json");
  program("report", join(root, "results/table2-laptop"), "-o", "table.html");
  program("report", "runs/full-1", "runs/lsh-1", "--attention", "-o", "attention.html");
  program("report", "runs/full-1", "runs/lsh-1", "--attention", "--format", "json", "-o", "attention.json");
  program("report", "runs/lsh-1", "--attention", "--sequences", "2,0", "-o", "sequences.html");
}
