import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {warmupBars} from '../../../src/cognition/features/compile-hypothesis.ts'
import type {Expression} from '../../../src/cognition/features/expression.ts'
import {formatExpression} from '../../../src/cognition/features/format-expression.ts'
import {parseExpression} from '../../../src/cognition/features/parse-expression.ts'
import {planOutputs} from '../../../src/cognition/features/plan.ts'
import {compiled} from './panels.ts'

const parse = (text: string): Expression => parseExpression({label: 'x', text})
const canonical = (text: string): string => formatExpression(parse(text))

describe('an expression that cannot be used', () => {
  it.each([
    ['close +', 'feature.syntax', '1:8'],
    ['(close', 'feature.syntax', '1:7'],
    ['close close', 'feature.syntax', '1:7'],
    ['close)', 'feature.syntax', '1:6'],
    ['', 'feature.syntax', '1:1'],
    ['close = 3', 'feature.unsupported', '1:1'],
    ['close.length', 'feature.unsupported', '1:1'],
    ['close[0]', 'feature.unsupported', '1:1'],
    ['() => 1', 'feature.unsupported', '1:1'],
    ['abs?.(close)', 'feature.unsupported', '1:1'],
    ['`close`', 'feature.unsupported', '1:1'],
    ['close % 2', 'feature.unsupported', '1:1'],
    ['close === open', 'feature.unsupported', '1:1'],
    ['true', 'feature.unsupported', '1:1'],
    ['10n', 'feature.unsupported', '1:1'],
    ['open < close < high', 'feature.unsupported', '1:1'],
    ['ts_maen(close, 20)', 'feature.unknown_operator', '1:1'],
    ['constructor(close)', 'feature.unknown_operator', '1:1'],
    ['close +\n  clsoe', 'feature.unknown_name', '2:3'],
    ['__proto__', 'feature.unknown_name', '1:1'],
    ['ts_mean(close, $n)', 'feature.unknown_parameter', '1:16'],
    ['ts_mean(close)', 'feature.arity', '1:1'],
    ['ts_mean(close, 2, 3)', 'feature.arity', '1:1'],
    ['ts_mean(close, open)', 'feature.type', '1:16'],
    ['ts_mean(5, 20)', 'feature.type', '1:9'],
    ['ref(BTC, close)', 'feature.type', '1:5'],
    ['"BTC" + close', 'feature.type', '1:1'],
    ['1 + 2', 'feature.type', '1:1'],
    ['delay(close, -1)', 'feature.window', '1:14'],
    ['delay(close, 0)', 'feature.window', '1:14'],
    ['ts_mean(close, 2.5)', 'feature.window', '1:16'],
    ['ts_std(close, 1)', 'feature.window', '1:15'],
    ['ts_quantile(close, 5, 1.5)', 'feature.range', '1:1'],
    ['cs_winsorize(close, 0.5)', 'feature.range', '1:1'],
    ['close * log(0)', 'feature.range', '1:9'],
    ['at("7h", close)', 'feature.timeframe', '1:4'],
    ['at("30m", close)', 'feature.timeframe', '1:4'],
    ['at("1d", at("4h", close))', 'feature.timeframe', '1:10'],
  ])('%s is %s at %s', (text, code, position) => {
    expect(() => compiled(text)).toThrowError(
      expect.objectContaining({code, exitCode: 3, why: expect.stringContaining(`features.x:${position} `)}),
    )
  })

  it('shows its line with a caret under the spot and the name that was probably meant', () => {
    expect(() => compiled('close + ts_maen(close, 20)')).toThrowError(
      expect.objectContaining({
        why: [
          "test.features.x:1:9 unknown operator 'ts_maen' (did you mean 'ts_mean'?)",
          '  close + ts_maen(close, 20)',
          '          ^',
        ].join('\n'),
      }),
    )
  })

  it('needs itself to be computed', () => {
    expect(() => compiled('a + 1', {a: 'b', b: 'delay(x, 1)'})).toThrowError(
      expect.objectContaining({code: 'feature.cycle', why: expect.stringContaining('→')}),
    )
  })

  it('takes the name of an input', () => {
    expect(() => compiled('close', {close: 'open'})).toThrowError(expect.objectContaining({code: 'feature.name_taken'}))
  })
})

