import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {mayUpdate, versions} from '../../fuzz/version.js';
import {numbersOf} from '../../source/omflow/numbering.js';
import type {Release} from '../../source/omflow/releases.js';
import {describeRoute, findRoute, type Hop, type Route} from '../../source/omflow/route.js';
import {parseVersion, warnUpdate} from '../../source/omflow/version.js';

const archive = (version: string, after = '') => ({
	version,
	file: `/root/omflow_patch_${version.replaceAll('.', '_')}${after}.tar.gz`,
});

function route(from: string, to: string, atHand: readonly string[], via: readonly string[] = []): Route {
	return findRoute({
		from: parseVersion(from),
		to: parseVersion(to),
		archives: atHand.map(version => archive(version)),
		via,
	});
}

/** `1.1.6.3 1.2.0.0?`: what is passed, with a question mark where the archive is missing. */
function shown(hops: readonly Hop[]): string {
	return hops.map(hop => hop.to + (hop.archive ? '' : '?')).join(' ');
}

type Row = readonly [
	from: string,
	to: string,
	archives: string,
	expected: string,
	more?: {readonly via?: readonly string[]; readonly safer?: string},
];

const rows: readonly Row[] = [
	['1.1.6.1', '1.2.0.0', '1.1.6.3 1.2.0.0', '1.2.0.0', {safer: '1.1.6.3 1.2.0.0'}],
	['1.1.6.1', '1.2.0.0', '1.2.0.0', '1.2.0.0', {safer: '1.1.6.3? 1.2.0.0'}],
	['1.1.6.1', '1.2.0.0', '1.1.6.3', '1.2.0.0?', {safer: '1.1.6.3 1.2.0.0?'}],
	['1.1.6.1', '1.2.0.0', '1.1.6.3 1.2.0.0', '1.1.6.3 1.2.0.0', {via: ['1.1.6.3']}],
	['1.1.6.1', '1.2.0.0', '', '1.1.6.2? 1.2.0.0?', {via: ['1.1.6.2'], safer: '1.1.6.2? 1.1.6.3? 1.2.0.0?'}],
	['1.1.6.3', '1.2.0.0', '1.2.0.0', '1.2.0.0'],
	['1.1.6.3fix3', '1.2.0.0', '1.2.0.0', '1.2.0.0'],
	['1.1.6.1', '1.1.6.3', '1.1.6.2 1.1.6.3', '1.1.6.3'],
	['1.1.6.1', '1.2.0.1', '1.2.0.0 1.2.0.1', '1.2.0.0 1.2.0.1', {safer: '1.1.6.3? 1.2.0.0 1.2.0.1'}],
	['1.1.6.1', '1.2.0.1', '1.2.0.1', '1.2.0.0? 1.2.0.1', {safer: '1.1.6.3? 1.2.0.0? 1.2.0.1'}],
	[
		'1.1.2.0',
		'1.2.0.0',
		'1.1.4.0 1.1.6.0 1.2.0.0',
		'1.1.4.0 1.1.6.0 1.2.0.0',
		{safer: '1.1.4.0 1.1.6.0 1.1.6.3? 1.2.0.0'},
	],
	['1.1.2.0', '1.2.0.0', '1.2.0.0', '1.1.4.0? 1.1.6.0? 1.2.0.0', {safer: '1.1.4.0? 1.1.6.0? 1.1.6.3? 1.2.0.0'}],
	['1.1.6.3', '1.2.1.0', '1.2.0.0 1.2.0.1 1.2.1.0', '1.2.0.0 1.2.1.0'],
	['1.1.6.3', '1.2.1.0', '1.2.0.0 1.2.0.1 1.2.1.0', '1.2.0.0 1.2.0.1 1.2.1.0', {via: ['1.2.0.0', '1.2.0.1']}],
	// A bugfix version implies its feature version, although no table and no folder has it.
	['1.1.6.3', '1.1.7.5', '1.1.7.5', '1.1.7.0? 1.1.7.5'],
	['1.1.6.3', '1.2.0.0', '1.2.0.0', '1.1.7.0? 1.1.7.5? 1.2.0.0', {via: ['1.1.7.5']}],
	// Over an unknown feature version it would be longer, and no safer.
	['1.1.6.4', '1.2.0.0', '1.1.7.0 1.2.0.0', '1.2.0.0'],
	['1.2.0.0', '1.2.0.0', '1.2.0.0', '1.2.0.0'],
	['1.1.6.3fix3', '1.1.6.3', '1.2.0.0', '1.1.6.3?'],
	// Both ends may be named.
	['1.1.6.3', '1.2.0.0', '1.2.0.0', '1.2.0.0', {via: ['1.1.6.3', '1.2.0.0']}],
];

