import type {GauntletVerdict} from '../../contracts/gauntlet.ts'
import type {Block} from './report.ts'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.05rem;margin-top:2rem;border-bottom:1px solid #ddd}
table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}
tr+tr td{border-top:1px solid #eee}p.first{font-size:1.15rem;font-weight:600}pre{background:#f5f5f5;padding:.6rem;overflow:auto}
svg{width:100%;height:auto}figure{margin:1.2rem 0}table.checks td:nth-child(4){white-space:nowrap}table.checks td:nth-child(3){min-width:5rem}`

/**
 * The report as one self-contained page: no script, nothing fetched.
 *
 * @param svgOf  file name of a picture -> its SVG text
 */
export function reportHtml(
  {hypothesis}: Pick<GauntletVerdict, 'hypothesis'>,
  blocks: readonly Block[],
  svgOf: ReadonlyMap<string, string>,
  artifact = 'gauntlet-report@1',
): string {
  const body = blocks.map((block, i) => htmlOf(block, i, svgOf))
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="artifact" content="${artifact}">`,
    `<title>${escapeHtml(hypothesis)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escapeHtml(hypothesis)}</h1>`,
    ...body,
    '</body></html>',
    '',
  ].join('\n')
}

function htmlOf(block: Block, index: number, svgOf: ReadonlyMap<string, string>): string {
  switch (block.kind) {
    case 'heading':
      return `<h2>${escapeHtml(block.text)}</h2>`
    case 'text':
      return `<p${index === 0 ? ' class="first"' : ''}>${escapeHtml(block.text)}</p>`
    case 'code':
      return `<pre>${escapeHtml(block.text)}</pre>`
    case 'picture':
      return `<figure aria-label="${escapeHtml(block.title)}">${svgOf.get(block.file) ?? ''}</figure>`
    case 'table': {
      const cells = (row: readonly string[], tag: 'td' | 'th'): string =>
        `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
      const head = block.head.every((cell) => cell === '') ? '' : cells(block.head, 'th')
      const kind = block.head.includes('must be') ? ' class="checks"' : ''
      return `<table${kind}>${head}${block.rows.map((row) => cells(row, 'td')).join('')}</table>`
    }
  }
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
