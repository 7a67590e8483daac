import { dateAndTime, timeOfDay } from '../ui/time.ts'

/** When a message was made; seen when its row is looked at. */
export function SentAt({ instant }: { instant: string }) {
  return (
    <time dateTime={instant} title={dateAndTime(instant)} className="on-hover text-soft text-xs tabular-nums">
      {timeOfDay(instant)}
    </time>
  )
}
