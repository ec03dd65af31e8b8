package org.example.piimages.dbus;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.channels.SocketChannel;

/**
 * Returns the file descriptor of a socket channel.
 *
 * <p>The JDK has no public API for it: the process needs {@code --add-exports java.base/sun.nio.ch=ALL-UNNAMED}.
 */
final class ChannelFd {

    private ChannelFd() {
    }

    static int of(SocketChannel channel) throws IOException {
        try {
            return (int) Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal").invoke(channel);
        } catch (ClassNotFoundException | NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IOException("cannot pass file descriptors: start Java with --add-exports java.base/sun.nio.ch=ALL-UNNAMED", e);
        }
    }
}
