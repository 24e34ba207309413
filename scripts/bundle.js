import {mkdir, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {lean} from './lean/plugin.js';

/**
Bundles a program of this project with everything it imports into one CommonJS file, in plain ASCII. With faults, tests
can let things go wrong in it; without, nothing of that is left.
*/
export async function bundle(entry, file, {faults = false} = {}) {
	const {outputFiles} = await build({
		entryPoints: [entry],
		outfile: file,
		bundle: true,
		// Not ESM: only a script can bring its compiled code along, and its built-in modules load faster.
		format: 'cjs',
		platform: 'node',
		target: 'node22',
		charset: 'ascii',
		// What is not bundled is built in, and a script asks for that by require().
		supported: {'dynamic-import': false},
		minifySyntax: true,
		minifyWhitespace: true,
		legalComments: 'none',
		define: {
			// React's development build keeps every fibre's stack and grows without end in a long run.
			'process.env.NODE_ENV': '"production"',
			'process.env.FAULT_POINTS': faults ? '"on"' : '"off"',
			'import.meta.url': 'moduleUrl',
			'Intl.Segmenter': 'Segmenter',
		},
		inject: [fileURLToPath(new URL('lean/segmenter.js', import.meta.url))],
		banner: {js: "const moduleUrl=require('node:url').pathToFileURL(__filename).href;"},
		plugins: [lean],
		logLevel: 'warning',
		write: false,
	});
	const [{text}] = outputFiles;
	// Expressions are left as they are written; the loader reads bytes, which is faster, and would take each for a character.
	const strange = /.{0,40}[^\0-\x7F].{0,40}/.exec(text);
	if (strange) {
		throw new Error(`Write this in ASCII, as \\u…, where it comes from: ${strange[0]}`);
	}

	await mkdir(dirname(file), {recursive: true});
	await writeFile(file, text);
}
