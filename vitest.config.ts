import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", "./test/reporter/closing-line.ts"],
    testTimeout: 60_000,
    globalSetup: ["./test/global-setup.ts"],
  },
})
