import assert from 'node:assert/strict';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {findRoute} from '../source/omflow/route.js';
import {judgeUpdate, parseVersion, readVersion, type Version} from '../source/omflow/version.js';

/** More than any part of a version. */
const part = 1_000_000_000n;

/** Feature versions of the shipped table, as `weight` sees them. */
const features = ['1.1.0', '1.1.4', '1.1.6', '1.2.0', '1.2.1'].map(text => weight([...text.split('.').map(Number), 0]));

/**
The vendor's rule, said a second time and in another way: a version is one number, and its feature version is
that number with the last part cut off.
*/
export function mayUpdate(
	from: readonly number[],
	to: readonly number[],
	platform: 'linux' | 'windows' = 'linux',
): boolean {
	const [a, b] = [weight(from), weight(to)];
	if (a === 0n || b < a) {
		return false;
	}

	const [featureOfA, featureOfB] = [a - (a % part), b - (b % part)];
	if (featureOfA === featureOfB || (platform === 'windows' && a >= weight([1, 1, 4, 0]))) {
		return true;
	}

	return b === featureOfB && !features.some(feature => featureOfA < feature && feature < featureOfB);
}

function weight(numbers: readonly number[]): bigint {
	return numbers.reduce((sum, number) => sum * part + BigInt(number), 0n);
}

const large = fc.nat(999_999_999);

/** Numbers near those of real versions, so that all branches of the rule are met, and any others. */
export const numbers = fc.oneof(
	{weight: 6, arbitrary: fc.tuple(fc.constant(1), fc.nat(3), fc.nat(7), fc.nat(4))},
	{weight: 1, arbitrary: fc.tuple(fc.nat(2), fc.nat(11), fc.nat(11), fc.nat(11))},
	{weight: 1, arbitrary: fc.tuple(large, large, large, large)},
);

export const suffix = fc.constantFrom('', '', 'fix3', '-beta', '_upgrade4', '修正');

export const versions = fc.tuple(numbers, suffix).map(([parts, after]) => parseVersion(parts.join('.') + after));

const texts = fc.oneof(
	fc.string({unit: 'binary'}),
	fc.tuple(numbers, fc.string({unit: 'binary', maxLength: 50})).map(([parts, after]) => parts.join('.') + after),
	fc.stringMatching(/^[\d. \n+-]{0,20}$/),
);

const bytes = fc.oneof(
	fc.uint8Array(),
	fc
		.array(
			fc.oneof(
				texts,
				texts.map(text => `version=${text}`),
				fc.constant('version_num=001001006003'),
			),
			{
				maxLength: 5,
			},
		)
		.chain(lines => fc.constantFrom('\n', '\r\n', '\r').map(end => Buffer.from(lines.join(end)))),
);

/** Whatever is in a file, a name or an argument: a version or the documented Error, and never a forbidden update. */
export const version = fc.asyncProperty(
	texts,
	bytes,
	versions,
	versions,
	fc.array(numbers, {maxLength: 8}),
	fc.array(numbers, {maxLength: 2}),
	async (text, content, from, to, atHand, via) => {
		parses(text);
		await reads(content);
		for (const platform of ['linux', 'windows'] as const) {
			const {allowed} = judgeUpdate(from, to, {platform});
			assert.equal(allowed, mayUpdate(from.numbers, to.numbers, platform));
		}

		routes(from, to, atHand, via);
	},
);

function parses(text: string): void {
	const parsed = attempt(() => parseVersion(text));
	if (parsed instanceof Error) {
		assert.match(parsed.message, /^".*" is not an OMFLOW version: four numbers such as 1\.2\.0\.0/);
	} else {
		assert.deepEqual(parsed.numbers, /^\s*(\d+)\.(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1, 5).map(Number));
		assert.match(parsed.text, /^[\d.]+[^\s\p{Cc}\p{Cf}]*$/u);
	}
}

function attempt<T>(action: () => T): T | Error {
	try {
		return action();
	} catch (error) {
		return error as Error;
	}
}

async function reads(content: Uint8Array): Promise<void> {
	const lines = Buffer.from(content)
		.toString('utf8')
		.replace(/^\uFEFF/, '')
		.split(/[\r\n]/)
		.filter(line => line.startsWith('version='));
	const server = await mkdtemp(join(tmpdir(), 'version-'));
	try {
		const file = join(server, 'omflow/syscom/version.bin');
		await mkdir(join(server, 'omflow/syscom'), {recursive: true});
		await writeFile(file, content);
		const read = await readVersion(server).catch((error: Error) => error);
		if (read instanceof Error) {
			const why = lines.length === 0 ? 'has no line that starts with "version="' : 'does not name a version: ';
			assert.ok(read.message.startsWith(`${file} ${why}`), read.message);
		} else {
			assert.equal(read.text, lines.at(-1)?.slice('version='.length).trim());
		}
	} finally {
		await rm(server, {recursive: true});
	}
}

function routes(from: Version, to: Version, atHand: readonly number[][], via: readonly number[][]): void {
	const archives = atHand.map(parts => ({version: parts.join('.'), file: `/tmp/${parts.join('_')}.tar.gz`}));
	const stops = via.map(parts => parts.join('.'));
	const route = findRoute({from, to, archives, via: stops});
	const way = [from.numbers, ...via, to.numbers];
	const grows = way.every((parts, index) => weight(parts) <= weight(way[index + 1] ?? parts));
	assert.equal(route.allowed, weight(from.numbers) > 0n && grows);
	if (!route.allowed) {
		return;
	}

	for (const hops of [route.hops, route.safer ?? route.hops]) {
		const passed = [from.numbers, ...hops.map(hop => hop.to.split('.').map(Number))];
		assert.deepEqual(passed.at(-1), [...to.numbers]);
		assert.ok(stops.every(stop => passed.some(parts => parts.join('.') === stop)));
		for (const [index, hop] of hops.entries()) {
			const [before = [], after = []] = passed.slice(index, index + 2);
			assert.equal(hop.from, index === 0 ? from.text : before.join('.'));
			assert.ok(mayUpdate(before, after), `${hop.from} to ${hop.to} is forbidden`);
			assert.ok(weight(before) < weight(after) || hops.length === 1);
			assert.equal(hop.archive, archives.find(archive => archive.version === hop.to)?.file);
			const changes = weight(before) < weight([1, 2, 0, 0]) && weight(after) >= weight([1, 2, 0, 0]);
			assert.equal(hop.needs?.python, changes ? '3.11' : undefined);
		}
	}

	assert.deepEqual(
		route.missing,
		route.hops.filter(hop => hop.archive === undefined).map(hop => hop.to),
	);
}
