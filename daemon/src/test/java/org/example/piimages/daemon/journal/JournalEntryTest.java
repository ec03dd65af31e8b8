package org.example.piimages.daemon.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JournalEntryTest {

    /** Decodes fields like journald: the name, a newline, the length of the value in 64 bits, the value, and a newline. */
    private static Map<String, String> fields(byte[] entry) {
        Map<String, String> fields = new LinkedHashMap<>();
        ByteBuffer bytes = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            StringBuilder name = new StringBuilder();
            for (char c = (char) bytes.get(); c != '\n'; c = (char) bytes.get()) {
                name.append(c);
            }
            byte[] value = new byte[(int) bytes.getLong()];
            bytes.get(value);
            assertEquals('\n', bytes.get());
            fields.put(name.toString(), new String(value, StandardCharsets.UTF_8));
        }
        return fields;
    }

    @Test
    void encodesFields() {
        byte[] entry = new JournalEntry(6, "mounted /home/ö.img").field("PIIMAGES_IMAGE", "/home/ö.img").bytes();
        assertEquals(Map.of("MESSAGE", "mounted /home/ö.img", "PRIORITY", "6", "PIIMAGES_IMAGE", "/home/ö.img"), fields(entry));
    }

    @Test
    void escapesControlCharacters() {
        String hostile = "a\nMESSAGE_ID=1\nPRIORITY=0\n\u001b[2J\u009b1m\r\u202egmi.\u2028\ud800";
        JournalEntry entry = new JournalEntry(4, hostile).field("PIIMAGES_IMAGE", hostile);
        String shown = "a\\u{a}MESSAGE_ID=1\\u{a}PRIORITY=0\\u{a}\\u{1b}[2J\\u{9b}1m\\u{d}\\u{202e}gmi.\\u{2028}\\u{d800}";
        assertEquals(Map.of("MESSAGE", shown, "PRIORITY", "4", "PIIMAGES_IMAGE", shown), fields(entry.bytes()));
        assertEquals("<4>" + shown + "\n", entry.lines());
    }

    @Test
    void writesExceptionAsLineAndFramesAsField() {
        Exception cause = new IllegalStateException("of the\nimage");
        Map<String, String> fields = fields(new JournalEntry(3, "unexpected").trace(new RuntimeException("outer", cause)).bytes());
        assertEquals("unexpected: java.lang.RuntimeException: outer", fields.get("MESSAGE"));
        String[] lines = fields.get("PIIMAGES_TRACE").split("\n");
        assertEquals("java.lang.RuntimeException: outer", lines[0]);
        assertTrue(lines[1].startsWith("    at " + JournalEntryTest.class.getName()), lines[1]);
        assertTrue(fields.get("PIIMAGES_TRACE").contains("\ncaused by java.lang.IllegalStateException: of the\\u{a}image\n    at "));
    }

    @Test
    void prefixesEveryLineWithPriority() {
        for (String line : new JournalEntry(3, "x").trace(new RuntimeException("y")).lines().split("\n")) {
            assertTrue(line.startsWith("<3>"), line);
        }
    }

    @Test
    void truncatesLongText() {
        assertEquals(8192, fields(new JournalEntry(6, "x".repeat(1 << 20)).bytes()).get("MESSAGE").length());
    }

    @Test
    void rejectsInvalidFieldNames() {
        JournalEntry entry = new JournalEntry(6, "x");
        for (String name : new String[] {"_UID", "lower", "", "A=B", "MESSAGE", "1A"}) {
            assertThrows(IllegalArgumentException.class, () -> entry.field(name, "y"), name);
        }
    }
}
