/*
 * Slurs and strong obscenity, and nothing that a person needs to speak of health, history, animals,
 * food or what was done to them. The library's whole English list would also refuse "sex education",
 * "Fukushima", "Moby Dick" and a victim's "rape". Words that are everyday ones in another language
 * ("slut" in Swedish, "retard" in French) count only where the words around them are English.
 */

/** Phrases of the library's English list that are used as they are. */
export const keptPhrases: ReadonlySet<string> = new Set([
  'africoon',
  'arabush',
  'blowjob',
  'buttplug',
  'chingchong',
  'cunt',
  'deepthroat',
  'doggystyle',
  'finger bang',
  'gangbang',
  'handjob',
  'lubejob',
])

/**
 * Patterns in the library's notation: `|` is an edge of a word. They meet the text in lower case,
 * with `$`, `@`, `3` and the like read as letters, and without doubled letters (b, e, g, l, o and s
 * may stand twice).
 */
export const flaggedPatterns: readonly string[] = [
  ...['fuck', 'fvck', 'phuck', 'f*ck', '|f-ck', '|f.ck|', '|f_ck', '|f#ck'],
  ...['|fck|', '|fcking', '|fcker', '|fuk|', '|fuking', '|fuker'],
  ...['shit|', '|shits|', '|shity|', '|shithead', '|shithole', '|shitface', '|sh*t'],
  ...['bitch', '|b*tch', '|biatch', 'asshole', 'arsehole', '|ass-hole', '|c*nt'],
  ...['cocksuck', 'suck my cock', 'suck my dick', 'dickhead', '|twat|', '|twats|'],
  ...['|wank|', '|wanker', '|wanking|', '|whore|', '|whores|'],
  ...['|a slut|', '|you slut|', '|sluts|', '|sluty|'],
  ...['child porn', 'childporn', 'kidie porn', 'kidy porn'],
  ...['n[i]gger', 'nigga', '|n*gg', 'faggot', '|you fag|', '|trany|', '|tranys|', '|tranies|'],
  ...['|kike|', '|kikes|', '|chink|', '|chinks|', 'ching chong', '|gook|', '|gooks|'],
  ...['|spic|', '|spics|', '|paki|', '|pakis|', '|wetback', '|raghead', '|towelhead'],
  ...['|retarded|', '|a retard|', '|you retard|'],
]

/** What a pattern hits without meaning it. */
export const innocentTerms: readonly string[] = [
  ...['snigger', 'niggard', 'spic and span', 'spic-and-span'],
  ...['chink in ', 'chinks in ', 'chink of '],
]
