// The run set, and the table of settings.
import type { Run, Value } from "./data";
import { strokeOf } from "./colours";
import { duration, grouped, number, percent } from "./format";
import { Swatch } from "./panels";
import { found, hidden, lastEvaluation, onlyDifferences, pinned, report, search, sort, toggled, visible } from "./state";

function Row({ run }: { run: Run }) {
  const shown = !hidden.value.includes(run.name);
  const pin = pinned.value.includes(run.name);
  const last = lastEvaluation(run);
  return (
    <tr class={shown ? "" : "off"} data-run={run.name}>
      <td>
        <input type="checkbox" checked={shown} aria-label={`Show ${run.name}`} onChange={() => (hidden.value = toggled(hidden.value, run.name))} />
      </td>
      <th scope="row">
        <Swatch colour={strokeOf(run.name).colour} /> {run.name}
      </th>
      <td>
        <button class="pin" aria-pressed={pin} aria-label={`Pin ${run.name}`} onClick={() => (pinned.value = toggled(pinned.value, run.name))}>
          {pin ? "★" : "☆"}
        </button>
      </td>
      <td>
        <span class={`status ${run.status}`} title={run.reason}>{run.status}</span>
      </td>
      <td class="number">{grouped(run.step)} / {grouped(run.steps)}</td>
      <td class="number">{last.accuracy === null ? "–" : percent(last.accuracy)}</td>
      <td class="number">{number(last.loss)}</td>
      <td class="number">{duration(run.seconds)}</td>
    </tr>
  );
}

// A column's name, which sorts by it: upwards, downwards, not.
function Sorted({ column, children }: { column: string; children: string }) {
  const next: Record<string, string> = { "": column, [column]: `-${column}`, [`-${column}`]: "" };
  const direction = sort.value === column ? "ascending" : sort.value === `-${column}` ? "descending" : "none";
  return (
    <th scope="col" class={column === "run" || column === "status" ? "" : "number"} aria-sort={direction}>
      <button class="sort" onClick={() => (sort.value = next[sort.value] ?? column)}>
        {children} <span aria-hidden="true">{{ ascending: "▲", descending: "▼", none: "" }[direction]}</span>
      </button>
    </th>
  );
}

export function RunSet() {
  const all = found.value.map((run) => run.name);
  return (
    <>
      <div class="controls">
        <label>
          search and filter
          <input type="search" value={search.value} placeholder="lsh seed<3 learning_rate=0.001" onInput={(e) => (search.value = e.currentTarget.value)} />
        </label>
        <button onClick={() => (hidden.value = hidden.value.filter((name) => !all.includes(name)))}>show all</button>
        <button onClick={() => (hidden.value = [...new Set([...hidden.value, ...all])])}>hide all</button>
        <span class="quiet" role="status">{visible.value.length} of {report.value.runs.length} runs shown</span>
      </div>
      <div class="scroll tall" tabIndex={0} role="region" aria-label="Run set">
        <table class="runs">
          <thead>
            <tr>
              <th scope="col"><span class="unseen">shown</span></th>
              <Sorted column="run">run</Sorted>
              <th scope="col"><span class="unseen">pinned</span></th>
              <Sorted column="status">status</Sorted>
              <Sorted column="steps">steps</Sorted>
              <Sorted column="accuracy">accuracy, %</Sorted>
              <Sorted column="loss">loss</Sorted>
              <Sorted column="time">trained for</Sorted>
            </tr>
          </thead>
          <tbody>
            {found.value.map((run) => <Row key={run.name} run={run} />)}
          </tbody>
        </table>
      </div>
    </>
  );
}

const text = (value: Value | undefined) => (typeof value === "number" ? number(value) : String(value ?? "–"));

export function Settings() {
  const runs = visible.value;
  const rows = report.value.settings
    .map((setting) => ({ setting, values: runs.map((run) => run.config[setting.part][setting.name]) }))
    .map((row) => ({ ...row, differs: new Set(row.values).size > 1 }));
  const shown = onlyDifferences.value ? rows.filter((row) => row.differs) : rows;
  return (
    <>
      <div class="controls">
        <label>
          <input type="checkbox" checked={onlyDifferences.value} onChange={(e) => (onlyDifferences.value = e.currentTarget.checked)} />
          only what differs
        </label>
        <span class="quiet">{shown.length} of {rows.length} settings</span>
      </div>
      {shown.length === 0 ? (
        <p class="quiet">The runs shown have all settings in common.</p>
      ) : (
        <div class="scroll tall" tabIndex={0} role="region" aria-label="Settings">
          <table class="settings">
            <thead>
              <tr>
                <th scope="col">setting</th>
                {runs.map((run) => (
                  <th scope="col" key={run.name}><Swatch colour={strokeOf(run.name).colour} /> {run.name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ setting, values, differs }) => (
                <tr key={setting.name} class={differs ? "differs" : ""} data-setting={setting.name}>
                  <th scope="row" title={setting.help}>{setting.name}</th>
                  {values.map((value, i) => <td key={i}>{text(value)}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
