const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' })
const date = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric' })
const full = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' })

/** How long ago an instant (ISO 8601) was, for instance `2 hr. ago`; the date after a week. */
export function ago(instant: string, now: number): string {
  const at = Date.parse(instant)
  const past = Math.max(0, now - at)
  if (past < MINUTE) return 'just now'
  if (past < HOUR) return relative.format(-Math.floor(past / MINUTE), 'minute')
  if (past < DAY) return relative.format(-Math.floor(past / HOUR), 'hour')
  if (past < 7 * DAY) return relative.format(-Math.floor(past / DAY), 'day')
  return date.format(at)
}

/** A length of time, in milliseconds, in the unit that says it best: `12 s`, `3 min`, `2 h`. */
export function span(ms: number): string {
  if (ms < 2 * MINUTE) return `${Math.max(1, Math.ceil(ms / 1_000))} s`
  if (ms < 2 * HOUR) return `${Math.ceil(ms / MINUTE)} min`
  return `${Math.ceil(ms / HOUR)} h`
}

/** The time of day of an instant. */
export function timeOfDay(instant: string): string {
  return clock.format(Date.parse(instant))
}

/** Date and time of an instant, written out. */
export function dateAndTime(instant: string): string {
  return full.format(Date.parse(instant))
}

/** The day of an instant as a heading: `Today`, `Yesterday` or its date. */
export function dayOf(instant: string, now: number): string {
  const day = new Date(instant).toDateString()
  if (day === new Date(now).toDateString()) return 'Today'
  if (day === new Date(now - DAY).toDateString()) return 'Yesterday'
  return date.format(Date.parse(instant))
}
