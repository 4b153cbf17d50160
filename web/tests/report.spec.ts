// The page as people use it, opened from disk.
import { expect, type Page, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { altered, type Bucket, folder, packedCurve, reportOf, root } from "./reports";

interface Document {
  runs: { name: string; curves: Record<string, { width: number; last: number; statistics: Record<string, (number | null)[]> }> }[];
}
// The same report as plain numbers; a test of the library compares these with run.db.
let json: Document | undefined;
function numbers(): Document {
  return (json ??= JSON.parse(readFileSync(join(folder, "runs.json"), "utf8")) as Document);
}
const curve = (run: string, metric: string, statistic = "last") =>
  numbers().runs.find((r) => r.name === run)!.curves[metric]!.statistics[statistic]!;

const FULL = "runs/full-1";
const LSH = "runs/lsh-1";
const leaf = (name: string) => name.replace(/^runs\//, "");

// Opens a report and fails on every request and every error.
async function open(page: Page, name = "all", hash = ""): Promise<void> {
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) throw new Error(`the page asked for ${request.url()}`);
  });
  page.on("pageerror", (error) => {
    throw error;
  });
  page.on("console", (message) => expect(message.type(), message.text()).not.toBe("error"));
  await page.goto(reportOf(name) + hash);
}

const panel = (page: Page, metric: string) => page.locator(`[data-metric="${metric}"]`);

async function drawn(page: Page, metric: string) {
  await panel(page, metric).scrollIntoViewIfNeeded();
  await panel(page, metric).locator("canvas").waitFor();
  return panel(page, metric);
}

// Puts the cross-hair at a step, by a link.
const at = (step: number, more: object = {}) => "#" + encodeURIComponent(JSON.stringify({ crosshair: step, ...more }));

async function valueOf(page: Page, metric: string, run: string): Promise<number> {
  const row = (await drawn(page, metric)).locator(`.values tr[data-run="${run}"]`);
  return Number(await row.getAttribute("data-value"));
}

test("values on panels are those of the database", async ({ page }) => {
  await open(page, "all", at(100));
  for (const metric of ["loss", "accuracy", "gradient_norm", "learning_rate"]) {
    for (const run of [FULL, LSH]) {
      const expected = curve(leaf(run), metric)[99]!;
      expect(await valueOf(page, metric, run)).toBeCloseTo(expected, 5);
    }
  }
});

test("a long run is shown in buckets, with its extremes", async ({ page }) => {
  await open(page, "all", at(9000, { search: "long" }));
  const loss = await drawn(page, "loss");
  await expect(loss.locator(".honesty")).toContainText("9\u202f000 points, mean, lowest and highest of every");
  const whole = readFileSync(join(folder, "all.html"), "utf8");
  expect(whole.length).toBeLessThan(2_000_000);
  const row = loss.locator(".values tr");
  const low = curve("long", "loss", "min").at(-1)!;
  await expect(row).toContainText(String(Number(low.toPrecision(2))).slice(0, 4));
});

test("names and messages from outside stay text", async ({ page }) => {
  await open(page);
  await expect(page.locator("img")).toHaveCount(0);
  await expect(page).toHaveTitle("reformer report");
  await expect(page.locator(".runs tbody tr")).toHaveCount(6);
  await expect(page.locator(".problems")).toContainText("damaged");
  await expect(page.locator(".problems li")).toHaveCount(1);
});

test("runs are hidden, searched, pinned and grouped", async ({ page }) => {
  await open(page, "all", at(50));
  const rows = (await drawn(page, "loss")).locator(".values tbody tr");
  await expect(rows).toHaveCount(6);
  await page.getByLabel(`Show ${FULL}`, { exact: true }).uncheck();
  await expect(rows).toHaveCount(5);
  await page.getByRole("button", { name: "show all" }).click();
  await expect(rows).toHaveCount(6);
  await page.getByLabel("search and filter").fill("lsh seed<2");
  await expect(rows).toHaveCount(2);
  await page.getByLabel("search and filter").fill("learning_rate=0.01");
  await expect(rows).toHaveCount(1);
  await page.getByLabel("search and filter").fill("");
  await page.getByLabel("Pin runs/long", { exact: true }).click();
  await expect(page.locator(".runs tbody tr").first()).toHaveAttribute("data-run", "runs/long");
  await page.getByLabel("group by").selectOption("trained");
  await expect(rows).toHaveCount(2);
  const mean = (curve("lsh-1", "loss")[49]! + curve("lsh-1-fast", "loss")[49]!) / 2;
  await page.getByLabel("search and filter").fill("lsh-1");
  expect(await valueOf(page, "loss", "LSH-4 (2)")).toBeCloseTo(mean, 4);
});

test("settings show only what differs", async ({ page }) => {
  await open(page);
  const rows = page.locator(".settings tbody tr");
  await expect(page.locator('[data-setting="learning_rate"] td')).toHaveCount(6);
  const differing = await rows.count();
  await page.getByLabel("only what differs").uncheck();
  expect(await rows.count()).toBeGreaterThan(differing + 20);
  await expect(page.locator('[data-setting="model_dim"] td').first()).toHaveText("32");
});

