import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Plan} from '../../engine/places.js';
import {type Context, StepError} from '../../engine/step.js';
import {type KitRequest, readRequest} from '../request.js';

/** What building a kit is about. All paths are absolute. */
export type BuildFacts = {
	/** Copy of the request, in the run's own directory. */
	readonly request: string;
	/** The vendor's archives to put in. */
	readonly patches: readonly string[];
	/** The archive to write. */
	readonly output: string;
	/** SSH key to sign with. */
	readonly sign?: string;
	/** File of package sources instead of the server's. */
	readonly sources?: string;
	/** Address of a package index instead of this machine's. */
	readonly index?: string;
	/** File with users and passwords for both, as netrc(5). */
	readonly credentials?: string;
	/** File with further certificates to trust; and all files with such, this machine's own among them. */
	readonly ca?: string;
	readonly trusted: readonly string[];
	/** Where pip's own configuration of whoever builds may be. */
	readonly pipConfigurations: readonly string[];
	/** Folder with wheels that no index has. */
	readonly wheels?: string;
	/** Version of this program. */
	readonly program: string;
	/** What is fetched and unpacked for all kits that are made here. */
	readonly cache: string;
};

export type BuildContext = Context<BuildFacts>;

/** Reads the facts from the plan of a run; `run` is its directory. */
export function buildFacts({options}: Plan, run: string): BuildFacts {
	return {...(options as Omit<BuildFacts, 'request'>), request: join(run, 'request.json')};
}

/** Files of one build. */
export const buildPaths = {
	/** The kit as a folder, until it is packed. */
	kit: ({directory}: Pick<BuildContext, 'directory'>) => join(directory, 'kit'),
	requirements: (context: BuildContext) => join(context.directory, 'kit/requirements.txt'),
	/** Names the socket of the ssh-agent of whoever builds; another one in every session. */
	agent: (run: string) => join(run, 'agent'),
	/** dpkg's status of the server, and one that has nothing. */
	status: (context: BuildContext) => join(context.directory, 'status'),
	nothing: (context: BuildContext) => join(context.directory, 'nothing'),
	/** apt's files for the server, and for the build root where its architecture is another. */
	apt: (context: BuildContext, architecture: string) => join(context.facts.cache, `apt-${architecture}`),
	archives: ({facts}: BuildContext) => join(facts.cache, 'debs'),
	roots: ({facts}: BuildContext) => join(facts.cache, 'roots'),
	/** Everything that is trusted, in one file. */
	trusted: ({facts}: BuildContext) => join(facts.cache, 'trusted.pem'),
	/**
	Seen at `/work` inside of the build root; pip's own cache is there. Of one build alone: what packages of one leave there
	must not reach the next.
	*/
	work: ({directory}: Pick<BuildContext, 'directory'>) => join(directory, 'work'),
} as const;

/** Keys of the ledger. */
export const built = {
	/** When the package lists were fetched, in milliseconds since the epoch; 0 when they turned out to be old. */
	lists: 'lists',
	/** The room for everything was there when the build began. */
	room: 'room',
	/** SHA-256 of what pip left, by path in the kit. */
	wheels: 'wheel-digests',
	/** Names and digests of the package files for the server. */
	packages: 'package-files',
	/** Directory of the build root. */
	root: 'build-root',
	/** Where wheels come from, by name of the file. */
	origins: 'origins',
	toBuild: 'to-build',
	/** Size and SHA-256 of the finished archive. */
	archive: 'archive',
} as const;

/** The request of this build. */
export async function requestOf({facts}: Pick<BuildContext, 'facts'>): Promise<KitRequest> {
	try {
		return readRequest(await readFile(facts.request, 'utf8'));
	} catch (error) {
		throw StepError.blocked('request', (error as Error).message);
	}
}

/** The socket of the ssh-agent of whoever went on with this build last. */
export async function agentOf({directory}: Pick<BuildContext, 'directory'>): Promise<string | undefined> {
	return readFile(buildPaths.agent(directory), 'utf8').catch(() => undefined);
}
