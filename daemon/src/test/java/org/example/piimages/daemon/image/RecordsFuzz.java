package org.example.piimages.daemon.image;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.mount.MachineMounts;

/**
 * Records of images and of machines' views in /run/piimages: an invalid one must cause an IllegalArgumentException, which recovery expects.
 */
public final class RecordsFuzz {

    private RecordsFuzz() {
    }

    /** Parses bytes as a record; a valid record must survive a round trip. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        try {
            Properties properties = new Properties();
            properties.load(new StringReader(new String(data, StandardCharsets.UTF_8)));
            MachineMounts.of(properties, Path.of("/run"));
            ImageRecord record = ImageRecord.of(properties);
            if (!ImageRecord.of(record.toProperties()).equals(record)) {
                throw new IllegalStateException("read again it is another: " + record);
            }
        } catch (IllegalArgumentException none) {
            Printable.quoted(String.valueOf(none.getMessage()));
        }
    }
}
