// Runs the server with the seeded class during the check.
import { spawn, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = new URL('../..', import.meta.url).pathname

/** Starts a classroom. It exits when its standard input closes, also if we crash. */
export async function startServer() {
  const dir = mkdtempSync(join(tmpdir(), 'gradus-docs-'))
  const binary = join(dir, 'classroom')
  execFileSync('go', ['build', '-o', binary, './internal/democlass/classroom'], { cwd: root, stdio: 'inherit' })
  const child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const facts = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)))),
    exited.then((code) => { throw new Error(`the server exited with ${code} before it was ready`) }),
  ])
  return {
    ...facts,
    async stop() {
      child.stdin.end()
      await exited
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
