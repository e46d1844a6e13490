import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { health, mpu6050, voltage } from "../../shared/logger/sensors.js"

/** Two analog inputs in one group. */
const pedal = (name: string) => ({ ...(voltage(name, "A1", 3.3).channels[0] as LoggedGroup["channels"][number]), unit: "%" })

/** A channel list for tests of the generator, whatever list is in shared/channels.ts: a fast composite, a slow one, a lone topic, health. */
export const exampleGroups = [
  { id: 1, name: "imu", rate: 100, ...mpu6050(0x68) },
  {
    id: 2,
    name: "pedals",
    rate: 10,
    source: { driver: "analog", with: [["A1", "A2"]] },
    channels: [pedal("throttle"), pedal("brake")],
  },
  { id: 3, name: "supply", rate: 10, battery: true, ...voltage("supply", "BAT", 9.9) },
  { id: 5, name: "logger", rate: 1, ...health() },
] as const satisfies readonly LoggedGroup[]
