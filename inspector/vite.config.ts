import { defineConfig } from "vite";

/** The page is built from the library's own sources; what it loads comes from its own server alone. */
// oxlint-disable-next-line import/no-default-export -- Vite looks for one.
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: "../dist/inspector",
    emptyOutDir: true,
    target: "es2024",
    // An inlined asset would be a data: URL, which the page's policy forbids for scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
