package org.example.piimages.daemon.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An access control list as the kernel hands it out: a version and entries of tag, permissions and id; linux/posix_acl_xattr.h. */
final class AccessList {

    private static final int HEADER = 4;
    private static final int ENTRY = 8;
    private static final int VERSION = 2;
    private static final int GROUP_OBJ = 4;

    private AccessList() {
    }

    /** What the owning group may do, the mask aside: read 4, write 2, execute 1. Nothing, where the list is none or does not tell. */
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