test("axes: sequences, seconds, logarithms", async ({ page }) => {
  await open(page, "all", at(400, { axis: "sequences" }));
  expect(await valueOf(page, "loss", FULL)).toBeCloseTo(curve("full-1", "loss")[99]!, 5); // batches of 4
  await page.getByLabel("x axis").selectOption("seconds");
  const loss = await drawn(page, "loss");
  await loss.getByRole("button", { name: "log y" }).click();
  await expect(loss.getByRole("button", { name: "log y" })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: "log x" }).click();
  await loss.locator(".chart").press("ArrowRight");
  await expect(loss.locator(".values caption")).toContainText("seconds of training");
});

test("smoothing keeps the measured value beside it", async ({ page }) => {
  await open(page, "all", at(100, { smoothing: 0.9 }));
  const row = (await drawn(page, "loss")).locator(`.values tr[data-run="${FULL}"]`);
  await expect(row).toContainText("measured");
  expect(Number(await row.getAttribute("data-value"))).toBeCloseTo(curve("full-1", "loss")[99]!, 5);
});

const rangeOf = (page: Page) => page.evaluate(() => (JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}") as { range?: number[] }).range);

test("zoom, pan, cross-hair in all panels, pin, and a link that restores it", async ({ page }) => {
  await open(page);
  await page.getByLabel("search and filter").fill("full");
  const over = (await drawn(page, "loss")).locator(".u-over");
  const box = (await over.boundingBox())!;
  const y = box.y + 50;
  await page.mouse.move(box.x + box.width / 4, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, y, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => rangeOf(page)).toBeTruthy();
  const [low, high] = (await rangeOf(page))!;
  expect(low).toBeGreaterThan(80);
  expect(high).toBeLessThan(220);
  await page.keyboard.down("Shift");
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 4, y, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect.poll(async () => (await rangeOf(page))![0]).toBeGreaterThan(low! + 10);
  await page.mouse.click(box.x + box.width / 3, y);
  const pinnedAt = await panel(page, "loss").locator("table.values").getAttribute("data-x");
  await expect(panel(page, "accuracy").locator("table.values")).toHaveAttribute("data-x", pinnedAt!);
  const address = page.url();
  const again = await page.context().newPage();
  await again.goto(address);
  await drawn(again, "loss");
  await expect(panel(again, "loss").locator("table.values")).toHaveAttribute("data-x", pinnedAt!);
  await expect(again.locator(".runs tbody tr")).toHaveCount(await page.locator(".runs tbody tr").count());
  await page.getByRole("button", { name: "reset zoom" }).click();
  expect(await rangeOf(page)).toBeUndefined();
});

test("the keyboard reads, zooms and pins", async ({ page }) => {
  await open(page);
  const loss = await drawn(page, "loss");
  await loss.locator(".chart").focus();
  await page.keyboard.press("Home");
  const first = Number(await loss.locator("table.values").getAttribute("data-x"));
  expect(first).toBeLessThan(60);
  await page.keyboard.press("ArrowRight");
  expect(Number(await loss.locator("table.values").getAttribute("data-x"))).toBeGreaterThan(first);
  await page.keyboard.press("Enter");
  await expect(loss.locator(".values caption")).toContainText("pinned");
  await page.keyboard.press("+");
  expect(await rangeOf(page)).toBeTruthy();
  await page.keyboard.press("0");
  expect(await rangeOf(page)).toBeUndefined();
  await page.keyboard.press("Escape");
  await expect(loss.locator("table.values")).toHaveAttribute("data-x", "last");
});

test("the keyboard moves the view", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1", range: [100, 200] })));
  await (await drawn(page, "loss")).locator(".chart").focus();
  await page.keyboard.press("Shift+ArrowRight");
  expect(await rangeOf(page)).toEqual([110, 210]);
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  expect(await rangeOf(page)).toEqual([90, 190]);
  await expect(panel(page, "loss").locator(".chart")).toHaveAttribute("aria-label", /with Shift they move the view/);
});

