/** Apache as far as OMFLOW needs it: finding mod_wsgi's lines, proposing new ones, trying them, putting them in place. */

export {
	type NewPlaces,
	type ProposedFile,
	proposeEdits,
	putInPlace,
	testDraft,
} from './apache-change.js';
export {type Apache, apacheFindings, findApache, findWsgi, showPlace, type Wsgi} from './apache-wsgi.js';
