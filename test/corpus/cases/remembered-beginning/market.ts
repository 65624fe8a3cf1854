export {volumeMarket as control, volumeMarket as mistake} from '../../markets.ts'
