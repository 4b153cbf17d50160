// The page from a server, beside runs that go on.
import { expect, type Page, test } from "@playwright/test";
import { copyFileSync, cpSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./reports";
import { freshDirectory, Running, serve, train } from "./server";

const started: Running[] = [];
test.afterEach(async () => {
  await Promise.all(started.splice(0).map((program) => program.stop("SIGKILL")));
});
function keep(program: Running): Running {
  started.push(program);
  return program;
}

async function open(page: Page, address: string, hash = ""): Promise<void> {
  const origin = new URL(address).origin;
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`) && !/^(data|blob):/.test(request.url())) throw new Error(`the page asked for ${request.url()}`);
  });
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.goto(address);
  expect(page.url()).toBe(`${origin}/`); // no token is left in it
  if (hash) await page.goto(`${origin}/${hash}`);
  await expect(page.locator(".live")).toContainText("live");
}

const row = (page: Page, run: string) => page.locator(`.runs tr[data-run="${run}"]`);
const loss = (page: Page) => page.locator('[data-metric="loss"]');
const digits = (text: string | null) => Number((text ?? "").replace(/\D/g, ""));

async function stepOf(page: Page, run: string): Promise<number> {
  return digits((await row(page, run).locator("td.number").first().textContent())!.split("/")[0]!);
}
// The points that the panel of the loss says it has, and the run's step, of one and the same moment.
const pointsAndStep = (page: Page, run: string) =>
  page.evaluate((name) => {
    const digits = (text: string) => Number(text.replace(/\D/g, ""));
    const honesty = document.querySelector('[data-metric="loss"] .honesty')!.textContent!;
    const row = [...document.querySelectorAll(".runs tr")].find((one) => one.getAttribute("data-run") === name)!;
    return { points: digits(honesty.split("point")[0]!), step: digits(row.querySelector("td.number")!.textContent!.split("/")[0]!) };
  }, run);
async function pointsOf(page: Page): Promise<number> {
  return digits((await loss(page).locator(".honesty").textContent())!.split("point")[0]!);
}

test("new points appear within a second, and what was chosen stays", async ({ page }) => {
  const directory = freshDirectory("points");
  const { server, address } = await serve(directory);
  keep(server);
  const view = { smoothing: 0.5, range: [1, 60], crosshair: 40, logY: ["loss"] };
  await open(page, address, "#" + encodeURIComponent(JSON.stringify(view)));
  await expect(page.locator("#runs .missing")).toBeVisible(); // nothing yet
  const training = keep(train(directory, "a", "--steps", "1000000"));
  await expect(row(page, "a")).toContainText("running");
  await loss(page).scrollIntoViewIfNeeded();
  await loss(page).locator("canvas").waitFor();
  await expect.poll(() => stepOf(page, "a")).toBeGreaterThan(60);
  await loss(page).locator("canvas").evaluate((canvas) => (canvas.dataset["same"] = "yes"));
  const value = await loss(page).locator(".values tr").first().getAttribute("data-value");
  // From a commit of the training to its rows on the page: the median of five, for a busy machine may hold up any single one.
  const delays: number[] = [];
  for (let i = 0; i < 5; ++i) {
    const seen = lastWrite(directory, "a");
    while (lastWrite(directory, "a") === seen) await new Promise((done) => setTimeout(done, 5));
    const before = await stepOf(page, "a");
    const committed = Date.now();
    await expect.poll(() => stepOf(page, "a"), { timeout: 20_000, intervals: [20] }).toBeGreaterThan(before);
    delays.push(Date.now() - committed);
    const { points, step } = await pointsAndStep(page, "a");
    expect(points).toBe(step);
  }
  expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(1000);
  await training.stop();
  await expect(row(page, "a")).toContainText("interrupted");
  expect(await pointsOf(page)).toBe(await stepOf(page, "a"));
  // In place: the same drawing, view and pinned value.
  await expect(loss(page).locator('canvas[data-same="yes"]')).toBeVisible();
  expect(await loss(page).locator(".values tr").first().getAttribute("data-value")).toBe(value);
  const shown = JSON.parse(decodeURIComponent(new URL(page.url()).hash.slice(1))) as typeof view;
  expect(shown).toEqual(view);
});

// When the database was written last.
function lastWrite(directory: string, run: string): number {
  const times = ["run.db", "run.db-wal"].map((name) => statSync(join(directory, "runs", run, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(...times);
}

// A training that is much faster than the server looks: its rows come as a whole, cut into buckets.
test("a run that is told as a whole keeps its drawing and the view", async ({ page }) => {
  test.slow(); // two trainings, one after the other
  const directory = freshDirectory("whole");
  mkdirSync(join(directory, "elsewhere"));
  const steps = ["--steps", "9000", "--evaluate-every", "3000"];
  const begun = keep(train(directory, "../elsewhere/a", ...steps));
  await expect.poll(() => lastWrite(directory, "../elsewhere/a")).toBeGreaterThan(0);
  await new Promise((done) => setTimeout(done, 1500));
  await begun.stop();
  cpSync(join(directory, "elsewhere/a"), join(directory, "runs/a"), { recursive: true });
  const { server, address } = await serve(directory);
  keep(server);
  const view = { range: [1, 60], crosshair: 40, smoothing: 0.5 };
  await open(page, address, "#" + encodeURIComponent(JSON.stringify(view)));
  await loss(page).scrollIntoViewIfNeeded();
  await loss(page).locator("canvas").waitFor();
  await loss(page).locator("canvas").evaluate((canvas) => (canvas.dataset["same"] = "yes"));
  const early = await stepOf(page, "a");
  expect(early).toBeLessThan(7000); // so that more than 1,024 rows are to come
  const rest = keep(new Running(directory, "train", "--resume", "elsewhere/a", "--quiet"));
  await new Promise((done) => rest.child.once("exit", done));
  copyFileSync(join(directory, "elsewhere/a/run.db"), join(directory, "whole.db"));
  renameSync(join(directory, "whole.db"), join(directory, "runs/a/run.db"));
  await expect.poll(() => stepOf(page, "a"), { timeout: 20_000 }).toBe(9000);
  await expect(loss(page).locator(".honesty")).toContainText("9\u202f000 points, mean, lowest and highest of every");
  await expect(loss(page).locator('canvas[data-same="yes"]')).toBeVisible();
  const shown = JSON.parse(decodeURIComponent(new URL(page.url()).hash.slice(1))) as typeof view;
  expect(shown).toEqual(view);
});

test("a server that is started again loses and doubles nothing", async ({ page }) => {
  const directory = freshDirectory("restart");
  const first = await serve(directory);
  keep(first.server);
  const training = keep(train(directory, "a", "--steps", "1000000"));
  await open(page, first.address, "#" + encodeURIComponent(JSON.stringify({ smoothing: 0.5 })));
  await expect.poll(() => stepOf(page, "a")).toBeGreaterThan(10);
  await first.server.stop();
  expect(first.server.child.exitCode).toBe(0);
  await expect(page.locator(".live")).toContainText("not connected");
  const away = await stepOf(page, "a");
  await new Promise((done) => setTimeout(done, 1500)); // the training goes on
  keep((await serve(directory, first.port)).server);
  await expect(page.locator(".live")).toContainText("live", { timeout: 10_000 });
  await expect.poll(() => stepOf(page, "a")).toBeGreaterThan(away);
  await training.stop();
  await expect(row(page, "a")).toContainText("interrupted", { timeout: 1000 });
  expect(await pointsOf(page)).toBe(await stepOf(page, "a"));
  await expect(page.locator("#training output")).toHaveText("0.50");
});

test("a deleted and a damaged run are named, the rest goes on", async ({ page }) => {
  const directory = freshDirectory("problems");
  for (const name of ["a", "b", "c"]) {
    const training = train(directory, name, "--steps", "50");
    await new Promise((done) => training.child.once("exit", done));
  }
  const { server, address } = await serve(directory);
  keep(server);
  await open(page, address);
  await expect(page.locator(".runs tbody tr")).toHaveCount(3);
  rmSync(join(directory, "runs/a"), { recursive: true });
  await expect(page.locator(".problems")).toContainText("a: this run was here and is deleted", { timeout: 3000 });
  writeFileSync(join(directory, "runs/b/run.db"), "no database");
  await expect(page.locator(".problems li")).toHaveCount(2);
  await expect(page.locator(".runs tbody tr")).toHaveCount(1);
  const training = train(directory, "d", "--steps", "50");
  await new Promise((done) => training.child.once("exit", done));
  await expect(row(page, "d")).toContainText("finished");
});

test("attention is drawn of the run, sequence and head that are asked for", async ({ page }) => {
  test.slow(); // two trainings
  const directory = freshDirectory("attention");
  for (const name of ["a b", "b"]) {
    const training = train(directory, name, "--steps", "50");
    await new Promise((done) => training.child.once("exit", done));
  }
  const { server, address } = await serve(directory);
  keep(server);
  await open(page, address);
  const section = page.locator("#attention");
  await expect(section.locator("canvas")).toHaveCount(2);
  // While another run's picture is drawn, that of the run before is gone.
  let held = true;
  let answer = () => {};
  await page.route(/attention\?run=b/, async (route) => {
    if (held) await new Promise<void>((go) => (answer = go));
    await route.continue();
  });
  await section.getByRole("combobox", { name: "run" }).selectOption("b");
  await expect(section).toContainText("Drawing b, sequence 0");
  await expect(section.locator("canvas")).toHaveCount(0);
  // What is being typed stays when the picture arrives.
  const sequence = section.getByRole("spinbutton", { name: "sequence" });
  await sequence.fill("7");
  held = false;
  answer();
  await expect(section.locator("canvas")).toHaveCount(2);
  await expect(sequence).toHaveValue("7");
  await sequence.fill("0");
  await sequence.blur();
  await section.getByRole("combobox", { name: "run" }).selectOption("a b");
  await expect(section.locator("canvas")).toHaveCount(2);
  const mean = () => section.locator(".matrix p").first().getAttribute("data-mean");
  const first = await mean();
  await section.getByRole("spinbutton", { name: "head" }).fill("1");
  await section.getByRole("spinbutton", { name: "head" }).blur();
  await expect.poll(mean).not.toBe(first);
  await section.getByRole("spinbutton", { name: "sequence" }).fill("999999");
  await section.getByRole("spinbutton", { name: "sequence" }).blur();
  await expect(section.locator(".missing")).toContainText("expected a validation sequence from 0 to");
  await section.getByRole("spinbutton", { name: "sequence" }).fill("3");
  await section.getByRole("spinbutton", { name: "sequence" }).blur();
  await expect(section).toContainText("validation sequence 3");
  // A link has it too.
  await section.locator("input[type=range]").fill("1");
  await section.getByRole("combobox", { name: "run" }).selectOption("b");
  await expect(section.locator("canvas")).toHaveCount(2);
  await section.getByRole("spinbutton", { name: "head" }).fill("1");
  await section.getByRole("spinbutton", { name: "head" }).blur();
  const shown = async () => {
    await expect(section.locator("canvas")).toHaveCount(2);
    await expect(section.locator(".stale")).toHaveCount(0);
    await expect(section).toContainText("validation sequence 3");
    await expect(section.getByRole("combobox", { name: "run" })).toHaveValue("b");
    await expect(section.getByRole("spinbutton", { name: "head" })).toHaveValue("1");
    await expect(section.locator("output")).toHaveText("only 1");
    return section.locator(".matrix p").nth(1).getAttribute("data-mean");
  };
  const value = await shown();
  await page.reload();
  expect(await shown()).toBe(value);
});

test("without the address nobody comes in, and with it one browser", async ({ browser }) => {
  const { server, address } = await serve(freshDirectory("key"));
  keep(server);
  const statusOf = async (url: string) => {
    const context = await browser.newContext();
    const status = (await (await context.newPage()).goto(url))!.status();
    await context.close();
    return status;
  };
  expect(await statusOf(new URL("/", address).href)).toBe(403);
  expect(await statusOf(address)).toBe(200);
  expect(await statusOf(address)).toBe(403);
  await expect.poll(() => server.printed).toContain("For another browser: http");
  expect(await statusOf(server.printed.trim().split(" ").at(-1)!)).toBe(200);
});

for (const theme of ["light", "dark"] as const) {
  for (const width of [390, 1024, 1920]) {
    test(`live, ${theme}, ${width} wide`, async ({ browser }) => {
      const directory = freshDirectory(`look-${theme}-${width}`);
      const { server, address } = await serve(directory);
      keep(server);
      keep(train(directory, "a", "--steps", "1000000", "--attention", "lsh"));
      const page = await browser.newPage({ colorScheme: theme, viewport: { width, height: 900 }, locale: "en-US" });
      await open(page, address);
      await expect.poll(() => stepOf(page, "a")).toBeGreaterThan(100);
      await loss(page).scrollIntoViewIfNeeded();
      await loss(page).locator("canvas").waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await page.screenshot({ path: join(folder, `live-${theme}-${width}.png`), fullPage: true });
      await page.close();
    });
  }
}
