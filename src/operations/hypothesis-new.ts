import {hypothesisTemplate, type TemplateFamily} from '../cognition/hypotheses/template.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import {Slug} from '../contracts/units.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {openGraveyard} from './hypothesis-graveyard.ts'
import {nearDuplicates, type Problem} from './hypothesis-lint.ts'

export interface NewHypothesis {
  readonly artifact: 'hypothesis-new@1'
  readonly ok: true
  readonly id: string
  readonly family: TemplateFamily
  readonly path: string
  readonly text: string
  /** dead ideas that the beginning already resembles */
  readonly warnings: readonly Problem[]
}

/**
 * Leave a hypothesis file of a family to be rewritten: it type-checks, trades the textbook version, claims nothing new.
 *
 * A dead idea of the same structure is named before the first trial is spent on it again.
 *
 * @throws Fault `hypothesis.bad_id`, `hypothesis.exists` (usage), `ledger.broken_chain` (data)
 */
export async function hypothesisNew(desk: Desk, id: string, family: TemplateFamily): Promise<NewHypothesis> {
  if (!Slug.safeParse(id).success) {
    throw new Fault('hypothesis.bad_id', {
      family: 'usage',
      what: `'${id}' cannot name a hypothesis.`,
      why: 'The id becomes a file name and a name in the ledger: lower-case letters, digits and hyphens.',
      next: ['qo hypothesis new my-idea --family trend'],
    })
  }
  const path = `hypotheses/${id}.yaml`
  if (await desk.files.exists(path)) {
    throw new Fault('hypothesis.exists', {
      family: 'usage',
      what: `${path} exists.`,
      why: 'A hypothesis file is never overwritten: it may be registered.',
      next: [`qo hypothesis show ${id}`, 'choose another id'],
    })
  }
  const text = hypothesisTemplate(id, family)
  const {resembled} = await openGraveyard(desk)
  const warnings = nearDuplicates(path, resembled(desk.files.parse(Hypothesis, path, text)))
  await desk.files.writeText(path, text)
  return {artifact: 'hypothesis-new@1', ok: true, id, family, path, text, warnings}
}
