package org.example.piimages.libc;

import java.io.IOException;
import java.lang.ref.Reference;
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
    private static final int CMSG_HEADER = 16;

    private final int socket;

    /** Works on a socket that somebody else owns and closes. */
    public FdSocket(int socket) {
        this.socket = socket;
    }

    /** Writes all bytes of the direct buffer; the descriptors travel with the first byte and stay open here. */
    public void send(ByteBuffer bytes, List<Integer> fds) throws IOException {
        ByteBuffer control = rights(fds);
        while (bytes.hasRemaining()) {
            ByteBuffer header = header(bytes, control);
            ByteBuffer sent = control;
            try {
                int count = (int) Libc.callLong("sendmsg", socket, header, MSG_NOSIGNAL);
                bytes.position(bytes.position() + count);
                control = null;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            } finally {
                Reference.reachabilityFence(sent);
            }
        }
    }

    /** Reads a byte or more into the direct buffer, and adds what descriptors came along (close-on-exec) to the list. False at the end. */
    public boolean receive(ByteBuffer into, List<Integer> fds) throws IOException {
        ByteBuffer control = ByteBuffer.allocateDirect(CMSG_HEADER + 4 * MAX_FDS + 4).order(ByteOrder.nativeOrder());
        while (true) {
            ByteBuffer header = header(into, control);
            try {
                int received = (int) Libc.callLong("recvmsg", socket, header, MSG_CMSG_CLOEXEC);
                collect(control, header.getLong(40), fds);
                into.position(into.position() + received);
                return received > 0;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    /**
     * Ends both directions: a thread that waits in {@link #receive} sees the end. Closing alone would leave it waiting, and the connection
     * open, because the thread holds the socket.
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

    /** struct msghdr followed by its one struct iovec. */
    private static ByteBuffer header(ByteBuffer data, ByteBuffer control) {
        ByteBuffer header = ByteBuffer.allocateDirect(MSGHDR_SIZE + IOVEC_SIZE).order(ByteOrder.nativeOrder());
        header.putLong(16, Libc.address(header) + MSGHDR_SIZE);
        header.putLong(24, 1);
        if (control != null) {
            header.putLong(32, Libc.address(control));
            header.putLong(40, control.capacity());
        }
        header.putLong(MSGHDR_SIZE, Libc.address(data) + data.position());
        header.putLong(MSGHDR_SIZE + 8, data.remaining());
        return header;
    }

    private static ByteBuffer rights(List<Integer> fds) {
        if (fds.isEmpty()) {
            return null;
        }
        int padded = (4 * fds.size() + 7) / 8 * 8;
        ByteBuffer control = ByteBuffer.allocateDirect(CMSG_HEADER + padded).order(ByteOrder.nativeOrder());
        control.putLong(CMSG_HEADER + 4L * fds.size()).putInt(SOL_SOCKET).putInt(SCM_RIGHTS);
        fds.forEach(control::putInt);
        return control;
    }

    /** Walks the control messages as CMSG_NXTHDR does; only SCM_RIGHTS carries descriptors. */
    private static void collect(ByteBuffer control, long length, List<Integer> fds) {
        int offset = 0;
        while (offset + CMSG_HEADER <= length) {
            int size = (int) control.getLong(offset);
            if (size < CMSG_HEADER || offset + size > length) {
                return;
            }
            boolean rights = control.getInt(offset + 8) == SOL_SOCKET && control.getInt(offset + 12) == SCM_RIGHTS;
            for (int at = offset + CMSG_HEADER; rights && at + 4 <= offset + size; at += 4) {
                fds.add(control.getInt(at));
            }
            offset += (size + 7) / 8 * 8;
        }
    }

    /** Closes descriptors that nobody asked for. */
    public static void close(List<Integer> fds) {
        fds.forEach(fd -> new Fd(fd).close());
    }
}
