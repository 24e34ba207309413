import assert from 'node:assert/strict';
import {mkdir, readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import type {TestContext} from 'node:test';
import type {RunEvent} from '../../source/engine/events.js';
import {takeKit} from '../../source/kit/archive.js';
import type {KitRequest} from '../../source/kit/request.js';
import {scratch} from '../kit/kit-folder.js';
import type {Server} from '../lab/lab.js';
import {startMirror} from '../lab/mirror.js';
import {waitForProcess} from './observe.js';

/** What a build calls the kit for a server of the lab. */
export const kitName = 'omflow-kit-omflow-lab-1.2.0.0.tar.zst';

/** Builds, with the power cut while pip works; returns the kit as the host sees it. */
export async function buildWithPowerCut(builder: Server): Promise<string> {
	const words = ['--patch', '/root/patches', '--sign', '/root/key', '--yes', '--json'];
	const first = builder.exec(['sh', '-c', 'cd /root && exec omflow-tui kit build request.json "$@"', 'sh', ...words], {
		timeout: 300_000,
	});
	await waitForProcess(builder, /pip install .*--dry-run/, 300_000);
	const archives = '/var/lib/omflow-tui/kit/cache/debs';
	const fetched = await timesIn(builder.path(archives));
	assert.ok(Object.keys(fetched).length > 50, 'packages were fetched before');
	await builder.powerCut();
	await first.catch(() => {});
	await builder.boot();
	const go = ['sh', '-c', 'cd /root && exec omflow-tui kit build --yes --json'];
	const {stdout, stderr, exitCode} = await builder.exec(go, {timeout: 300_000});
	assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
	const commands = events(stdout).flatMap(event => (event.event === 'command' ? [event.command] : []));
	assert.ok(
		commands.some(command => command.includes('pip wheel')),
		'the build went on with pip',
	);
	assert.deepEqual(
		commands.filter(command => command.startsWith('apt-get')),
		[],
		'no package is fetched again',
	);
	assert.deepEqual(await timesIn(builder.path(archives)), fetched);
	return builder.path(`/root/${kitName}`);
}

/**
Once more, from a company's own mirror and index, with a password and an authority that nobody else knows. The request
is cut down: what is compiled and how long it takes does not depend on where packages come from. `whole` is the first
kit as a folder.
*/
export async function buildsFromMirror(t: TestContext, builder: Server, whole: string): Promise<void> {
	const directory = await scratch(t);
	const request = JSON.parse(await builder.readFile('/root/request.json')) as KitRequest;
	const small: KitRequest = {
		...request,
		aptPackages: ['python3.11-venv', 'rsync'],
		requirements: request.requirements.filter(({line}) => /^(?:django|sqlparse)\b/i.test(line)),
	};
	const address = (builder.address ?? '').replace(/\.\d+$/, '.1');
	const mirror = await startMirror({
		directory,
		debs: builder.path('/var/lib/omflow-tui/kit/cache/debs'),
		wheels: path.join(whole, 'wheels'),
		user: 'ops',
		password: 'geheim-9',
		address,
	});
	t.after(() => mirror.stop());
	const put = async (name: string, input: string) =>
		builder.must(['sh', '-c', 'cat > "$1"', 'sh', `/root/${name}`], {input});
	await put('small.json', JSON.stringify(small));
	await put('mirror.list', `deb [trusted=yes] ${mirror.url}/apt/ ./\n`);
	await put('netrc', `machine ${address} login ops password geheim-9\n`);
	await put('ca.pem', await readFile(mirror.ca, 'utf8'));
	const words = [
		'--sources',
		'mirror.list',
		'--index',
		`${mirror.url}/simple/`,
		'--credentials',
		'netrc',
		'--ca',
		'ca.pem',
	];
	const argv = [
		'sh',
		'-c',
		'cd /root && exec omflow-tui kit build small.json --output own.tar.gz --yes --json "$@"',
		'sh',
	];
	const {exitCode, stderr, stdout} = await builder.exec([...argv, ...words], {timeout: 300_000});
	assert.equal(exitCode, 0, `${stdout.slice(-3000)}\n${stderr}`);
	const got = (kind: RegExp) =>
		mirror.requests.filter(each => each.authorized && each.status === 200 && kind.test(each.path));
	assert.ok(got(/^\/apt\/Packages/).length > 0, 'the lists came from the mirror');
	assert.ok(got(/^\/files\/django-.*\.whl$/i).length > 0, 'the wheels came from the index');
	assert.doesNotMatch(stdout, /geheim-9/);
	const logs = await builder.must([
		'sh',
		'-c',
		'cat /var/lib/omflow-tui/kit/state/runs/*/logs/* /var/lib/omflow-tui/kit/state/runs/*/*json',
	]);
	assert.doesNotMatch(logs, /geheim-9/);
	const {stdout: left} = await builder.exec(['grep', '-rl', 'geheim-9', '/var/lib/omflow-tui/kit']);
	assert.equal(left, '', 'the password is in no file of the build');
	const own = path.join(directory, 'own');
	await mkdir(own, {mode: 0o700});
	const {files} = await takeKit(builder.path('/root/own.tar.gz'), own);
	assert.doesNotMatch(JSON.stringify(files), /geheim-9/);
	assert.ok(
		files.filter(({path: name}) => name.startsWith('wheels/')).every(({origin}) => origin.startsWith(mirror.url)),
		'every wheel names the index as its origin',
	);
}

async function timesIn(folder: string): Promise<Record<string, number>> {
	const names = (await readdir(folder)).filter(name => name.endsWith('.deb')).sort();
	return Object.fromEntries(
		await Promise.all(names.map(async name => [name, (await stat(path.join(folder, name))).mtimeMs])),
	);
}

/** What was printed with `--json`. */
export function events(text: string): RunEvent[] {
	return text
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as RunEvent);
}
