package org.example.piimages.daemon.image.filesystem;

/**
 * The feature words of an ext2, ext3 or ext4 superblock, which tell whether a kernel or e2fsprogs is recent enough (ext4(5), and "Super
 * Block" in the kernel's Documentation/filesystems/ext4).
 *
 * @param compatible the features that a program may ignore (s_feature_compat)
 * @param incompatible the features that it must know to read anything (s_feature_incompat)
 * @param readOnlyCompatible the features that it must know to write (s_feature_ro_compat)
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

    /** The name of the oldest filesystem that can have the features: ext2, ext3 or ext4, as libblkid decides. */
    String type() {
        boolean beyondExt3 = (readOnlyCompatible & ~READ_ONLY_COMPATIBLE_EXT2) != 0
                || (incompatible & ~(INCOMPATIBLE_EXT2 | INCOMPATIBLE_RECOVER)) != 0;
        if (beyondExt3) {
            return "ext4";
        }
        return (compatible & HAS_JOURNAL) != 0 ? "ext3" : "ext2";
    }

    /** Whether changes go through a journal, so that they are atomic. */
    public boolean hasJournal() {
        return (compatible & HAS_JOURNAL) != 0;
    }
}
