// Speed and memory by the length of sequences, beside published times.
import type { PublishedTime, SpeedPart, SpeedRow } from "./data";
import { strokeAt } from "./colours";
import { attentionName, grouped, metricName, number, percent, plural } from "./format";
import { type Dots, LengthPlot } from "./length_plot";
import { Swatch } from "./panels";
import { provenance } from "./results";
import { report } from "./state";

type What = "train_step" | "evaluate" | "attention";
const TITLES: Record<What, string> = { train_step: "Training steps", evaluate: "Evaluation", attention: "Attention alone, forward and backward" };

function SpeedTable({ part, what }: { part: SpeedPart; what: What }) {
  const rows = part[what];
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map((row) => row.tokens_per_second));
  const names = [...new Set(rows.map((row) => row.attention))];
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label={`Speed: ${metricName(what)} of ${part.name}`}>
      <table class="speed">
        <caption>{TITLES[what]}</caption>
        <thead>
          <tr><th scope="col">attention</th><th scope="col" class="number">tokens</th><th scope="col" class="number">sequences</th><th scope="col" class="number">seconds</th><th scope="col">tokens per second</th><th scope="col" class="number">of the machine's peak</th><th scope="col" class="number">peak memory, MiB</th></tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              <th scope="row">{attentionName(row.attention)}</th>
              <td class="number">{grouped(row.tokens)}</td>
              <td class="number">{grouped(row.batch)}</td>
              <td class="number">{number(row.seconds)}</td>
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

// Steps of as many tokens, however these are cut into sequences.
interface Steps {
  what: What;
  tokens: number;
  rows: { part: SpeedPart; row: SpeedRow }[];
}

// Those with most lengths: steps of one length are no course by length, and are left out beside such.
function stepsOf(what: What): Steps[] {
  const courses = report.value.speeds.flatMap((part) => {
    const totals = [...new Set(part[what].map((row) => row.tokens * row.batch))];
    return totals.map((tokens) => ({ tokens, rows: part[what].filter((row) => row.tokens * row.batch === tokens).map((row) => ({ part, row })) }));
  });
  const lengths = (course: { rows: { row: SpeedRow }[] }) => new Set(course.rows.map(({ row }) => row.tokens)).size;
  const most = Math.max(0, ...courses.map(lengths));
  const kept = courses.filter((course) => lengths(course) === most);
  return [...new Set(kept.map(({ tokens }) => tokens))].sort((a, b) => a - b).map((tokens) => ({
    what,
    tokens,
    rows: kept.filter((course) => course.tokens === tokens).flatMap(({ rows }) => rows),
  }));
}

function lineName(part: SpeedPart, row: SpeedRow, several: boolean): string {
  const precision = row.precision === "fp32" ? "" : `, ${row.precision}`;
  return attentionName(row.attention) + precision + (several ? ` (${part.name})` : "");
}

function linesOf(points: { name: string; tokens: number; value: number | undefined }[], colourOf: (name: string) => string): Dots[] {
  const names = [...new Set(points.map(({ name }) => name))];
  return names.map((name) => ({
    name,
    colour: colourOf(name),
    points: points
      .filter((point) => point.name === name && point.value !== undefined)
      .map(({ tokens, value }) => [tokens, value!] as [number, number])
      .sort(([a], [b]) => a - b),
  }));
}

function ByLength() {
  const { published } = report.value;
  const steps = [...stepsOf("train_step"), ...stepsOf("evaluate")];
  if (steps.length === 0) return null;
  const several = new Set(steps.flatMap(({ rows }) => rows.map(({ part }) => part.name))).size > 1;
  const names = [...new Set([...steps.flatMap(({ rows }) => rows.map(({ part, row }) => lineName(part, row, several))), ...published.paper_times.map((time) => attentionName(time.attention))])].sort((a, b) => Number(b.startsWith("full")) - Number(a.startsWith("full")) || (a < b ? -1 : 1));
  const lengths = [...new Set([...steps.flatMap(({ rows }) => rows.map(({ row }) => row.tokens)), ...published.paper_times.map((time) => time.tokens)])].sort((a, b) => a - b);
  const colourOf = (name: string) => strokeAt(names.indexOf(name)).colour;
  const known = (times: PublishedTime[]) => linesOf(times.map((time) => ({ name: attentionName(time.attention), tokens: time.tokens, value: time.seconds })), colourOf);
  return (
    <>
      <h3>By length of the sequence</h3>
      <div class="legend plain">
        {names.map((name) => <span key={name}><Swatch colour={colourOf(name)} /> {name}</span>)}
      </div>
      <div class="lengths">
        {steps.map(({ what, tokens, rows }) => {
          const title = `${what === "evaluate" ? "evaluation" : "training step"} of ${grouped(tokens)} tokens`;
          const points = (value: (row: SpeedRow) => number | undefined) => linesOf(rows.map(({ part, row }) => ({ name: lineName(part, row, several), tokens: row.tokens, value: value(row) })), colourOf);
          const memory = points((row) => row.peak_bytes && row.peak_bytes / 2 ** 20);
          return (
            <>
              <LengthPlot title={`Measured: seconds of a ${title}`} lines={points((row) => row.seconds)} lengths={lengths} />
              {memory.some((line) => line.points.length > 0) && <LengthPlot title={`Measured: peak memory of a ${title}, MiB`} lines={memory} lengths={lengths} />}
            </>
          );
        })}
        <LengthPlot title="Published: paper, Figure 5, seconds" lines={known(published.paper_times)} lengths={lengths} />
        <LengthPlot title="Published: seed report, seconds" lines={known(published.seed_report_times)} lengths={lengths} />
      </div>
      <p class="quiet">
        Published times are of an evaluation step of {grouped(published.step_tokens)} tokens on the authors' accelerators: the paper's read off its plot, LSH at
        both ends; the seed report's at 1{"\u202f"}024 tokens, where it draws LSH as flat to 32{"\u202f"}768 and full attention was out of memory past 8{"\u202f"}192.
      </p>
    </>
  );
}

export function Speed() {
  return (
    <>
      <ByLength />
      {report.value.speeds.map((part) => (
        <div key={part.name}>
          <h3>{part.name}: {part.size} model, {plural(part.threads, "thread")}</h3>
          <p class="quiet">{provenance(part)}</p>
          <SpeedTable part={part} what="train_step" />
          <SpeedTable part={part} what="evaluate" />
          <SpeedTable part={part} what="attention" />
        </div>
      ))}
    </>
  );
}
