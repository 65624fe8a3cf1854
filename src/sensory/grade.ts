import type {QualityFigure, QualityLimits} from '../contracts/ingest.ts'

/** A figure within its limits, above the first, above the second. */
export type Mark = 'ok' | 'warn' | 'bad'

const ORDER: readonly Mark[] = ['ok', 'warn', 'bad']

/** Mark of one figure. What is no number cannot be called good. */
export function markOf(value: number, {warn, bad}: {readonly warn: number; readonly bad: number}): Mark {
  if (value <= warn) return 'ok'
  return value <= bad ? 'warn' : 'bad'
}

/** Marks of some figures by name. */
export const marksOf = (
  figures: Readonly<Partial<Record<QualityFigure, number>>>,
  limits: QualityLimits,
): Readonly<Partial<Record<QualityFigure, Mark>>> =>
  Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, markOf(value, limits[name as QualityFigure])]),
  )

/** The worst of some marks; `ok` when there is none. */
export const worstOf = (marks: readonly Mark[]): Mark =>
  marks.reduce((worst, mark) => (ORDER.indexOf(mark) > ORDER.indexOf(worst) ? mark : worst), 'ok' as Mark)
