/** The part of parquetjs-lite 0.8.7 that journals use; the package ships no types. */
declare module 'parquetjs-lite' {
  interface Field {
    readonly type: 'UTF8' | 'INT32' | 'TIMESTAMP_MILLIS' | 'BOOLEAN'
    readonly optional?: boolean
    readonly compression?: 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY'
  }
  class ParquetSchema {
    constructor(fields: Readonly<Record<string, Field>>)
  }
  class ParquetWriter {
    static openFile(schema: ParquetSchema, path: string): Promise<ParquetWriter>
    setMetadata(key: string, value: string): void
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>
    close(): Promise<void>
  }
  const parquet: {ParquetSchema: typeof ParquetSchema; ParquetWriter: typeof ParquetWriter}
  export default parquet
}
