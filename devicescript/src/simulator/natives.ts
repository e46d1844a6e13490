import * as ds from "@devicescript/core"

/** The natives that test programs and the simulator reach the host by. */
interface Natives {
  _socketOpen: (name: string, value: number) => number
  _socketWrite: (bytes: Buffer) => number
}

const natives = ds as unknown as Natives

const answer = Buffer.alloc(8)

/** Tells the host something. @param value 0 to 65000 */
export function tell(name: string, value: number): void {
  natives._socketOpen(name, value + 1)
}

/** Asks the host for a number. */
export function ask(name: string): number {
  natives._socketOpen(`?${name}`, 1)
  natives._socketWrite(answer)
  return answer.getAt(0, "f64")
}

/** Hands a buffer to the host, which may change its bytes. */
export function exchange(bytes: Buffer): void {
  natives._socketWrite(bytes)
}
