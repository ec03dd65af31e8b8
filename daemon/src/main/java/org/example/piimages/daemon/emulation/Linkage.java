package org.example.piimages.daemon.emulation;

/** Whether a program needs other files to start. */
public enum Linkage {
    /** Needs no other file: the kernel starts the program directly. */
    STATIC,
    /** Needs a dynamic loader (PT_INTERP), which in turn needs libraries. */
    DYNAMIC,
    /** Cannot be determined: a script, or program headers that are out of reach or invalid. */
    UNKNOWN
}
