import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'

const folder = join(import.meta.dirname, 'cases')

const Outcome = z.strictObject({
  verdict: z.enum(['ELIGIBLE', 'FAIL', 'INSUFFICIENT', 'INVALID', 'PASS']),
  /** stage that catches it; null: nothing does */
  stage: z.number().int().nullable(),
})

/** What a case claims, read from `expected.json`; the test holds the pipeline to it, the page is made of it. */
const Expected = z.strictObject({
  mistake: z.union([
    Outcome.extend({
      /** the check of that stage that must not pass */
      check: z.string(),
    }),
    z.strictObject({
      /** the text is refused before anything runs: code of the error */
      refused: z.string(),
    }),
  ]),
  control: Outcome,
  /** annual Sharpe that the mistake shows before costs, at least */
  grossSharpe: z.number().optional(),
  /** Sharpe of the declared rule by belief about fills: the first is above 0, the second below */
  beliefs: z.tuple([z.string(), z.string()]).optional(),
})
export type Expected = z.infer<typeof Expected>

export interface CorpusCase {
  readonly name: string
  readonly title: string
  readonly folder: string
  /** the planted mistake, and what doing it right means: the two paragraphs of README.md */
  readonly mistake: string
  readonly control: string
  readonly expected: Expected
  /** hypothesis files: the mistake, how often it is tried again, and the control */
  readonly tries: readonly string[]
  /** what a vault has confirmed before the mistake is judged */
  readonly before: string | null
}

/** Every case of the corpus, in alphabetical order. @throws when a folder is not complete */
export function corpusCases(): CorpusCase[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const home = join(folder, name)
      const [title, mistake, control] = readFileSync(join(home, 'README.md'), 'utf8').trim().split('\n\n')
      if (!title?.startsWith('# ') || !mistake || !control)
        throw new Error(`${name}/README.md needs a title and two paragraphs`)
      const expected = Expected.parse(JSON.parse(readFileSync(join(home, 'expected.json'), 'utf8')))
      const tries = readdirSync(home)
        .filter((file) => /^mistake.*\.yaml$/.test(file))
        .sort()
      if (tries.length === 0 || !existsSync(join(home, 'control.yaml')))
        throw new Error(`${name} has no hypothesis files`)
      return {
        name,
        title: title.slice(2),
        folder: home,
        mistake: mistake.replaceAll('\n', ' '),
        control: control.replaceAll('\n', ' '),
        expected,
        tries,
        before: existsSync(join(home, 'before.yaml')) ? 'before.yaml' : null,
      }
    })
}

/** Caught before anything is permuted: cheap enough for every run of the tests. */
export const isEarly = ({expected: {mistake}}: CorpusCase): boolean =>
  'refused' in mistake || (mistake.stage !== null && mistake.stage < 5)
