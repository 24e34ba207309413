import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {rm, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {checkSha256, expectedSha256} from '../../source/host/checksum.js';
import {workshop} from './support.js';

const name = 'omflow_patch_1_2_0_0.tar.gz';
const right = 'ab'.repeat(32);
const other = 'cd'.repeat(32);

for (const [title, given, list, expected] of [
	['nothing', undefined, undefined, undefined],
	['given', right, undefined, right],
	['given in capitals', right.toUpperCase(), undefined, right],
	['given and beside, in agreement', right.toUpperCase(), `${right}  ${name}\n`, right],
	['beside, alone', undefined, `${right.toUpperCase()}\n`, right],
	['beside, as sha256sum prints', undefined, `${right}  ${name}\n`, right],
	['beside, as sha256sum --binary prints', undefined, `${right} *${name}\r\n`, right],
	['beside, with a path', undefined, `${right}  ./release/${name}\n`, right],
	['beside, as BSD prints', undefined, `SHA256 (${name}) = ${right}\n`, right],
	['beside, with a mark of its encoding', undefined, `\ufeff${right}  ${name}\n`, right],
	['beside, among others', undefined, `# all\n${other}  other.tar.gz\n\n${right}  ${name}\n`, right],
	['beside, twice the same', undefined, `${right}  ${name}\n${right.toUpperCase()}  ${name}\n`, right],
	['given, too short', right.slice(1), undefined, /is no SHA-256, which has 64 digits.*Copy it again\./],
	['given, with other letters', `g${right.slice(1)}`, undefined, /is no SHA-256/],
	['given, with a line behind it', `${right}\n`, undefined, /is no SHA-256/],
	[
		'given and beside, not in agreement',
		right,
		`${other}\n`,
		/given is abababababab…abab, but .* says cdcdcdcdcdcd…cdcd\./,
	],
	[
		'beside, for others only',
		undefined,
		`${right}  other.tar.gz\n`,
		/has no SHA-256 for omflow_patch_1_2_0_0\.tar\.gz\./,
	],
	['beside, empty', undefined, '', /has no SHA-256 for/],
	['beside, of another kind', undefined, `MD5 (${name}) = ${right.slice(32)}\n`, /has no SHA-256 for/],
	['beside, a web page', undefined, '<html>', /has no SHA-256 for/],
	['beside, two', undefined, `${right}  ${name}\n${other}  ${name}\n`, /has 2 different SHA-256 for/],
	['beside, one without a name and another', undefined, `${right}\n${other}  ${name}\n`, /has 2 different SHA-256 for/],
] as const) {
	test(`a checksum: ${title}`, async t => {
		const file = join((await workshop(t)).directory, name);
		if (list !== undefined) {
			await writeFile(`${file}.sha256`, list);
		}

		const found = expectedSha256(file, given);
		await (expected instanceof RegExp ? assert.rejects(found, expected) : assert.equal(await found, expected));
	});
}

test('a checksum: what sha256sum writes of a real file', async t => {
	const {directory} = await workshop(t);
	const file = join(directory, name);
	await writeFile(file, 'abc');
	await writeFile(`${file}.sha256`, execFileSync('sha256sum', [file]));
	const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
	assert.equal(await expectedSha256(file), sha256);
});

test('a checksum: beside, but not to be read as a list', async t => {
	const {directory} = await workshop(t);
	const file = join(directory, name);
	execFileSync('mkfifo', [`${file}.sha256`]);
	await assert.rejects(expectedSha256(file), /sha256 cannot be read \(it is not a file\)\. Correct or remove it\./);
	await rm(`${file}.sha256`);
	await writeFile(`${file}.sha256`, '');
	await truncate(`${file}.sha256`, 10 * 1024 ** 3);
	await assert.rejects(expectedSha256(file), /cannot be read \(it has more than 65536 bytes\)/);
});

test('compares, and names both when they differ', () => {
	checkSha256(name, right, right.toUpperCase());
	checkSha256(name, right, undefined);
	assert.throws(() => checkSha256(name, right, other), {
		message:
			`${name} has the SHA-256 abababababab…abab, not cdcdcdcdcdcd…cdcd as expected. ` +
			'Fetch the patch from the vendor again, and its checksum too.',
	});
});
