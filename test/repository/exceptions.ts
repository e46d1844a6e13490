/**
 * Where the house rules of architecture.test.ts do not hold. Every list may only shrink: the test fails for a breach that is not listed,
 * and for an entry that is no longer needed.
 */
export const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // The commands for Meteor's specification and index, and what annotates a file in place (it needs Node, so a browser must not reach it).
  "from outside a format only its index.ts and api.ts are imported": [
    "host/cli/run/check.ts -> host/formats/meteor/head/spec.ts",
    "host/cli/run/index-log.ts -> host/formats/meteor/seek.ts",
    "host/registry/open.ts -> host/formats/jls/annotate.ts",
    "host/registry/open.ts -> host/formats/btsf/annotate.ts",
  ],
  // What changes files in place, and the buffer type that the board and the laptop share.
  "only the listed rooms know Node": [
    "host/bytes/device-buffer.ts",
    "host/formats/btsf/annotate.ts",
    "host/formats/btsf/append.ts",
    "host/formats/btsf/decode.ts",
    "host/formats/libarray/import.ts",
    "host/formats/libarray/index.ts",
    "host/formats/libarray/store.ts",
    "host/formats/libarray/tree.ts",
    "host/imports/parquet.ts",
    "host/plot/png.ts",
  ],
  // The settings service of the DeviceScript CLI has no other door.
  "relative imports end in .js": ["test/device/programs/parts.ts -> ../../../devicescript/node_modules/@devicescript/settings/src/client"],
  // Drivers that a user's channel list may name.
  "an export is used by another file": [
    "shared/logger/sensors.ts: level",
    "shared/logger/sensors.ts: pulses",
    "shared/logger/sensors.ts: chipTemperature",
  ],
  "a file has at most 360 lines": ["test/formats/meteor/write.test.ts"],
  "a function has at most 70 lines": ["host/formats/ddff/records/rows.ts: decodeRows", "host/gen/rows.ts: sharedSectorRows"],
}
