import type { ComponentProps } from 'react'

const SHAPES = {
  solid: 'bg-accent text-on-accent hover:brightness-110',
  quiet: 'border border-line bg-card text-ink hover:border-accent',
  bare: 'text-accent hover:bg-ink/6',
}

/** A button with words on it. */
export function Button({
  shape = 'quiet',
  className = '',
  ...props
}: ComponentProps<'button'> & { shape?: keyof typeof SHAPES }) {
  return <button type="button" {...props} className={`${buttonClass(shape)} ${className}`} />
}

/** The look of a button, for links that lead on. */
export function buttonClass(shape: keyof typeof SHAPES): string {
  return `inline-flex min-h-9 items-center justify-center gap-2 rounded-full px-4 py-1.5 font-medium text-sm transition disabled:opacity-50 ${SHAPES[shape]}`
}

/** A round button with a picture on it; `label` is its name and its hint. */
export function IconButton({
  label,
  className = '',
  ...props
}: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...props}
      className={`${iconButtonClass} ${className}`}
    />
  )
}

/** @see IconButton */
export const iconButtonClass =
  'inline-flex size-10 shrink-0 items-center justify-center rounded-full text-soft transition hover:bg-ink/8 hover:text-ink disabled:opacity-40'
