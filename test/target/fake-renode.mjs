#!/usr/bin/env node
// Plays Renode's monitor for the test of its driver: echoes each command behind a prompt as the real one does, and keeps them.
import { appendFileSync } from "node:fs"
import { createServer } from "node:net"

const port = Number(process.argv[process.argv.indexOf("--port") + 1])
if (process.cwd().endsWith("broken")) {
  console.error("no display")
  process.exit(1)
}
createServer((socket) => {
  let rest = ""
  socket.on("data", (bytes) => {
    const lines = (rest + bytes).split("\n")
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
