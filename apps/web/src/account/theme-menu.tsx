import { Menu } from '@base-ui/react/menu'
import { Check, Monitor, Moon, Sun } from 'lucide-react'
import { iconButtonClass } from '../ui/button.tsx'
import { menuItemClass, menuPopupClass } from '../ui/menu.ts'
import { type Theme, toTheme, useTheme } from './theme.ts'

const CHOICES: readonly { readonly theme: Theme; readonly name: string; readonly Icon: typeof Sun }[] = [
  { theme: 'system', name: 'As the system', Icon: Monitor },
  { theme: 'light', name: 'Light', Icon: Sun },
  { theme: 'dark', name: 'Dark', Icon: Moon },
]

/** Chooses between light and dark. */
export function ThemeMenu() {
  const [theme, choose] = useTheme()
  const { Icon } = CHOICES.find((choice) => choice.theme === theme) ?? { Icon: Monitor }
  return (
    <Menu.Root>
      <Menu.Trigger className={iconButtonClass} aria-label="Colours" title="Colours">
        <Icon aria-hidden="true" className="size-5" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} className="z-50">
          <Menu.Popup className={menuPopupClass}>
            <Menu.RadioGroup value={theme} onValueChange={(value) => choose(toTheme(value))}>
              {CHOICES.map(({ theme: value, name, Icon: ItemIcon }) => (
                <Menu.RadioItem key={value} value={value} closeOnClick className={menuItemClass}>
                  <ItemIcon aria-hidden="true" className="size-4 text-soft" />
                  <span className="flex-1">{name}</span>
                  <Menu.RadioItemIndicator>
                    <Check aria-hidden="true" className="size-4 text-accent" />
                  </Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
