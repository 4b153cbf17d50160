// What studies found: tables as heat maps, discrepancies, variants.
import { type Cell, type Comparison, type DiscrepancyPart, type Run, settingOf, type TablePart } from "./data";
import { strokeOf } from "./colours";
import { attentionName, duration, grouped, percent, plural } from "./format";
import { Swatch } from "./panels";
import { lastEvaluation, report, visible } from "./state";

// From the ground at 0 to a hue at 1 under which the theme's text stays readable.
function heat(part: number) {
  return { "--heat": `${(100 * part).toFixed(1)}%` };
}

interface HeatMapProps {
  title: string;
  note?: string;
  cells: (Cell | null)[][];
}

// Where there are several seeds: the interval of their mean, within what an accuracy can be, and all of them for who points. Two
// ends of 100.00 would be wider than a cell.
function Interval({ cell }: { cell: Cell }) {
  if (!cell.interval) return null;
  const [low, high] = cell.interval.map((end) => percent(Math.min(1, Math.max(0, end))).replace(/^(100|0)\.00$/, "$1"));
  return <small>{low}–{high}</small>;
}

const spread = (cell: Cell) => (cell.lowest === undefined ? undefined : `lowest seed ${percent(cell.lowest)}, highest ${percent(cell.highest!)}`);

function HeatCell({ cell }: { cell: Cell | null | undefined }) {
  if (!cell) return <td class="absent">–</td>;
  return (
    <td class="heat" style={heat(cell.mean)} data-value={cell.mean} title={spread(cell)}>
      {percent(cell.mean)}
      <Interval cell={cell} />
    </td>
  );
}

