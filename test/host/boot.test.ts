import assert from 'node:assert/strict';
import {mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {type BootPlaces, type Hold, holdBack, holdsAnything, isHeldBack, release} from '../../source/host/boot.js';

const hold: Hold = {
	units: ['omflow_server', 'apache2'],
	command: ['/opt/a b/node', '/opt/100%/$HOME/"x"\\y', 'resume'],
	needs: ['/opt/omflow'],
	why: ['Made by a test.'],
};

async function places(t: TestContext): Promise<BootPlaces> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-boot-'));
	t.after(() => rm(directory, {recursive: true}));
	await mkdir(join(directory, 'units'));
	return {units: join(directory, 'units'), marker: join(directory, 'marker')};
}

/** What does not need systemd to be asked; that it does what it is told, test/ssh/power.test.ts sees. */
const runner = {
	async capture() {
		return {exitCode: 0, stdout: 'no\n', stderr: ''};
	},
};

test('units are held back until the hold is released, and what others put beside it stays', async t => {
	const where = await places(t);
	const {units, marker} = where;
	await mkdir(join(units, 'apache2.service.d'));
	await writeFile(join(units, 'apache2.service.d/limits.conf'), '[Service]\n');
	assert.deepEqual([await isHeldBack(hold, where), await holdsAnything(where)], [false, false]);

	for (const _ of ['once', 'again']) {
		await holdBack(hold, where);
		assert.deepEqual([await isHeldBack(hold, where), await holdsAnything(where)], [true, true]);
	}

	const dropIn = join(units, 'omflow_server.service.d/omflow-tui.conf');
	assert.equal(await readFile(dropIn, 'utf8'), `# Made by a test.\n[Unit]\nAssertPathExists=${marker}\n`);
	// systemd reads them, and so may everybody who looks why.
	assert.equal((await stat(dropIn)).mode & 0o777, 0o644);
	const unit = await readFile(join(units, 'omflow-tui-resume.service'), 'utf8');
	assert.match(unit, /^After=.* omflow_server\.service apache2\.service$/m);
	assert.ok(unit.includes(String.raw`ExecStart="/opt/a b/node" "/opt/100%%/$$HOME/\"x\"\\y" "resume"`), unit);
	const link = join(units, 'multi-user.target.wants/omflow-tui-resume.service');
	assert.equal(await readlink(link), '../omflow-tui-resume.service');

	// As after a boot.
	await rm(marker);
	assert.deepEqual([await isHeldBack(hold, where), await holdsAnything(where)], [false, true]);

	for (const _ of ['once', 'again']) {
		await release(runner, where);
		assert.equal(await holdsAnything(where), false);
	}

	assert.deepEqual((await readdir(units)).sort(), ['apache2.service.d', 'multi-user.target.wants']);
	assert.deepEqual(await readdir(join(units, 'apache2.service.d')), ['limits.conf']);
	assert.deepEqual(await readdir(join(units, 'multi-user.target.wants')), []);
	await assert.rejects(stat(marker));
});
