// Makes dist/: one bundle of the program, and the sample server's files beside it.
import {cp, rm} from 'node:fs/promises';
import {build} from 'esbuild';

// Ink asks for React's developer tools in development only, but names them in an import.
const withoutDevtools = {
	name: 'without-devtools',
	setup(bundler) {
		bundler.onResolve({filter: /^react-devtools-core$/}, ({path}) => ({path, namespace: 'nothing'}));
		bundler.onLoad({filter: /.*/, namespace: 'nothing'}, () => ({contents: 'export default {}'}));
	},
};

await rm('dist', {recursive: true, force: true});
await build({
	entryPoints: {'omflow-tui': 'source/cli.ts'},
	outdir: 'dist',
	outExtension: {'.js': '.mjs'},
	bundle: true,
	format: 'esm',
	platform: 'node',
	target: 'node22',
	minifySyntax: true,
	legalComments: 'none',
	// React's development build keeps every fibre's stack and grows without end in a long run.
	define: {'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"'},
	// Some dependencies are CommonJS inside and ask for `require`.
	banner: {
		js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
	},
	plugins: [withoutDevtools],
	logLevel: 'warning',
});
await cp('source/rehearsal/sample', 'dist/sample', {recursive: true});
