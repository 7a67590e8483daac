/** What a picture of a persona needs. */
interface PortraitProps {
  /** Address of a square picture; undefined: a letter instead. */
  readonly picture: string | undefined
  readonly name: string
  /** Size and shape. */
  readonly className: string
}

/** A persona's picture. Says nothing to a screen reader: the name always stands beside it. */
export function Portrait({ picture, name, className }: PortraitProps) {
  const shape = `shrink-0 overflow-hidden bg-tint object-cover ${className}`
  if (picture !== undefined) {
    return <img src={picture} alt="" width={160} height={160} draggable={false} className={shape} />
  }
  const [initial = '?'] = name
  return (
    <span aria-hidden="true" className={`${shape} display-type grid place-items-center text-accent`}>
      {initial}
    </span>
  )
}
