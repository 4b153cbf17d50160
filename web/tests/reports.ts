// Reports of real runs, made once for all tests.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
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

export const HOSTILE = `<img src=x onerror="document.title='run'"></script><b>`;

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
  program("report", "runs", join(root, "results"), "-o", "all.html");
  program("report", "runs", "--format", "json", "-o", "runs.json");
  program("report", join(root, "results/table2-laptop"), "-o", "table.html");
  program("report", "runs/full-1", "runs/lsh-1", "--attention", "-o", "attention.html");
  program("report", "runs/full-1", "runs/lsh-1", "--attention", "--format", "json", "-o", "attention.json");
}
