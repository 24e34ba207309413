import {readFile, rm} from 'node:fs/promises';
import {resolve} from 'node:path';
import {t} from '../locales/index.js';
import {CommandError, type Runner} from './process.js';

/** What a signature is for, so that one made for something else does not count. */
export const signatureNamespace = 'omflow-tui-kit';

/** Whatever would be asked, nobody is there to answer: by this, ssh-keygen gets no answer instead of waiting for one. */
const unasked = {SSH_ASKPASS: '/bin/false', SSH_ASKPASS_REQUIRE: 'force', DISPLAY: 'none'} as const;

/**
Signs a file with an SSH key and writes `FILE.sig`, in place of one that is there. A public key signs by ssh-agent, at
the socket `agent`. Throws an Error with what ssh-keygen said; then there is no `FILE.sig`.
*/
export async function signFile(
	runner: Runner,
	file: string,
	key: string,
	agent: string | undefined = process.env.SSH_AUTH_SOCK,
): Promise<void> {
	const [content, secret] = [resolve(file), resolve(key)];
	try {
		// It asks before it replaces one.
		await rm(`${content}.sig`, {force: true});
		await runner.capture(['ssh-keygen', '-Y', 'sign', '-f', secret, '-n', signatureNamespace, content], {
			env: {...unasked, ...(agent ? {SSH_AUTH_SOCK: agent} : {})},
		});
	} catch (error) {
		throw new Error(
			t('{key} cannot sign: {error}. A key with a passphrase signs by ssh-agent: load it, and name its .pub file.', {
				key,
				error: said(error),
			}),
			{cause: error},
		);
	}
}

/**
Who of the allowed signers has signed a file, as that file names them; see ALLOWED SIGNERS in ssh-keygen(1). Throws an
Error when nobody of them did, or when the content is another.
*/
export async function signedBy(runner: Runner, file: string, signature: string, signers: string): Promise<string> {
	const [proof, allowed] = [resolve(signature), resolve(signers)];
	const who = ['ssh-keygen', '-Y', 'find-principals', '-s', proof, '-f', allowed];
	const found = await runner.capture(who, {accept: [0, 1, 255]});
	const principal = found.stdout.split('\n')[0]?.trim();
	if (found.exitCode !== 0 || !principal) {
		throw new Error(t('nobody of {signers} made it.', {signers}));
	}

	try {
		await runner.capture(
			['ssh-keygen', '-Y', 'verify', '-f', allowed, '-I', principal, '-n', signatureNamespace, '-s', proof],
			{input: await readFile(file)},
		);
		return principal;
	} catch (error) {
		throw new Error(t('it is not that of {principal} for this content.', {principal}), {cause: error});
	}
}

function said(error: unknown): string {
	return error instanceof CommandError
		? (error.lastOutput.split('\n').at(-1) ?? '').replace(/\.$/, '')
		: (error as Error).message;
}
