import {schemaVersion} from '../model/snapshot.js';

const majorOf = (version: string): string => version.split('.')[0]!;

/** Whether a file of this schema version can be read: a newer minor only adds, a new major means other things. */
export const isReadableVersion = (version: string): boolean =>
	majorOf(version) === majorOf(schemaVersion);
