import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {BookConfig} from '../contracts/book.ts'
import type {HaltCause, HaltPolicy} from '../contracts/orders.ts'
import {RiskLimits} from '../contracts/risk.ts'
import {SelectedAssets} from '../contracts/selection.ts'
import type {FilesPort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

/** What the files say now. A file that cannot be used is null, with the reason: the last good one is not kept. */
export interface Rules {
  readonly limits: RiskLimits | null
  readonly trouble: string | null
  readonly sha: string | null
  /** coins on the selected list */
  readonly selected: readonly string[] | null
  /** standard deviation of one day's return at the book's volatility target */
  readonly dailySigma: number | null
}

const DAYS_PER_YEAR = 365

/** Policies when the file cannot be read: those of the shipped file. */
const POLICY_WITHOUT_FILE: Readonly<Record<HaltCause, HaltPolicy>> = {
  operator: 'flatten',
  loss: 'flatten',
  liquidation: 'flatten',
  compromise: 'flatten',
  blind: 'cancel',
  limits: 'cancel',
  unknown: 'cancel',
}

/** The rules files, read again whenever one of them changed on disk. */
export class LimitsWatch {
  readonly #files: FilesPort
  readonly #root: string
  #stamp = ''
  #rules: Rules | null = null

  constructor(root: string, files: FilesPort) {
    this.#root = root
    this.#files = files
  }

  async now(): Promise<Rules> {
    const stamps = await Promise.all([RiskLimits, SelectedAssets, BookConfig].map(({path}) => this.#stampOf(path)))
    const stamp = stamps.join('|')
    if (this.#rules === null || stamp !== this.#stamp) {
      this.#rules = await this.#read()
      this.#stamp = stamp
    }
    return this.#rules
  }

  async policyFor(cause: HaltCause): Promise<HaltPolicy> {
    const {limits} = await this.now()
    if (limits === null) return POLICY_WITHOUT_FILE[cause]
    return limits.on_halt[cause] === 'flatten' ? 'flatten' : 'cancel'
  }

  async #read(): Promise<Rules> {
    const selected = await this.#files.read(SelectedAssets).catch(() => null)
    const book = await this.#files.read(BookConfig).catch(() => null)
    const rest = {
      selected: selected?.selected.map(({asset}) => coinOf(asset)) ?? null,
      dailySigma: book === null ? null : book.vol_target_annual / Math.sqrt(DAYS_PER_YEAR),
    }
    try {
      // The hash first: if the file changes in between, the verdict carries the older hash and is checked again.
      const sha = await this.#files.hash(RiskLimits.path)
      return {limits: await this.#files.read(RiskLimits), trouble: null, sha, ...rest}
    } catch (cause) {
      const trouble = cause instanceof Fault ? `${cause.what} ${cause.why}` : String(cause)
      return {limits: null, trouble, sha: null, ...rest}
    }
  }

  async #stampOf(path: string): Promise<string> {
    try {
      const {mtimeMs, ctimeMs, size, ino} = await stat(join(this.#root, path))
      return `${mtimeMs} ${ctimeMs} ${size} ${ino}`
    } catch {
      return 'missing'
    }
  }
}

/** `sim:LUNA#2` -> `LUNA`: the venue knows neither our prefix nor our incarnations. */
const coinOf = (asset: string): string => asset.slice(asset.indexOf(':') + 1).split('#')[0]!
