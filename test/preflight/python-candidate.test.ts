import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseOffers} from '../../source/host/apt-output.js';
import {pythonCandidate} from '../../source/preflight/python-candidate.js';
import {recorded} from '../host/support.js';
import {aptHost, type Installed, subjectOf} from './support.js';

const python = ['python3.11', 'python3.11-dev', 'python3.11-venv'];
const offers = (version: string) => python.map(name => [name, version] as const);
const deadsnakes = 'deb http://ppa.launchpadcontent.net/deadsnakes/ppa/ubuntu jammy main';
const ubuntu = (version: string, codename = '') => ({id: 'ubuntu', version, codename});
const debian = (version: string, codename = '') => ({id: 'debian', version, codename});
const other = [['hello', '1']] as const;

type Case = {
	offers?: ReadonlyArray<readonly [string, string]>;
	installed?: readonly Installed[];
	lines?: readonly string[];
	distribution: {id: string; version: string; codename: string};
	/** Severity, id, and what the sentence and the remedy say. */
	found: ReadonlyArray<readonly [severity: string, id: string, says?: RegExp]>;
};

for (const [name, {distribution, found, ...host}] of [
	[
		'to be had',
		{
			offers: offers('3.11.2-6'),
			distribution: debian('12'),
			found: [['info', 'python-candidate', /to be had from apt, 3\.11\.2-6\./]],
		},
	],
	[
		'installed, with nothing to be had',
		{
			installed: offers('3.11.2-6'),
			distribution: debian('12'),
			found: [['info', 'python-candidate', /is installed, 3\.11\.2-6\./]],
		},
	],
	[
		'a release candidate is offered',
		{
			offers: offers('3.11.0~rc1-1~22.04'),
			distribution: ubuntu('22.04'),
			found: [['warning', 'python-release-candidate', /ppa:deadsnakes\/ppa && apt-get update”\.$/]],
		},
	],
	[
		'a release candidate is installed, the final one offered',
		{
			installed: offers('3.11.0~rc1-1~22.04'),
			offers: offers('3.11.9-1+jammy1'),
			distribution: ubuntu('22.04'),
			found: [
				[
					'warning',
					'python-release-candidate',
					/“apt-get update && apt-get install --only-upgrade python3\.11 python3\.11-dev python3\.11-venv”/,
				],
			],
		},
	],
	[
		'a release candidate where no PPA has a final one',
		{
			offers: offers('3.11.0~b4-1'),
			distribution: ubuntu('20.04'),
			found: [['warning', 'python-release-candidate', /an offline kit or a mirror/]],
		},
	],
	[
		'the PPA is missing',
		{offers: other, distribution: ubuntu('22.04'), found: [['blocker', 'python-unavailable', /add-apt-repository/]]},
	],
	[
		'the PPA is configured and not fetched',
		{
			offers: other,
			lines: [deadsnakes],
			distribution: ubuntu('22.04'),
			found: [['blocker', 'python-unavailable', /is configured: fetch its list/]],
		},
	],
	[
		'a part is missing',
		{
			offers: offers('3.11.9').slice(0, 2),
			distribution: ubuntu('24.04'),
			found: [['blocker', 'python-unavailable', /has python3\.11-venv\./]],
		},
	],
	[
		'an ended Ubuntu',
		{
			offers: other,
			distribution: ubuntu('20.04'),
			found: [
				['blocker', 'python-unavailable', /no packages for Ubuntu 20\.04 any more: use an offline kit or a mirror/],
			],
		},
	],
	[
		'Debian 12 without main',
		{
			offers: other,
			distribution: debian('12', 'bookworm'),
			found: [['blocker', 'python-unavailable', /in main of Debian 12: .*“bookworm main”/]],
		},
	],
	[
		'Debian 11',
		{offers: other, distribution: debian('11'), found: [['blocker', 'python-unavailable', /upgrade the system/]]},
	],
	[
		'a distribution nobody knows',
		{
			offers: other,
			distribution: {id: 'devuan', version: '5', codename: ''},
			found: [['blocker', 'python-unavailable', /a mirror that has python3\.11 for devuan 5/]],
		},
	],
	[
		'no lists yet',
		{
			lines: ['deb http://packages.invalid/debian bookworm main'],
			distribution: debian('12'),
			found: [['warning', 'python-unknown', /cannot be told .*“apt-get update”/]],
		},
	],
	[
		'a PPA on Debian',
		{
			offers: offers('3.11.2-6'),
			lines: [deadsnakes],
			distribution: debian('12'),
			found: [
				['info', 'python-candidate'],
				['warning', 'ppa-on-debian', /do not fit Debian/],
			],
		},
	],
] satisfies ReadonlyArray<readonly [string, Case]>) {
	test(`Python from apt: ${name}`, async t => {
		const {runner} = await aptHost(t, host);
		const findings = await pythonCandidate(subjectOf(runner, {distribution}));
		assert.deepEqual(
			findings.map(({severity, id}) => [severity, id]),
			found.map(([severity, id]) => [severity, id]),
		);
		for (const [index, [, , says]] of found.entries()) {
			const {sentence, remedy} = findings[index] ?? {};
			assert.match(`${sentence} ${remedy}`, says ?? /./);
		}
	});
}

test('Python from apt: the evidence names version and source', async t => {
	const {runner, directory} = await aptHost(t, {offers: offers('3.11.2-6')});
	const [finding] = await pythonCandidate(subjectOf(runner));
	assert.match(finding?.evidence ?? '', new RegExp(`^python3\\.11: 3\\.11\\.2-6 from file:${directory}/repository `));
});

test('Python from apt: nothing is asked when no hop needs another Python, and no apt is a finding', async () => {
	const asked: string[] = [];
	const runner = {
		run: async () => 0,
		async capture(argv: readonly string[]): Promise<never> {
			asked.push(argv[0] ?? '');
			throw new Error(`${argv[0]} could not be started`);
		},
	};
	const hops = [{from: '1.2.0.0', to: '1.2.0.1'}];
	assert.deepEqual(await pythonCandidate(subjectOf(runner, {hops})), []);
	assert.deepEqual(asked, []);
	const [finding] = await pythonCandidate(subjectOf(runner));
	assert.equal(finding?.id, 'python-unavailable');
	assert.match(finding?.sentence ?? '', /cannot be told/);
});

test('the version table of a recorded policy', async () => {
	const offers = parseOffers(await recorded('apt-policy.txt'));
	assert.deepEqual(offers.get('python3-pip'), [
		{
			version: '23.0.1+dfsg-1',
			sources: ['http://packages.example.org/debian bookworm/main amd64 Packages', '/var/lib/dpkg/status'],
		},
	]);
	assert.deepEqual(
		offers.get('python3.11')?.map(({version, sources}) => [version, sources.length]),
		[
			['3.11.2-6+deb12u9', 1],
			['3.11.2-6+deb12u8', 1],
			['3.11.2-6+deb12u6', 1],
		],
	);
	assert.deepEqual(offers.get('python3.8'), []);
	const phased = parseOffers('a:\n  Version table:\n     2.0 500 (phased 10%)\n       1001 http://x y Packages\n');
	assert.deepEqual(phased.get('a'), [{version: '2.0', sources: ['http://x y Packages']}]);
});
