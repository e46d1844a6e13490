import { createServer, type Server } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { portsAreFree } from "../../host/gen/bundle-ports.js"

test("a port of devs bundle that is in use is waited for, and named when it stays so", async () => {
  await portsAreFree()
  const server = await new Promise<Server>((resolve) => {
    const made = createServer().listen(8082, "127.0.0.1", () => resolve(made))
  })
  onTestFinished(() => void server.close())
  await expect(portsAreFree(0)).rejects.toThrow("port 8082 is in use: another DeviceScript tool is running, end it first")
  const waited = portsAreFree()
  server.close()
  await waited
})
