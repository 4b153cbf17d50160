// The task, drawn: one example, what must be predicted, and where the answer stands.
import { grouped, percent } from "./format";
import { report } from "./state";

const MOST = 32; // tokens drawn; of a longer row, the ends of both halves

function Token({ value, kind }: { value: number; kind: string }) {
  return <span class={`token ${kind}`} style={value === 0 ? {} : { "--hue": String((value * 137) % 360) }}>{value}</span>;
}

export function Task() {
  const task = report.value.task!;
  const length = task.inputs.length;
  const half = length / 2;
  const shown = Math.min(half, MOST / 2);
  const positions = Array.from({ length: shown }, (_, i) => (half > shown && i >= shown - 2 ? half - shown + i : i));
  const row = (from: number, values: number[], kind: (i: number) => string) => (
    <div class="tokens">
      {positions.map((p, i) => (
        <>
          {i > 0 && positions[i - 1] !== p - 1 && <span class="skip">…</span>}
          <Token key={p} value={values[from + p]!} kind={kind(from + p)} />
        </>
      ))}
    </div>
  );
  const scored = (i: number) => (i >= task.scored_begin && i < task.scored_end ? "scored" : "unscored");
  return (
    <figure class="task">
      <dl>
        <dt>first half, read</dt>
        <dd tabIndex={0}>{row(0, task.inputs, () => "")}</dd>
        <dt>second half, read</dt>
        <dd tabIndex={0}>{row(half, task.inputs, () => "")}</dd>
        <dt>to be predicted there</dt>
        <dd tabIndex={0}>{row(half, task.targets, scored)}</dd>
      </dl>
      <figcaption>
        A sequence of {grouped(length)} tokens says the same word twice. Nothing can be known about the first half, so only the{" "}
        {grouped(task.scored_end - task.scored_begin)} framed predictions of the second count: each is found exactly {grouped(half - 1)} positions
        back. Guessing gives {percent(task.chance)} %.
      </figcaption>
    </figure>
  );
}
