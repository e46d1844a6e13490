/**
 * DeviceScript's machine, changed so that it tells how long each turn was.
 *
 * A turn is what a fiber does until it waits; no other fiber gets the processor meanwhile. `devs_vm_exec_opcodes` (vm_main.c) runs one and counts
 * its steps down from 131,072 in a local variable. At its end the changed machine hands that variable to its panic handler.
 */

const BINARY = /(?<=data:application\/octet-stream;base64,)[A-Za-z0-9+/=]+/
const CODE_SECTION = 10
/** `_devs_panic_handler(i32)` among the imported functions. */
const PANIC_HANDLER = 5
/** The function's own: `i32.const 131072`, `local.set 3`. It keeps what is left in local 4. */
const COUNT_BEGINS = Buffer.from("4180800821 03".replace(" ", ""), "hex")
const LEFT = 4
/** Told instead of a panic's code: this bit and the steps that were left. */
const TURN = 1 << 30

/** Steps that a turn may take before the machine stops the program. */
export const TURN_LIMIT = 131_072

/** Steps of the turn that a code means, null for a panic. */
export function turnSteps(code: number): number | null {
  const left = code & ~TURN
  return (code & TURN) === 0 ? null : left === 0 ? 0 : TURN_LIMIT - left
}

/** @param source the machine's module as text, its binary within @throws Error when the binary is not the one known here */
export function tellTurns(source: string): string {
  const binary = BINARY.exec(source)?.[0]
  if (binary === undefined) throw new Error("the machine's module holds no binary")
  return source.replace(BINARY, () => changed(Buffer.from(binary, "base64")).toString("base64"))
}

function changed(wasm: Buffer): Buffer {
  const parts: Buffer[] = [wasm.subarray(0, 8)]
  for (let at = 8; at < wasm.length; ) {
    const size = readLeb(wasm, at + 1)
    const end = size.next + size.value
    parts.push(wasm[at] === CODE_SECTION ? section(CODE_SECTION, changedCode(wasm.subarray(size.next, end))) : wasm.subarray(at, end))
    at = end
  }
  return Buffer.concat(parts)
}

function changedCode(code: Buffer): Buffer {
  const place = code.indexOf(COUNT_BEGINS)
  if (place < 0 || code.indexOf(COUNT_BEGINS, place + 1) >= 0) throw new Error("the machine's binary does not count steps as 2.16.4 does")
  const { next: first } = readLeb(code, 0)
  for (let at = first; ; ) {
    const size = readLeb(code, at)
    const end = size.next + size.value
    if (end > place) {
      const tail = Buffer.from([0x20, LEFT, 0x41, ...leb(TURN), 0x72, 0x10, PANIC_HANDLER, 0x0b])
      const body = Buffer.concat([code.subarray(size.next, end - 1), tail])
      return Buffer.concat([code.subarray(0, at), Buffer.from(leb(body.length)), body, code.subarray(end)])
    }
    at = end
  }
}

function section(id: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id, ...leb(content.length)]), content])
}

function readLeb(b: Buffer, at: number): { value: number; next: number } {
  let value = 0
  for (let i = 0; ; i++) {
    const byte = b[at + i] as number
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, next: at + i + 1 }
  }
}

/** A number below 2^31, so that it is the same with and without sign. */
function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 64; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
