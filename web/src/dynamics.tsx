// Runs that are alike but for one setting, beside each other: what the seed and the learning rate do.
import { useState } from "preact/hooks";
import { Chart } from "./chart";
import { strokeOf } from "./colours";
import { type Run, settingOf } from "./data";
import { attentionName, number, plural } from "./format";
import { Swatch, useSeen } from "./panels";
import { linesOf } from "./series";
import { axis, hidden, report, smoothing } from "./state";

const MOST = 4; // sets that are drawn at first

interface Alike {
  runs: Run[];
  setting: string;
}

// Sets of at least two runs that differ in `setting` alone, largest first.
function alikeBut(setting: string): Alike[] {
  const sets = new Map<string, Run[]>();
  for (const run of report.value.runs) {
    const rest = (["model", "task", "train"] as const).map((part) => ({ ...run.config[part], [setting]: null }));
    const key = JSON.stringify(rest);
    sets.set(key, [...(sets.get(key) ?? []), run]);
  }
  return [...sets.values()]
    .filter((runs) => new Set(runs.map((run) => settingOf(run, setting))).size > 1)
    .map((runs) => ({ runs: runs.sort((a, b) => Number(settingOf(a, setting)) - Number(settingOf(b, setting))), setting }))
    .sort((a, b) => b.runs.length - a.runs.length);
}

// What the set has in common, as far as sets of this report differ in it.
function inCommon({ runs, setting }: Alike): string {
  const first = runs[0]!;
  const told = ["length", "steps", "learning_rate", "seed"].filter(
    (name) => name !== setting && new Set(report.value.runs.map((run) => settingOf(run, name))).size > 1,
  );
  return [attentionName(first.attention), ...told.map((name) => `${name.replaceAll("_", " ")} ${number(Number(settingOf(first, name)))}`)].join(", ");
}

function Figure({ set }: { set: Alike }) {
  const { host, seen } = useSeen();
  const view = { axis: axis.value, smoothing: smoothing.value, groupBy: "", band: "range" as const, pinned: [] };
  const names = set.runs.map((run) => run.name);
  const alone = () => (hidden.value = report.value.runs.map((run) => run.name).filter((name) => !names.includes(name)));
  return (
    <figure class="alike" ref={host} data-setting={set.setting}>
      <figcaption>
        <b>{inCommon(set)}</b>
        {set.runs.map((run) => (
          <span key={run.name}><Swatch colour={strokeOf(run.name).colour} /> {set.setting.replaceAll("_", " ")} {number(Number(settingOf(run, set.setting)))}</span>
        ))}
        <button onClick={alone}>only these in all panels</button>
      </figcaption>
      <div class="pair">
        {["loss", "accuracy"].map((metric) => {
          const title = metric === "loss" ? "Loss" : "Accuracy";
          return (
            <div key={metric}>
              <h4>{title}</h4>
              {seen ? <Chart label={`${title}, ${inCommon(set)}`} lines={linesOf(set.runs, metric, view)} logX={false} logY={false} /> : <div class="chart" />}
            </div>
          );
        })}
      </div>
    </figure>
  );
}

function Sets({ setting, title, missing, command }: { setting: string; title: string; missing: string; command: string }) {
  const [all, setAll] = useState(false);
  const sets = alikeBut(setting);
  return (
    <>
      <h3>{title}</h3>
      {sets.length === 0 && <p class="missing">{missing} <code>{command}</code></p>}
      <div class="alikes">
        {sets.slice(0, all ? sets.length : MOST).map((set) => <Figure key={set.runs[0]!.name} set={set} />)}
      </div>
      {sets.length > MOST && !all && <button onClick={() => setAll(true)}>{plural(sets.length - MOST, "more set")}</button>}
    </>
  );
}

export function Dynamics() {
  return (
    <>
      <Sets setting="seed" title="Alike but for the seed" missing="No two runs here differ in their seed alone. Such are made by" command="reformer experiment seeds --preset laptop" />
      <Sets setting="learning_rate" title="Alike but for the learning rate" missing="No two runs here differ in their learning rate alone. Such are made by" command="reformer experiment lr --preset laptop" />
    </>
  );
}