for (const [from, to, atHand, expected, {via, safer} = {}] of rows) {
	const over = via ? ` over ${via.join(', ')}` : '';
	test(`${from} to ${to}${over} with ${atHand || 'nothing'}: ${expected}`, () => {
		const found = route(from, to, atHand.split(' ').filter(Boolean), via);
		assert.ok(found.allowed);
		assert.equal(shown(found.hops), expected);
		assert.equal(found.safer && shown(found.safer), safer);
		assert.equal(found.missing.join(' '), (expected.match(/[\d.]+(?=\?)/g) ?? []).join(' '));
		assert.equal(found.hops[0]?.from, from);
	});
}

for (const [from, to, via, reason, remedy] of [
	['1.2.0.0', '1.1.6.3', [], /1\.1\.6\.3 is older than the installed 1\.2\.0\.0/, /restore its backup/],
	['0.0.0.0', '1.2.0.0', [], /installed version is not known/, /version\.bin/],
	['1.1.6.3', '1.2.1.0', ['1.2.0.1', '1.2.0.0'], /cannot pass 1\.2\.0\.1 → 1\.2\.0\.0\./, /older ones first/],
	['1.1.6.3', '1.2.0.0', ['1.2.0.1'], /from 1\.1\.6\.3 to 1\.2\.0\.0 cannot pass 1\.2\.0\.1\./, /between the two/],
	['1.1.6.3', '1.2.0.0', ['1.1.6.1'], /cannot pass 1\.1\.6\.1\./, /between the two/],
	['1.2.0.0', '1.2.0.0', ['1.2.0.1'], /cannot pass 1\.2\.0\.1\./, /between the two/],
] as const) {
	test(`refuses ${from} to ${to}${via.length > 0 ? ` over ${via.join(', ')}` : ''}`, () => {
		const found = route(from, to, ['1.1.6.3', '1.2.0.0', '1.2.0.1'], via);
		assert.ok(!found.allowed);
		assert.match(found.reason, reason);
		assert.match(found.remedy, remedy);
		assert.deepEqual(describeRoute(found), [found.reason, found.remedy]);
	});
}

test('what is no version is said', () => {
	assert.throws(() => route('1.1.6.3', '1.2.0.0', [], ['1.2']), /"1\.2" is not an OMFLOW version/);
});

/** The patch for 1.3.0.0 is published for 1.2.1.2 alone, and that one for the newest two of three before it. */
const ranges: readonly Release[] = [
	{version: '1.2.1.0'},
	{version: '1.2.1.2', appliesTo: {oldest: '1.2.1.0', newest: '1.2.1.1'}},
	{version: '1.3.0.0', appliesTo: {oldest: '1.2.1.2', newest: '1.2.1.2'}},
];

for (const [from, atHand, expected] of [
	// Shorter before longer.
	['1.2.1.0', '1.2.1.1 1.2.1.2 1.3.0.0', '1.2.1.2 1.3.0.0'],
	['1.2.0.9', '1.2.1.0 1.2.1.1 1.2.1.2 1.3.0.0', '1.2.1.0 1.2.1.2 1.3.0.0'],
	// Without warning, although an archive is missing.
	['1.2.1.0', '1.2.1.1 1.3.0.0', '1.2.1.2? 1.3.0.0'],
	// Nothing known leads around the range.
	['1.2.1.3', '1.2.1.4 1.3.0.0', undefined],
] as const) {
	test(`the safer way from ${from} to 1.3.0.0 with ${atHand}: ${expected ?? 'none'}`, () => {
		const archives = atHand.split(' ').map(version => archive(version));
		const found = findRoute({from: parseVersion(from), to: parseVersion('1.3.0.0'), archives, releases: ranges});
		assert.ok(found.allowed);
		assert.equal(found.safer && shown(found.safer), expected);
	});
}

test('of equally safe and long ways that with more archives wins, then that over newer versions', () => {
	const table = [{version: '1.3.0.0', appliesTo: {oldest: '1.2.1.2', newest: '1.2.1.4'}}, {version: '1.2.1.2'}];
	const find = (...versions: string[]) => {
		const archives = versions.map(version => archive(version));
		const [from, to] = [parseVersion('1.2.1.0'), parseVersion('1.3.0.0')];
		const found = findRoute({from, to, archives, releases: [...table, {version: '1.2.1.4'}]});
		return found.allowed && found.safer && shown(found.safer);
	};
	assert.equal(find('1.2.1.2', '1.2.1.3', '1.3.0.0'), '1.2.1.3 1.3.0.0');
	assert.equal(find('1.2.1.2', '1.2.1.4', '1.3.0.0'), '1.2.1.4 1.3.0.0');
	assert.equal(find('1.3.0.0'), '1.2.1.4? 1.3.0.0');
});

