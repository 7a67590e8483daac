import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ROOT } from '../harness/paths.ts'
import { findProgram } from './programs.ts'
import { freePort, makeSandbox, untilReady } from './sandbox.ts'

/** nginx with the repository's own configuration, before two servers. */
export interface Nginx {
  readonly url: string
  /** Address (`host:port`) of the server that each request that is over went to, with all tries of it. */
  upstreams(): string[][]
  /** Ends it for good. */
  stop(): Promise<void>
}

/**
 * The path of the program.
 *
 * @throws {ProgramMissing} where nginx is not installed.
 */
export function findNginx(): string {
  return findProgram('nginx', ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'])
}

/** Starts nginx with `deploy/nginx.conf.template` before the two servers, given as `host:port`. */
export async function startNginx(nodes: readonly [string, string]): Promise<Nginx> {
  const program = findNginx()
  const sandbox = makeSandbox()
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const url = `http://${address}`
  const log = join(sandbox.folder, 'upstreams')
  const variables = { PARLEY_LISTEN: address, PARLEY_NODE_1: nodes[0], PARLEY_NODE_2: nodes[1] }
  writeFileSync(join(sandbox.folder, 'site.conf'), fillIn(variables))
  writeFileSync(join(sandbox.folder, 'nginx.conf'), around(sandbox.folder, log))
  try {
    const child = sandbox.run(program, ['-c', join(sandbox.folder, 'nginx.conf'), '-p', sandbox.folder])
    // Not by a request, which would be one for the servers.
    await untilReady(child, sandbox, () => accepts(port))
    return {
      url,
      upstreams: () =>
        readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.split(', ')),
      stop: () => sandbox.remove(),
    }
  } catch (error) {
    await sandbox.remove()
    throw error
  }
}

async function accepts(port: number): Promise<void> {
  const line = connect(port, '127.0.0.1')
  await once(line, 'connect').finally(() => line.destroy())
}

/** What the official image does to a template: variables that are set are put in, all else stays. */
function fillIn(variables: Readonly<Record<string, string>>): string {
  const template = readFileSync(join(ROOT, 'deploy', 'nginx.conf.template'), 'utf8')
  return template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole)
}

/** The part around the site, in place of the image's own: nothing of it lies outside the sandbox. */
function around(folder: string, log: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off;
    # Two, so that what one worker learns of a server has to reach the other.
    worker_processes 2;
    pid ${folder}/pid;
    error_log stderr;
    events { worker_connections 1024; }
    http {
      log_format upstreams '$upstream_addr';
      access_log ${log} upstreams;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      include ${folder}/site.conf;
    }`
}