describe('an expression made to exhaust the machine', () => {
  const endless: [string, string][] = [
    ['parentheses', `${'('.repeat(5000)}close${')'.repeat(5000)}`],
    ['open parentheses', '('.repeat(9000)],
    ['minus signs', `${'- '.repeat(4500)}close`],
    ['negations', `${'!'.repeat(9000)}close`],
    ['powers', `${'close**'.repeat(1200)}2`],
    ['choices', `${'close?close:'.repeat(800)}close`],
    ['nested calls', `${'abs('.repeat(2000)}close${')'.repeat(2000)}`],
    ['brackets', '['.repeat(9000)],
    ['functions', 'x=>'.repeat(3000)],
    ['a sum', `close${'+close'.repeat(1600)}`],
  ]
  it.each(endless)('%s end in a fault, not in a stack trace', (_, text) => {
    expect(() => compiled(text)).toThrowError(expect.objectContaining({code: expect.stringMatching(/^feature\./)}))
  })

  it('is too long', () => {
    expect(() => compiled(`close${' '.repeat(10_001)}`)).toThrowError(
      expect.objectContaining({code: 'feature.too_long'}),
    )
  })

  it('hides its depth in a chain of features', () => {
    const links = Object.fromEntries(Array.from({length: 500}, (_, k) => [`f${k + 1}`, `f${k} + 1`]))
    expect(() => compiled('f500', {f0: 'close', ...links})).toThrowError(
      expect.objectContaining({code: 'feature.too_deep'}),
    )
  })

  it('doubles itself fifty times and is still planned once each', () => {
    const links = Object.fromEntries(Array.from({length: 50}, (_, k) => [`f${k + 1}`, `f${k} + f${k}`]))
    const {expressions, bar} = compiled('f50', {f0: 'close', ...links})
    expect(planOutputs(expressions, [{name: 'x', params: {}}], bar).nodes).toHaveLength(51)
  })
})

/** Random well-formed text with redundant parentheses and space. */
const formula: fc.Arbitrary<string> = fc.letrec<{node: string}>((tie) => ({
  node: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    fc.constantFrom('close', 'open', '$n', '1', '2.50', '0.1', 'volume'),
    fc
      .tuple(tie('node'), fc.constantFrom('+', '-', '*', '/', '&&', '||'), tie('node'))
      .map((parts) => `(${parts.join(' ')})`),
    fc.tuple(tie('node'), fc.constantFrom('<', '>=', '=='), tie('node')).map(([a, op, b]) => `((${a})${op} (${b}))`),
    tie('node').map((inner) => `-(${inner})`),
    tie('node').map((inner) => `!(${inner})`),
    fc.tuple(tie('node'), tie('node'), tie('node')).map(([c, a, b]) => `((${c}) ? ${a} : (${b}))`),
    tie('node').map((inner) => `ts_mean( ${inner},$n )`),
    tie('node').map((inner) => `(${inner})`),
  ),
})).node

const bare = (node: Expression): unknown =>
  node.kind === 'call'
    ? [node.op, ...node.args.map(bare)]
    : node.kind === 'number'
      ? node.value
      : [node.kind, Object.values(node)[1]]

describe('canonical text', () => {
  it('means the same as the text it came from, and is its own canonical text', () => {
    fc.assert(
      fc.property(formula, (text) => {
        const once = canonical(text)
        expect(bare(parse(once))).toEqual(bare(parse(text)))
        expect(canonical(once)).toBe(once)
      }),
    )
  })

  it.each([
    ['((close)-(open-high))', 'close - (open - high)'],
    ['close - open - high', 'close - open - high'],
    ['(close*2.50)/ (1.0)', 'close * 2.5 / 1'],
    ['- ( 1 ) * close', '-1 * close'],
    ['-(close+1)', '-(close + 1)'],
    ['close*(-2)', 'close * (-2)'],
    ['close ** 2', 'power(close, 2)'],
    ['+close', 'close'],
    ['close>open?1:0', 'close > open ? 1 : 0'],
    ['(a > b) < c', '(a > b) < c'],
    ["ref('BTC', close)", 'ref("BTC", close)'],
  ])('%s is %s', (text, wanted) => expect(canonical(text)).toBe(wanted))
})

describe('the plan', () => {
  it('computes a window once for all the grid points that share it', () => {
    const grid = [5, 10, 20].flatMap((fast) => [50, 100].map((slow) => ({fast, slow})))
    const {expressions} = compiled('close')
    const features = new Map(expressions)
    const text = 'ts_mean(close, $fast) > ts_mean(close, $slow) ? 1 : 0'
    features.set('x', {source: {label: 'x', text}, root: parse(text)})
    const {nodes, outputs} = planOutputs(
      features,
      grid.map((params) => ({name: 'x', params})),
      '1h',
    )
    const count = (op: string): number => nodes.filter((node) => node.op === op).length
    expect([count('input'), count('ts_mean'), count('gt'), count('if')]).toEqual([1, 5, 6, 0])
    expect(new Set(outputs).size).toBe(6)
  })

  it.each([
    ['close', 0],
    ['returns(close, 24)', 24],
    ['ts_std(returns(close, 1), 168)', 168],
    ['ts_rank(cs_rank(returns(low, 1)), 9)', 9],
    ['close > ts_mean(delay(close, 3), 10) ? 1 : 0', 12],
    ['at("4h", ts_mean(close, 3))', 14],
    ['ema(close, 9)', 62],
    ['centred_mean(close, 9)', 4],
  ])('%s needs %i bars of history', (text, bars) => expect(warmupBars(compiled(text), {})).toBe(bars))
})
