import { Drawer } from '@base-ui/react/drawer'
import { PanelLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { iconButtonClass } from './button.tsx'

interface SideDrawerProps {
  /** What is in it, in a word or two. */
  readonly title: string
  readonly isOpen: boolean
  readonly onOpen: (isOpen: boolean) => void
  readonly children: ReactNode
}

/** A button, and the panel that it brings in from the left; swiped, clicked or escaped away. */
export function SideDrawer({ title, isOpen, onOpen, children }: SideDrawerProps) {
  return (
    <Drawer.Root open={isOpen} onOpenChange={onOpen} swipeDirection="left">
      <Drawer.Trigger className={iconButtonClass} aria-label={title} title={title}>
        <PanelLeft aria-hidden="true" className="size-5" />
      </Drawer.Trigger>
      <Drawer.Portal>
        <Drawer.Backdrop className="fixed inset-0 z-40 bg-black/45 opacity-[calc(1-var(--drawer-swipe-progress))] transition-opacity duration-300 data-ending-style:opacity-0 data-starting-style:opacity-0 data-swiping:duration-0" />
        <Drawer.Viewport className="fixed inset-0 z-50 flex">
          <Drawer.Popup className="flex h-full w-[min(20rem,86vw)] translate-x-(--drawer-swipe-movement-x) flex-col bg-sunken text-ink shadow-float outline-none transition-transform duration-300 ease-[cubic-bezier(0.32,0.72,0,1)] data-ending-style:-translate-x-full data-starting-style:-translate-x-full data-swiping:duration-0 data-swiping:select-none">
            <Drawer.Content className="flex min-h-0 flex-1 flex-col">
              <Drawer.Title className="sr-only">{title}</Drawer.Title>
              {children}
            </Drawer.Content>
          </Drawer.Popup>
        </Drawer.Viewport>
      </Drawer.Portal>
    </Drawer.Root>
  )
}
