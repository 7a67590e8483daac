/** What a person said, as it was written. */
export function Bubble({
  text,
  isFaded = false,
  isFailed = false,
}: {
  text: string
  isFaded?: boolean
  isFailed?: boolean
}) {
  const border = isFailed ? 'border-danger border-dashed' : 'border-transparent'
  return (
    <p
      dir="auto"
      className={`max-w-[min(34rem,88%)] whitespace-pre-wrap rounded-[1.35rem] rounded-br-md border bg-tint px-4 py-2.5 text-[1.03125rem] leading-relaxed ${border} ${isFaded ? 'opacity-70' : ''}`}
    >
      {text}
    </p>
  )
}
