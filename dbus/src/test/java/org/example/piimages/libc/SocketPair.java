package org.example.piimages.libc;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Two connected stream sockets; socketpair(2). */
public record SocketPair(Fd left, Fd right) implements Closeable {

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;

    public static SocketPair make() throws ErrnoException {
        byte[] numbers = new byte[8];
        Libc.call("socketpair", AF_UNIX, SOCK_STREAM, 0, numbers);
        ByteBuffer pair = ByteBuffer.wrap(numbers).order(ByteOrder.nativeOrder());
        return new SocketPair(new Fd(pair.getInt()), new Fd(pair.getInt()));
    }

    @Override
    public void close() {
        left.close();
        right.close();
    }
}
