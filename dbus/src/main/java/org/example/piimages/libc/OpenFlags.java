package org.example.piimages.libc;

/** The flags of open(2), openat2(2) and O_PATH's companions, with the values they have on this CPU. */
public final class OpenFlags {

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    /** The bits in which those three stand. */
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
    /** O_DIRECTORY is part of it. */
    public static final int O_TMPFILE = 0x400000 | O_DIRECTORY;

    private OpenFlags() {
    }
}
