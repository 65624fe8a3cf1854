import type {GauntletVerdict, Stage} from '../../contracts/gauntlet.ts'

/**
 * Verdicts as JUnit XML, the form every CI system draws: one suite per hypothesis, one case per stage.
 *
 * A stage that is not passed is a failure; ERROR is an error. Times are left out: the same verdicts give the same bytes.
 */
export function junitXml(verdicts: readonly Pick<GauntletVerdict, 'hypothesis' | 'verdict' | 'stages'>[]): string {
  const count = (of: (verdict: string) => boolean): number =>
    verdicts.reduce((total, {stages}) => total + stages.filter(({verdict}) => of(verdict)).length, 0)
  const isFailure = (verdict: string): boolean => verdict !== 'PASS' && verdict !== 'ERROR'
  const suites = verdicts.map(({hypothesis, stages}) => {
    const failures = stages.filter(({verdict}) => isFailure(verdict)).length
    const errors = stages.filter(({verdict}) => verdict === 'ERROR').length
    const head = `  <testsuite name="${escapeXml(hypothesis)}" tests="${stages.length}" failures="${failures}" errors="${errors}">`
    return [head, ...stages.map((stage) => testCase(hypothesis, stage)), '  </testsuite>'].join('\n')
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="qo gauntlet" tests="${count(() => true)}" failures="${count(isFailure)}" errors="${count((verdict) => verdict === 'ERROR')}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(hypothesis: string, {id, name, verdict, sentence}: Stage): string {
  const head = `    <testcase classname="${escapeXml(hypothesis)}" name="${id} ${escapeXml(name)}"`
  if (verdict === 'PASS') return `${head}/>`
  const tag = verdict === 'ERROR' ? 'error' : 'failure'
  const message = escapeXml(sentence.split('\n')[0]!)
  return `${head}><${tag} type="${verdict}" message="${message}">${escapeXml(sentence)}</${tag}></testcase>`
}

/** Control characters are not allowed in XML 1.0 even when they are escaped; tab and line feed are. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const escapeXml = (text: string): string =>
  text
    .replaceAll(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
