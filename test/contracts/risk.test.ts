import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {z} from 'zod'
import {LIMIT_DIRECTIONS, RiskLimits} from '../../src/contracts/risk.ts'
import {parseArtifact} from '../../src/io/files.ts'

const shipped = readFileSync(join(import.meta.dirname, '../../configs/risk_limits.yaml'), 'utf8')
const parse = (text: string) => parseArtifact(RiskLimits, 'configs/risk_limits.yaml', text)
const why = (text: string): string => {
  try {
    parse(text)
  } catch (error) {
    return (error as {why: string}).why
  }
  return 'accepted'
}

describe('risk_limits.yaml', () => {
  it('ships valid, with flatten for an operator halt', () => {
    expect(parse(shipped).on_halt.operator).toBe('flatten')
  })

  it('registers a direction for every limit and for nothing else', () => {
    const sections = Object.entries(RiskLimits.schema.shape).filter(([name]) => name !== 'artifact')
    const keys = sections.flatMap(([section, schema]) =>
      Object.keys((schema as z.ZodObject).shape).map((key) => `${section}.${key}`),
    )
    expect(Object.keys(LIMIT_DIRECTIONS).sort()).toEqual(keys.sort())
  })

  it.each([
    ['an unknown key', (text: string) => text.replace('gross: 2', 'gros: 2'), /:\d+:\d+ .*did you mean 'gross'/],
    ['a missing key', (text: string) => text.replace('  gross: 2\n', ''), /leverage/],
    ['a duplicate key', (text: string) => `${text}leverage: {gross: 9, net: 9}\n`, /:\d+:1 .*unique/],
    ['NaN', (text: string) => text.replace('gross: 2', 'gross: .nan'), /:\d+:\d+ leverage.gross/],
    ['Infinity', (text: string) => text.replace('gross: 2', 'gross: .inf'), /leverage.gross/],
    ['1e400', (text: string) => text.replace('gross: 2', 'gross: 1e400'), /leverage.gross/],
    ['a negative number', (text: string) => text.replace('gross: 2', 'gross: -2'), /leverage.gross/],
    ['zero', (text: string) => text.replace('gross: 2', 'gross: 0'), /leverage.gross/],
    ['money as a float', (text: string) => text.replace('max_usd: "5000"', 'max_usd: 5000'), /order_notional.max_usd/],
    ['money with an exponent', (text: string) => text.replace('"5000"', '"5e3"'), /order_notional.max_usd/],
    ['loss limits in the wrong order', (text: string) => text.replace('halt_sigma: 6', 'halt_sigma: 3'), /halt_sigma/],
    [
      'an anchor',
      (text: string) => text.replace('gross: 2', 'gross: &x 2\n  net: *x').replace('  net: 1.5\n', ''),
      /alias/,
    ],
    ['nothing', () => '', /./],
    ['half a file', (text: string) => text.slice(0, 700), /./],
    ['broken YAML', (text: string) => text.replace('leverage:', 'leverage: ['), /:\d+:\d+/],
    ['binary rubbish', () => '\u0000\u0001\u0002', /./],
    ['a list', () => '- 1\n', /./],
  ])('refuses %s and says where', (_, change, expected) => {
    expect(why(change(shipped))).toMatch(expected)
    expect(why(change(shipped))).not.toBe('accepted')
  })
})
