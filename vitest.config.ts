import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** Folders whose tests build programs of the board, or start other machines: emulators, Spark. */
const MACHINES = ["device", "demo", "rp2040", "target", "emulate", "spark"].map((folder) => `test/${folder}/**`)

/** `npm test` runs everything; `npm run test:quick` (`--mode=quick`) leaves out the machines and what is tagged as slow. */
export default defineConfig(({ mode }) => ({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: mode === "quick" ? MACHINES : [],
    tags: [{ name: "slow", description: "sweeps over every byte or bit, kills processes, or works for many seconds" }],
    reporters: ["default", "./test/reporter/closing-line.ts"],
    testTimeout: 60_000,
    // Half of the tests wait for processes that they started: a core that only looks on is a core wasted.
    maxWorkers: Math.max(2, availableParallelism()),
    globalSetup: ["./test/global-setup.ts"],
  },
}))
