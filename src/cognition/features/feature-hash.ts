import type {Params} from '../../contracts/hypothesis.ts'
import {hashOf} from '../../kernel/canonical-json.ts'
import {expressionHashes} from '../hypotheses/configuration-hash.ts'

/** Raised when an operator changes its values: what was stored under the old meaning is then computed again. */
const MEANING = 2

/** What the values of a feature depend on besides its expression. */
export interface FeatureInputs {
  readonly venue: string
  readonly bar: string
  /** digest of the rows that were read */
  readonly dataSha: string
  /** hash of the rule or list that makes the universe */
  readonly universe: string
}

/**
 * Name -> identity of the values of each expression: asked for twice, computed once.
 *
 * Parameters are written as their numbers and features as their own hashes, so that the same formula has the same
 * identity in every hypothesis.
 */
export function featureHashes(
  texts: Readonly<Record<string, string>>,
  params: Params,
  inputs: FeatureInputs,
): Map<string, string> {
  const leaves = {number: String, param: (name: string) => String(params[name])}
  // Each on its own, so that a feature the signal does not use has an identity too.
  const {signal, ...features} = texts
  const hashes = expressionHashes(features, leaves)
  if (signal !== undefined) hashes.set('signal', expressionHashes(texts, leaves).get('signal')!)
  return new Map([...hashes].map(([name, expression]) => [name, hashOf({meaning: MEANING, expression, ...inputs})]))
}
