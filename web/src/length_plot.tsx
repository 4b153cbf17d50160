// A small plot of few points over the length of sequences, both axes logarithmic, with its numbers for who sees no drawing.
import { grouped, number } from "./format";

export interface Dots {
  name: string;
  colour: string;
  points: [number, number][]; // tokens, value
}

const WIDTH = 420;
const HEIGHT = 250;
const PLOT = { left: 52, top: 10, right: WIDTH - 14, bottom: HEIGHT - 26 };

const lengthName = (tokens: number) => (tokens % 1024 === 0 ? `${tokens / 1024}k` : String(tokens));

// 1, 2 and 5 times powers of ten within [low, high], or the powers alone where that is enough.
function ticks(low: number, high: number): number[] {
  for (const multiples of [[1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]]) {
    const out: number[] = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); ++e) out.push(...multiples.map((m) => m * 10 ** e));
    const inside = out.filter((tick) => tick >= low && tick <= high);
    if (inside.length > 2) return inside;
  }
  return [low, high];
}

// lengths: all of the axis, ascending, so that plots beside each other have the same one.
export function LengthPlot({ title, lines, lengths }: { title: string; lines: Dots[]; lengths: number[] }) {
  const values = lines.flatMap((line) => line.points.map(([, value]) => value));
  const [low, high] = [0.8 * Math.min(...values), 1.25 * Math.max(...values)];
  const [first, last] = lengths.length === 1 ? [lengths[0]! / 2, lengths[0]! * 2] : [lengths[0]!, lengths.at(-1)!];
  const x = (tokens: number) => PLOT.left + (Math.log(tokens / first) / Math.log(last / first)) * (PLOT.right - PLOT.left);
  const y = (value: number) => PLOT.bottom - (Math.log(value / low) / Math.log(high / low)) * (PLOT.bottom - PLOT.top);
  return (
    <figure class="length-plot" data-title={title}>
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}, by tokens of a sequence; the numbers follow as a table`}>
        {ticks(low, high).map((tick) => (
          <g key={tick}>
            <line class="grid" x1={PLOT.left} x2={PLOT.right} y1={y(tick)} y2={y(tick)} />
            <text x={PLOT.left - 6} y={y(tick) + 4} text-anchor="end">{number(tick)}</text>
          </g>
        ))}
        {lengths.map((tokens) => <text key={tokens} x={x(tokens)} y={HEIGHT - 8} text-anchor="middle">{lengthName(tokens)}</text>)}
        {lines.map((line) => (
          <g key={line.name}>
            <polyline points={line.points.map(([tokens, value]) => `${x(tokens)},${y(value)}`).join(" ")} fill="none" stroke={line.colour} stroke-width="2" />
            {line.points.map(([tokens, value]) => (
              <circle key={tokens} cx={x(tokens)} cy={y(value)} r="3.5" fill={line.colour}>
                <title>{`${line.name}, ${grouped(tokens)} tokens: ${number(value)}`}</title>
              </circle>
            ))}
          </g>
        ))}
      </svg>
      <div class="unseen">
      <table>
        <caption>{title}</caption>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name}>
              <th scope="row">{line.name}</th>
              {line.points.map(([tokens, value]) => <td key={tokens}>{`${grouped(tokens)} tokens: ${number(value)}`}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
      </div>
    </figure>
  );
}
