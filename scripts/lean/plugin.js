// What the bundle leaves out of its dependencies, because a console that attaches would wait for it.
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';

const here = name => fileURLToPath(new URL(name, import.meta.url));

/** Puts something in the place of a text; an update of the package that moves the text fails the build. */
function replace(text, from, to) {
	if (!text.includes(from)) {
		throw new Error(`“${from}” is no longer there. Look what the new version of the package does instead.`);
	}

	return text.replaceAll(from, to);
}

const wasmAddress = /data:application\/octet-stream;base64,([\w+/=]+)/;

const edits = {
	// Developer tools of React, asked for in development only but awaited for at the top of the module.
	'ink/build/reconciler.js': text => replace(text, "process.env['DEV'] === 'true'", 'false'),
	// Loads its code by fetch() from an address of its own, and for that all of Node's HTTP: 40 ms. Here it is
	// instantiated at once, which also needs no await at the top of the module.
	'yoga-layout/dist/src/index.js': text =>
		replace(
			replace(
				text,
				"from '../binaries/yoga-wasm-base64-esm.js'",
				"from '../binaries/yoga-wasm-base64-esm.js';\nimport {bytes} from '../binaries/yoga-wasm-base64-esm.js?bytes'",
			),
			'const Yoga = wrapAssembly(await loadYoga());',
			`const yoga = {
				instantiateWasm(imports, use) {
					const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes()), imports);
					use(instance);
					return instance.exports;
				},
			};
			loadYoga(yoga);
			const Yoga = wrapAssembly(yoga);`,
		),
	'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js': text =>
		replace(text.replace(wasmAddress, ''), 'import.meta.url', "''"),
};

export const lean = {
	name: 'lean',
	setup(bundler) {
		for (const [file, edit] of Object.entries(edits)) {
			bundler.onLoad({filter: new RegExp(`/node_modules/${file.replaceAll('.', '\\.')}$`)}, async ({path}) => ({
				contents: edit(await readFile(path, 'utf8')),
			}));
		}

		bundler.onResolve({filter: /\?bytes$/}, async ({path, resolveDir}) => ({
			path: `${resolveDir}/${path.slice(0, -'?bytes'.length)}`,
			namespace: 'bytes',
		}));
		bundler.onLoad({filter: /.*/, namespace: 'bytes'}, async ({path}) => {
			const [, code] = wasmAddress.exec(await readFile(path, 'utf8')) ?? [];
			if (!code) {
				throw new Error(`${path} holds no WebAssembly.`);
			}

			return {contents: `export const bytes = () => Buffer.from('${code}', 'base64');`};
		});
		bundler.onResolve({filter: /^string-width$/}, ({importer}) =>
			importer === here('string-width.js') ? undefined : {path: here('string-width.js')},
		);
	},
};
