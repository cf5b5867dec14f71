// The whole server with the seeded class, for as long as the check runs.
import { spawn, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = new URL('../..', import.meta.url).pathname

/** Starts a classroom. It ends when its standard input does, so also when we crash. */
export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-docs-'))
  const program = join(folder, 'classroom')
  execFileSync('go', ['build', '-o', program, './internal/democlass/classroom'], { cwd: root, stdio: 'inherit' })
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const facts = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)))),
    ended.then((code) => { throw new Error(`the server ended with ${code} before it was ready`) }),
  ])
  return {
    ...facts,
    async stop() {
      child.stdin.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
