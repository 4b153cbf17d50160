// "lsh seed<3 status=finished": every word must hold. A word with a comparison asks for a setting; any other is looked
// for in the name.
import { fieldOf, type Run } from "./data";

type Test = (run: Run) => boolean;

const comparisons: Record<string, (a: number, b: number) => boolean> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

function test(word: string): Test {
  const parts = /^([a-z_0-9]+)(<=|>=|!=|=|<|>)(.*)$/i.exec(word);
  if (parts) {
    const [, name, operator, wanted] = parts as unknown as [string, string, string, string];
    return (run) => {
      const value = fieldOf(run, name);
      if (value === undefined) return false;
      const equal = String(value).toLowerCase() === wanted.toLowerCase() || (wanted !== "" && Number(value) === Number(wanted));
      if (operator === "=") return equal;
      if (operator === "!=") return !equal;
      return comparisons[operator]!(Number(value), Number(wanted));
    };
  }
  return (run) => `${run.name} ${run.attention}`.toLowerCase().includes(word.toLowerCase());
}

export function matcher(text: string): Test {
  const tests = text.split(/\s+/).filter(Boolean).map(test);
  return (run) => tests.every((holds) => holds(run));
}
