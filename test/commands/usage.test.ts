import assert from 'node:assert/strict';
import {chmod, copyFile, cp, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {program} from '../rehearsal/program.js';
import {type Ended, lastEvent, needsRoot, run} from './program.js';

/** A place for a state directory that is not there yet. */
async function nowhere(t: TestContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'omflow-tui-usage-'));
	t.after(() => rm(folder, {recursive: true, force: true}));
	return join(folder, 'state');
}

/** One sentence or two on the error output, nothing else anywhere. */
function assertRefused(ended: Ended, status: number, said: RegExp | string): void {
	assert.equal(ended.status, status, ended.stderr);
	assert.ok(said instanceof RegExp ? said.test(ended.stderr) : ended.stderr.includes(said), ended.stderr);
	assert.doesNotMatch(ended.stderr, /^ {4}at |node:internal|Error:/m);
	assert.equal(ended.stdout, '');
}

suite('a command line that cannot be understood ends with 2 and changes nothing', () => {
	const cases: ReadonlyArray<readonly [line: string, said: string]> = [
		['--frob', 'There is no option --frob.'],
		['-x', 'There is no option -x.'],
		['frob', 'There is no command “frob”.'],
		['constructor', 'There is no command “constructor”.'],
		['frob extra', 'There is no command “frob”.'],
		['status extra', '“extra” is one word too many.'],
		['upgrade omflow_patch_1_2_0_0.tar.gz', 'An archive is given with --patch omflow_patch_1_2_0_0.tar.gz'],
		['upgrade --patch', '--patch wants a value after it.'],
		['upgrade --patch --yes', '--patch wants a value after it.'],
		['--yes=1', '--yes takes no value.'],
		['rehearse --sample --shape D', '--shape is one of A, B, C, hops, collector, both, postgresql, mariadb, not “D”.'],
		['rehearse --shape A', '--shape is about the sample server. Give --sample too.'],
		['upgrade --confirm-timeout 0', '--confirm-timeout wants whole minutes from 1 to 10080, not “0”.'],
		['upgrade --confirm-timeout soon', 'not “soon”.'],
		['check --confirm-timeout 5', '--confirm-timeout belongs to the commands upgrade and rehearse.'],
		['rollback now', '“now” is one word too many.'],
		['upgrade --sample', '--sample belongs to the command rehearse.'],
		['upgrade --patch x.tar.gz --sha256 abc', '--sha256 wants the 64 hexadecimal digits that sha256sum prints.'],
		[`upgrade --sha256 ${'a'.repeat(64)}`, '--sha256 belongs to one archive.'],
		['rehearse --sample --base /opt', '--sample is always built in /opt/omflow. Leave out --base.'],
		['rehearse --sample --patch x.tar.gz', '--sample brings its own patch. Leave out --patch, or --sample.'],
		['kit', 'What about the kit? One of: kit request, kit build REQUEST, kit check KIT, kit freeze.'],
		['kit frob', 'There is no command “kit frob”. It is one of: request, build, check, freeze.'],
		['kit request extra', '“extra” is one word too many.'],
		['kit check', 'Which kit? Name it: omflow-tui kit check KIT'],
		['kit check a.tar.zst --wheels x', 'Which kit? Name it: omflow-tui kit check KIT'],
		['kit check a.tar.zst --sign key', '--sign belongs to kit build.'],
		['upgrade --output x', '--output belongs to kit request, kit build, kit freeze.'],
		['restore --kit x', '--kit belongs to upgrade, rehearse, check.'],
		['upgrade --kit x --debs y', 'A kit has all its packages. Leave out --debs and --wheels, or --kit.'],
		['rehearse --sample --kit x', '--sample builds a server of its own, which needs the network.'],
		['kit build', 'Which request? Name the file that “omflow-tui kit request” wrote on the server.'],
		// The same with --json: what cannot be understood has no events.
		['upgrade --frob --json', 'There is no option --frob.'],
	];
	for (const [line, said] of cases) {
		test(line, async t => {
			const state = await nowhere(t);
			const ended = await run([...line.split(' '), `--state-dir=${state}`]);
			assertRefused(ended, 2, said);
			assert.match(ended.stderr, /See omflow-tui --help\.\n$/);
			assert.deepEqual(await readdir(dirname(state)), []);
		});
	}
});

