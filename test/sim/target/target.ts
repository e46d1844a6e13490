/**
 * What runs the logger with its simulated sensors: the virtual machine, an emulated chip, a board on a desk. The scenarios are the same
 * on all; FIELDLOG_TARGET chooses one.
 */
export interface Target {
  /** What the logger's console has said so far. */
  console(): string
  /** True once rows go onto the card, as far as it can be seen from outside. */
  logging(): boolean
  /** Lets it run for a time of its own clock. @returns true at once when `done` says so, false when the time is over */
  run(ms: number, done?: () => boolean): Promise<boolean>
  /** Pulls a strap of `devicescript/src/emulated.ts` to ground, or lets it go. */
  pin(strap: Strap, low: boolean): Promise<void>
  /** Takes the power away at once. Nothing runs any more; the card keeps what it has. */
  cut(): Promise<void>
  /** The whole card as it is now. */
  card(): Promise<Uint8Array>
  figures(): Figures
}

/** GP20 to ground logs ddff, GP21 to ground closes the file. */
export type Strap = "GP20" | "GP21"

/** What was counted since the boot; null where the target cannot tell. */
export interface Figures {
  readonly ms: number
  readonly sectors: number | null
  /** Time that the core slept, ms. */
  readonly asleepMs: number | null
  readonly cyclesPerSecond: number | null
}

/** How a target begins. */
export interface Start {
  /** The card in the socket. The target may write into these very bytes. */
  readonly card: Uint8Array
  readonly format: "meteor" | "ddff"
}

export interface TargetKind {
  /** As FIELDLOG_TARGET names it. */
  readonly name: "vm" | "rp2040" | "renode" | "serial"
  /** What a reader of test names should know: `level 2, the real firmware in rp2040js`. */
  readonly title: string
  /** Why it cannot run here; null when it can. */
  missing(): string | null
  /** Puts the card in and the power on. @throws Error when the target does not come up */
  boot(start: Start): Promise<Target>
}
