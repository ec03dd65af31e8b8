package org.example.piimages.libc;

/** Flags of open(2) and openat2(2), with their values on this CPU. */
public final class OpenFlags {

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    /** The mask of the bits that hold one of the three access modes above. */
    public static final int O_ACCMODE = 3;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NOCTTY = 0x100;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;
    public static final int O_DIRECT = Abi.current().direct;
    public static final int O_DIRECTORY = Abi.current().directory;
    public static final int O_NOFOLLOW = Abi.current().noFollow;
    /** Includes O_DIRECTORY. */
    public static final int O_TMPFILE = 0x400000 | O_DIRECTORY;

    private OpenFlags() {
    }
}
