import type {GauntletVerdict, Stage} from '../../contracts/gauntlet.ts'

/**
 * Verdicts as JUnit XML, the form every CI system draws: one suite per hypothesis, one case per stage.
 *
 * A stage that is not passed is a failure; ERROR is an error. Times are left out: the same verdicts give the same bytes.
 */
export function junitXml(verdicts: readonly Pick<GauntletVerdict, 'hypothesis' | 'verdict' | 'stages'>[]): string {
  const suites = verdicts.map(({hypothesis, stages}) => {
    const failures = stages.filter(({verdict}) => verdict !== 'PASS' && verdict !== 'ERROR').length
    const errors = stages.filter(({verdict}) => verdict === 'ERROR').length
    const head = `  <testsuite name="${escapeXml(hypothesis)}" tests="${stages.length}" failures="${failures}" errors="${errors}">`
    return [head, ...stages.map((stage) => testCase(hypothesis, stage)), '  </testsuite>'].join('\n')
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="qo gauntlet">',
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(hypothesis: string, {id, name, verdict, sentence}: Stage): string {
  const head = `    <testcase classname="${escapeXml(hypothesis)}" name="${id} ${escapeXml(name)}"`
  if (verdict === 'PASS') return `${head}/>`
  const tag = verdict === 'ERROR' ? 'error' : 'failure'
  return `${head}><${tag} type="${verdict}" message="${escapeXml(sentence)}"/></testcase>`
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
