package org.example.piimages.libc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * sendmsg(2) and recvmsg(2) on a connected stream socket, with file descriptors as SCM_RIGHTS; unix(7), cmsg(3).
 *
 * <p>The structures are those of 64-bit Linux: pointers, sizes and cmsg alignment of 8 bytes.
 */
public final class FdSocket {

    /** The most descriptors the kernel passes in one message: SCM_MAX_FD. */
    public static final int MAX_FDS = 253;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SHUT_RDWR = 2;
    private static final int MSGHDR_SIZE = 56;
    private static final int IOVEC_SIZE = 16;
    private static final int MSG_IOV = 16;
    private static final int MSG_IOVLEN = 24;
    private static final int MSG_CONTROL = 32;
    private static final int MSG_CONTROLLEN = 40;
    private static final int CMSGHDR_SIZE = 16;
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CONTROL_SIZE = CMSGHDR_SIZE + 4 * MAX_FDS + 4;
    /** The maximum number of bytes passed to one call. */
    private static final int MAX_LENGTH = 32 << 10;

    private final int socket;
    private final Structures sending = new Structures();
    private final Structures receiving = new Structures();

    /** Uses a socket that the caller owns and closes. One thread may send while another receives. */
    public FdSocket(int socket) {
        this.socket = socket;
    }

    /** Writes all bytes of the buffer; the descriptors travel with the first byte and stay open in this process. */
    public void send(ByteBuffer bytes, List<Integer> fds) throws IOException {
        if (fds.size() > MAX_FDS) {
            throw new IOException("no message can carry " + fds.size() + " file descriptors");
        }
        int control = sending.putRights(fds);
        while (bytes.hasRemaining()) {
            int piece = Math.min(bytes.remaining(), MAX_LENGTH);
            sending.data.put(0, bytes, bytes.position(), piece);
            try {
                bytes.position(bytes.position() + (int) Libc.callLong("sendmsg", socket, sending.header(piece, control), MSG_NOSIGNAL));
                control = 0;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    /**
     * Reads at least one byte into the buffer and adds the received descriptors (close-on-exec) to the list.
     *
     * @return false at the end of the stream
     */
    public boolean receive(ByteBuffer buffer, List<Integer> fds) throws IOException {
        while (true) {
            try {
                ByteBuffer header = receiving.header(Math.min(buffer.remaining(), MAX_LENGTH), CONTROL_SIZE);
                int received = (int) Libc.callLong("recvmsg", socket, header, MSG_CMSG_CLOEXEC);
                receiving.collectRights(fds);
                buffer.put(buffer.position(), receiving.data, 0, received).position(buffer.position() + received);
                return received > 0;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    /**
     * Shuts down both directions: a thread that waits in {@link #receive} sees the end of the stream. Closing the socket would not be
     * enough: the thread holds the socket, so it would keep waiting and the connection would stay open.
     */
    public void shutDown() throws IOException {
        try {
            Libc.call("shutdown", socket, SHUT_RDWR);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOTCONN) {
                throw e;
            }
        }
    }

    /** Closes received descriptors that are not used. */
    public static void close(List<Integer> fds) {
        fds.forEach(fd -> new Fd(fd).close());
    }

    /** The memory passed to the kernel for a message: struct msghdr followed by its one struct iovec, the data, and struct cmsghdr. */
    private static final class Structures {

        private final ByteBuffer header = direct(MSGHDR_SIZE + IOVEC_SIZE);
        private final ByteBuffer data = direct(MAX_LENGTH);
        private final ByteBuffer control = direct(CONTROL_SIZE);

        private static ByteBuffer direct(int size) {
            return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        }

        /** Returns the header for the given number of bytes of data and of control messages. */
        ByteBuffer header(int dataLength, int controlLength) {
            return header.putLong(MSG_IOV, Libc.address(header) + MSGHDR_SIZE).putLong(MSG_IOVLEN, 1)
                    .putLong(MSG_CONTROL, controlLength == 0 ? 0 : Libc.address(control)).putLong(MSG_CONTROLLEN, controlLength)
                    .putLong(MSGHDR_SIZE, Libc.address(data)).putLong(MSGHDR_SIZE + 8, dataLength);
        }

        /** Stores descriptors in a control message and returns its length in bytes. */
        int putRights(List<Integer> fds) {
            if (fds.isEmpty()) {
                return 0;
            }
            control.clear().putLong(CMSGHDR_SIZE + 4L * fds.size()).putInt(SOL_SOCKET).putInt(SCM_RIGHTS);
            fds.forEach(control::putInt);
            return CMSGHDR_SIZE + aligned(4 * fds.size());
        }

        /**
         * Adds received descriptors to the list. Iterates over the control messages as CMSG_NXTHDR does; only SCM_RIGHTS carries
         * descriptors.
         */
        void collectRights(List<Integer> fds) {
            long length = header.getLong(MSG_CONTROLLEN);
            int offset = 0;
            while (offset + CMSGHDR_SIZE <= length) {
                int size = (int) control.getLong(offset);
                if (size < CMSGHDR_SIZE || offset + size > length) {
                    return;
                }
                boolean rights = control.getInt(offset + CMSG_LEVEL) == SOL_SOCKET && control.getInt(offset + CMSG_TYPE) == SCM_RIGHTS;
                for (int at = offset + CMSGHDR_SIZE; rights && at + 4 <= offset + size; at += 4) {
                    fds.add(control.getInt(at));
                }
                offset += aligned(size);
            }
        }

        private static int aligned(int size) {
            return (size + 7) / 8 * 8;
        }
    }
}
