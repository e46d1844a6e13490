import { expect, test } from "vitest"
import { layoutFault } from "../../host/cli/run/plot.js"

test("a sound layout has no fault, and each kind of fault is named", () => {
  const panel = { channels: ["speed"], min: 0, max: 100 }
  expect(layoutFault({})).toBeNull()
  expect(layoutFault({ title: "Lap", width: 800, panelHeight: 120, start: "1s", panels: [panel, { channels: ["imu.*"] }] })).toBeNull()
  const faults: [Record<string, unknown>, string][] = [
    [{ title: 5 }, "title"],
    [{ width: "big" }, "width"],
    [{ panelHeight: 1e9 }, "panelHeight"],
    [{ panels: {} }, "list"],
    [{ panels: [null] }, "channels"],
    [{ panels: [{ channels: "speed" }] }, "channels"],
    [{ panels: [{ ...panel, min: "a" }] }, "numbers"],
    [{ panels: [{ ...panel, min: 200 }] }, "below"],
  ]
  for (const [layout, named] of faults) expect(layoutFault(layout)).toContain(named)
})