test.describe("by touch", () => {
  test.use({ hasTouch: true });

  // Fingers on the loss: where they are, as parts of the width of its plot.
  async function fingersOn(page: Page) {
    const over = (await drawn(page, "loss")).locator(".u-over");
    await over.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const box = (await over.boundingBox())!;
    const session = await page.context().newCDPSession(page);
    return async (type: "touchStart" | "touchMove" | "touchEnd", ...parts: number[]) => {
      const touchPoints = parts.map((part, id) => ({ id, x: box.x + part * box.width, y: box.y + 60 }));
      await session.send("Input.dispatchTouchEvent", { type, touchPoints });
    };
  }

  test("two fingers zoom, one moves what is zoomed", async ({ page }) => {
    await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1" })));
    const fingers = await fingersOn(page);
    const drag = async () => {
      await fingers("touchStart", 0.6);
      for (const part of [0.5, 0.4, 0.3, 0.2]) await fingers("touchMove", part);
      await fingers("touchEnd");
    };
    await drag();
    expect(await rangeOf(page)).toBeUndefined(); // there is nowhere to go
    await fingers("touchStart", 0.4, 0.6);
    for (const half of [0.15, 0.2, 0.25]) await fingers("touchMove", 0.5 - half, 0.5 + half);
    await fingers("touchEnd");
    // What was 0.2 of steps 1 to 400 is half of the view now, about the same middle.
    await expect.poll(async () => (await rangeOf(page))?.map(Math.round)).toEqual([121, 280]);
    await drag();
    await expect.poll(async () => (await rangeOf(page))![0]).toBeGreaterThan(121 + 0.3 * 160);
    const [low, high] = (await rangeOf(page))!;
    expect(high! - low!).toBeCloseTo(0.4 * 399, 0);
    await expect(panel(page, "loss").locator(".values caption")).not.toContainText("pinned");
  });

  test("a logarithmic axis stays under the fingers", async ({ page }) => {
    await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1", logX: true })));
    const fingers = await fingersOn(page);
    await fingers("touchStart", 0.4, 0.6);
    for (const half of [0.15, 0.2, 0.25]) await fingers("touchMove", 0.5 - half, 0.5 + half);
    await fingers("touchEnd");
    const seen = [0.5 - 0.2, 0.5 + 0.2].map((part) => Math.round(400 ** part));
    await expect.poll(async () => (await rangeOf(page))?.map(Math.round)).toEqual(seen);
  });

  test("a tap pins, another one frees, two show all", async ({ page }) => {
    await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1", range: [100, 200] })));
    const fingers = await fingersOn(page);
    const tap = async () => {
      await fingers("touchStart", 0.5);
      await fingers("touchEnd");
    };
    const table = panel(page, "loss").locator("table.values");
    await tap();
    await expect(table.locator("caption")).toContainText("pinned");
    expect(Math.round(Number(await table.getAttribute("data-x")))).toBe(150);
    await page.waitForTimeout(1000);
    await tap();
    await expect(table.locator("caption")).not.toContainText("pinned");
    await page.waitForTimeout(1000);
    expect(await rangeOf(page)).toEqual([100, 200]);
    await tap();
    await tap();
    await expect.poll(() => rangeOf(page)).toBeUndefined();
    await expect(table.locator("caption")).not.toContainText("pinned");
  });
});

// The bytes of a panel that is saved.
async function saved(page: Page, metric: string, kind: "SVG" | "PNG" | "CSV"): Promise<Buffer> {
  const shown = await drawn(page, metric);
  await shown.getByText("Save").click();
  const [download] = await Promise.all([page.waitForEvent("download"), shown.getByRole("button", { name: kind }).click()]);
  await shown.getByText("Save").click();
  expect(download.suggestedFilename()).toBe(`${metric}.${kind.toLowerCase()}`);
  return readFileSync((await download.path())!);
}

// The points of the curves of an SVG, in its own units; the plot is a rectangle there.
const PLOT = { left: 80, top: 44, width: 790, height: 380 };
const pointsOf = (svg: string) =>
  [...svg.matchAll(/<path d="M([^"]*)" stroke="#[0-9a-f]{6}" stroke-width="1.8"/g)].map((path) => path[1]!.split("L").map((point) => point.split(",").map(Number) as [number, number]));

test("a panel is saved as SVG with the points of its curve", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1" })));
  const [points] = pointsOf((await saved(page, "loss", "SVG")).toString());
  const values = curve("full-1", "loss") as number[];
  expect(points).toHaveLength(values.length);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  for (const [i, [x, y]] of points!.entries()) {
    expect(Math.abs(x - (PLOT.left + (PLOT.width * i) / (values.length - 1)))).toBeLessThan(0.1);
    expect(Math.abs(y - (PLOT.top + (PLOT.height * (high - values[i]!)) / (high - low)))).toBeLessThan(0.1);
  }
});

test("a panel is saved as SVG as far as it is shown, also after zooming out of a logarithmic axis", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1", logX: true })));
  const chart = (await drawn(page, "loss")).locator(".chart");
  await chart.focus();
  await page.keyboard.press("-");
  const [low, high] = (await rangeOf(page))!;
  expect(low).toBeLessThan(0);
  const [points] = pointsOf((await saved(page, "loss", "SVG")).toString());
  const place = (step: number) => PLOT.left + (PLOT.width * Math.log(step)) / Math.log(high!);
  expect(points![0]![0]).toBe(PLOT.left);
  expect(Math.abs(points!.at(-1)![0] - place(400))).toBeLessThan(0.1);
  // The panel's own axis: where the pointer is at the place of a step in the file, the panel reads that step.
  const box = (await chart.locator(".u-over").boundingBox())!;
  await page.mouse.move(box.x + (box.width * (place(100) - PLOT.left)) / PLOT.width, box.y + 50);
  await expect.poll(async () => Math.abs(Number(await panel(page, "loss").locator("table.values").getAttribute("data-x")) - 100)).toBeLessThan(2);
});

