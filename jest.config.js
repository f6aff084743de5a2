/** Jest runs as ESM (Middy exports only `import`); see the `test` script in package.json. */
export default {
  testEnvironment: "node",
  // By default Jest leaves one core idle, which on two cores means no parallelism at all.
  maxWorkers: "100%",
  // Far above what any test takes: a slow machine is no failure.
  testTimeout: 60_000,
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        // JSON is imported `with { type: "json" }`, as Node and esbuild want it.
        jsc: {
          parser: { syntax: "typescript" },
          target: "es2024",
          experimental: { keepImportAttributes: true },
        },
        module: { type: "es6" },
      },
    ],
  },
  // The built-in resolver takes `./x.ts` as it is; nothing to map.
  reporters: ["default", "<rootDir>/test/support/closing-line.js"],
  coverageProvider: "babel",
  collectCoverageFrom: ["core/**/*.ts"],
  coverageThreshold: { "./core/": { lines: 95, branches: 95 } },
  coverageReporters: ["text-summary", "lcov"],
};
