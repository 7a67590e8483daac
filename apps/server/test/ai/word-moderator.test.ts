import { describe, expect, it } from 'vitest'
import { createWordModerator } from '../../src/ai/word-moderator.ts'

const signal = new AbortController().signal
const isFlagged = async (text: string) => (await createWordModerator().check(text, signal)).flagged

describe('moderation by the word list', () => {
  it.each([
    ...['fuck', 'What the fuck is this?', 'FUCK', 'fuuuuck', 'fucking', 'motherfucker'],
    ...['f*ck', 'fu(k', 'fvck', 'f u c k you', 'f.u.c.k', 'F-U-C-K', 'fu\u200bck', 'fu\u00adck'],
    ...['ｆｕｃｋ', '𝓯𝓾𝓬𝓴', 'f\u0336u\u0336c\u0336k', 'fück you'],
    ...['shit', 'sh1t', '$hit', 'bullshit', 'SHIIIT', 'you b1tch', 'a$$hole', 'cunt', 'dickhead'],
    ...['nigger', 'n1gger', 'n i g g e r', 'niggas', 'faggot', 'kike', 'you retard', 'child porn'],
  ])('flags %j', async (text) => {
    expect(await isFlagged(text)).toBe(true)
  })

  it.each([
    ...['Scunthorpe', 'an assassin', 'a cocktail in Hancock', 'Penistone in Essex', 'a classic bassoon'],
    ...['Fukushima and Fukuoka', 'the Wankel engine', 'shiitake mushrooms', 'Matsushita', 'Moby Dick'],
    ...['Charles Dickens', 'the peacock', 'a titmouse', 'Uranus', 'analysis of arsenic', 'therapist'],
    ...['a chink in the armour', 'spic and span', 'he sniggered', 'niggardly', 'Nigeria and Niger'],
    ...['sex education', 'breast cancer', 'I was raped and need to talk', 'He died of an overdose.'],
    ...['Fagott spielen', 'Je suis en retard.', 'flame retardant', 'ett bra slut', 'Montenegro'],
    ...['kung fu', 'tofu', 'a raccoon', 'gobbledygook', 'Pakistan', 'Bitcoin', 'hit it'],
    ...[
      'I. A. M. here',
      'a b c d e f g',
      'U.S.A.',
      '1 2 3 4',
      '日本語のテキスト',
      'Привет, как дела?',
      '😀',
      '',
    ],
    ...['if (a == b) { f(c); } // k', 'const x = a | b & c'],
  ])('lets %j pass', async (text) => {
    expect(await isFlagged(text)).toBe(false)
  })
})
