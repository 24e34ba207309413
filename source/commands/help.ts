import {defaultStateDirectory} from '../engine/places.js';
import {sampleShapes} from '../rehearsal/sample-shape.js';

const shapeLines = Object.entries(sampleShapes)
	.map(([name, {meaning}]) => `                    ${name.padEnd(11)} ${meaning}`)
	.join('\n');

/** What `--help` prints. */
export const help = `omflow-tui takes an OMFLOW server to its next version, and back if need be.

  omflow-tui                        the console; goes on with a run that is not over
  omflow-tui check [--patch FILE]   what is installed, and what would stand in the way; changes nothing
  omflow-tui upgrade --patch FILE   upgrade this server with the vendor's patch archive
  omflow-tui rehearse [--patch FILE]
                                    the same in a copy-on-write view of this host
  omflow-tui rehearse --sample      ... with a small sample server in it: try everything
  omflow-tui restore [BACKUP]       put a kept backup back, files and database together
  omflow-tui restore --list         the backups there are; --check BACKUP reads one through, --remove BACKUP deletes it
  omflow-tui kit request            what a connected machine must know to make a kit for this server without a network
  omflow-tui kit build REQUEST --patch FILE
                                    ... there: one archive with all packages; nothing is installed on that machine
  omflow-tui kit check KIT          whether it is complete for this server; changes nothing
  omflow-tui kit freeze             the list of Python packages alone, rewritten for the new version
  omflow-tui rollback               take everything back that is not kept yet, also of a run that goes on elsewhere
  omflow-tui status                 what is known about the newest run

  --patch FILE      a patch archive, or a folder of them; may be given several times
  --to VERSION      the wanted version; else the newest there is an archive for
  --via VERSION     a version to pass on the way; may be given several times
  --sha256 DIGEST   what the archive must have; else FILE.sha256 beside it is asked, if it is there
  --base DIR        where OMFLOW is; else it is looked for
  --python3-link    let /usr/bin/python3 be Python 3.11 afterwards (the vendor's step 4)
  --drill           put the first copy back beside what is in service, to see that it can be and how long it takes
  --confirm-timeout MINUTES
                    with upgrade or rehearse: take everything back unless somebody keeps the new version in time;
                    with --yes too, a console may keep it
  --kit KIT         with upgrade, rehearse or check: take all packages, and the patch archive, from a kit, without a network
  --debs DIR, --wheels DIR
                    the same from folders with *.deb and *.whl files, also with kit check; with kit build --wheels adds to the kit
  --output FILE     what kit request, kit build and kit freeze write
  --sign KEY        with kit build: sign the kit with this SSH key
  --sources FILE, --index URL
                    with kit build: package sources, and an index of Python packages, instead of those that are configured
  --credentials FILE, --ca FILE
                    with kit build: users and passwords for both (as in netrc), and further certificates to trust
  --shape NAME      which sample server (B):
${shapeLines}
  --yes             no console: take the safe default of every question; with rollback, do not ask
  --json            one JSON object a line; with check and status, one object
  --state-dir DIR   where runs are kept (${defaultStateDirectory})
  --ascii           draw with ASCII only
  --no-color        no colours
  --help, --version

Exit status: 0 kept, or nothing to do, or rolled back by the command rollback; 1 failed and rolled back; 2 usage; 3 blocked by a finding;
4 needs attention; 5 stopped before the end; 75 another run holds the lock.`;
