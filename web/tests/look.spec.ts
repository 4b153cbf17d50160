// How the page looks: no barrier that axe knows, nothing wider than the screen, pictures to look at.
import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { reportOf, root } from "./reports";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const theme of ["light", "dark"] as const) {
  for (const width of [390, 1024, 1920]) {
    test(`${theme}, ${width} wide`, async ({ browser }) => {
      const page = await browser.newPage({ colorScheme: theme, viewport: { width, height: 900 }, locale: "en-US" });
      await page.goto(reportOf("all"));
      for (const panel of await page.locator(".panel").all()) {
        await panel.scrollIntoViewIfNeeded();
        await panel.locator("canvas").waitFor();
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
      await page.screenshot({ path: join(root, `build/page-reports/${theme}-${width}.png`), fullPage: true });
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const found = await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }).axe.run();
        return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes.map((n) => n.html).slice(0, 3).join(" ")}`);
      });
      expect(violations).toEqual([]);
      await page.close();
    });
  }
}
