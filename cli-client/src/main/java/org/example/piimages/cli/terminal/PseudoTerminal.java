package org.example.piimages.cli.terminal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * A pair of pseudoterminal devices, pty(7): the command in the image uses the slave as its terminal, and this process keeps the master. The
 * constants are those of the generic Linux headers, which x86-64 and arm64 share.
 */
final class PseudoTerminal implements Closeable {

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_CLOEXEC = 0x80000;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTPEER = 0x5441;
    /** The offset of the local modes in struct termios, after the input, output and control modes. */
    private static final int LOCAL_MODES = 12;
    private static final int ICANON = 2;
    /** More than struct termios takes anywhere. */
    private static final int TERMIOS = 256;
    /** The size of struct winsize: rows, columns, and two unused fields. */
    private static final int WINSIZE = 8;

    private final Fd master;
    private final Fd slave;

    private PseudoTerminal(Fd master, Fd slave) {
        this.master = master;
        this.slave = slave;
    }

    /** Opens a new pair of devices. */
    static PseudoTerminal open() throws IOException {
        int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
        Fd master = new Fd(Libc.call("posix_openpt", flags));
        try {
            Libc.call("unlockpt", master.number());
            return new PseudoTerminal(master, new Fd(Libc.call("ioctl", master.number(), TIOCGPTPEER, flags)));
        } catch (IOException | RuntimeException e) {
            master.close();
            throw e;
        }
    }

    /** Returns the file descriptor of the slave, which stays open until {@link #closeSlave}. */
    int slave() {
        return slave.number();
    }

    /** Closes the slave; {@link #read} returns the end of file once the command has closed it, too. */
    void closeSlave() {
        slave.close();
    }

    /** Copies the size of the terminal on standard input to the pseudoterminal. */
    void resize() throws IOException {
        byte[] size = new byte[WINSIZE];
        Libc.call("ioctl", StandardStream.INPUT.fd(), TIOCGWINSZ, size);
        Libc.call("ioctl", master.number(), TIOCSWINSZ, size);
    }

    /** Returns whether the slave is in raw mode, to which systemd-nspawn and machinectl set it when they begin to read input. */
    boolean isRaw() throws IOException {
        byte[] settings = new byte[TERMIOS];
        Libc.call("tcgetattr", master.number(), settings);
        return (ByteBuffer.wrap(settings).order(ByteOrder.nativeOrder()).getInt(LOCAL_MODES) & ICANON) == 0;
    }

    /**
     * Reads at least one byte of the output of the command to the start of a direct buffer; returns -1 if no process has the slave open any
     * more.
     */
    int read(ByteBuffer buffer) throws IOException {
        while (true) {
            try {
                return (int) Libc.callLong("read", master.number(), buffer, buffer.capacity());
            } catch (ErrnoException e) {
                if (e.errno() == Errno.EIO) {
                    return -1;
                }
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    /** Writes all bytes as typed input. Throws IOException if the slave is closed. */
    void write(byte[] typed, int length) throws IOException {
        master.write(typed, length);
    }

    @Override
    public void close() {
        slave.close();
        master.close();
    }
}
