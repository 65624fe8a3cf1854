import {expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import {againstGolden} from '../against-golden.ts'

againstGolden('Random', ['gauntlet/prng.json'], (text) => {
  const reference = JSON.parse(text!)

  it('equals the reference words of xoshiro128**', () => {
    const random = new Random([1, 2, 3, 4])
    expect(Array.from({length: 10}, () => random.word())).toEqual(reference.xoshiro128starstar_state_1234)
  })

  it('derives its state from the seed text and continues with the golden draws', () => {
    const {seed_text, first_words, then_unit53, then_below10, then_shuffle10} = reference.recommended
    const random = new Random(seed_text)
    expect(first_words.map(() => random.word())).toEqual(first_words)
    expect(then_unit53.map(() => random.unit())).toEqual(then_unit53)
    expect(then_below10.map(() => random.below(10))).toEqual(then_below10)
    expect(random.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual(then_shuffle10)
  })
})
