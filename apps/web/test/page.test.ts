import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { accountPath, cameFrom } from '../src/account/account-path.ts'
import { readPath } from '../src/app/read-path.ts'
import { sessionPath } from '../src/chat/paths.ts'
import { withSessions } from '../src/chat/sessions.ts'
import { session } from './stage.ts'

describe('addresses', () => {
  it.each(['wren', 'a/b', 'a%40b', '100%', 'é?#&', 'wren@1'])('lead back to the persona %s', (id) => {
    expect(readPath(sessionPath(id, id))).toEqual({ at: 'chat', personaId: id, sessionId: id })
  })

  it('are known for the first screen and unknown for everything else', () => {
    expect(readPath('/')).toEqual({ at: 'home' })
    expect(readPath('/account')).toEqual({ at: 'account' })
    expect(readPath('/account/else')).toBeNull()
    expect(readPath('/chat')).toBeNull()
    expect(readPath('/else/where')).toBeNull()
    expect(readPath('/chat/a/b/c')).toBeNull()
  })
})

describe('the way to the account and back', () => {
  it.each(['/chat/wren/a%20b', '/chat/wren'])('leads back to %s', (path) => {
    expect(cameFrom(new URL(accountPath(path), 'http://localhost').search)).toBe(path)
  })

  it.each([
    '/',
    '/account',
    '//evil.example/chat/',
    'https://evil.example',
    '/chat/\\\\evil.example',
    'javascript:x',
  ])('leads home from %s', (from) => {
    expect(cameFrom(`?from=${encodeURIComponent(from)}`)).toBe('/')
  })
})

describe('the list of conversations', () => {
  const old = session({ id: 'old', updatedAt: '2026-01-01T10:00:00.000Z' })
  const recent = session({ id: 'recent', updatedAt: '2026-01-02T10:00:00.000Z' })

  it('has the newest first', () => {
    expect(withSessions([old], [recent]).map(({ id }) => id)).toEqual(['recent', 'old'])
  })

  it('[M3] does not go back to an older revision that arrives late', () => {
    const newer = { ...old, revision: 5, title: 'Newer' }
    expect(withSessions([newer], [{ ...old, revision: 4, title: 'Older' }])).toEqual([newer])
  })

  it('stays the same list when nothing new is heard', () => {
    const list = [recent, old]
    expect(withSessions(list, [{ ...old }])).toBe(list)
  })
})

describe('case i5: before the first frame', () => {
  const script = readFileSync(join(import.meta.dirname, '../public/theme.js'), 'utf8')
  const html = readFileSync(join(import.meta.dirname, '../index.html'), 'utf8')

  beforeEach(() => {
    localStorage.clear()
    delete document.documentElement.dataset.theme
  })

  it.each([
    ['dark', 'dark'],
    ['light', 'light'],
    ['purple', undefined],
  ])('the remembered theme %s is in force', (stored, shown) => {
    localStorage.setItem('parley.theme', stored)
    new Function(script)()
    expect(document.documentElement.dataset.theme).toBe(shown)
  })

  it('the script blocks, stands before the style sheet, and nothing is inline', () => {
    expect(html).toMatch(/<script src="\/theme\.js"><\/script>[\s\S]*<link rel="stylesheet"/)
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/)
  })
})
