/** Where the keys go: one at a time. */
export type Context =
	| 'run'
	| 'log'
	| 'search'
	| 'choice'
	| 'text'
	| 'line'
	| 'typed-ahead'
	| 'lines'
	| 'typing'
	| 'review'
	| 'confirm'
	| 'help'
	| 'home'
	| 'findings'
	| 'finding'
	| 'filter'
	| 'backups'
	| 'backup'
	| 'runs'
	| 'past';

export type Command =
	| 'up'
	| 'down'
	| 'page-up'
	| 'page-down'
	| 'first'
	| 'last'
	| 'left'
	| 'right'
	| 'open'
	| 'accept'
	| 'complete'
	| 'reset'
	| 'yes'
	| 'no'
	| 'add'
	| 'drop'
	| 'editor'
	| 'search'
	| 'search-next'
	| 'search-previous'
	| 'wrap'
	| 'copy'
	| 'side'
	| 'service'
	| 'follow'
	| 'findings'
	| 'backups'
	| 'evidence'
	| 'kits'
	| 'blockers'
	| 'warnings'
	| 'notes'
	| 'everything'
	| 'filter'
	| 'check'
	| 'check-all'
	| 'restore'
	| 'remove'
	| 'log'
	| 'end-input'
	| 'stop'
	| 'cut'
	| 'roll-back'
	| 'take-over'
	| 'back'
	| 'help'
	| 'redraw'
	| 'suspend'
	| 'leave'
	| 'quit';

/** Whatever the screen. */
export const everywhere: readonly Context[] = [
	'run',
	'log',
	'search',
	'choice',
	'text',
	'line',
	'typed-ahead',
	'lines',
	'typing',
	'review',
	'confirm',
	'help',
	'home',
	'findings',
	'finding',
	'filter',
	'backups',
	'backup',
	'runs',
	'past',
];
/** Lists of what is known, each of whose entries can be opened. */
export const catalogues: readonly Context[] = ['findings', 'backups', 'runs'];
/** One entry of them, opened. */
export const entries: readonly Context[] = ['finding', 'backup', 'past'];
/** Where something is moved through line by line. */
export const lists: readonly Context[] = [
	'run',
	'log',
	'choice',
	'text',
	'review',
	'help',
	'home',
	...catalogues,
	...entries,
];
/** Where a question is answered. */
export const questions: readonly Context[] = ['choice', 'text', 'lines', 'review'];
