/** The look of a menu's box. */
export const menuPopupClass =
  'min-w-48 rounded-2xl border border-line bg-card p-1.5 text-ink shadow-float outline-none transition data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0 origin-(--transform-origin)'

/** The look of a line in a menu. */
export const menuItemClass =
  'flex cursor-pointer select-none items-center gap-3 rounded-xl px-3 py-2 text-sm outline-none data-highlighted:bg-ink/7'
