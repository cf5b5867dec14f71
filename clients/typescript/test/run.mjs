// Starts a server, runs the tests against it, and stops it:
//   node test/run.mjs COMMAND [ARGUMENT...]
// The command must print one line of JSON when it is ready, and exit when its standard input
// is closed, as internal/democlass/classroom does. If GRADUS_TEST_SCHOOL is set to that line,
// the tests use the server it describes.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [command, ...args] = process.argv.slice(2);
let server;
let school = process.env.GRADUS_TEST_SCHOOL;
if (!school) {
  if (!command) throw new Error('no server: run npm test -- COMMAND [ARGUMENT...]');
  server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface(server.stdout)) {
    if (!line.startsWith('{')) continue;
    school = line;
    break;
  }
  if (!school) throw new Error(`${command} exited before it was ready`);
  server.stdout.resume();
}

const built = new URL('.build/', import.meta.url).pathname;
const files = readdirSync(built).filter((file) => file.endsWith('.test.js'));
const tests = spawn(process.execPath, ['--test', '--test-reporter=spec', ...files.map((file) => built + file)], {
  stdio: 'inherit',
  env: { ...process.env, GRADUS_TEST_SCHOOL: school },
});
tests.on('exit', (code) => {
  process.exitCode = code ?? 1;
  server?.stdin.end();
});
