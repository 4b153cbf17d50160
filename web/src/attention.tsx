// What one head of a model gives to each token of a sequence: fully and by LSH, all rounds or one, and where the rounds
// put the tokens. Computed by the program: reformer/report/attention_part.h.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Picture } from "./data";
import { grouped, percent, plural } from "./format";
import { type Look, picture as look, report, theme } from "./state";

// [T][T], row by row; weights of 0 to 1. Bytes are 255 times roots, and 0, n stands for n zeros.
function unpackWeights(base64: string, picture: Picture): Float32Array {
  const { length, causal } = picture;
  const text = atob(base64);
  const out = new Float32Array(length * length);
  let t = 0;
  let k = 0;
  const skip = (count: number) => {
    for (k += count; t < length; ++t) {
      const end = causal ? t + 1 : length;
      if (k < end) return;
      k -= end;
    }
  };
  for (let at = 0; at < text.length; ++at) {
    const root = text.charCodeAt(at);
    if (root === 0) {
      skip(text.charCodeAt(++at));
    } else {
      out[t * length + k] = (root / 255) ** 2;
      skip(1);
    }
  }
  return out;
}

// "#56a8e8" -> [86, 168, 232]
function rgb(name: string): [number, number, number] {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)) as [number, number, number];
}

interface Reading {
  query: number;
  key: number;
}

interface MatrixProps {
  title: string;
  picture: Picture;
  weights: Float32Array;
  reading: Reading | null;
  read: (reading: Reading | null) => void;
}

// Roots of weights as heat, so that small ones are seen; the right keys of scored queries are the diagonal that is framed.
function Matrix({ title, picture, weights, reading, read }: MatrixProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { length, scored, answer_distance: distance } = picture;
  const colours = theme.value;
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!;
    const image = context.createImageData(length, length);
    const low = rgb("--heat-low");
    const high = rgb("--matrix-high");
    for (let i = 0; i < weights.length; ++i) {
      const heat = Math.sqrt(weights[i]!);
      for (let c = 0; c < 3; ++c) image.data[4 * i + c] = low[c]! + heat * (high[c]! - low[c]!);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [weights, colours]);
  const point = (event: PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    const place = (at: number, size: number) => Math.min(length - 1, Math.max(0, Math.floor((at / size) * length)));
    read({ key: place(event.clientX - box.left, box.width), query: place(event.clientY - box.top, box.height) });
  };
  const right = distance > 0 ? Array.from({ length: scored[1] - scored[0] }, (_, i) => weights[(scored[0] + i) * length + scored[0] + i - distance]!) : [];
  const mean = right.length > 0 ? right.reduce((a, b) => a + b, 0) / right.length : null;
  return (
    <figure class="matrix">
      <figcaption>{title}</figcaption>
      <canvas
        ref={canvas}
        width={length}
        height={length}
        role="img"
        aria-label={`${title}: weights of ${length} queries, downwards, for ${length} keys, to the right${mean === null ? "" : `; the right keys get ${percent(mean)} per cent on average`}. The table below has numbers.`}
        onPointerMove={point}
        onPointerLeave={() => read(null)}
      />
      <p class="quiet" data-mean={mean ?? ""}>
        {mean !== null && <>to the right keys: {percent(mean)} % on average. </>}
        {reading ? <>query {reading.query}, key {reading.key}: {percent(weights[reading.query * length + reading.key]!)} %</> : "Point at it to read weights."}
      </p>
    </figure>
  );
}

const choose = (change: Partial<Look>) => (look.value = { ...look.peek(), ...change });

const hueOf = (bucket: number, buckets: number) => `hsl(${Math.round((360 * bucket) / buckets)} 60% 55%)`;

// Tokens of a row in the colours of their buckets; borders where chunks end.
function Strip({ picture, round, sorted }: { picture: Picture; round: number; sorted: boolean }) {
  const { length, buckets, chunk_length: chunk } = picture;
  const bucket = picture.bucket[round]!;
  const order = sorted ? picture.order[round]! : Array.from({ length }, (_, i) => i);
  const label = sorted ? `Round ${round + 1}, sorted by bucket, in chunks of ${chunk}` : `Round ${round + 1}, buckets along the sequence`;
  return (
    <svg class="strip" viewBox={`0 0 ${length} 10`} preserveAspectRatio="none" role="img" aria-label={label}>
      {order.map((position, i) => (
        <rect key={i} x={i} y="0" width="1.02" height="10" fill={hueOf(bucket[position]!, buckets)} />
      ))}
      {sorted && Array.from({ length: length / chunk - 1 }, (_, i) => <path key={i} class="chunk" d={`M${(i + 1) * chunk},0v10`} />)}
    </svg>
  );
}

