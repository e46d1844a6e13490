import { createServer } from "node:net"
import { setTimeout as pause } from "node:timers/promises"

/** `devs bundle` talks to itself by these ports, and says nothing when another of its kind has them. */
const PORTS = [8081, 8082, 8083]

/** Another `devs bundle` takes some seconds. */
const PATIENCE_MS = 15_000

/**
 * Waits until `devs bundle` can have its ports: another one may be at work.
 * @param patience ms
 * @throws Error naming the port that stays in use
 */
export async function portsAreFree(patience = PATIENCE_MS): Promise<void> {
  const end = Date.now() + patience
  for (const port of PORTS) {
    while (!(await isFree(port))) {
      if (Date.now() > end) throw new Error(`port ${port} is in use: another DeviceScript tool is running, end it first`)
      await pause(200)
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}
