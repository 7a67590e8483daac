import { type ReactNode, useId } from 'react'

interface SectionProps {
  readonly title: string
  /** What it is for, in a sentence or two. */
  readonly lead?: ReactNode
  readonly children: ReactNode
}

/** One matter of the account. */
export function Section({ title, lead, children }: SectionProps) {
  const id = useId()
  return (
    <section
      aria-labelledby={id}
      className="rounded-[1.75rem] border border-line bg-card p-5 shadow-card sm:p-7"
    >
      <h2 id={id} className="display-type font-semibold text-2xl leading-tight">
        {title}
      </h2>
      {lead && <p className="mt-1.5 text-soft text-sm leading-relaxed">{lead}</p>}
      <div className="mt-5">{children}</div>
    </section>
  )
}
