package org.example.piimages.libc;

import java.util.Locale;

/** System calls made by number, because the C library has no function for them or one that does more than is wanted; syscalls(2). */
public enum SystemCall {

    SETGROUPS(Abi.current().setgroups),
    OPEN_TREE(428),
    MOVE_MOUNT(429),
    FSOPEN(430),
    FSCONFIG(431),
    FSMOUNT(432),
    PIDFD_OPEN(434),
    OPENAT2(437),
    MOUNT_SETATTR(442);

    private final int number;

    SystemCall(int number) {
        this.number = number;
    }

    /** Returns the system call's number on this CPU. */
    int number() {
        return number;
    }

    /** Returns the system call's name as in syscalls(2). */
    String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
