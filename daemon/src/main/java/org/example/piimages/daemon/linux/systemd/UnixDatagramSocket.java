package org.example.piimages.daemon.linux.systemd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** Sends datagrams to one of systemd's sockets; unix(7). The JDK supports only stream sockets. Never fails and never blocks. */
final class UnixDatagramSocket {

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final Fd socket;
    private final byte[] address;

    private UnixDatagramSocket(Fd socket, byte[] address) {
        this.socket = socket;
        this.address = address;
    }

    /**
     * Sends to the socket at a path; nowhere if the kernel cannot create a socket.
     *
     * @param path begins with @ for an abstract address, as in $NOTIFY_SOCKET
     */
    static UnixDatagramSocket to(String path) {
        try {
            return new UnixDatagramSocket(new Fd(Libc.call("socket", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), address(path));
        } catch (ErrnoException e) {
            return discarding();
        }
    }

    /** Discards all datagrams: for a process that systemd has not started. */
    static UnixDatagramSocket discarding() {
        return new UnixDatagramSocket(null, new byte[0]);
    }

    /**
     * Returns struct sockaddr_un: the family and the path with its terminating zero byte; an abstract address begins with a zero byte
     * instead.
     */
    static byte[] address(String path) {
        boolean isAbstract = path.startsWith("@");
        byte[] name = ((isAbstract ? "\0" + path.substring(1) : path) + (isAbstract ? "" : "\0")).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + name.length).order(ByteOrder.nativeOrder()).putShort((short) AF_UNIX).put(name).array();
    }

    /** Sends a datagram. Returns false if there is no receiver, its queue is full, or the datagram is too long. */
    boolean send(byte[] datagram) {
        try {
            return socket != null && Libc.callLong("sendto", socket.number(), datagram, datagram.length, MSG_DONTWAIT | MSG_NOSIGNAL,
                    address, address.length) == datagram.length;
        } catch (ErrnoException e) {
            return false;
        }
    }
}
