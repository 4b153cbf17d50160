// Pictures of attention: what is drawn is what the library computed.
import { expect, type Page, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { folder, reportOf } from "./reports";

interface Picture {
  run: string;
  head: number;
  length: number;
  rounds: number;
  scored: [number, number];
  answer_distance: number;
  bucket: number[][];
  meeting: number[][];
  full: string;
  lsh: string;
  lsh_of_round: string[];
}
const pictures = () => (JSON.parse(readFileSync(join(folder, "attention.json"), "utf8")) as { attention: Picture[] }).attention;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Byte by byte, where 0, n stands for n zeros.
function roots(packed: string): number[] {
  const bytes = [...Buffer.from(packed, "base64")];
  const out: number[] = [];
  while (bytes.length > 0) {
    const root = bytes.shift()!;
    out.push(...(root > 0 ? [root] : Array<number>(bytes.shift()!).fill(0)));
  }
  return out;
}
const weight = (packed: string, query: number, key: number) => (roots(packed)[(query * (query + 1)) / 2 + key]! / 255) ** 2;

function meanOfRight(picture: Picture, packed: string): number {
  const { scored, answer_distance } = picture;
  let sum = 0;
  for (let q = scored[0]; q < scored[1]; ++q) sum += weight(packed, q, q - answer_distance);
  return sum / (scored[1] - scored[0]);
}

function counts(picture: Picture, rounds: number[]): string {
  const best = picture.meeting[0]!.map((_, i) => Math.max(...rounds.map((r) => picture.meeting[r]![i]!)));
  return [0, 1, 2].map((m) => best.filter((b) => b === m).length).join(" ");
}

const section = (page: Page) => page.locator("#attention");
const means = async (page: Page) =>
  Promise.all([0, 1].map(async (i) => Number(await section(page).locator(".matrix p").nth(i).getAttribute("data-mean"))));

test("matrices, rounds and right keys are the library's", async ({ page }) => {
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.goto(reportOf("attention"));
  const all = pictures();
  expect(all).toHaveLength(4);
  for (const [i, picture] of all.entries()) {
    await section(page).locator("select").selectOption(String(i));
    for (let round = 0; round <= picture.rounds; ++round) {
      await section(page).locator("input[type=range]").fill(String(round));
      const [full, lsh] = await means(page);
      expect(full).toBeCloseTo(meanOfRight(picture, picture.full), 5);
      expect(lsh).toBeCloseTo(meanOfRight(picture, round === 0 ? picture.lsh : picture.lsh_of_round[round - 1]!), 5);
      const rounds = round === 0 ? picture.bucket.map((_, r) => r) : [round - 1];
      expect(await section(page).locator("[data-counts]").getAttribute("data-counts")).toBe(counts(picture, rounds));
      await expect(section(page).locator(".strip")).toHaveCount(2 * rounds.length);
    }
  }
});

test("a link restores the run, the layer and head, and the round", async ({ page }) => {
  await page.goto(reportOf("attention"));
  const chosen = pictures().findIndex((one) => one.run === "lsh-1" && one.head === 1);
  expect(chosen).toBeGreaterThan(0);
  await section(page).locator("select").selectOption(String(chosen));
  await section(page).locator("input[type=range]").fill("2");
  const shown = await means(page);
  const again = await page.context().newPage();
  await again.goto(page.url());
  await expect(section(again).locator("select")).toHaveValue(String(chosen));
  await expect(section(again).locator("output")).toHaveText("only 2");
  expect(await means(again)).toEqual(shown);
});

test("pictures of the sequences that were asked for", async ({ page }) => {
  await page.goto(reportOf("sequences"));
  const select = section(page).locator("select");
  const heads = pictures().filter((one) => one.run === "lsh-1").length;
  await expect(select.locator("option")).toHaveCount(2 * heads);
  await expect(select.locator("option").first()).toHaveText("lsh-1, sequence 2, layer 0, head 0");
  await expect(section(page)).toContainText("validation sequence 2");
  const first = await means(page);
  await select.selectOption("lsh-1, sequence 0, layer 0, head 0");
  await expect(section(page)).toContainText("validation sequence 0");
  expect(await means(page)).not.toEqual(first);
  const again = await page.context().newPage();
  await again.goto(page.url());
  await expect(section(again)).toContainText("validation sequence 0");
});

test("pointing reads a weight, and the table has all right keys", async ({ page }) => {
  await page.goto(reportOf("attention"));
  const picture = pictures()[0]!;
  const canvas = section(page).locator("canvas").first();
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox())!;
  const at = (i: number, size: number) => ((i + 0.5) / picture.length) * size;
  const query = picture.scored[1] - 1;
  const key = query - picture.answer_distance;
  await page.mouse.move(box.x + at(key, box.width), box.y + at(query, box.height));
  const text = `query ${query}, key ${key}: ${(100 * weight(picture.full, query, key)).toFixed(2)} %`;
  await expect(section(page).locator(".matrix p").first()).toContainText(text);
  // Heat where there is weight: the pixel under a query's first token differs from the unseen corner above the diagonal.
  const pixels = await canvas.evaluate((c: HTMLCanvasElement) => {
    const data = c.getContext("2d")!.getImageData(0, 0, c.width, c.height).data;
    return { first: [...data.slice(0, 3)].join(), corner: [...data.slice(4 * (c.width - 1), 4 * (c.width - 1) + 3)].join() };
  });
  expect(pixels.first).not.toBe(pixels.corner);
  await section(page).locator("summary").click();
  await expect(section(page).locator("tr[data-query]")).toHaveCount(picture.scored[1] - picture.scored[0]);
});

for (const theme of ["light", "dark"] as const) {
  for (const width of [390, 1024, 1920]) {
    test(`attention, ${theme}, ${width} wide`, async ({ browser }) => {
      const page = await browser.newPage({ colorScheme: theme, viewport: { width, height: 900 }, locale: "en-US" });
      await page.goto(reportOf("attention"));
      await section(page).scrollIntoViewIfNeeded();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await section(page).screenshot({ path: join(folder, `attention-${theme}-${width}.png`) });
      await section(page).locator("summary").click();
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const found = await (globalThis as unknown as { axe: { run(at: string): Promise<{ violations: { id: string; impact: string }[] }> } }).axe.run("#attention");
        return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id);
      });
      expect(violations).toEqual([]);
      await page.close();
    });
  }
}
