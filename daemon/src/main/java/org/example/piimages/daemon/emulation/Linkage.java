package org.example.piimages.daemon.emulation;

/** Whether a program needs others to start. */
public enum Linkage {
    /** It needs nothing: the kernel starts it alone. */
    STATIC,
    /** It asks for a dynamic loader (PT_INTERP), and that for libraries. */
    DYNAMIC,
    /** It cannot be told: a script, or program headers that are out of reach or make no sense. */
    UNKNOWN
}
