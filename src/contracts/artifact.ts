import {z} from 'zod'

export type Layer = 0 | 0.5 | 1 | 2 | 3

interface Declaration<S> {
  /** `noun@version`: the first key of the file and of every `--json` object. */
  readonly id: `${string}@${number}`
  readonly layer: Layer
  /** Path in the workspace; `*` stands for one name. */
  readonly path: string
  readonly summary: string
  readonly schema: S
}

export interface Artifact<S extends z.ZodType = z.ZodType> extends Declaration<S> {
  readonly format: 'yaml' | 'json'
}

export interface Table<S extends z.ZodObject = z.ZodObject> extends Declaration<S> {
  readonly format: 'parquet'
  /** `year` or `day` of `ts`; the folder keys come first: venue, then interval where the table has one. */
  readonly partition: 'year' | 'day'
  readonly folders: readonly ('venue' | 'interval')[]
  readonly sort: readonly string[]
  /** Columns that name a row; a later `ingest_id` with the same key is a revision. */
  readonly key: readonly string[]
}

/** Declare a YAML or JSON artifact: one declaration gives parser, type, JSON Schema and docs row. */
export function artifact<S extends z.ZodType>(declaration: Artifact<S>): Artifact<S> {
  return declaration
}

/** Declare a lake table: one declaration gives DDL, Parquet footer, type and docs row. */
export function table<S extends z.ZodObject>(declaration: Table<S>): Table<S> {
  return declaration
}

/** A leaf of a table: its unit and its DuckDB column type travel with the schema. */
export const leaf = <S extends z.ZodType>(schema: S, unit: string, column: string): S => schema.meta({unit, column})

/** Column name -> SQL type and unit, read from the leaves. One source for DDL, footer and docs. */
export function columnsOf({schema}: Pick<Table, 'schema'>): Map<string, {type: string; unit: string}> {
  return new Map(
    Object.entries(schema.shape).map(([name, column]) => {
      const meta = z.globalRegistry.get(column as z.ZodType) as {column: string; unit: string} | undefined
      return [name, {type: meta?.column ?? 'VARCHAR', unit: meta?.unit ?? 'text'}]
    }),
  )
}
