import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {t} from '../locales/index.js';

/** Opens a text in the person's own editor. The terminal must be free. Nobody else can read the file meanwhile. */
export async function editText(
	name: string,
	text: string,
	env: NodeJS.ProcessEnv = process.env,
): Promise<{readonly text: string} | {readonly problem: string}> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-'));
	const file = join(directory, basename(name) || 'text');
	// Ctrl-C in the editor reaches the whole process group.
	const ignore = () => {};
	process.on('SIGINT', ignore);
	try {
		await writeFile(file, text, {mode: 0o600});
		const editor = env.VISUAL || env.EDITOR || 'vi';
		const code = await run(editor, file, env);
		return code === 0
			? {text: await readFile(file, 'utf8')}
			: {problem: t('{editor} ended with {code}. Set EDITOR to another editor; nothing was changed.', {editor, code})};
	} catch (error) {
		return {
			problem: t('The editor did not work: {message}', {
				message: error instanceof Error ? error.message : String(error),
			}),
		};
	} finally {
		process.off('SIGINT', ignore);
		await rm(directory, {recursive: true, force: true});
	}
}

async function run(editor: string, file: string, env: NodeJS.ProcessEnv): Promise<number> {
	return new Promise((resolve, reject) => {
		// By the shell, as git does: EDITOR may hold arguments.
		const child = spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, file], {stdio: 'inherit', env});
		child.once('error', reject);
		child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
	});
}
