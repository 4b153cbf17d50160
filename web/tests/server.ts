// A server, and trainings that go on while a page looks at them.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { folder, root } from "./reports";

const binary = process.env["REFORMER_PROGRAM"] ?? join(root, "build/release/reformer");

export class Running {
  readonly child: ChildProcess;
  printed = "";

  constructor(directory: string, ...args: string[]) {
    this.child = spawn(binary, args, {
      cwd: directory,
      env: { ...process.env, XDG_STATE_HOME: join(directory, "state") },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.child.stdout!.on("data", (bytes: Buffer) => (this.printed += bytes.toString()));
  }

  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
  }
}

// A directory of its own, with runs/ in it.
export function freshDirectory(name: string): string {
  const directory = join(folder, `live-${name}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, "runs"), { recursive: true });
  return directory;
}

export async function serve(directory: string, port = 0): Promise<{ server: Running; address: string; port: number }> {
  const server = new Running(directory, "serve", "runs", "--port", String(port));
  for (let tries = 0; !/Open http/.test(server.printed); ++tries) {
    if (tries > 300) throw new Error(`the server says ${server.printed}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  const address = /http:\S+/.exec(server.printed)![0];
  return { server, address, port: Number(new URL(address).port) };
}

export const train = (directory: string, name: string, ...more: string[]): Running =>
  new Running(directory, "train", "--preset", "smoke", "--quiet", "--threads", "1", "--run", `runs/${name}`, ...more);
