import assert from 'node:assert/strict';
import {mkdir, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {python3} from '../../source/preflight/python3.js';
import {workshop} from '../host/support.js';
import {subjectOf} from './support.js';

type Host = {
	/** What the link leads to; a file of that name is there when it is in `pythons`. */
	readonly target?: string;
	readonly pythons?: readonly string[];
	/** Whether the module of apt is found by the Python that the link leads to. */
	readonly finds?: boolean;
	readonly hasApt?: boolean;
	readonly own?: string;
};

/** A `/usr` with Pythons that know only whether they find apt_pkg. */
async function usr(t: TestContext, host: Host) {
	const {directory, runner} = await workshop(t);
	const link = join(directory, 'python3');
	for (const name of host.pythons ?? ['python3.8', 'python3.11']) {
		const answer = host.finds ? 'exit 0' : `echo "ModuleNotFoundError: No module named 'apt_pkg'" >&2; exit 1`;
		await writeFile(join(directory, name), `#!/bin/sh\n${answer}\n`, {mode: 0o755});
	}

	if (host.target) {
		await symlink(host.target, link);
	}

	const places = {
		link,
		defaults: join(directory, 'debian_defaults'),
		aptModule: join(directory, 'apt'),
		tools: ['add-apt-repository', 'netplan', 'own-python', 'missing'].map(name => join(directory, name)),
	};
	const own = host.own ?? 'python3.8';
	await writeFile(places.defaults, own && `[DEFAULT]\n# the default\ndefault-version = ${own}\n\nsupported = x\n`);
	await writeFile(join(directory, 'add-apt-repository'), '#!/usr/bin/python3\n');
	await writeFile(join(directory, 'netplan'), '#!/usr/bin/env python3\n');
	await writeFile(join(directory, 'own-python'), '#!/usr/bin/python3.8\n');
	if (host.hasApt ?? true) {
		await mkdir(places.aptModule);
	}

	return {findings: await python3(subjectOf(runner), places), link, directory};
}

for (const [name, host, sentence, evidence, remedy] of [
	['the own one', {target: 'python3.8', finds: true}, undefined],
	['no word about which is the own one', {target: 'python3.11', own: ''}, undefined],
	[
		'switched by hand, and tools are broken',
		{target: 'python3.11'},
		/^LINK is python3\.11 and not python3\.8, .*apt_pkg, so add-apt-repository, netplan cannot run\.$/,
		"ModuleNotFoundError: No module named 'apt_pkg'",
		/^Run “ln -sfn python3\.8 LINK”; do not use “update-alternatives --remove”/,
	],
	[
		'switched, and nothing is broken',
		{target: 'python3.11', finds: true},
		/^[^.]*LINK is python3\.11 and not python3\.8, which the distribution uses\.$/,
	],
	[
		'switched, without python3-apt',
		{target: 'python3.11', hasApt: false},
		/^LINK is python3\.11 and not python3\.8, which the distribution uses\.$/,
	],
	['a Python that is gone', {target: 'python3.9'}, /^LINK leads to python3\.9, which is not there\./],
	[
		'no link, and the own one is gone as well',
		{pythons: []},
		/^There is no LINK\./,
		undefined,
		/“apt-get install --reinstall python3\.8-minimal && ln -sfn python3\.8 LINK”/,
	],
] satisfies ReadonlyArray<readonly [string, Host, RegExp | undefined, (string | undefined)?, RegExp?]>) {
	test(`python3: ${name}`, async t => {
		const {findings, link} = await usr(t, host);
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			sentence ? [['warning', 'python3-switched']] : [],
		);
		if (sentence) {
			assert.match(findings[0]?.sentence.replaceAll(link, 'LINK') ?? '', sentence);
		}

		if (evidence) {
			assert.equal(findings[0]?.evidence, evidence);
		}

		assert.match(findings[0]?.remedy?.replaceAll(link, 'LINK') ?? '', remedy ?? /^/);
	});
}

test('python3: a file instead of a link', async t => {
	const {directory, runner} = await workshop(t);
	const link = join(directory, 'python3');
	await writeFile(link, '');
	const none = join(directory, 'none');
	const [finding] = await python3(subjectOf(runner), {link, defaults: none, aptModule: none, tools: []});
	assert.match(finding?.sentence ?? '', /is a file and not a link/);
	assert.match(finding?.remedy ?? '', /Put back the Python of the distribution/);
});

test('python3: a link of update-alternatives', async t => {
	const {directory, runner} = await workshop(t);
	const link = join(directory, 'python3');
	// Every Debian has this one; which program it leads to does not matter here.
	await symlink('/etc/alternatives/awk', link);
	const none = join(directory, 'none');
	const [finding] = await python3(subjectOf(runner), {link, defaults: none, aptModule: none, tools: []});
	assert.equal(finding?.id, 'python3-switched');
	assert.match(finding?.sentence ?? '', /was switched by update-alternatives/);
});
