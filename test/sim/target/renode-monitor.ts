import { type ChildProcess, spawn } from "node:child_process"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"

/** Wall time that Renode may take for one command. */
const PATIENCE_MS = 120_000

/** Renode's monitor, on a port of this machine: one command a line. */
export class Monitor {
  private output = ""
  private ended = false
  private heard: () => void = () => {}
  private commands = 0

  private constructor(
    private readonly renode: ChildProcess,
    private readonly socket: Socket,
  ) {
    socket.on("data", (bytes: Buffer) => {
      this.output += bytes.toString("latin1")
      this.heard()
    })
    for (const event of ["close", "error"]) {
      socket.on(event, () => {
        this.ended = true
        this.heard()
      })
    }
  }

  /** Starts the command in a folder. @throws Error with what it said when it does not come up */
  static async start(command: string, folder: string): Promise<Monitor> {
    const port = await freePort()
    const renode = spawn(command, ["--disable-xwt", "--plain", "--port", String(port)], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    })
    let said = ""
    for (const stream of [renode.stdout, renode.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()))
    renode.on("error", (error) => (said += String(error)))
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end && renode.exitCode === null; await pause(100)) {
      const socket = await connection(port)
      if (socket !== null) return new Monitor(renode, socket)
    }
    renode.kill()
    throw new Error(`Renode does not listen: ${said}`)
  }

  /** @throws Error with what Renode said when it refuses the command, ends, or stays silent */
  async say(line: string): Promise<void> {
    const from = this.output.length
    const number = ++this.commands
    // Its own echo has two strings, the answer one.
    this.socket.write(`${line}\nstring "fieldlog" "${number}"\n`)
    await this.answer(from, `fieldlog ${number}`, line)
    const said = this.output.slice(from)
    if (/There was an error|No such|Could not|Error E\d+|Failed/.test(said)) throw new Error(`Renode: ${line}:\n${said}`)
  }

  async quit(): Promise<void> {
    const gone = new Promise((resolve) => this.renode.once("close", resolve))
    this.socket.end("quit\n")
    await gone
  }

  private answer(from: number, mark: string, line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        this.heard = () => {}
        finish()
      }
      const fail = (what: string) => settle(() => reject(new Error(`Renode ${what} ${line}:\n${this.output.slice(from)}`)))
      const timer = setTimeout(() => fail("is silent after"), PATIENCE_MS)
      this.heard = () => {
        if (this.output.includes(mark, from)) settle(resolve)
        else if (this.ended) fail("ended after")
      }
      this.heard()
    })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function connection(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(socket.removeAllListeners("error")))
    socket.once("error", () => resolve(null))
  })
}
