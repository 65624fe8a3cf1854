export {crashMarket as mistake, volumeMarket as control} from '../../markets.ts'
