/** Files of a public archive over HTTP, kept once fetched. Types only. */

/** A file that was fetched and is what it should be. */
export interface ArchiveFile {
  /** absolute path */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  /** false when it lay in the cache */
  readonly downloaded: boolean
}

export interface ArchiveHeaders {
  readonly headers?: Readonly<Record<string, string>>
}

export interface ArchivePort {
  /**
   * Size of a file without fetching it; null when the archive does not have it.
   *
   * @throws Fault `archive.refused`, `archive.redirect`, `archive.unreachable` (venue)
   */
  size(url: string, options?: ArchiveHeaders): Promise<number | null>
  /** a small text file, such as a checksum; null when the archive does not have it */
  text(url: string, options?: ArchiveHeaders): Promise<string | null>
  /**
   * Fetch a file into the cache, or find it there. It appears under its name only when it is whole: its length is that
   * of the reply and, where one is given, its SHA-256 is that. What is not is moved to the quarantine.
   *
   * @param cached  path below data/cache/archive
   * @throws Fault `archive.bad_checksum`, `archive.truncated`, `archive.not_a_file` (data), and as `size`
   */
  fetch(url: string, cached: string, options?: ArchiveHeaders & {readonly sha256?: string}): Promise<ArchiveFile>
}
