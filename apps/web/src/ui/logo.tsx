/** The mark of Parley: two who face each other and speak. */
function Logo({ className = 'size-8' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <path d="M2 27V12.5a9.5 9.5 0 0 1 19 0V16a6 6 0 0 1-6 6H8.6z" fill="#c4492d" />
      <path
        d="M30 30V19.5a7.5 7.5 0 0 0-6.4-7.4V16a8.6 8.6 0 0 1-8.6 8.6h-1A6 6 0 0 0 18 26.5h6.8z"
        fill="#e39a3b"
      />
    </svg>
  )
}

/** The mark with the name. */
export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2.5">
      <Logo className="size-8" />
      <span className="display-type font-semibold text-[1.6rem] leading-none">Parley</span>
    </span>
  )
}
