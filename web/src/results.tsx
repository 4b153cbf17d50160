// What studies found: tables as heat maps, discrepancies, variants, speed.
import { useState } from "preact/hooks";
import type { Cell, Comparison, Run, SpeedPart, TablePart } from "./data";
import { strokeAt, strokeOf } from "./colours";
import { attentionName, duration, grouped, metricName, number, percent, plural } from "./format";
import { Swatch } from "./panels";
import { lastEvaluation } from "./runs";
import { report, visible } from "./state";

// From the ground at 0 to a hue at 1 under which the theme's text stays readable.
function heat(part: number) {
  return { "--heat": `${(100 * part).toFixed(1)}%` };
}

interface HeatMapProps {
  title: string;
  cells: (Cell | null)[][];
}

function spread(cell: Cell): string | undefined {
  if (cell.lowest === undefined || cell.highest === undefined) return undefined;
  return `${percent(cell.lowest)}–${percent(cell.highest)}`;
}

export function HeatMap({ title, cells }: HeatMapProps) {
  const { trained, evaluated } = report.value.published;
  return (
    <figure class="heatmap">
      <figcaption>{title}</figcaption>
      <div class="scroll" tabIndex={0} role="region" aria-label={title}>
        <table>
          <thead>
            <tr>
              <td />
              {evaluated.map((name) => <th scope="col" key={name}>{attentionName(name)}</th>)}
            </tr>
          </thead>
          <tbody>
            {trained.map((name, i) => (
              <tr key={name}>
                <th scope="row">{attentionName(name)}</th>
                {evaluated.map((column, j) => {
                  const cell = cells[i]?.[j];
                  if (!cell) return <td key={column} class="absent">–</td>;
                  return (
                    <td key={column} class="heat" style={heat(cell.mean)} data-value={cell.mean}>
                      {percent(cell.mean)}
                      {spread(cell) && <small>{spread(cell)}</small>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

const provenance = (part: { provenance: Record<string, string> }) => {
  const { version, commit, cpu, simd } = part.provenance;
  return `Version ${version ?? "?"}, commit ${commit ?? "?"}, ${cpu ?? "?"} (${simd ?? "?"}).`;
};

const published = (rows: number[][]) => rows.map((row) => row.map((value) => ({ mean: value / 100 })));

function tableTitle(part: TablePart): string {
  const seeds = part.seeds.length === 1 ? `seed ${part.seeds[0]}` : `${part.seeds.length} seeds`;
  return part.name.includes("/") ? `${part.name} (${seeds})` : `${part.name}, ${seeds}`;
}

export function Tables() {
  const [chosen, setChosen] = useState(0);
  const part = report.value.tables[chosen]!;
  const own = part.tables.find((table) => table.semantics === "consistent") ?? part.tables[0]!;
  const others = part.tables.filter((table) => table !== own);
  const size = part.length ? `${part.sequences} unseen sequences of ${part.length} tokens, ${part.buckets} buckets, chunks of ${part.chunk_length}. ` : "";
  const range = part.seeds.length > 1 ? `Mean over ${part.seeds.length} training seeds, lowest and highest below. ` : "";
  return (
    <>
      {report.value.tables.length > 1 && (
        <div class="controls">
          <label>
            result
            <select value={chosen} onChange={(e) => setChosen(Number(e.currentTarget.value))}>
              {report.value.tables.map((table, i) => <option key={table.name} value={i}>{tableTitle(table)}</option>)}
            </select>
          </label>
        </div>
      )}
      <p>
        Accuracy in per cent. Rows: attention in training; columns: attention in evaluation. {size}{range}
        <span class="quiet">{provenance(part)}</span>
      </p>
      <div class="heatmaps">
        <HeatMap title={`measured here (${own.semantics})`} cells={own.cells} />
        <HeatMap title="paper, Table 2" cells={published(report.value.published.paper)} />
        <HeatMap title="seed report" cells={published(report.value.published.seed_report)} />
        {others.map((table) => (
          <HeatMap key={table.semantics} title={`the same weights under ${table.semantics} semantics`} cells={table.cells} />
        ))}
      </div>
    </>
  );
}

function Bar({ cell, label }: { cell: Cell; label: string }) {
  return (
    <span class="bar" role="img" aria-label={`${label}: ${percent(cell.mean)} per cent`}>
      <span style={{ width: `${100 * cell.mean}%` }} />
      <b>{percent(cell.mean)}</b>
    </span>
  );
}

function ComparisonTable({ comparison }: { comparison: Comparison }) {
  return (
    <div class="comparison">
      <h4>{comparison.model} → {attentionName(comparison.evaluated)}, {plural(comparison.seeds, "training seed")}</h4>
      <p class="verdict">{comparison.verdict.replaceAll("`", "")}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${comparison.model} under ${comparison.evaluated}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">flipped alone</th>
              <th scope="col">from {comparison.keeping}</th>
              <th scope="col">from {comparison.losing}</th>
            </tr>
          </thead>
          <tbody>
            {comparison.rows.map((row) => (
              <tr key={row.flipped}>
                <th scope="row">{row.flipped || "nothing"}</th>
                <td><Bar cell={row.keeping} label={comparison.keeping} /></td>
                <td><Bar cell={row.losing} label={comparison.losing} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

export function Discrepancies() {
  return (
    <>
      {report.value.discrepancies.map((study) => {
        const findings = [...new Set(study.comparisons.map((c) => c.finding))];
        return (
          <div key={study.name}>
            <p>
              The weights of a row are the same; only the meaning of attention in evaluation changes. Accuracy in per cent, mean over
              training seeds. <span class="quiet">{study.name}, {study.size} size. {provenance(study)}</span>
            </p>
            {findings.map((finding) => {
              const comparisons = study.comparisons.filter((c) => c.finding === finding);
              return (
                <div class="finding" key={finding}>
                  <h3>{comparisons[0]!.title}</h3>
                  <div class="comparisons">
                    {comparisons.map((c, i) => <ComparisonTable key={i} comparison={c} />)}
                  </div>
                </div>
              );
            })}
            <details>
              <summary>Smaller suspects ({study.suspects.length})</summary>
              <div class="scroll" tabIndex={0} role="region" aria-label="Smaller suspects">
                <table>
                  <thead>
                    <tr><th scope="col">suspect</th><th scope="col">model</th><th scope="col">evaluated</th><th scope="col" class="number">usual</th><th scope="col" class="number">changed</th><th scope="col" class="number">difference</th><th scope="col" class="number">seeds</th></tr>
                  </thead>
                  <tbody>
                    {study.suspects.map((s, i) => (
                      <tr key={i}>
                        <th scope="row">{s.name}</th><td>{s.model}</td><td>{attentionName(s.evaluated)}</td>
                        <td class="number">{percent(s.usual.mean)}</td><td class="number">{percent(s.changed.mean)}</td>
                        <td class="number">{percent(s.changed.mean - s.usual.mean)}</td><td class="number">{s.seeds}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </details>
            {study.absent.length > 0 && <p class="quiet">Left out, as there was no model: {study.absent.join("; ")}.</p>}
          </div>
        );
      })}
    </>
  );
}

// Runs that are alike but for the seed, side by side.
export function Variants() {
  const groups = new Map<string, Run[]>();
  for (const run of visible.value) {
    const { seed: _, ...train } = run.config.train;
    const key = JSON.stringify([run.config.model, run.config.task, train]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const varying = report.value.settings.filter(
    ({ part, name }) => name !== "seed" && new Set(visible.value.map((run) => run.config[part][name])).size > 1,
  );
  const rows = [...groups.values()].map((runs) => {
    const values = runs.map((run) => lastEvaluation(run).accuracy).filter((value) => value !== null);
    const first = runs[0]!;
    const name = varying.map((s) => `${s.name} ${String(first.config[s.part][s.name])}`).join(", ") || attentionName(first.attention);
    return { name, runs, values, mean: values.reduce((a, b) => a + b, 0) / values.length };
  });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Variants">
      <table>
        <thead>
          <tr><th scope="col">what differs</th><th scope="col" class="number">seeds</th><th scope="col">accuracy of the last evaluation, %</th><th scope="col" class="number">lowest to highest</th><th scope="col" class="number">trained for, mean</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.runs.slice(0, 4).map((run) => <Swatch key={run.name} colour={strokeOf(run.name).colour} />)} {row.name}</th>
              <td class="number">{row.runs.length}</td>
              <td>{row.values.length > 0 ? <Bar cell={{ mean: row.mean }} label={row.name} /> : "–"}</td>
              <td class="number">{row.values.length > 0 ? `${percent(Math.min(...row.values))} to ${percent(Math.max(...row.values))}` : "–"}</td>
              <td class="number">{duration(row.runs.reduce((sum, run) => sum + (run.seconds ?? 0), 0) / row.runs.length)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SpeedTable({ part, what }: { part: SpeedPart; what: "train_step" | "attention" }) {
  const rows = part[what];
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map((row) => row.tokens_per_second));
  const names = [...new Set(rows.map((row) => row.attention))];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Speed: ${metricName(what)} of ${part.name}`}>
      <table class="speed">
        <caption>{what === "train_step" ? "Training steps" : "Attention alone, forward and backward"}</caption>
        <thead>
          <tr><th scope="col">attention</th><th scope="col" class="number">tokens</th><th scope="col" class="number">batch</th><th scope="col">tokens per second</th><th scope="col" class="number">of the machine's peak</th><th scope="col" class="number">peak memory, MiB</th></tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              <th scope="row">{attentionName(row.attention)}</th>
              <td class="number">{grouped(row.tokens)}</td>
              <td class="number">{row.batch ?? 1}</td>
              <td>
                <span class="bar">
                  <span style={{ width: `${(100 * row.tokens_per_second) / most}%`, background: strokeAt(names.indexOf(row.attention)).colour }} />
                  <b>{grouped(Math.round(row.tokens_per_second))}</b>
                </span>
              </td>
              <td class="number">{percent(row.fraction_of_peak)} %</td>
              <td class="number">{row.peak_bytes ? number(Math.round(row.peak_bytes / 2 ** 20)) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Speed() {
  return (
    <>
      {report.value.speeds.map((part) => (
        <div key={part.name}>
          <h3>{part.name}: {part.size} model, {plural(part.threads, "thread")}</h3>
          <p class="quiet">{provenance(part)}</p>
          <SpeedTable part={part} what="train_step" />
          <SpeedTable part={part} what="attention" />
        </div>
      ))}
    </>
  );
}
