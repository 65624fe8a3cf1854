import type {GauntletVerdict} from '../../contracts/gauntlet.ts'
import type {Block} from './report.ts'

/** The report as Markdown, with the artifact name as front matter. */
export function reportMarkdown(
  {hypothesis}: Pick<GauntletVerdict, 'hypothesis'>,
  blocks: readonly Block[],
  artifact = 'gauntlet-report@1',
): string {
  const front = ['---', `artifact: ${artifact}`, `hypothesis: ${hypothesis}`, '---', '', `# ${hypothesis}`]
  return `${[front.join('\n'), ...blocks.map(markdownOf)].join('\n\n')}\n`
}

function markdownOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `## ${block.text}`
    case 'text':
      return block.text
    case 'code':
      return `\`\`\`\n${block.text}\n\`\`\``
    case 'picture':
      return `![${block.title}](${block.file})`
    case 'table': {
      const row = (cells: readonly string[]): string => `| ${cells.map(cellOf).join(' | ')} |`
      return [row(block.head), row(block.head.map(() => '---')), ...block.rows.map(row)].join('\n')
    }
  }
}

/** A bar would end the cell and a line break the table. */
const cellOf = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', '<br>')
