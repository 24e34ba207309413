// Makes dist/: the program, its compiled code, and the sample server's files beside it.
import {execFileSync} from 'node:child_process';
import {chmod, copyFile, cp, rm} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {bundle} from './bundle.js';

await rm('dist', {recursive: true, force: true});
// For tests only, and never shipped: the same program with its fault points.
await rm('dist-faults', {recursive: true, force: true});
await bundle('source/cli.ts', 'dist-faults/program.cjs', {faults: true});
await copyFile('scripts/loader.js', 'dist-faults/omflow-tui.mjs');
await cp('source/rehearsal/sample', 'dist-faults/sample', {recursive: true});
await bundle('source/cli.ts', 'dist/program.cjs');
await copyFile('scripts/loader.js', 'dist/omflow-tui.mjs');
await chmod('dist/omflow-tui.mjs', 0o755);
await cp('source/rehearsal/sample', 'dist/sample', {recursive: true});
execFileSync(process.execPath, [fileURLToPath(new URL('compile.js', import.meta.url)), 'dist'], {
	env: {LANG: 'C.UTF-8', TERM: 'xterm-256color'},
	stdio: 'pipe',
});
