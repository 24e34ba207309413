import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {signedBy, signFile} from '../../source/host/signature.js';
import {runner, scratch} from '../kit/kit-folder.js';

const {exitCode} = await runner.capture(['sh', '-c', 'command -v ssh-keygen'], {accept: [0, 1, 127]});
const skip = exitCode === 0 ? false : 'this machine has no ssh-keygen';

test('a signature counts for its content, its signer and nothing else', {skip}, async t => {
	const directory = await scratch(t);
	const at = (name: string) => join(directory, name);
	for (const name of ['ops', 'other']) {
		await runner.capture(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
	}

	await writeFile(at('manifest'), 'what is signed\n');
	await signFile(runner, at('manifest'), at('ops'));
	const allowed = async (name: string, options = '') =>
		writeFile(at('signers'), `${name}@example.org ${options} ${await readFile(at(`${name}.pub`), 'utf8')}`);
	const verify = async () => signedBy(runner, at('manifest'), at('manifest.sig'), at('signers'));
	await allowed('ops');
	assert.equal(await verify(), 'ops@example.org');
	await allowed('ops', 'namespaces="something-else"');
	await assert.rejects(verify(), /it is not that of ops@example\.org for this content|nobody of/);
	await allowed('other');
	await assert.rejects(verify(), /nobody of .*signers made it/);
	await allowed('ops');
	await writeFile(at('manifest'), 'what is signed!\n');
	await assert.rejects(verify(), /it is not that of ops@example\.org for this content/);
	await writeFile(at('manifest.sig'), 'no signature');
	await assert.rejects(verify(), /nobody of/);
});

test('a key that cannot sign is named, with what ssh-keygen said', {skip}, async t => {
	const directory = await scratch(t);
	await writeFile(join(directory, 'manifest'), 'x');
	await assert.rejects(
		signFile(runner, join(directory, 'manifest'), join(directory, 'none')),
		/none cannot sign: .*No such file.*ssh-agent/,
	);
});
