import * as ds from "@devicescript/core"
import { httpDateText } from "../../../shared/logger/http-date.js"
import { isTimeText } from "../../../shared/logger/time-text.js"
import type { WallClock } from "../machine.js"

/** No logging waits longer than this for the network, ms. */
const PATIENCE_MS = 8000
const LOOK_MS = 50

/** The firmware's one socket. */
interface Sockets {
  _socketOpen: (host: string, port: number) => number
  _socketWrite: (text: string) => number
  _socketClose: () => number
  _socketOnEvent: (event: string, data: Buffer) => void
}

/**
 * The `Date` of a web server's answer, in UTC and to the second. Plain HTTP on port 80, on boards with WiFi; the network's name and
 * password are the firmware's settings WIFI_SSID and WIFI_PWD. Any server does, the router's own page too if it knows the time.
 */
export function httpDate(host: string): WallClock {
  return {
    kind: 3,
    read: async () => {
      const sockets = ds as unknown as Sockets
      let answer = ""
      let open = false
      sockets._socketOnEvent = (event, data) => {
        if (event === "open") sockets._socketWrite(`HEAD / HTTP/1.0\r\nHost: ${host}\r\n\r\n`)
        else if (event === "data") answer = answer + data.toString()
        else open = false
      }
      for (let waited = 0; waited < PATIENCE_MS && httpDateText(answer) === ""; waited = waited + LOOK_MS) {
        // Until the WiFi is there, opening fails; one try a second.
        if (!open && waited % 1000 === 0) open = sockets._socketOpen(host, 80) === 0
        await ds.sleep(LOOK_MS)
      }
      if (open) sockets._socketClose()
      const text = httpDateText(answer)
      return isTimeText(text) ? text : ""
    },
    set: async () => {},
  }
}
