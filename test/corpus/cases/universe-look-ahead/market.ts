export {hindsightMarket as control, hindsightMarket as mistake} from '../../markets.ts'
