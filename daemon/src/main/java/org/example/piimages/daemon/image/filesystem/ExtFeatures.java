package org.example.piimages.daemon.image.filesystem;

/**
 * The feature words of an ext2, ext3 or ext4 superblock, by which one can tell whether a kernel or an e2fsprogs is new enough (ext4(5), and
 * "Super Block" in the kernel's Documentation/filesystems/ext4).
 *
 * @param compatible what a program may ignore (s_feature_compat)
 * @param incompatible what it must know to read anything (s_feature_incompat)
 * @param readOnlyCompatible what it must know to write (s_feature_ro_compat)
 */
public record ExtFeatures(int compatible, int incompatible, int readOnlyCompatible) {

    static final int HAS_JOURNAL = 0x4;
    static final int INCOMPATIBLE_RECOVER = 0x4;
    static final int INCOMPATIBLE_JOURNAL_DEVICE = 0x8;
    static final int INCOMPATIBLE_64BIT = 0x80;

    /** filetype, meta_bg */
    private static final int INCOMPATIBLE_EXT2 = 0x2 | 0x10;
    /** sparse_super, large_file, btree_dir */
    private static final int READ_ONLY_COMPATIBLE_EXT2 = 0x1 | 0x2 | 0x4;

    /** The name of the oldest filesystem that can have them: ext2, ext3 or ext4, as libblkid decides. */
    String type() {
        boolean beyondExt3 = (readOnlyCompatible & ~READ_ONLY_COMPATIBLE_EXT2) != 0
                || (incompatible & ~(INCOMPATIBLE_EXT2 | INCOMPATIBLE_RECOVER)) != 0;
        if (beyondExt3) {
            return "ext4";
        }
        return (compatible & HAS_JOURNAL) != 0 ? "ext3" : "ext2";
    }

    /** Whether changes go through a journal, so that none is ever seen by halves. */
    public boolean hasJournal() {
        return (compatible & HAS_JOURNAL) != 0;
    }
}
