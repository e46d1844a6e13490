/** What the library offers for btsf alone, under the name `btsf`: headers to write rows behind, and rows appended in place. */
export { type AppendOptions, BtsfAppender as Appender, openForAppend, type Settled } from "./append.js"
export { composeHeader, type NewFile, type NewMetric } from "./compose.js"
export { btsfDeviceHeader as deviceHeader, type DeviceHeader } from "./device.js"
