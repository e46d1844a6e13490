/** The library's functions for btsf alone, under the name `btsf`: they make headers and append rows in place. */
export { type AppendOptions, BtsfAppender as Appender, openForAppend, type Settled } from "./append.js"
export { composeHeader, type NewFile, type NewMetric } from "./compose.js"
export { btsfDeviceHeader as deviceHeader, type DeviceHeader } from "./device.js"
