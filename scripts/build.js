// Makes dist/: the program, its compiled code, and beside it the sample server's files and the translations.
import {execFileSync} from 'node:child_process';
import {chmod, copyFile, cp, rm} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {bundle} from './bundle.js';

await rm('dist', {recursive: true, force: true});
// For tests only, and never shipped: the same program with its fault points.
await rm('dist-faults', {recursive: true, force: true});
await bundle('source/cli.ts', 'dist-faults/program.cjs', {faults: true});
await copyFile('scripts/loader.js', 'dist-faults/omflow-tui.mjs');
await companions('dist-faults');
await bundle('source/cli.ts', 'dist/program.cjs');
await copyFile('scripts/loader.js', 'dist/omflow-tui.mjs');
await chmod('dist/omflow-tui.mjs', 0o755);
await companions('dist');
execFileSync(process.execPath, [fileURLToPath(new URL('compile.js', import.meta.url)), 'dist'], {
	env: {LANG: 'C.UTF-8', TERM: 'xterm-256color'},
	stdio: 'pipe',
});

async function companions(folder) {
	await cp('source/rehearsal/sample', `${folder}/sample`, {recursive: true});
	for (const language of ['ja', 'zh-Hant']) {
		await copyFile(`source/locales/${language}.json`, `${folder}/${language}.json`);
	}
}