test("a panel is saved as PNG at twice the size", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full" })));
  const svg = (await saved(page, "loss", "SVG")).toString();
  const [width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!.slice(1).map(Number);
  const png = await saved(page, "loss", "PNG");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width!, 2 * height!]);
  // What is drawn on white: the colour of a curve is among its pixels.
  const colour = /stroke="#([0-9a-f]{6})" stroke-width="1.8"/.exec(svg)![1]!;
  const found = await page.evaluate(
    async ([data, wanted]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d")!;
      context.drawImage(image, 0, 0);
      const { data: pixels } = context.getImageData(0, 0, image.width, image.height);
      let count = 0;
      for (let i = 0; i < pixels.length; i += 4) count += Number(((pixels[i]! << 16) | (pixels[i + 1]! << 8) | pixels[i + 2]!) === parseInt(wanted!, 16));
      return count;
    },
    [png.toString("base64"), colour],
  );
  expect(found).toBeGreaterThan(100);
});

test("a panel is saved as CSV, whole or as far as it is shown", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1" })));
  const parsed = (bytes: Buffer) => bytes.toString().trim().split("\r\n").map((row) => row.split(","));
  const [heading, ...rows] = parsed(await saved(page, "loss", "CSV"));
  expect(heading).toEqual(["run", "step", "value", "lowest", "highest", "smoothed"]);
  expect(rows.map((row) => Number(row[1]))).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
  for (const [i, [run, , value, lowest]] of rows.entries()) {
    expect([run, lowest]).toEqual([FULL, ""]);
    expect(Number(value)).toBeCloseTo(curve("full-1", "loss")[i]!, 5);
  }
  await page.goto(reportOf("all") + "#" + encodeURIComponent(JSON.stringify({ search: "long", range: [4000, 5000] })));
  const buckets = parsed(await saved(page, "loss", "CSV")).slice(1);
  const long = numbers().runs.find((run) => run.name === "long")!.curves["loss"]!;
  const ends = long.statistics["last"]!.map((_, i) => Math.min((i + 1) * long.width, long.last));
  const shown = ends.map((_, i) => i).filter((i) => ends[i]! >= 4000 && ends[i]! <= 5000);
  expect(buckets.map((row) => Number(row[1]))).toEqual(shown.map((i) => ends[i]));
  for (const [at, i] of shown.entries()) {
    for (const [column, statistic] of [[2, "mean"], [3, "min"], [4, "max"]] as const) {
      const exact = long.statistics[statistic]![i]!;
      expect(Math.abs(Number(buckets[at]![column]) / exact - 1)).toBeLessThan(1e-3);
    }
  }
});

const heatMap = (page: Page, title: string) => page.locator("#table .heatmap", { has: page.locator("figcaption", { hasText: title }) });

test("tables of both sizes stand beside the published ones, by name", async ({ page }) => {
  await open(page);
  const cells = (title: string) => heatMap(page, title).locator("td[data-value]");
  const file = JSON.parse(readFileSync(join(root, "results/table2-laptop/table2.json"), "utf8")) as { cells: { accuracy: number }[] };
  const shown = await cells("measured, laptop size (128 tokens), seed 1").allTextContents();
  expect(shown.slice(0, 5)).toEqual(file.cells.slice(0, 5).map((cell) => (100 * cell.accuracy).toFixed(2)));
  await expect(cells("paper, Table 2").nth(1)).toHaveText("94.80");
  await expect(cells("seed reportreformer_fastai").nth(1)).toHaveText("1.37");
  // Four seeds of mean 0.6 and deviation 0.1: 0.6 +- 3.1824 * 0.1 / sqrt(4).
  const full = cells("measured, full size, mean of 4 seeds").first();
  await expect(full).toHaveText("60.0044.09–75.91");
  await expect(full).toHaveAttribute("title", "lowest seed 50.00, highest 70.00");
  const laptop = await heatMap(page, "measured, laptop size").boundingBox();
  const paper = await heatMap(page, "paper, Table 2").boundingBox();
  expect(Math.abs(laptop!.width - paper!.width)).toBeLessThan(2);
});

test("what each switch does stands below the tables", async ({ page }) => {
  await open(page);
  const file = JSON.parse(readFileSync(join(root, "results/table2-laptop/table2.json"), "utf8")) as { switches: { accuracy: number }[] };
  const table = page.getByRole("region", { name: "Switches, laptop size (128 tokens), seed 1" });
  await expect(table.locator("tbody tr")).toHaveCount(file.switches.length);
  const first = table.locator("tbody tr").first();
  await expect(first).toContainText("full → LSH-8");
  await expect(first).toContainText("lsh_logit_scale=inverse-sqrt-dim");
  await expect(first.locator("b").last()).toHaveText((100 * file.switches[0]!.accuracy).toFixed(2));
});

