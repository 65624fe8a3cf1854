export {hourlyMarket as control, hourlyMarket as mistake} from '../../markets.ts'
