import fc from 'fast-check'

/** Properties draw from one seed, so that a check of a commit has one outcome; `npm run test:long -- properties` draws fresh ones. */
const seed = Number(process.env['QO_PROPERTY_SEED'] ?? 20_251_125)

fc.configureGlobal({...fc.readConfigureGlobal(), seed})
