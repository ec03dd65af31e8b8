package org.example.piimages.daemon.image.care.filesystem;

/**
 * The result of checking the filesystem of a partition.
 *
 * @param partition the partition number; 0 if the image has no partition table
 * @param type the type of the filesystem, as the kernel names it
 * @param verdict the state of the filesystem
 * @param output the output of the tool, or the reason why none was run
 */
public record CheckedFilesystem(int partition, String type, Verdict verdict, String output) {

    /** The state of a filesystem. */
    public enum Verdict {
        /** No errors were found. */
        CLEAN,
        /** Errors were found and repaired. */
        REPAIRED,
        /** Errors were found. */
        DAMAGED,
        /** The journal has to be replayed first, by a mount or a repair, as after a power cut; errors cannot be detected before. */
        UNCLEAN,
        /** There is no tool to check this type of filesystem. */
        UNCHECKED
    }

    boolean isSound() {
        return verdict == Verdict.CLEAN || verdict == Verdict.REPAIRED || verdict == Verdict.UNCHECKED;
    }
}
