package org.example.piimages.daemon.image.system;

/** The state of a directory on which a partition may be mounted. */
public enum DirectoryState {
    /** No directory. */
    MISSING,
    /** A directory without files. */
    EMPTY,
    /** A directory with files, which a mount would hide. */
    NOT_EMPTY
}
