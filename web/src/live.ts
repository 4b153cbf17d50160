// A served page follows its server: messages keep the document up to date, and nothing that the reader chose is touched.
// What they are: reformer/serve/live_report.h.
import { signal } from "@preact/signals";
import type { Curve, PackedCurve, Report, Run } from "./data";
import { extended } from "./series";
import { report } from "./state";

// Whether there is a server, and it answers; null in a page from disk.
export const link = signal<"live" | "waiting" | null>(null);

type Progress = Pick<Run, "name" | "step" | "status" | "reason" | "seconds" | "updated_at" | "sessions" | "events" | "events_left_out" | "evaluations">;
type Rows = Progress & { rows: { steps: number[]; curves: Record<string, (number | null)[]>; sampled: string[] } };

interface Messages {
  report: Report;
  run: Run;
  rows: Rows;
  gone: { name: string };
  rest: Pick<Report, "task" | "tables" | "discrepancies" | "speeds" | "problems">;
}

// In the order of names, in which the server has them too.
function withRun(runs: Run[], run: Run): Run[] {
  const place = runs.findIndex((other) => other.name >= run.name);
  if (place < 0) return [...runs, run];
  return [...runs.slice(0, place), run, ...runs.slice(place + (runs[place]!.name === run.name ? 1 : 0))];
}

function continued(run: Run, { rows, ...progress }: Rows): Run {
  const curves: Record<string, PackedCurve | Curve> = { ...run.curves };
  for (const [metric, values] of Object.entries(rows.curves)) {
    curves[metric] = extended(run, metric, rows.steps, values, rows.sampled.includes(metric));
  }
  return { ...run, ...progress, curves };
}

const apply: { [Event in keyof Messages]: (document: Report, message: Messages[Event]) => Report } = {
  report: (_, message) => message,
  run: (document, run) => ({ ...document, runs: withRun(document.runs, run) }),
  rows: (document, message) => ({
    ...document,
    runs: document.runs.map((run) => (run.name === message.name ? continued(run, message) : run)),
  }),
  gone: (document, { name }) => ({ ...document, runs: document.runs.filter((run) => run.name !== name) }),
  rest: (document, rest) => ({ ...document, ...rest }),
};

const DRAW_EVERY = 100; // milliseconds: messages of many runs are drawn together
const TRY_AGAIN = 1000;

export function follow(): void {
  let since = report.peek().live?.since;
  if (since === undefined) return;
  let next: Report | null = null;
  const show = () => {
    if (next) report.value = next;
    next = null;
  };
  const take = <Event extends keyof Messages>(event: Event, message: Messages[Event]) => {
    if (!next) setTimeout(show, DRAW_EVERY);
    next = apply[event](next ?? report.peek(), message);
    // Another program may have another page; the address keeps what is shown.
    if (next.written_by.commit !== report.peek().written_by.commit) location.reload();
  };
  const connect = () => {
    link.value ??= "waiting";
    const source = new EventSource(`events?since=${encodeURIComponent(since!)}`);
    for (const event of Object.keys(apply) as (keyof Messages)[]) {
      source.addEventListener(event, ({ data, lastEventId }: MessageEvent<string>) => {
        since = lastEventId;
        take(event, JSON.parse(data) as never);
      });
    }
    source.onopen = () => void (link.value = "live");
    // The browser connects again by itself, unless it was refused.
    source.onerror = () => {
      link.value = "waiting";
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, TRY_AGAIN);
    };
  };
  connect();
}
