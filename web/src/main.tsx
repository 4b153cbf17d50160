// The page: sections in the order of an experiment report. A section without data says what would fill it.
import "./start";
import { type ComponentChildren, Fragment, render } from "preact";
import { useState } from "preact/hooks";
import { Attention } from "./attention";
import { Dynamics } from "./dynamics";
import { grouped, plural } from "./format";
import { follow, link } from "./live";
import { Panels } from "./panels";
import { Discrepancies, Tables, Variants } from "./results";
import { RunSet, Settings } from "./runs";
import { keepInAddress, report, theme, type Theme } from "./state";
import { Speed } from "./speed";
import { Task } from "./task";

interface SectionProps {
  id: string;
  title: string;
  data: boolean;
  missing: string;
  command: string;
  children: () => ComponentChildren;
}

function Section({ id, title, data, missing, command, children }: SectionProps) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {data ? children() : (
        <p class="missing">
          {missing} <code>{command}</code>
        </p>
      )}
    </section>
  );
}

function Events() {
  const rows = report.value.runs.flatMap((run) => run.events.filter((e) => e.level !== "info").map((event) => ({ run: run.name, event })));
  if (rows.length === 0) return null;
  const shorter = report.value.runs
    .map((run) => ({ name: run.name, count: (run.events_left_out.warning ?? 0) + (run.events_left_out.error ?? 0) }))
    .filter(({ count }) => count > 0);
  const all = rows.length + shorter.reduce((sum, { count }) => sum + count, 0);
  return (
    <details open>
      <summary>Warnings and errors ({shorter.length > 0 && `${grouped(rows.length)} of `}{grouped(all)})</summary>
      <ul>
        {rows.map(({ run, event }, i) => (
          <li key={i}><b>{run}</b>, step {event.step}: {event.message}</li>
        ))}
        {shorter.map(({ name, count }) => (
          <li key={name} class="quiet"><b>{name}</b>: {grouped(count)} more left out, which are less severe or older</li>
        ))}
      </ul>
    </details>
  );
}

function Commands() {
  const { runs, tables, discrepancies, speeds } = report.value;
  const text = [...runs, ...tables, ...discrepancies, ...speeds].map((part) => part.command).join("\n");
  const sources = [...new Set(report.value.runs.map((run) => `version ${run.written_by["version"] ?? "?"}, commit ${run.written_by["commit"] ?? "?"}, ${run.written_by["cpu"] ?? "?"} (${run.written_by["simd"] ?? "?"})`))];
  return (
    <>
      <p>The same command and the same instruction set give the same bits, for any number of threads; speeds are of the machine.{sources.length > 0 && ` Runs were written by ${sources.join("; ")}.`}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Commands"><pre><code>{text}</code></pre></div>
      <CopyButton text={() => text} label="copy commands" />
    </>
  );
}

// The clipboard is closed to pages from disk in some browsers: then the text is selected to be copied by hand.
function CopyButton({ text, label }: { text: () => string; label: string }) {
  const [note, setNote] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setNote("copied");
    } catch {
      setNote("not allowed here: copy it from the address bar or by hand");
    }
  };
  return <><button onClick={() => void copy()}>{label}</button> <span role="status" class="quiet">{note}</span></>;
}

const sections = (): SectionProps[] => [
  { id: "task", title: "The task", data: report.value.task !== null, missing: "No run here says what was trained. One is made by", command: "reformer train --preset laptop", children: () => <Task /> },
  { id: "runs", title: "Runs and their settings", data: report.value.runs.length > 0, missing: "There are no runs here. One is made by", command: "reformer train --preset laptop", children: () => <><RunSet /><h3>Settings</h3><Settings /></> },
  { id: "training", title: "Training", data: report.value.runs.length > 0, missing: "Curves come from runs:", command: "reformer train --preset laptop", children: () => <><Panels /><Dynamics /><Events /></> },
  { id: "attention", title: "What attention sees", data: (report.value.attention ?? []).length > 0 || (report.value.live !== undefined && report.value.runs.length > 0), missing: "Pictures of attention are there when asked for, of runs that have a model:", command: "reformer report runs --attention", children: () => <Attention /> },
  { id: "table", title: "Trained with one attention, evaluated with another", data: report.value.tables.length > 0, missing: "There is no table here. It is made, minutes on two cores, by", command: "reformer experiment table2 --out out", children: () => <Tables /> },
  { id: "discrepancies", title: "Why the published tables differ", data: report.value.discrepancies.length > 0, missing: "This study is not here. It is made by", command: "reformer experiment discrepancy --seeds 3 --out out", children: () => <Discrepancies /> },
  { id: "variants", title: "Variants side by side", data: report.value.runs.length > 0, missing: "Variants are runs that differ in a setting:", command: "reformer train --preset laptop --attention lsh", children: () => <Variants /> },
  { id: "speed", title: "Speed", data: report.value.speeds.length > 0, missing: "Nothing was measured here. It is by", command: "reformer bench --json > out/bench.json", children: () => <Speed /> },
  { id: "again", title: "Run it again", data: report.value.runs.length + report.value.tables.length + report.value.discrepancies.length + report.value.speeds.length > 0, missing: "The whole study, from a fresh clone:", command: "./reproduce", children: () => <Commands /> },
];

function Problems() {
  if (report.value.problems.length === 0) return null;
  return (
    <aside class="problems" role="note" aria-label="Not shown">
      <h2>Not shown</h2>
      <ul>
        {report.value.problems.map((problem, i) => <li key={i}><b>{problem.name}</b>: {problem.message}</li>)}
      </ul>
    </aside>
  );
}

const LINKS = {
  live: "live: new points appear by themselves",
  waiting: "not connected: waiting for the server; if it runs, open the address that it printed last",
};

function Page() {
  return (
    <Fragment>
      <header class="top">
        <h1>reformer report</h1>
        <p class="quiet">
          {plural(report.value.runs.length, "run")}, {plural(report.value.tables.length + report.value.discrepancies.length + report.value.speeds.length, "result")}; version{" "}
          {report.value.written_by.version}, commit {report.value.written_by.commit}
        </p>
        {link.value && <p class={`live ${link.value}`} role="status">{LINKS[link.value]}</p>}
        <nav aria-label="Sections">
          {sections().map(({ id, title }) => (
            <button key={id} onClick={() => document.getElementById(id)!.scrollIntoView({ behavior: "smooth" })}>{title}</button>
          ))}
        </nav>
        <div class="controls">
          <label>
            theme
            <select value={theme.value} onChange={(e) => (theme.value = e.currentTarget.value as Theme)}>
              <option value="auto">as the system</option>
              <option value="light">light</option>
              <option value="dark">dark</option>
            </select>
          </label>
          <CopyButton text={() => location.href} label="copy link to this view" />
        </div>
      </header>
      <main>
        <Problems />
        {sections().map((section) => <Section key={section.id} {...section} />)}
      </main>
    </Fragment>
  );
}

keepInAddress();
follow();
render(<Page />, document.getElementById("page")!);
