/** The oldest Node that fieldlog is tested on: `engines` of package.json. */
const OLDEST = { major: 20, minor: 19 }

/** What to tell a user whose Node is too old to load fieldlog; null if it is new enough. */
export function oldNode(version: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return null
  return `fieldlog: this is Node ${version}, and fieldlog needs ${OLDEST.major}.${OLDEST.minor} or newer\n  https://nodejs.org has it`
}
