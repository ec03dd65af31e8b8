package org.example.piimages.daemon.linux.block;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** The configuration and status of a loop device: struct loop_info64 of linux/loop.h. */
final class LoopInfo {

    private static final long LOOP_SET_STATUS64 = 0x4C04;
    private static final long LOOP_GET_STATUS64 = 0x4C05;
    /** The sizes of struct loop_config and struct loop_info64, and the offsets of their fields. */
    private static final int LOOP_CONFIG_SIZE = 304;
    private static final int LOOP_CONFIG_INFO = 8;
    private static final int LOOP_INFO_SIZE = 232;
    private static final int LO_DEVICE = 0;
    private static final int LO_INODE = 8;
    private static final int LO_RDEVICE = 16;
    private static final int LO_OFFSET = 24;
    private static final int LO_SIZELIMIT = 32;
    private static final int LO_FLAGS = 52;
    private static final int LO_FILE_NAME = 56;
    private static final int LO_FLAGS_READ_ONLY = 1;
    private static final int LO_FLAGS_AUTOCLEAR = 4;
    private static final int LO_FLAGS_DIRECT_IO = 16;
    private static final int LO_NAME_SIZE = 64;

    private final byte[] bytes;

    private LoopInfo(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the status of an open loop device. Throws ENXIO if it is free. */
    static LoopInfo of(Fd device) throws ErrnoException {
        byte[] bytes = new byte[LOOP_INFO_SIZE];
        Libc.call("ioctl", device.number(), LOOP_GET_STATUS64, bytes);
        return new LoopInfo(bytes);
    }

    /** Returns struct loop_config for a device with autoclear and a part of a file as its backing file; see {@link LoopDevice#attach}. */
    static byte[] configuration(OpenFile file, long offset, long length, boolean readOnly, String label) {
        ByteBuffer config = ByteBuffer.allocate(LOOP_CONFIG_SIZE).order(ByteOrder.nativeOrder());
        config.putInt(0, file.fd().number());
        config.putLong(LOOP_CONFIG_INFO + LO_OFFSET, offset);
        config.putLong(LOOP_CONFIG_INFO + LO_SIZELIMIT, length);
        config.putInt(LOOP_CONFIG_INFO + LO_FLAGS, LO_FLAGS_AUTOCLEAR | (readOnly ? LO_FLAGS_READ_ONLY : 0)
                | (file.status().isBlockDevice() ? LO_FLAGS_DIRECT_IO : 0));
        byte[] text = label.getBytes(StandardCharsets.UTF_8);
        config.position(LOOP_CONFIG_INFO + LO_FILE_NAME).put(text, 0, Math.min(text.length, LO_NAME_SIZE - 1));
        return config.array();
    }

    /**
     * The {@link FileStatus#identity} of the backing file. The name of a device over a disk begins with the identity of the disk and
     * continues with what distinguishes one card from another: the whole name is then the identity.
     */
    String identity() {
        ByteBuffer info = buffer();
        if (info.getLong(LO_RDEVICE) != 0) {
            String disk = FileStatus.identityOfDisk(number(info.getLong(LO_RDEVICE)));
            return name().startsWith(disk + "_") ? name() : disk;
        }
        return number(info.getLong(LO_DEVICE)).replace(':', '_') + "_" + Long.toUnsignedString(info.getLong(LO_INODE));
    }

    private String name() {
        int length = 0;
        while (length < LO_NAME_SIZE && bytes[LO_FILE_NAME + length] != 0) {
            length++;
        }
        return new String(bytes, LO_FILE_NAME, length, StandardCharsets.UTF_8);
    }

    /**
     * Decodes a number of new_encode_dev of linux/kdev_t.h to {@code MAJOR:MINOR}: minor in bits 0 to 7 and from 20 on, major in between.
     */
    private static String number(long encoded) {
        long major = (encoded & 0xfff00) >> 8;
        long minor = (encoded & 0xff) | ((encoded >> 12) & 0xfff00);
        return major + ":" + minor;
    }

    /** Returns a copy with another length, in bytes. */
    LoopInfo withLength(long length) {
        return with(LO_SIZELIMIT, length);
    }

    /** Returns a copy with another offset in the backing file, in bytes. */
    LoopInfo withOffset(long offset) {
        return with(LO_OFFSET, offset);
    }

    private LoopInfo with(int field, long value) {
        LoopInfo changed = new LoopInfo(bytes.clone());
        changed.buffer().putLong(field, value);
        return changed;
    }

    /** Applies this status to an open loop device. */
    void set(Fd device) throws ErrnoException {
        Libc.call("ioctl", device.number(), LOOP_SET_STATUS64, bytes);
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
