export {fastMarket as control, fastMarket as mistake} from '../../markets.ts'