const MEETINGS = ["in other buckets", "one bucket, out of reach", "seen"];

// The answer's key of a scored query, over the rounds that are shown: the best that happens in any of them.
function bestMeeting(picture: Picture, rounds: number[], i: number): number {
  return Math.max(...rounds.map((r) => picture.meeting[r]![i]!));
}

function Answers({ picture, rounds, full, lsh }: { picture: Picture; rounds: number[]; full: Float32Array; lsh: Float32Array }) {
  const { scored, answer_distance: distance, length } = picture;
  const rows = Array.from({ length: scored[1] - scored[0] }, (_, i) => {
    const query = scored[0] + i;
    const at = query * length + query - distance;
    return { query, key: query - distance, meeting: bestMeeting(picture, rounds, i), full: full[at]!, lsh: lsh[at]! };
  });
  const counts = MEETINGS.map((_, m) => rows.filter((row) => row.meeting === m).length);
  return (
    <>
      <p data-counts={counts.join(" ")}>
        Of {grouped(rows.length)} right keys, {rounds.length > 1 ? `in any of ${rounds.length} rounds` : `in round ${rounds[0]! + 1}`}: {counts[2]} seen, {counts[1]} in the
        query's bucket but out of reach, {counts[0]} missed.
      </p>
      <div class="answers" role="img" aria-label={`Right keys along the scored queries: ${counts[2]} seen, ${counts[1]} out of reach, ${counts[0]} missed`}>
        {rows.map((row) => <span key={row.query} class={`meeting-${row.meeting}`} title={`query ${row.query}: ${MEETINGS[row.meeting]!}`} />)}
      </div>
      <details>
        <summary>As a table</summary>
        <div class="scroll answers-table" tabIndex={0} role="region" aria-label="Right keys">
          <table>
            <thead>
              <tr>
                <th scope="col" class="number">query</th><th scope="col" class="number">right key</th><th scope="col" class="number">token</th>
                {rounds.map((r) => <th scope="col" class="number" key={r}>buckets in round {r + 1}</th>)}
                <th scope="col">under LSH</th><th scope="col" class="number">full, %</th><th scope="col" class="number">LSH, %</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.query} data-query={row.query}>
                  <th scope="row" class="number">{row.query}</th><td class="number">{row.key}</td><td class="number">{picture.inputs[row.key]}</td>
                  {rounds.map((r) => <td class="number" key={r}>{picture.bucket[r]![row.query]}, {picture.bucket[r]![row.key]}</td>)}
                  <td>{MEETINGS[row.meeting]}</td><td class="number">{percent(row.full)}</td><td class="number">{percent(row.lsh)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function Pictures({ picture }: { picture: Picture }) {
  const [reading, read] = useState<Reading | null>(null);
  const round = Math.min(look.value.round, picture.rounds); // 0: all
  const rounds = round === 0 ? Array.from({ length: picture.rounds }, (_, r) => r) : [round - 1];
  const full = useMemo(() => unpackWeights(picture.full, picture), [picture]);
  const lsh = useMemo(() => unpackWeights(round === 0 ? picture.lsh : picture.lsh_of_round[round - 1]!, picture), [picture, round]);
  const shown = round === 0 ? `all ${picture.rounds}` : `only ${round}`;
  return (
    <>
      <div class="controls">
        <label>
          rounds
          <input type="range" min="0" max={picture.rounds} step="1" value={round} aria-valuetext={shown} onInput={(e) => choose({ round: Number(e.currentTarget.value) })} />
          <output>{shown}</output>
        </label>
        <span class="quiet">
          trained with {picture.attention}, {picture.semantics} semantics; {plural(picture.buckets, "bucket")}, chunks of {picture.chunk_length}; validation sequence {picture.sequence}
        </span>
      </div>
      <div class="matrices">
        <Matrix title="Full attention" picture={picture} weights={full} reading={reading} read={read} />
        <Matrix title={round === 0 ? "LSH attention, all rounds" : `LSH attention, round ${round} alone`} picture={picture} weights={lsh} reading={reading} read={read} />
      </div>
      <h3>Buckets along the sequence</h3>
      {rounds.map((r) => <Strip key={r} picture={picture} round={r} sorted={false} />)}
      <h3>Sorted by bucket, in chunks</h3>
      {rounds.map((r) => <Strip key={r} picture={picture} round={r} sorted={true} />)}
      <p class="quiet">A colour is a bucket, a line the end of a chunk. A query reaches its own chunk and the one before.</p>
      {picture.answer_distance > 0 && <Answers picture={picture} rounds={rounds} full={full} lsh={lsh} />}
    </>
  );
}

const nameOf = (picture: Picture) => `${picture.run}, sequence ${picture.sequence}, layer ${picture.layer}, head ${picture.head}`;

function Embedded({ pictures }: { pictures: Picture[] }) {
  const { run, sequence, layer, head } = look.value;
  const isShown = (one: Picture) => one.run === run && one.sequence === sequence && one.layer === layer && one.head === head;
  const place = Math.max(0, pictures.findIndex(isShown));
  const show = ({ run, sequence, layer, head }: Picture) => choose({ run, sequence, layer, head });
  return (
    <>
      <div class="controls">
        <label>
          run, sequence, layer and head
          <select value={place} onChange={(e) => show(pictures[Number(e.currentTarget.value)]!)}>
            {pictures.map((one, i) => <option key={nameOf(one)} value={i}>{nameOf(one)}</option>)}
          </select>
        </label>
      </div>
      <Pictures picture={pictures[place]!} />
    </>
  );
}

// What is being typed stays when the page is drawn anew, as it is when a picture arrives.
function NumberField({ label, value, end, set }: { label: string; value: number; end: number; set: (value: number) => void }) {
  const [typed, type] = useState<string | null>(null);
  return (
    <label>
      {label}
      <input
        type="number"
        min="0"
        max={end - 1}
        value={typed ?? value}
        onInput={(e) => type(e.currentTarget.value)}
        onChange={(e) => {
          set(Math.min(end - 1, Math.max(0, Math.trunc(Number(e.currentTarget.value)))));
          type(null);
        }}
        onBlur={() => type(null)}
      />
    </label>
  );
}

// From the server, of any run that it shows.
function Asked() {
  const names = report.value.runs.map((run) => run.name);
  const { run, sequence, layer, head } = look.value;
  const [picture, setPicture] = useState<Picture | null>(null);
  const [problem, setProblem] = useState("");
  const [drawing, setDrawing] = useState(false);
  const [asked, askAgain] = useState(0);
  const name = names.includes(run) ? run : (names[0] ?? "");
  useEffect(() => {
    if (!name) return;
    const aborted = new AbortController();
    setDrawing(true);
    const query = new URLSearchParams({ run: name }).toString().replaceAll("+", "%20");
    fetch(`attention?${query}&sequence=${sequence}&layer=${layer}&head=${head}`, { signal: aborted.signal })
      .then(async (answer) => {
        const [drawn, reason] = answer.ok ? [(await answer.json()) as Picture, ""] : [null, await answer.text()];
        if (aborted.signal.aborted) return;
        if (drawn) setPicture(drawn);
        setProblem(reason);
        setDrawing(false);
      })
      .catch((error: unknown) => {
        if (aborted.signal.aborted) return;
        setProblem(String(error));
        setDrawing(false);
      });
    return () => aborted.abort();
  }, [name, sequence, layer, head, asked]);
  const { layers, heads } = picture ?? { layers: 1, heads: 1 };
  return (
    <>
      <div class="controls">
        <label>
          run
          <select value={name} onChange={(e) => choose({ run: e.currentTarget.value, layer: 0, head: 0 })}>
            {names.map((one) => <option key={one} value={one}>{one}</option>)}
          </select>
        </label>
        <NumberField label="sequence" value={sequence} end={1_000_000} set={(sequence) => choose({ sequence })} />
        <NumberField label="layer" value={layer} end={layers} set={(layer) => choose({ layer })} />
        <NumberField label="head" value={head} end={heads} set={(head) => choose({ head })} />
        <button onClick={() => askAgain(asked + 1)}>draw again</button>
      </div>
      <p class="missing" role="status">
        {drawing ? `Drawing ${name}, sequence ${sequence}, layer ${layer}, head ${head} ...` : problem}
      </p>
      {picture && picture.run === name && !problem && (
        <div class={drawing ? "stale" : ""} aria-busy={drawing}>
          <Pictures picture={picture} />
        </div>
      )}
    </>
  );
}

export function Attention() {
  return report.value.live ? <Asked /> : <Embedded pictures={report.value.attention ?? []} />;
}
