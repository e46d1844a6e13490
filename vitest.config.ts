import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", "./test/reporter/closing-line.ts"],
    testTimeout: 60_000,
    // Half of the tests wait for processes that they started: a core that only looks on is a core wasted.
    maxWorkers: Math.max(2, availableParallelism()),
    globalSetup: ["./test/global-setup.ts"],
  },
})
