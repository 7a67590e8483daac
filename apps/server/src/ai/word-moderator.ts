import {
  DataSet,
  englishDataset,
  englishRecommendedTransformers,
  parseRawPattern,
  RegExpMatcher,
} from 'obscenity'
import type { Moderator } from '../chat/ports.ts'
import { flaggedPatterns, innocentTerms, keptPhrases } from './word-list.ts'

/** Single letters with something between them, as in "f u c k" and "f.u.c.k". */
const spelledOut = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][\s.,_*~-]{1,3}){2,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu

/**
 * Moderates by a list of English slurs and strong obscenities, in this process, without a network.
 * It sees through letters replaced by digits and signs ("sh1t"), look-alikes of other alphabets,
 * repeated letters, invisible and combining characters and words spelled out with gaps; it does not see meaning,
 * threats or other languages. Words that only contain a listed one ("Scunthorpe") pass.
 *
 * A test of the running product may rely on this: a text with the word `fuck` is flagged.
 */
export function createWordModerator(): Moderator {
  const matcher = new RegExpMatcher({ ...words().build(), ...englishRecommendedTransformers })
  return {
    name: 'local word list',
    async check(text) {
      const visible = text.normalize('NFKD').replace(/[\p{Cf}\p{M}]/gu, '')
      return { flagged: matcher.hasMatch(visible) || matcher.hasMatch(joinSpelledOut(visible)) }
    },
  }
}

function words() {
  const set = new DataSet<{ originalWord: string }>()
  const library = new DataSet<{ originalWord: string }>().addAll(englishDataset)
  set.addAll(library.removePhrasesIf(({ metadata }) => !keptPhrases.has(metadata?.originalWord ?? '')))
  return set.addPhrase((phrase) => {
    for (const raw of flaggedPatterns) phrase.addPattern(parseRawPattern(raw))
    for (const term of innocentTerms) phrase.addWhitelistedTerm(term)
    return phrase
  })
}

/** The spelled-out words of a text, joined; one to a line, so that they do not run together. */
function joinSpelledOut(text: string): string {
  const found = text.match(spelledOut) ?? []
  return found.map((letters) => letters.replace(/[^\p{L}\p{N}]/gu, '')).join('\n')
}
