package org.example.piimages.daemon.image.system;

/** The state of a folder on which a partition may be mounted. */
public enum FolderState {
    /** No folder. */
    MISSING,
    /** A folder without files. */
    EMPTY,
    /** A folder with files, which a mount would hide. */
    USED
}
