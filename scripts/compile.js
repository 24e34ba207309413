/*
Keeps the compiled code of a built program beside it, as far as a console that attaches to a run needs it: shows
one on a terminal that is only played, to a run that is only told of. Argument: the folder of the program.
*/
import {once} from 'node:events';
import {rmSync, writeFileSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {PassThrough} from 'node:stream';

const folder = resolve(process.argv[2]);
const title = 'Wait for a console';
const step = {
	id: 'wait',
	title,
	phase: 'prepare',
	status: 'running',
	startedAt: Date.now(),
	tail: ['one line'],
	findings: [],
};
const state = {
	id: '20260101-000000',
	kind: 'upgrade',
	host: 'here',
	from: '1.1.6.3',
	to: '1.2.0.0',
	startedAt: Date.now(),
	status: 'running',
	steps: [step, {...step, id: 'later', title: 'Later', status: 'pending', documented: '1', phase: 'window'}],
	outageMilliseconds: 0,
	undo: ['Remove what was made.'],
	logs: '',
};

const place = await mkdtemp(join(tmpdir(), 'omflow-tui-compile-'));
process.on('exit', () => rmSync(place, {recursive: true, force: true}));
const worker = createServer(socket => {
	socket.on('error', () => {});
	socket.write(`${JSON.stringify({type: 'snapshot', state, driving: true})}\n`);
});
worker.listen(join(place, 'worker.sock'));
await once(worker, 'listening');

const input = Object.assign(new PassThrough(), {isTTY: true, setRawMode() {}, ref() {}, unref() {}});
const output = Object.assign(new PassThrough(), {isTTY: true, columns: 80, rows: 24});
for (const [name, value] of Object.entries({stdin: input, stdout: output, geteuid: () => 0})) {
	Object.defineProperty(process, name, {value, configurable: true});
}

setTimeout(() => {
	process.stderr.write('The console did not show the run within 20 s; nothing was compiled.\n');
	process.exit(1);
}, 20_000);
process.argv = [process.execPath, join(folder, 'omflow-tui.mjs'), 'upgrade', '--state-dir', place];
const {script} = await import(join(folder, 'omflow-tui.mjs'));
let shown = '';
for await (const chunk of output) {
	shown += chunk;
	if (shown.includes(title)) {
		break;
	}
}

writeFileSync(join(folder, `program-${process.version}-${process.arch}.cache`), script.createCachedData());
process.exit(0);
