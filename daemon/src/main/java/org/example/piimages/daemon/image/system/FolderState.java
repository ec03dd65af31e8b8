package org.example.piimages.daemon.image.system;

/** What there is at a path where a partition may be mounted. */
public enum FolderState {
    /** No folder. */
    MISSING,
    /** A folder without files. */
    EMPTY,
    /** A folder with files, which a mount would cover. */
    USED
}
