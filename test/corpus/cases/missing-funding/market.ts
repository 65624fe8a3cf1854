export {fundedMarket as control, unfundedMarket as mistake} from '../../markets.ts'
