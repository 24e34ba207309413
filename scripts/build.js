// Makes dist/: one bundle of the program, and the sample server's files beside it.
import {cp, rm} from 'node:fs/promises';
import {build} from 'esbuild';

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
	external: ['react-devtools-core'],
	logLevel: 'warning',
});
await cp('source/rehearsal/sample', 'dist/sample', {recursive: true});
