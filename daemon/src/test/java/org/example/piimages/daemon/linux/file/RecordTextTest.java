package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.StringReader;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordTextTest {

    private static final String HARD = " \t\f\n\r\\=:#!nruö€\"'a0\u0001";

    @Test
    void linesAreReadable() {
        Properties record = new Properties();
        record.setProperty("volume.0", "2 ext4 /dev/loop7");
        record.setProperty("file", "/tmp/a: b=c.img");
        assertEquals("file=/tmp/a: b=c.img\nvolume.0=2 ext4 /dev/loop7\n", RecordText.of(record));
        assertEquals("", RecordText.of(new Properties()));
    }

    @Test
    void writtenTextReadsBackUnchanged() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            Properties record = new Properties();
            for (int i = random.nextInt(5); i > 0; i--) {
                record.setProperty(words(random), words(random));
            }
            Properties read = new Properties();
            read.load(new StringReader(RecordText.of(record)));
            assertEquals(record, read, RecordText.of(record));
        }
    }

    private static String words(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(HARD.charAt(random.nextInt(HARD.length())));
        }
        return text.toString();
    }
}