test("models under every meaning are a table of their study", async ({ page }) => {
  interface Studies {
    discrepancies: { size: string; meanings: object[] }[];
  }
  const cells = { consistent: { mean: 0.25 }, seed: { mean: 0.5, lowest: 0.4, highest: 0.6 }, paper: null };
  const name = altered<Studies>("all", "meanings", ({ discrepancies }) => {
    discrepancies.find(({ size }) => size === "full")!.meanings = [{ model: "seed-full", evaluated: "lsh-8", cells }];
  });
  await open(page, name);
  await expect(page.locator("summary", { hasText: "Under every meaning" })).toHaveCount(1);
  const study = page.locator("details", { hasText: "Under every meaning of attention, full size" });
  await study.locator("summary").click();
  await expect(study.locator("thead th")).toHaveText(["model", "evaluated", "consistent", "seed", "paper"]);
  await expect(study.locator("tbody th")).toHaveText("seed-full");
  await expect(study.locator("tbody td")).toHaveText(["LSH-8", "25.00", "50.00", "–"]);
  await expect(study.locator("tbody td").nth(2)).toHaveAttribute("title", "lowest seed 40.00, highest 60.00");
});

test("discrepancies of both sizes stand side by side", async ({ page }) => {
  await open(page);
  const titles = await page.locator("#discrepancies h4").allTextContents();
  expect(titles.length).toBe(20);
  for (let i = 0; i < titles.length; i += 2) {
    const [one, other] = [titles[i]!, titles[i + 1]!];
    expect([one, other].map((title) => title.split(" ")[0]).sort()).toEqual(["full", "laptop"]);
    const what = (title: string) => title.replace(/^\w+/, "").replace(/, \d+ training seeds?$/, "");
    expect(what(one)).toBe(what(other));
  }
});

test("runs alike but for the seed, and for the learning rate, are drawn together", async ({ page }) => {
  await open(page);
  const seeds = page.locator('.alike[data-setting="seed"]').first();
  await seeds.scrollIntoViewIfNeeded();
  await expect(seeds).toContainText("full");
  await expect(seeds).toContainText("seed 1");
  await expect(seeds).toContainText("seed 2");
  await expect(seeds.locator("canvas")).toHaveCount(2);
  const rates = page.locator('.alike[data-setting="learning_rate"]');
  await expect(rates).toHaveCount(1);
  await expect(rates).toContainText("learning rate 0.01");
  await rates.getByRole("button", { name: "only these" }).click();
  await expect(page.locator(".runs input:checked")).toHaveCount(2);
  await expect(page.getByLabel("Show runs/lsh-1-fast", { exact: true })).toBeChecked();
});

test("the run set is sorted by a column, and a name beside the panels hides its run", async ({ page }) => {
  await open(page, "all", at(50));
  const names = () => page.locator(".runs tbody tr").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-run")));
  const unsorted = await names();
  await page.locator(".sort", { hasText: "steps" }).click();
  expect((await names()).at(-1)).toBe("runs/long");
  await page.locator(".sort", { hasText: "steps" }).click();
  expect((await names())[0]).toBe("runs/long");
  await expect(page.locator(".runs th[aria-sort=descending]")).toHaveCount(1);
  await page.locator(".sort", { hasText: "steps" }).click();
  expect(await names()).toEqual(unsorted);
  const rows = (await drawn(page, "loss")).locator(".values tbody tr");
  await expect(rows).toHaveCount(6);
  await page.locator(".legend button", { hasText: LSH }).first().click();
  await expect(rows).toHaveCount(5);
});

test("a group's band is its range, or the interval of its mean", async ({ page }) => {
  await open(page, "all", at(50, { groupBy: "trained", search: "lsh-1", band: "interval" }));
  const [a, b] = [curve("lsh-1", "loss")[49]!, curve("lsh-1-fast", "loss")[49]!];
  const half = 12.7062 * (Math.abs(a - b) / 2); // Student's t of one degree, times the deviation over the root of two
  const cell = (await drawn(page, "loss")).locator(".values tbody td").nth(1);
  const shown = (await cell.textContent())!.split(" to ").map(Number);
  expect(shown[0]).toBeCloseTo((a + b) / 2 - half, 2);
  expect(shown[1]).toBeCloseTo((a + b) / 2 + half, 2);
  await page.locator("#training").getByLabel("band").selectOption("range");
  await expect.poll(async () => (await cell.textContent())!.split(" to ").map(Number)[0]).toBeCloseTo(Math.min(a, b), 3);
});

// Lowest and highest as a row of values shows them.
const bandOf = async (page: Page, row: string) =>
  (await panel(page, "loss").locator(`.values tr[data-run="${row}"] td`).nth(1).textContent())!.split(" to ").map((text) => Number(text.replace(/[^-.0-9]/g, "")));

