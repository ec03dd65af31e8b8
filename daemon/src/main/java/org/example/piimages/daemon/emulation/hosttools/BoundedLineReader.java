package org.example.piimages.daemon.emulation.hosttools;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * Reads a text file of an image line by line, with bounded memory and time, however large the file and its lines are. A sparse file may
 * have terabytes.
 */
final class BoundedLineReader implements Closeable {

    private static final int LINE_LIMIT = 512;
    /** The maximum number of bytes read, as much as the status file of all packages of Debian together. */
    private static final int LIMIT = 64 << 20;

    private final InputStream bytes;
    private int remaining = LIMIT;

    private BoundedLineReader(InputStream bytes) {
        this.bytes = bytes;
    }

    static BoundedLineReader of(OpenFile file) throws IOException {
        return new BoundedLineReader(new BufferedInputStream(file.stream()));
    }

    /**
     * Returns the next line without its end, truncated if it is too long; null at the end of the file, or once the maximum number of bytes
     * has been read, which can also cut the last line short.
     */
    String next() throws IOException {
        int read = read();
        if (read < 0) {
            return null;
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (read >= 0 && read != '\n') {
            if (line.size() < LINE_LIMIT) {
                line.write(read);
            }
            read = read();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private int read() throws IOException {
        return remaining-- > 0 ? bytes.read() : -1;
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
