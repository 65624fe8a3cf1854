import {corpusCases, isEarly} from '../corpus/cases.ts'
import {proveCases} from '../corpus/prove.ts'

proveCases(corpusCases().filter((one) => !isEarly(one)))