test("a group's band has the extremes of its runs, also those within buckets", async ({ page }) => {
  // Two runs of 150,000 steps in buckets of 200 and of 50: one loss of 1000 at step 75,000, one of -50 at step 20.
  const STEPS = 150_000;
  const buckets = (width: number): Bucket[] =>
    Array.from({ length: STEPS / width }, (_, i) => {
      const holds = (step: number) => step > i * width && step <= (i + 1) * width;
      if (width === 200 && holds(75_000)) return { mean: 5.15, min: 0.1, max: 1000 };
      if (width === 50 && holds(20)) return { mean: -0.85, min: -50, max: 0.3 };
      return { mean: 0.15, min: 0.1, max: 0.2 };
    });
  interface Packed {
    runs: { name: string; steps: number; step: number; curves: Record<string, object> }[];
  }
  altered<Packed>("all", "grouped", (document) => {
    document.runs = document.runs.filter((run) => [FULL, "runs/full-2", "runs/long"].includes(run.name));
    for (const run of document.runs) run.curves = { loss: packedCurve(STEPS, run.name === FULL ? 200 : 50, buckets(run.name === FULL ? 200 : 50)) };
  });
  const group = { groupBy: "trained", search: "runs/full" };
  await open(page, "grouped", at(75_000, group));
  await expect((await drawn(page, "loss")).locator(".honesty")).toHaveText(
    "300\u202f000 points, mean, lowest and highest of every 200 steps; mean, lowest and highest over a group's runs",
  );
  expect((await bandOf(page, "full (2)"))[1]).toBe(1000);
  await page.goto(reportOf("grouped") + at(200, group));
  expect((await bandOf(page, "full (2)"))[0]).toBe(-50);
  await page.locator("#training").getByLabel("band").selectOption("interval");
  await expect(panel(page, "loss").locator(".honesty")).toHaveText("300\u202f000 points, mean of every 200 steps; mean and its 95 % interval over a group's runs");
  // A group of one is that run, whatever the band.
  await page.goto(reportOf("grouped") + at(75_000, { ...group, search: "full-1", band: "interval" }));
  expect(await bandOf(page, "full (1)")).toEqual([expect.closeTo(0.1, 1), 1000]);
  await expect(panel(page, "loss").locator(".honesty")).toHaveText("150\u202f000 points, mean, lowest and highest of every 200 steps");
});

test("time and memory by length stand beside the published times", async ({ page }) => {
  await open(page);
  const plot = (title: string) => page.locator(`.length-plot[data-title^="${title}"]`);
  await expect(plot("Measured: seconds of a training step of 32\u202f768 tokens").locator("circle")).toHaveCount(4);
  await expect(plot("Measured: seconds").locator("tr", { hasText: "LSH-4" })).toContainText("2\u202f048 tokens: 0.75");
  await expect(plot("Measured: peak memory").locator("tr", { hasText: "LSH-4" })).toContainText("2\u202f048 tokens: 3");
  await expect(plot("Published: paper").locator("tr", { hasText: "full" })).toContainText("32\u202f768 tokens: 3.5");
  await expect(plot("Published: seed report").locator("circle")).toHaveCount(5);
});

test("warnings are listed, and what is left out of many is counted", async ({ page }) => {
  interface Warned {
    runs: { name: string; events: object[]; events_left_out: object }[];
  }
  altered<Warned>("all", "warned", (document) => {
    const run = document.runs.find((one) => one.name === FULL)!;
    run.events = [{ time: 0, step: 118, level: "warning", kind: "skipped", message: "a step was left out" }];
    run.events_left_out = { warning: 117, info: 5 };
  });
  await open(page, "warned");
  await expect(page.locator("#training summary", { hasText: "Warnings and errors" })).toHaveText("Warnings and errors (1 of 118)");
  await expect(page.locator("#training li")).toHaveText([`${FULL}, step 118: a step was left out`, `${FULL}: 117 more left out, which are less severe or older`]);
});

test("what was found is run again by commands", async ({ page }) => {
  await open(page);
  const text = await page.locator("#again pre").textContent();
  for (const command of ["reformer train --preset smoke", "reformer experiment table2 --size laptop --seed 1 --out out", "reformer experiment discrepancy --size full", "reformer bench --size seed --only train-step"]) {
    expect(text).toContain(command);
  }
});

test("sections without data say what would fill them", async ({ page }) => {
  await open(page, "table");
  await expect(page.locator("#table .heatmap").first()).toBeVisible();
  for (const id of ["task", "runs", "training", "discrepancies", "variants", "speed"]) {
    await expect(page.locator(`#${id} .missing code`)).toHaveText(/reformer|reproduce/);
  }
});

test("a link restores wide panels", async ({ page }) => {
  await open(page);
  const width = async (on: Page) => (await (await drawn(on, "accuracy")).boundingBox())!.width;
  const narrow = await width(page);
  await panel(page, "accuracy").getByRole("button", { name: "wide" }).click();
  await expect(panel(page, "accuracy")).toHaveClass("panel wide");
  expect(await width(page)).toBeGreaterThan(1.5 * narrow);
  const again = await page.context().newPage();
  await again.goto(page.url());
  expect(await width(again)).toBe(await width(page));
  await expect(panel(again, "loss")).toHaveClass("panel");
});

