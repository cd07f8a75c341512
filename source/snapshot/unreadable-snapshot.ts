/** Why a file can't be opened as a Snapshot or a recording, in one line for a person. */
export class UnreadableSnapshot extends Error {}
