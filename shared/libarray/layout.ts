/**
 * libarray's text layout. Source: the README of libarray 0.2.1, the only text of it that is left;
 * what it leaves open is decided in README.md beside this file.
 */

/** Characters of a time without a fraction: `YYYY-MM-DD HH:MM:SS`. */
export const TIME_LENGTH = 19
/** Root of the tree when no other is named. */
export const ROOT_VARIABLE = "TSDIR"
/** What a name may look like when it is written: it becomes a file name. */
export const NAME_PATTERN = /^[A-Za-z0-9._][A-Za-z0-9._-]*$/