// What the clipboard was given, or refuses.
async function clipboard(page: Page, refuses = false): Promise<() => Promise<string | undefined>> {
  await page.addInitScript((refused) => {
    const writeText = (text: string) => {
      (window as unknown as { copied: string }).copied = text;
      return refused ? Promise.reject(new Error("refused")) : Promise.resolve();
    };
    Object.defineProperty(navigator, "clipboard", { value: { writeText } });
  }, refuses);
  return () => page.evaluate(() => (window as unknown as { copied?: string }).copied);
}

test("the link to a view and the commands are copied", async ({ page }) => {
  const copied = await clipboard(page);
  await open(page, "all", at(50));
  await page.getByRole("button", { name: "copy link to this view" }).click();
  await expect(page.locator(".top [role=status]")).toHaveText("copied");
  expect(await copied()).toBe(reportOf("all") + at(50));
  await page.getByRole("button", { name: "copy commands" }).click();
  await expect(page.locator("#again [role=status]")).toHaveText("copied");
  expect(await copied()).toBe(await page.locator("#again pre").textContent());
});

test("where the clipboard is closed, the page says so", async ({ page }) => {
  await clipboard(page, true);
  await open(page);
  await page.getByRole("button", { name: "copy link to this view" }).click();
  await expect(page.locator(".top [role=status]")).toContainText("not allowed here");
});

test("the theme is chosen, and a link keeps it", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await open(page);
  const ground = (on: Page) => on.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground(page);
  await page.getByLabel("theme").selectOption("dark");
  const dark = await ground(page);
  expect(dark).not.toBe(light);
  const again = await page.context().newPage();
  await again.emulateMedia({ colorScheme: "light" });
  await again.goto(page.url());
  expect(await ground(again)).toBe(dark);
  await page.getByLabel("theme").selectOption("light");
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await ground(page)).toBe(light);
  await page.getByLabel("theme").selectOption("auto");
  expect(await ground(page)).toBe(dark);
});

test("buttons lead to their sections", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  const titles = await page.locator("nav button").allTextContents();
  expect(titles).toEqual(await page.locator("main section > h2").allTextContents());
  for (const title of [titles[7]!, titles[0]!, titles[4]!]) {
    await page.getByRole("button", { name: title, exact: true }).evaluate((button: HTMLElement) => button.click());
    await expect(page.locator("section > h2", { hasText: title })).toBeInViewport();
  }
});

test("all runs are hidden, and shown again", async ({ page }) => {
  await open(page);
  const rows = (await drawn(page, "loss")).locator(".values tbody tr");
  await page.getByRole("button", { name: "hide all" }).click();
  await expect(rows).toHaveCount(0);
  await expect(page.locator("#runs [role=status]")).toHaveText("0 of 6 runs shown");
  await page.getByLabel("search and filter").fill("full-1");
  await page.getByRole("button", { name: "show all" }).click();
  await page.getByLabel("search and filter").fill("");
  await expect(rows).toHaveCount(1); // what the search left was shown again
});

// Puts the pointer at a part of the width of the loss.
async function point(page: Page, part: number): Promise<void> {
  const over = (await drawn(page, "loss")).locator(".u-over");
  await over.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const box = (await over.boundingBox())!;
  await page.mouse.move(box.x + part * box.width, box.y + 60);
}
const pointedAt = async (page: Page) => Number(await panel(page, "loss").locator("table.values").getAttribute("data-x"));

test("Ctrl and wheel zoom at the pointer, a double click shows all", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1", range: [100, 200] })));
  await point(page, 0.25);
  await page.mouse.wheel(0, -100);
  expect(await rangeOf(page)).toEqual([100, 200]); // scrolls the page
  await point(page, 0.25);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -100);
  await expect.poll(async () => (await rangeOf(page))?.map(Math.round)).toEqual([105, 185]);
  await page.mouse.wheel(0, 100);
  await expect.poll(async () => (await rangeOf(page))?.map(Math.round)).toEqual([100, 200]);
  await page.keyboard.up("Control");
  await panel(page, "loss").locator(".u-over").dblclick({ position: { x: 50, y: 60 } });
  await expect.poll(() => rangeOf(page)).toBeUndefined();
  await expect(panel(page, "loss").locator(".values caption")).not.toContainText("pinned");
});

test("the keyboard goes back, to the end and out", async ({ page }) => {
  await open(page, "all", at(101, { search: "full-1", range: [1, 301] }));
  await (await drawn(page, "loss")).locator(".chart").focus();
  await page.keyboard.press("ArrowLeft");
  expect(await pointedAt(page)).toBe(98);
  await page.keyboard.press("End");
  expect(await pointedAt(page)).toBe(301);
  await page.keyboard.press("-");
  expect(await rangeOf(page)).toEqual([301 - 600, 301]);
});

