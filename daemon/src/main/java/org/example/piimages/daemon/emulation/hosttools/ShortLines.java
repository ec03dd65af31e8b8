package org.example.piimages.daemon.emulation.hosttools;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.example.piimages.daemon.linux.OpenFile;

/** A text of an image, a line at a time: however large it is, and however long its lines are, it takes little memory. */
final class ShortLines implements Closeable {

    private static final int LINE_LIMIT = 512;

    private final InputStream bytes;

    private ShortLines(InputStream bytes) {
        this.bytes = bytes;
    }

    static ShortLines of(OpenFile file) throws IOException {
        return new ShortLines(new BufferedInputStream(file.stream()));
    }

    /** The next line, of a long one its beginning; null at the end. */
    String next() throws IOException {
        int read = bytes.read();
        if (read < 0) {
            return null;
        }
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (read >= 0 && read != '\n') {
            if (line.size() < LINE_LIMIT) {
                line.write(read);
            }
            read = bytes.read();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
