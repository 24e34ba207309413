import {main} from './commands/main.js';

const written = (stream: NodeJS.WriteStream) => new Promise<void>(resolve => stream.write('', () => resolve()));

void main(process.argv.slice(2)).then(async status => {
	await Promise.all([process.stdout, process.stderr].map(written));
	// Who left a screen while a backup was being read need not wait for its end.
	process.exit(status);
});
