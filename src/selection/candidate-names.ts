import type {SelectionConfig} from '../contracts/selection.ts'

/**
 * Whether a name may be a candidate at all, by the configuration's `universe`.
 *
 * `quote` is the end of the name without its incarnation; a pattern of `exclude` matches the whole name, `*` standing for
 * anything.
 */
export function candidateFilter({universe}: SelectionConfig): (asset: string) => boolean {
  const {quote, exclude = []} = universe ?? {}
  const patterns = exclude.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .split('*')
          .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*')}$`,
      ),
  )
  return (asset) => {
    const name = asset.replace(/#\d+$/, '')
    return (quote === undefined || name.endsWith(quote)) && !patterns.some((pattern) => pattern.test(name))
  }
}