test('of several archives for a version that which is named last is taken', () => {
	const files = [
		'/tmp/omflow_patch_1_2_0_0_upgrade9.tar.gz',
		'/tmp/omflow_patch_1_2_0_0_upgrade10.tar.gz',
		'/root/omflow_patch_1_2_0_0_upgrade10.tgz',
		'/z/omflow_patch_1_2_0_0.tar.gz',
	];
	for (const order of [files, files.toReversed()]) {
		const found = findRoute({
			from: parseVersion('1.1.6.3'),
			to: parseVersion('1.2.0.0'),
			archives: order.map(file => ({version: '1.2.0.0', file})),
		});
		assert.equal(found.allowed && found.hops[0]?.archive, '/tmp/omflow_patch_1_2_0_0_upgrade10.tar.gz');
	}
});

test('a route is told one line a hop', () => {
	assert.deepEqual(describeRoute(route('1.1.6.1', '1.2.0.1', ['1.1.6.3', '1.2.0.0'], ['1.1.6.3'])), [
		'1.1.6.1 → 1.1.6.3  omflow_patch_1_1_6_3.tar.gz',
		'1.1.6.3 → 1.2.0.0  omflow_patch_1_2_0_0.tar.gz  changes Python to 3.11',
		'1.2.0.0 → 1.2.0.1  no archive found',
	]);
	assert.deepEqual(describeRoute(route('1.1.6.1fix3', '1.2.0.0', ['1.1.6.3'], ['1.1.6.3'])), [
		'1.1.6.1fix3 → 1.1.6.3  omflow_patch_1_1_6_3.tar.gz',
		'1.1.6.3 → 1.2.0.0      no archive found  changes Python to 3.11',
	]);
});

test('only the hop that changes Python says so', () => {
	const found = route('1.1.4.0', '1.2.1.0', ['1.1.6.0', '1.1.6.3', '1.2.0.0', '1.2.1.0']);
	assert.ok(found.allowed);
	assert.deepEqual(
		found.hops.filter(({needs}) => needs).map(({to, needs}) => [to, needs?.python]),
		[['1.2.0.0', '3.11']],
	);
});

/** Hops on the shortest way, tried out one length after the other; undefined when there is none. */
function shortestLength(from: readonly number[], to: readonly number[], over: readonly number[][]): number | undefined {
	let reached = [from];
	for (let length = 1; length <= over.length + 1; length++) {
		if (reached.some(place => mayUpdate(place, to))) {
			return length;
		}

		reached = over.filter(place => reached.some(before => before.join() !== place.join() && mayUpdate(before, place)));
	}

	return undefined;
}

test('property: with all archives of the way at hand it is as short as can be, and safer means fewer warnings', () => {
	fc.assert(
		fc.property(versions, versions, fc.array(versions, {maxLength: 10}), (from, to, others) => {
			fc.pre(others.length > 0);
			const places = [...others, to].map(({numbers}) => [...numbers]);
			const archives = [...others, to].map(version => archive(numbersOf(version)));
			const found = findRoute({from, to, archives});
			const length = shortestLength(from.numbers, to.numbers, places);
			if (!found.allowed) {
				assert.equal(length, undefined);
				return;
			}

			assert.equal(found.missing.length === 0, length !== undefined);
			assert.equal(found.hops.length, length ?? found.hops.length);
			const warnings = (hops: readonly Hop[]) =>
				hops.flatMap(hop => warnUpdate(parseVersion(hop.from), parseVersion(hop.to))).length;
			assert.ok(!found.safer || warnings(found.safer) < warnings(found.hops));
		}),
		{numRuns: 300},
	);
});

test('property: every hop is allowed, versions grow, and the way goes from one end to the other', () => {
	fc.assert(
		fc.property(versions, versions, fc.array(versions, {maxLength: 10}), (from, to, others) => {
			const found = findRoute({from, to, archives: others.map(version => archive(numbersOf(version)))});
			for (const hops of found.allowed ? [found.hops, found.safer ?? found.hops] : []) {
				assert.equal(hops[0]?.from, from.text);
				assert.equal(hops.at(-1)?.to, numbersOf(to));
				for (const [index, hop] of hops.entries()) {
					const [before, after] = [parseVersion(hop.from).numbers, parseVersion(hop.to).numbers];
					assert.ok(mayUpdate(before, after), `${hop.from} to ${hop.to}`);
					assert.ok(numbersOf(from) === numbersOf(to) || before.join() !== after.join());
					assert.equal(index === 0 || hops[index - 1]?.to === hop.from, true);
				}
			}
		}),
	);
});
