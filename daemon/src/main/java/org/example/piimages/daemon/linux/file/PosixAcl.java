package org.example.piimages.daemon.linux.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** An access control list in the kernel's format: a version, and entries of tag, permissions and id; linux/posix_acl_xattr.h. */
public final class PosixAcl {

    private static final int HEADER = 4;
    private static final int ENTRY = 8;
    private static final int VERSION = 2;
    private static final int USER_OBJ = 1;
    private static final int USER = 2;
    private static final int GROUP_OBJ = 4;
    private static final int MASK = 16;
    private static final int OTHER = 32;
    private static final int ALL = 7;
    private static final int READ_WRITE = 6;
    private static final int READ_EXECUTE = 5;
    private static final int READ = 4;
    private static final int NOBODY = -1;

    private PosixAcl() {
    }

    /**
     * The access control list of a file that its owner and group may read and write, one more user may read, or also write, and no others
     * may access.
     */
    public static byte[] forUser(int uid, boolean readOnly) {
        return list(READ_WRITE, uid, readOnly ? READ : READ_WRITE, READ_WRITE, READ_WRITE);
    }

    /** The access control list of a directory that its owner may access, one more user may list and enter, and no others may access. */
    static byte[] ofDirectory(int uid) {
        return list(ALL, uid, READ_EXECUTE, 0, READ_EXECUTE);
    }

    private static byte[] list(int owner, int uid, int user, int group, int mask) {
        ByteBuffer list = ByteBuffer.allocate(HEADER + 5 * ENTRY).order(ByteOrder.LITTLE_ENDIAN).putInt(VERSION);
        add(list, USER_OBJ, owner, NOBODY);
        add(list, USER, user, uid);
        add(list, GROUP_OBJ, group, NOBODY);
        add(list, MASK, mask, NOBODY);
        add(list, OTHER, 0, NOBODY);
        return list.array();
    }

    private static void add(ByteBuffer list, int tag, int permissions, int id) {
        list.putShort((short) tag).putShort((short) permissions).putInt(id);
    }

    /** The users that the list names besides the owner. */
    public static List<Integer> users(byte[] list) {
        List<Integer> users = new ArrayList<>();
        ByteBuffer entries = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = HEADER; at + ENTRY <= list.length; at += ENTRY) {
            if (entries.getShort(at) == USER) {
                users.add(entries.getInt(at + 4));
            }
        }
        return users;
    }

    /** The permissions of the owning group before masking: read 4, write 2, execute 1; 0 if the list is invalid or has no such entry. */
    static int group(byte[] list) {
        ByteBuffer entries = ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN);
        if (list.length < HEADER || entries.getInt(0) != VERSION) {
            return 0;
        }
        for (int at = HEADER; at + ENTRY <= list.length; at += ENTRY) {
            if (entries.getShort(at) == GROUP_OBJ) {
                return entries.getShort(at + 2) & 7;
            }
        }
        return 0;
    }
}
