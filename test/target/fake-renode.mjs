#!/usr/bin/env node
// Plays Renode's monitor for the test of its driver. As the real one it asks for telnet's options, throws away the nine bytes that the answers
// have, whatever they are, and echoes each command behind a prompt. It keeps the commands.
import { appendFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"

if (process.argv.includes("--version")) {
  console.log(`Renode v${process.env.FAKE_RENODE_VERSION ?? "1.15.3"}.12345\n  build: 1a2b3c-202410011200`)
  process.exit(0)
}
const port = Number(process.argv[process.argv.indexOf("--port") + 1])
if (process.cwd().endsWith("broken")) {
  console.error("no display")
  process.exit(1)
}
writeFileSync("pid.txt", String(process.pid))
createServer((socket) => {
  let rest = ""
  let unheard = 9
  socket.write(Buffer.of(255, 253, 0, 255, 251, 1, 255, 251, 3, 255, 252, 34))
  socket.on("data", (bytes) => {
    const heard = bytes.subarray(unheard)
    unheard = Math.max(0, unheard - bytes.length)
    const lines = (rest + heard).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      socket.write(`(monitor) ${line}\r\n`)
      const [, a, b] = /^string "(.*)" "(.*)"$/.exec(line) ?? []
      if (a !== undefined) socket.write(`"${a} ${b}"\r\n`)
      else appendFileSync("commands.txt", `${line}\n`)
      if (line.startsWith("crash")) process.exit(2)
      if (line.startsWith("include @missing")) socket.write("There was an error executing command 'include'\r\nCould not find file\r\n")
      if (line === "quit") socket.end(() => process.exit(0))
    }
  })
}).listen(port, "127.0.0.1")
