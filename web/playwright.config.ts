import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "../build/page-tests",
  globalSetup: "./tests/reports.ts",
  workers: 2,
  fullyParallel: true,
  timeout: 30_000,
  reporter: "list",
  use: {
    locale: "en-US",
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--lang=en-US"], // Chromium's sandbox is closed to root, as whom containers build
    },
  },
});