export function HeatMap({ title, note, cells }: HeatMapProps) {
  const { trained, evaluated } = report.value.published;
  return (
    <figure class="heatmap">
      <figcaption>{title}{note && <span class="quiet">{note}</span>}</figcaption>
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
                {evaluated.map((column, j) => <HeatCell key={column} cell={cells[i]?.[j]} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

export const provenance = (part: { provenance: Record<string, string> }) => {
  const { version, commit, cpu, simd } = part.provenance;
  return `Version ${version ?? "?"}, commit ${commit ?? "?"}, ${cpu ?? "?"} (${simd ?? "?"}).`;
};

function aboutTable(part: TablePart, semantics: string): string {
  const task = part.sequences ? `${grouped(part.sequences)} sequences, ${part.buckets} buckets, chunks of ${part.chunk_length}; ` : "";
  return `${part.name}; ${task}${semantics} semantics; ${provenance(part)}`;
}

const published = (rows: number[][]) => rows.map((row) => row.map((value) => ({ mean: value / 100 })));

export function Tables() {
  const parts = report.value.tables.map((part) => {
    const own = part.tables.find((table) => table.semantics === part.trained_under) ?? part.tables[0]!;
    return { part, own, others: part.tables.filter((table) => table !== own) };
  });
  const seeds = parts.some(({ part }) => part.seeds.length > 1) ? "Below the mean of several training seeds is its 95 % interval by Student's t. " : "";
  return (
    <>
      <p>Accuracy in per cent on sequences that were not trained on. Rows: attention in training; columns: attention in evaluation. {seeds}</p>
      <div class="heatmaps">
        {parts.map(({ part, own }) => (
          <HeatMap key={part.name} title={`measured, ${part.title}`} note={aboutTable(part, own.semantics)} cells={own.cells} />
        ))}
        <HeatMap title="paper, Table 2" note="Kitaev et al. 2020; 1024 tokens" cells={published(report.value.published.paper)} />
        <HeatMap title="seed report" note="reformer_fastai, 2021; 1024 tokens" cells={published(report.value.published.seed_report)} />
      </div>
      {parts.some(({ others }) => others.length > 0) && (
        <>
          <h3>The same weights under other meanings of attention</h3>
          <div class="heatmaps">
            {parts.flatMap(({ part, others }) =>
              others.map((table) => <HeatMap key={part.name + table.semantics} title={`under ${table.semantics} semantics, ${part.title}`} cells={table.cells} />),
            )}
          </div>
        </>
      )}
      <Switches parts={parts.map(({ part }) => part)} />
    </>
  );
}

// Put into a meaning that keeps the accuracy, or taken out of one that loses it.
function Switches({ parts }: { parts: TablePart[] }) {
  const shown = parts.filter((part) => part.switches.length > 0);
  if (shown.length === 0) return null;
  return (
    <>
      <h3>What one switch does to the same weights</h3>
      {shown.map((part) => (
        <div class="scroll" tabIndex={0} role="region" aria-label={`Switches, ${part.title}`} key={part.name}>
          <table>
            <caption>{part.title}, <span class="quiet">{part.name}</span></caption>
            <thead>
              <tr><th scope="col">trained → evaluated</th><th scope="col">under</th><th scope="col">accuracy, %</th><th scope="col">with</th><th scope="col">accuracy, %</th></tr>
            </thead>
            <tbody>
              {part.switches.map((s, i) => (
                <tr key={i}>
                  <th scope="row">{attentionName(s.trained)} → {attentionName(s.evaluated)}</th>
                  <td>{s.base}</td>
                  <td><Bar cell={s.before} label={s.base} /></td>
                  <td class="wrapped">{s.changes}</td>
                  <td><Bar cell={s.after} label={s.changes} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
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

function ComparisonTable({ comparison, size, column }: { comparison: Comparison; size: string; column: number }) {
  return (
    <div class="comparison" style={{ "--column": String(column) }}>
      <h4><span class="size">{size} size</span> {comparison.model} → {attentionName(comparison.evaluated)}, {plural(comparison.seeds, "training seed")}</h4>
      <p class="verdict">{comparison.verdict.replaceAll("`", "")}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${size} size: ${comparison.model} under ${comparison.evaluated}, ${comparison.keeping} and ${comparison.losing}`}>
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

function Suspects({ study }: { study: DiscrepancyPart }) {
  return (
    <details>
      <summary>Smaller suspects, {study.size} size ({study.suspects.length})</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Smaller suspects, ${study.name}`}>
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
  );
}

function Meanings({ study }: { study: DiscrepancyPart }) {
  const meanings = Object.keys(study.meanings[0]!.cells);
  return (
    <details>
      <summary>Under every meaning of attention, {study.size} size</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Under every meaning, ${study.name}`}>
        <table>
          <thead>
            <tr><th scope="col">model</th><th scope="col">evaluated</th>{meanings.map((name) => <th scope="col" key={name}>{name}</th>)}</tr>
          </thead>
          <tbody>
            {study.meanings.map((row) => (
              <tr key={row.model + row.evaluated}>
                <th scope="row">{row.model}</th><td>{attentionName(row.evaluated)}</td>
                {meanings.map((name) => <HeatCell key={name} cell={row.cells[name]} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

// Findings one after the other, in each the same comparison of every size side by side.
export function Discrepancies() {
  const studies = report.value.discrepancies;
  const all = studies.flatMap((study) => study.comparisons.map((comparison) => ({ study, comparison })));
  const kind = ({ model, evaluated, losing, keeping }: Comparison) => JSON.stringify([model, evaluated, losing, keeping]);
  return (
    <>
      <p>The weights of a row are the same; only the meaning of attention in evaluation changes. Accuracy in per cent, mean over training seeds.</p>
      {studies.map((study) => <p class="quiet" key={study.name}>{study.size} size: {study.name}. {provenance(study)}</p>)}
      {[...new Set(all.map(({ comparison }) => comparison.finding))].map((finding) => {
        const found = all.filter(({ comparison }) => comparison.finding === finding);
        const kinds = [...new Set(found.map(({ comparison }) => kind(comparison)))];
        return (
          <div class="finding" key={finding}>
            <h3>{found[0]!.comparison.title}</h3>
            <div class={studies.length > 1 ? "comparisons paired" : "comparisons"} style={{ "--columns": String(studies.length) }}>
              {kinds.flatMap((one) =>
                found.filter(({ comparison }) => kind(comparison) === one).map(({ study, comparison }) => (
                  <ComparisonTable key={one + study.name} comparison={comparison} size={study.size} column={studies.indexOf(study) + 1} />
                )),
              )}
            </div>
          </div>
        );
      })}
      {studies.map((study) => (
        <div key={study.name}>
          {study.meanings.length > 0 && <Meanings study={study} />}
          <Suspects study={study} />
          {study.absent.length > 0 && <p class="quiet">Left out of {study.name}, as there was no model: {study.absent.join("; ")}.</p>}
        </div>
      ))}
    </>
  );
}

// Settings that tell the runs apart beside attention and seed: of several that do it alike, the first.
function telling(runs: Run[]): string[] {
  const known = new Set([new Set(runs.map((run) => run.attention)).size > 1 ? partition(runs, (run) => run.attention) : ""]);
  return report.value.settings
    .map(({ name }) => name)
    .filter((name) => {
      if (["seed", "attention", "hash_rounds"].includes(name)) return false;
      const apart = partition(runs, (run) => settingOf(run, name));
      if (!apart.includes("1") || known.has(apart)) return false;
      known.add(apart);
      return true;
    });
}

// "0 1 0": which runs have a value in common.
function partition(runs: Run[], value: (run: Run) => unknown): string {
  const values = runs.map(value);
  const distinct = [...new Set(values)];
  return values.map((one) => distinct.indexOf(one)).join(" ");
}

// Runs that are alike but for the seed, side by side.
export function Variants() {
  const groups = new Map<string, Run[]>();
  for (const run of visible.value) {
    const { seed: _, ...train } = run.config.train;
    const key = JSON.stringify([run.config.model, run.config.task, train]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const varying = telling(visible.value);
  const rows = [...groups.values()].map((runs) => {
    const values = runs.map((run) => lastEvaluation(run).accuracy).filter((value) => value !== null);
    const first = runs[0]!;
    const name = [attentionName(first.attention), ...varying.map((name) => `${name.replaceAll("_", " ")} ${String(settingOf(first, name))}`)].join(", ");
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
            <tr key={row.runs[0]!.name}>
              <th scope="row" class="wrapped">{row.runs.slice(0, 4).map((run) => <Swatch key={run.name} colour={strokeOf(run.name).colour} />)} {row.name}</th>
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
