// Bundles src/ into one page, dist/report.html, which the program has built in. The same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const at = (path) => new URL(path, import.meta.url).pathname;
const options = { bundle: true, minify: true, write: false, target: "es2022", legalComments: "none", charset: "ascii" };

async function bundle(entry, more) {
  const result = await build({ ...options, entryPoints: [at(entry)], ...more });
  return result.outputFiles[0].text.trim();
}

// What the licences of the packages in the page ask for.
async function notices() {
  const parts = [];
  for (const name of ["preact", "@preact/signals", "@preact/signals-core", "uplot"]) {
    const { version, license } = JSON.parse(await readFile(at(`node_modules/${name}/package.json`), "utf8"));
    const text = await readFile(at(`node_modules/${name}/LICENSE`), "utf8");
    parts.push(`${name} ${version}, ${license}\n\n${text.trim()}`);
  }
  return parts.join("\n\n----\n\n").replaceAll("--", "- -");
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const script = (await bundle("src/main.tsx", { format: "iife", jsx: "automatic", jsxImportSource: "preact" }))
  .replaceAll("</script", "<\\/script")
  .replaceAll("<!--", "<\\!--");
const style = await bundle("src/style.css", {});
// Nothing may be loaded from anywhere; a served page may talk to where it came from.
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "img-src data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const template = await readFile(at("src/page.html"), "utf8");
const page = template
  .replace("{{policy}}", () => policy)
  .replace("{{style}}", () => style)
  .replace("{{script}}", () => script);
const withNotices = page + `<!--\nThis page contains:\n\n${await notices()}\n-->\n`;
await mkdir(at("dist"), { recursive: true });
await writeFile(process.argv[2] ?? at("dist/report.html"), withNotices);
console.log(`the page has ${withNotices.length} bytes`);
