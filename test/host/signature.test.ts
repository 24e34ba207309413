import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {spawn as spawnTerminal} from '@lydell/node-pty';
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

/** An agent that has one key, whose passphrase is `words`. */
async function agentWith(t: TestContext, key: string, words: string): Promise<string> {
	const socket = `${key}.agent`;
	const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: ['ignore', 'pipe', 'inherit']});
	t.after(async () => {
		agent.kill();
		await once(agent, 'exit');
	});
	await once(agent.stdout, 'data');
	await writeFile(`${key}.ask`, `#!/bin/sh\necho ${words}\n`, {mode: 0o700});
	await runner.capture(['ssh-add', '-q', key], {
		env: {SSH_AUTH_SOCK: socket, SSH_ASKPASS: `${key}.ask`, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: 'none'},
	});
	return socket;
}

test('a key with a passphrase signs by an agent, and is refused without one', {skip}, async t => {
	const directory = await scratch(t);
	const key = join(directory, 'secret');
	const manifest = join(directory, 'manifest');
	await writeFile(manifest, 'x');
	await runner.capture(['ssh-keygen', '-q', '-t', 'ed25519', '-N', 'words', '-f', key]);
	await writeFile(`${manifest}.sig`, 'an old one');
	await assert.rejects(signFile(runner, manifest, key, ''), /secret cannot sign: .*passphrase.*ssh-agent.*\.pub/);
	await assert.rejects(readFile(`${manifest}.sig`), {code: 'ENOENT'}, 'no old signature passes for a new one');
	await signFile(runner, manifest, `${key}.pub`, await agentWith(t, key, 'words'));
	await writeFile(join(directory, 'signers'), `ops ${await readFile(`${key}.pub`, 'utf8')}`);
	assert.equal(await signedBy(runner, manifest, `${manifest}.sig`, join(directory, 'signers')), 'ops');
});

test('nobody is asked for a passphrase, not even where there is a terminal', {skip}, async t => {
	const directory = await scratch(t);
	const key = join(directory, 'secret');
	await writeFile(join(directory, 'manifest'), 'x');
	await runner.capture(['ssh-keygen', '-q', '-t', 'ed25519', '-N', 'words', '-f', key]);
	const program = [
		`import {createRunner, plainEnvironment} from '${new URL('../../source/host/process.ts', import.meta.url)}';`,
		`import {signFile} from '${new URL('../../source/host/signature.ts', import.meta.url)}';`,
		"const runner = createRunner({log: '/dev/null', environment: plainEnvironment});",
		`await signFile(runner, '${join(directory, 'manifest')}', '${key}', '').catch(error => console.log(error.message));`,
	].join('\n');
	await writeFile(join(directory, 'sign.mts'), program);
	const terminal = spawnTerminal(process.execPath, ['--import', 'tsx', join(directory, 'sign.mts')], {
		cwd: process.cwd(),
	});
	let screen = '';
	terminal.onData(data => {
		screen += data;
	});
	const {exitCode} = await new Promise<{exitCode: number}>(end => {
		terminal.onExit(end);
	});
	assert.equal(exitCode, 0);
	assert.match(screen.replaceAll(/\s+/g, ' '), /secret cannot sign/);
	assert.doesNotMatch(screen, /^Enter passphrase/);
});

test('paths are those of whoever names them', {skip}, async t => {
	const directory = await scratch(t);
	const before = process.cwd();
	t.after(() => process.chdir(before));
	process.chdir(directory);
	await writeFile('manifest', 'x');
	await runner.capture(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')]);
	await signFile(runner, 'manifest', 'key');
	await writeFile('signers', `ops ${await readFile('key.pub', 'utf8')}`);
	assert.equal(await signedBy(runner, 'manifest', 'manifest.sig', 'signers'), 'ops');
});
