/** Every limit of the contract, in one place. The unit is part of the name. */
export const limits = {
  /** A larger incoming frame closes the connection. */
  frameBytes: 64 * 1024,
  contentCodePoints: 8_000,
  /** A reply that grows past this ends as if the model had reached its own length limit. */
  replyCodePoints: 64_000,
  idLength: 128,
  tokenLength: 8_192,
  titleCodePoints: 60,
  /** What a prompt may hold in all; the persona's instructions and the newest message always stay. */
  promptCodePoints: 48_000,
  pageMessages: 50,
  pageMessagesMax: 100,
  /** A client that missed more changes than this gets a fresh page. */
  syncChanges: 200,
  /** Replies that may wait behind the live one of a session; one more is `BUSY`. */
  waitingReplies: 3,
  /** Alternatives of one message; one more edit or regeneration of it is refused. */
  siblings: 50,
  /** How often a reply is begun when the servers that write it die; after that it is `failed`. */
  replyAttempts: 3,
  /** Events of one socket that may wait to be handled; one more is `BUSY`. */
  queuedEvents: 64,
  /** Stops of one socket that may be under way; one more is `BUSY`. */
  parallelStops: 8,
  /** Every count of a rate below starts anew after this; a limited request may be repeated then. */
  rateWindowMs: 20_000,
  /** Counted per window; one more is `RATE_LIMITED`. Those of an address are multiplied by a setting. */
  eventsPerSocket: 400,
  eventsPerAddress: 8_000,
  /** Stops count for themselves, so that a person who may send nothing more can still end a reply. */
  stopsPerUser: 120,
  /** Messages, edits and regenerations. */
  sendsPerUser: 100,
  sendsPerAddress: 2_500,
  connectsPerAddress: 500,
  guestsPerAddress: 100,
  signInsPerAddress: 20,
  /** Every other REST request under `/api`. */
  requestsPerAddress: 4_000,
  /** Open at once on one server; one more is `RATE_LIMITED`. */
  socketsPerUser: 50,
  socketsPerAddress: 1_000,
  /** Live and waiting replies of one person in all sessions; one more is `BUSY`. */
  repliesPerUser: 12,
  /** Sessions that one person may begin in any 24 hours; one more is `RATE_LIMITED`. */
  sessionsPerUserAndDay: 200,
  /** What a slow socket may leave unread before it is disconnected. */
  socketBufferBytes: 1024 * 1024,
  /** Events of a session that a client keeps while its join or sync is on the way. */
  bufferedEvents: 2_000,
  deltaCoalesceMs: 40,
  flushMs: 200,
  leaseMs: 10_000,
  /** How long a client holds a change whose predecessor it misses before it syncs. */
  gapHoldMs: 100,
  requestTimeoutMs: 15_000,
  reconnectAttempts: 5,
} as const
