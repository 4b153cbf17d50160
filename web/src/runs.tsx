// The run set, and the table of settings.
import { type Run, settingOf, type Value } from "./data";
import { strokeOf } from "./colours";
import { duration, grouped, number, percent } from "./format";
import { Swatch } from "./panels";
import { found, hidden, onlyDifferences, pinned, report, search, toggled, visible } from "./state";

// The last evaluation under the attention of training, else nothing.
export function lastEvaluation(run: Run): { loss: number | null; accuracy: number | null } {
  const own = run.evaluations.find((e) => e.attention === run.attention && e.semantics === settingOf(run, "semantics"));
  return { loss: own?.loss.at(-1) ?? null, accuracy: own?.accuracy.at(-1) ?? null };
}

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
      <div class="scroll" tabIndex={0} role="region" aria-label="Run set">
        <table class="runs">
          <thead>
            <tr>
              <th scope="col"><span class="unseen">shown</span></th>
              <th scope="col">run</th>
              <th scope="col"><span class="unseen">pinned</span></th>
              <th scope="col">status</th>
              <th scope="col" class="number">steps</th>
              <th scope="col" class="number">accuracy, %</th>
              <th scope="col" class="number">loss</th>
              <th scope="col" class="number">trained for</th>
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
        <div class="scroll" tabIndex={0} role="region" aria-label="Settings">
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
