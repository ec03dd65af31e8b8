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
 * A pair of pseudoterminal devices, pty(7): the command in the image gets the slave for its terminal, and this process keeps the master.
 * The numbers are those of the generic Linux headers, which x86-64 and arm64 share.
 */
final class PseudoTerminal implements Closeable {

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_CLOEXEC = 0x80000;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTPEER = 0x5441;
    /** struct termios begins with the flags for input, output, control and, at this offset, local modes. */
    private static final int LOCAL_MODES = 12;
    private static final int ICANON = 2;
    /** More than struct termios takes anywhere. */
    private static final int TERMIOS = 256;
    /** struct winsize: rows, columns, and two that nobody uses. */
    private static final int WINSIZE = 8;

    private final Fd master;
    private final Fd slave;

    private PseudoTerminal(Fd master, Fd slave) {
        this.master = master;
        this.slave = slave;
    }

    /** Opens a new pair. */
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

    /** The device for the command, ours until {@link #closeSlave}. */
    int slave() {
        return slave.number();
    }

    /** Lets go of the slave: once the command has, too, {@link #read} sees the end. */
    void closeSlave() {
        slave.close();
    }

    /** Gives the pair the size of the terminal that standard input is. */
    void resize() throws IOException {
        byte[] size = new byte[WINSIZE];
        Libc.call("ioctl", StandardStream.INPUT.fd(), TIOCGWINSZ, size);
        Libc.call("ioctl", master.number(), TIOCSWINSZ, size);
    }

    /** Whether somebody has set the slave to raw mode, as systemd-nspawn and machinectl do when they begin to read what is typed. */
    boolean isTaken() throws IOException {
        byte[] settings = new byte[TERMIOS];
        Libc.call("tcgetattr", master.number(), settings);
        return (ByteBuffer.wrap(settings).order(ByteOrder.nativeOrder()).getInt(LOCAL_MODES) & ICANON) == 0;
    }

    /** Reads what the command wrote, a byte or more, from the start of a direct buffer; -1 when nobody has the slave open any more. */
    int read(ByteBuffer into) throws IOException {
        while (true) {
            try {
                return (int) Libc.callLong("read", master.number(), into, into.capacity());
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

    /** Writes all of it, as if it were typed. Throws IOException when the command's side is gone. */
    void write(byte[] typed, int length) throws IOException {
        master.write(typed, length);
    }

    @Override
    public void close() {
        slave.close();
        master.close();
    }
}
