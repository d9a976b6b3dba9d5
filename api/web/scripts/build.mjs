// Bundles every script beside this file for the browser: node build.mjs OUTPUT_FOLDER
// Each stands alone; what several need is in lib/. A style sheet that a script imports is a text.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const styles = {
  name: "styles",
  setup(made) {
    made.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};
await build({
  entryPoints: readdirSync(here).filter((name) => name.endsWith(".js")).map((name) => join(here, name)),
  outdir: process.argv[2],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  plugins: [styles],
  logLevel: "warning",
});
