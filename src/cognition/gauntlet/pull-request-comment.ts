import type {GauntletVerdict} from '../../contracts/gauntlet.ts'
import {figure} from './check.ts'

/** What a pull request is told about one hypothesis. */
export interface CommentRow {
  readonly hypothesis: string
  /** null: there is none, and `note` says why */
  readonly verdict: GauntletVerdict | null
  readonly note: string | null
  readonly because: readonly string[]
}

export interface CommentInput {
  readonly rows: readonly CommentRow[]
  readonly breaches: readonly {readonly code: string; readonly what: string; readonly next: string}[]
  /** hypotheses that the branch does not touch */
  readonly untouched: number
  /** null: every hypothesis was checked */
  readonly since: string | null
}

/** Line by which a later run of the workflow finds the comment it replaces. */
export const COMMENT_MARK = '<!-- qo-gauntlet -->'

/**
 * The comment under a pull request: is the evidence whole, and what became of each idea.
 *
 * A FAIL is a result and merges as a rejected idea; only broken evidence stops a merge. Text that comes from the branch
 * is written so that it cannot act as mark-up.
 */
export function pullRequestComment({rows, breaches, untouched, since}: CommentInput): string {
  const whole = breaches.length === 0
  const head = whole
    ? '**qo/integrity: whole.** Every verdict below came out again byte for byte, and no trial is missing from the ledger.'
    : `**qo/integrity: broken.** ${breaches.length === 1 ? 'One thing is' : `${breaches.length} things are`} not as declared; this must not merge.`
  const judged = rows.filter(({verdict}) => verdict !== null)
  return [
    COMMENT_MARK,
    '### qo gauntlet',
    head,
    ...(whole
      ? []
      : [breaches.map(({code, what, next}) => `- \`${code}\`: ${plain(what)} Next: ${codeOf(next)}`).join('\n')]),
    ...(rows.length === 0
      ? [`Nothing that a verdict rests on differs from ${codeOf(since ?? 'HEAD')}.`]
      : [tableOf(rows), ...sentencesOf(rows)]),
    ...(judged.some(({verdict}) => verdict!.verdict !== 'ELIGIBLE' && verdict!.verdict !== 'PASS')
      ? ['A negative verdict is a result: merge it, and the idea is on record as dead and its trials stay counted.']
      : []),
    ...(untouched > 0
      ? [`${untouched} other ${untouched === 1 ? 'hypothesis is' : 'hypotheses are'} untouched by this branch.`]
      : []),
  ]
    .join('\n\n')
    .concat('\n')
}

const HEAD = ['hypothesis', 'verdict', 'state', 'stage', 'Sharpe', 'trials', 'next vault level', 'checked because of']

function tableOf(rows: readonly CommentRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(HEAD), line(HEAD.map(() => '---')), ...rows.map((row) => line(cellsOf(row)))].join('\n')
}

function cellsOf({hypothesis, verdict, note, because}: CommentRow): string[] {
  const reasons = because.map(codeOf).join(', ')
  if (verdict === null) return [plain(hypothesis), plain(note ?? 'not judged'), '', '', '', '', '', reasons]
  return [
    plain(hypothesis),
    verdict.verdict,
    MERGES_AS[verdict.verdict],
    verdict.failedStage === null ? '' : String(verdict.failedStage),
    verdict.figures.sharpeAnnual === null ? '' : verdict.figures.sharpeAnnual.toFixed(2),
    String(verdict.trials.N),
    verdict.vault === null ? '' : figure(verdict.vault.nextAlpha),
    reasons,
  ]
}

/** The state in which a hypothesis stands once this is merged. */
const MERGES_AS: Readonly<Record<GauntletVerdict['verdict'], string>> = {
  ELIGIBLE: 'eligible',
  PASS: 'validated',
  FAIL: 'rejected',
  INSUFFICIENT: 'insufficient',
  INVALID: 'invalid',
  ERROR: 'not decided',
}

const sentencesOf = (rows: readonly CommentRow[]): string[] => {
  const lines = rows.flatMap(({hypothesis, verdict}) =>
    verdict === null
      ? []
      : [
          `- **${plain(hypothesis)}**: ${plain(verdict.sentence)}${
            verdict.decidesOn === null ? '' : ` What would decide it: ${plain(verdict.decidesOn)}.`
          } ${codeOf(verdict.reproduce)}`,
        ],
  )
  return lines.length === 0 ? [] : [lines.join('\n')]
}

/** One line of text without mark-up. */
const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|@#~]/g, (mark) => `\\${mark}`)

/** Text as code on one line of a table; code cannot hold a back-tick or, in a table, a bar. */
const codeOf = (text: string): string => `\`${text.replaceAll(/\s+/g, ' ').replaceAll('`', "'").replaceAll('|', '¦')}\``