suite('a request that lacks something ends with 2', {skip: needsRoot}, () => {
	const cases: ReadonlyArray<readonly [line: string, said: string]> = [
		['upgrade --yes', 'Which patch archive? Name it, or the folder with all of them: omflow-tui upgrade --patch FILE.'],
		['rehearse --yes', 'Give --patch FILE, or --sample for a small server to try everything on.'],
		['rehearse --sample --to soon', 'A version looks like 1.2.0.0, and “soon” does not.'],
		['', 'There is no terminal to ask on. Say what to do: see omflow-tui --help.'],
	];
	for (const [line, said] of cases) {
		test(line || 'no command, and no terminal', async t => {
			const words = line.split(' ').filter(Boolean);
			assertRefused(await run([...words, '--state-dir', await nowhere(t)]), 2, said);
		});
	}
});

test('a version without a way ends with 3, before a view is opened', {skip: needsRoot}, async t => {
	const state = await nowhere(t);
	const ended = await run(['rehearse', '--sample', '--yes', '--json', '--to', '1.9.0.0', '--state-dir', state]);
	assert.equal(ended.status, 3);
	assert.match(ended.stderr, /^omflow-tui: There is no patch archive for 1\.2\.1\.0 and 1\.9\.0\.0 on the way/);
	const {outcome, message} = lastEvent(ended);
	assert.deepEqual([outcome, ended.stderr], ['blocked', `omflow-tui: ${message}\n`]);
	assert.deepEqual(await readdir(join(state, 'rehearsal')).catch(() => []), []);
});

test('a state directory that cannot be had ends with 3', {skip: needsRoot}, async () => {
	for (const command of ['upgrade', 'rehearse']) {
		const ended = await run([command, '--state-dir', '/proc/version/state']);
		assertRefused(ended, 3, 'Runs cannot be kept in /proc/version/state: a part of its path is a file.');
	}
});

test('who is not root is told so, and nothing is made', {skip: needsRoot}, async t => {
	// Nobody else may read the checkout of root.
	const folder = await mkdtemp(join(tmpdir(), 'omflow-tui-nobody-'));
	t.after(() => rm(folder, {recursive: true, force: true}));
	await chmod(folder, 0o755);
	await cp(dirname(program), join(folder, 'dist'), {recursive: true});
	await copyFile(process.execPath, join(folder, 'node'));
	const state = join(folder, 'state');
	const wrap = (argv: readonly string[]) => [
		...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', join(folder, 'node')],
		...[join(folder, 'dist/omflow-tui.mjs'), ...argv.slice(2)],
	];
	for (const line of ['upgrade --patch x.tar.gz', 'rehearse --sample --yes --json', 'status', '']) {
		const ended = await run([...line.split(' ').filter(Boolean), '--state-dir', state], {wrap});
		assertRefused(ended, 2, /^omflow-tui: This needs root: .*\. Run it with sudo\.\n$/);
	}

	assert.deepEqual((await readdir(folder)).sort(), ['dist', 'node']);
	assert.equal((await run(['--help'], {wrap})).status, 0);
});

test('what a request of somebody else has in it does not reach the terminal as a command', {
	skip: needsRoot,
}, async t => {
	const state = await nowhere(t);
	const folder = await mkdtemp(join(tmpdir(), 'omflow-tui-usage-'));
	t.after(() => rm(folder, {recursive: true, force: true}));
	const request = join(folder, 'request.json');
	await writeFile(request, '\u001B]0;pwned\u0007\u001Bc{');
	const ended = await run(['kit', 'build', request, '--yes', '--state-dir', state]);
	assert.notEqual(ended.status, 0);
	assert.ok(ended.stderr.includes('request.json'), ended.stderr);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
	assert.doesNotMatch(ended.stderr, /[\u001B\u0007]/);
});
