package org.example.piimages.daemon.image.care.filesystem;

/**
 * What fsck found in a partition.
 *
 * @param partition its number, 0 where the image has no partition table
 * @param type of the filesystem, as the kernel names it
 * @param verdict for programs and people
 * @param words what the tool said, or why it was not asked
 */
public record CheckedFilesystem(int partition, String type, Verdict verdict, String words) {

    /** How it is. */
    public enum Verdict {
        /** Nothing is wrong. */
        CLEAN,
        /** Something was wrong, and is mended. */
        REPAIRED,
        /** Something is wrong. */
        DAMAGED,
        /** Its journal holds what is not in place yet, as after a power cut: a mount or a repair replays it, and only then one can tell. */
        UNCLEAN,
        /** No tool here checks such a filesystem. */
        UNCHECKED
    }

    boolean isSound() {
        return verdict == Verdict.CLEAN || verdict == Verdict.REPAIRED || verdict == Verdict.UNCHECKED;
    }
}