test("a link restores the zoom", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1", range: [100, 200] })));
  await point(page, 0.5);
  await expect.poll(async () => Math.abs((await pointedAt(page)) - 150)).toBeLessThan(1);
  await point(page, 0.1);
  await expect.poll(async () => Math.abs((await pointedAt(page)) - 110)).toBeLessThan(1);
});

test("a logarithmic x axis gives equal ratios equal room", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1" })));
  await page.getByRole("button", { name: "log x" }).click();
  for (const part of [0.5, 0.8]) {
    await point(page, part);
    await expect.poll(async () => Math.abs((await pointedAt(page)) / 400 ** part - 1)).toBeLessThan(0.03);
  }
});

test("a logarithmic value axis gives equal ratios equal room", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1" })));
  const canvas = (await drawn(page, "loss")).locator("canvas");
  const linear = await canvas.evaluate((c: HTMLCanvasElement) => c.toDataURL());
  await panel(page, "loss").getByRole("button", { name: "log y" }).click();
  await expect.poll(() => canvas.evaluate((c: HTMLCanvasElement) => c.toDataURL())).not.toBe(linear);
  const [points] = pointsOf((await saved(page, "loss", "SVG")).toString());
  const values = (curve("full-1", "loss") as number[]).map(Math.log);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  for (const [i, [, y]] of points!.entries()) expect(Math.abs(y - (PLOT.top + (PLOT.height * (high - values[i]!)) / (high - low)))).toBeLessThan(0.1);
});

test("a logarithmic axis may start just below a power of ten", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ axis: "seconds", logX: true, range: [0.0965, 0.3], search: "full-1" })));
  await (await drawn(page, "loss")).locator(".chart").press("ArrowRight");
  await expect(panel(page, "loss").locator(".values caption")).toContainText("seconds of training");
});

test("seconds of training are an axis", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent(JSON.stringify({ search: "full-1" })));
  await page.getByLabel("x axis").selectOption("seconds");
  const [seconds, loss] = [curve("full-1", "seconds") as number[], curve("full-1", "loss") as number[]];
  const row = (await drawn(page, "loss")).locator(".values tbody tr");
  for (const part of [0.3, 0.7]) {
    await point(page, part);
    const wanted = seconds[0]! + part * (seconds[399]! - seconds[0]!);
    await expect.poll(async () => Math.abs((await pointedAt(page)) - wanted)).toBeLessThan(0.01 * seconds[399]!);
    const pointed = await pointedAt(page);
    const distances = seconds.map((s) => Math.abs(s - pointed));
    const i = distances.indexOf(Math.min(...distances));
    expect(Number(await row.getAttribute("data-at"))).toBeCloseTo(seconds[i]!, 4);
    expect(Number(await row.getAttribute("data-value"))).toBeCloseTo(loss[i]!, 5);
  }
});

test("the slider smooths by what it says", async ({ page }) => {
  await open(page, "all", at(100, { search: "full-1" }));
  await page.getByRole("slider", { name: "smoothing" }).fill("0.7");
  await expect(page.locator("#training output")).toHaveText("0.70");
  // The mean of all values so far, each weighted by 0.7 to the thousandths of the curve that it is old.
  const values = curve("full-1", "loss").slice(0, 100) as number[];
  const weights = values.map((_, i) => 0.7 ** ((1000 * (99 - i)) / 399));
  const mean = values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / weights.reduce((a, b) => a + b, 0);
  const row = (await drawn(page, "loss")).locator(".values tbody tr");
  await expect.poll(async () => Number(await row.locator("td").first().textContent())).toBeCloseTo(mean, 3);
  await expect(row).toContainText(`measured ${Number(values[99]!.toPrecision(5))}`);
});

test("of many sets of runs alike, more are drawn when asked for", async ({ page }) => {
  interface Sets {
    runs: { name: string; seed: number; config: { model: { model_dim: number }; train: { seed: number } } }[];
  }
  altered<Sets>("all", "sets", (document) => {
    const [one, other] = [FULL, "runs/full-2"].map((name) => document.runs.find((run) => run.name === name)!);
    document.runs = Array.from({ length: 9 }, (_, i) =>
      [one!, other!].map((run) => ({ ...run, name: `${run.name}-${i}`, config: { ...run.config, model: { ...run.config.model, model_dim: 8 * (i + 1) } } })),
    ).flat();
  });
  await open(page, "sets");
  const sets = page.locator('.alike[data-setting="seed"]');
  const drawn = await sets.count();
  expect(drawn).toBeLessThan(9);
  await page.getByRole("button", { name: `${9 - drawn} more set` }).click();
  await expect(sets).toHaveCount(9);
  await expect(page.getByRole("button", { name: "more set" })).toHaveCount(0);
});

test("a broken link shows the page as at first", async ({ page }) => {
  await open(page, "all", "#" + encodeURIComponent('{"smoothing":7,"range":[1],"hidden":3,"wide":"loss","picture":{"run":1}}'));
  await expect(page).toHaveURL(reportOf("all"));
  await expect(page.locator(".runs input:checked")).toHaveCount(6);
});
