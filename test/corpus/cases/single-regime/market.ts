export {regimeMarket as mistake, volumeMarket as control} from '../../markets.ts'
