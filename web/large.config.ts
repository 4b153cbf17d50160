// The report that scripts/check_large_report.sh made.
import { defineConfig } from "@playwright/test";
import usual from "./playwright.config";

const { globalSetup: _, ...rest } = usual;
export default defineConfig({ ...rest, testDir: "large", workers: 1, timeout: 120_000 });
