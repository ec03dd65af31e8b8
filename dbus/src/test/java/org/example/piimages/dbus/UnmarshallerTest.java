package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt16;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;

/** The specification's examples of the wire format, and input by which a peer could make this process waste time or memory. */
class UnmarshallerTest {

    private static final int BUDGET = 1000;

    private static Unmarshaller bytes(String hexadecimal, boolean lazyVariants) {
        byte[] bytes = HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
        return new Unmarshaller(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), List.of(70, 71), lazyVariants, BUDGET);
    }

    private static void assertValues(String signature, String hexadecimal, Object... expected) {
        assertArrayEquals(expected, bytes(hexadecimal, false).values(signature), signature);
    }

    private static void assertNone(String signature, String hexadecimal) {
        assertThrows(IllegalArgumentException.class, () -> bytes(hexadecimal, false).values(signature), signature);
        assertThrows(IllegalArgumentException.class, () -> bytes(hexadecimal, true).values(signature), signature);
    }

    private static Unmarshaller of(boolean lazyVariants, int budget, String signature, Object... values) {
        return new Unmarshaller(new Marshaller().put(signature, values).bytes().order(ByteOrder.LITTLE_ENDIAN), List.of(), lazyVariants,
                budget);
    }

    @Test
    void valuesOfEachType() {
        assertValues("", "");
        assertValues("ybnqiuxtdh", "01000000 01000000 0200 0300 04000000 05000000 00000000 0600000000000000 0700000000000000"
                + "000000000000f83f 01000000", (byte) 1, true, (short) 2, new UInt16(3), 4, new UInt32(5), 6L, new UInt64(7), 1.5,
                new FileDescriptor(71));
        assertValues("qut", "ffff 0000 ffffffff ffffffffffffffff", new UInt16(65535), new UInt32(4294967295L),
                new UInt64(UInt64.MAX_BIG_VALUE));
        assertValues("sog", "03000000 666f6f00 01000000 2f00 02 617300", "foo", "/", "as");
        assertValues("ax", "08000000 00000000 0500000000000000", List.of(5L));
        assertValues("ax", "00000000 00000000", List.of());
        assertValues("a{sy}", "0f000000 00000000 01000000 6100 05 00 01000000 6200 06", Map.of("a", (byte) 5, "b", (byte) 6));
    }

    @Test
    void nestedStructsMapsAndVariants() {
        Object[] values = bytes("10000000 00000000 01000000 6100 017500 000000 07000000", false).values("a{sv}");
        assertEquals(new UInt32(7), ((Variant<?>) ((Map<?, ?>) values[0]).get("a")).getValue());
        values = bytes("017900 05 00000000 02 02617900 000000 01000000 09", false).values("v(yv)");
        assertEquals("y", ((Variant<?>) values[0]).getSig());
        Object[] struct = (Object[]) values[1];
        assertEquals((byte) 2, struct[0]);
        assertEquals(List.of((byte) 9), ((Variant<?>) struct[1]).getValue());
    }

    @Test
    void rejectsMalformedValues() {
        assertNone("u", "010000");
        assertNone("u", "0100000000");
        assertNone("b", "02000000");
        assertNone("h", "02000000");
        assertNone("h", "ffffffff");
        assertNone("s", "03000000 666f6f01");
        assertNone("s", "03000000 66006f00");
        assertNone("as", "08000000 03000000 66006f00");
        assertNone("s", "ffffffff 666f6f00");
        assertNone("s", "ffffff7f 666f6f00");
        assertNone("au", "05000000 0100000002");
        assertNone("au", "06000000 01000000 0200");
        assertNone("au", "fcffffff 01000000");
        assertNone("v", "027575 00 01000000");
        assertNone("v", "00 00");
    }

    @Test
    void rejectsInvalidSignatures() {
        for (String none : new String[] {"a", "a()", "()", "a(", "(u", "u)", "a{u)", "e", "aaa"}) {
            assertNone(none, "08000000 00000000 00000000 00000000");
        }
    }

    @Test
    void limitsNesting() {
        bytes("00000000", false).values("a".repeat(60) + "y");
        assertNone("a".repeat(70) + "y", "00000000");
        assertNone("v", "01 76 00".repeat(100));
    }

    @Test
    void sealedValueIsDecodedOnOpen() {
        Map<String, Variant<?>> options = Map.of("list", new Variant<>(List.of("a", "b"), "as"));
        Object[] values = of(true, BUDGET, "a{sv}u", options, 9).values("a{sv}u");
        assertEquals(new UInt32(9), values[1]);
        UndecodedVariant list = (UndecodedVariant) ((Map<?, ?>) values[0]).get("list");
        assertEquals("as", list.signature());
        assertEquals(List.of("a", "b"), list.decode());
        assertEquals(List.of("a", "b"), list.decode());
    }

    /** The bus has validated it already; it is validated again when it is opened. */
    @Test
    void malformedSealedValueFailsOnOpenOnly() {
        Object[] values = bytes("02617300 04000000 09000000 07", true).values("vy");
        assertEquals((byte) 7, values[1]);
        assertThrows(IllegalArgumentException.class, ((UndecodedVariant) values[0])::decode);
    }

    @Test
    void enforcesBudget() {
        List<Integer> many = Collections.nCopies(100, 1);
        assertEquals(many, of(false, 101, "ai", many).values("ai")[0]);
        assertThrows(IllegalArgumentException.class, () -> of(false, 100, "ai", many).values("ai"));
        assertThrows(IllegalArgumentException.class,
                () -> ((UndecodedVariant) of(true, 100, "v", new Variant<>(many, "ai")).values("v")[0]).decode());
        List<Variant<?>> variants = Collections.nCopies(100, new Variant<>(1));
        assertThrows(IllegalArgumentException.class, () -> of(true, 200, "av", variants).values("av"));
    }

    /** Untrusted content of a variant must cost nothing: an array of 29,000 structures of 31 levels became 125 MB of objects. */
    @Test
    void skippingVariantAllocatesNothingForContent() {
        String deep = "(".repeat(31) + "y" + ")".repeat(31);
        ByteBuffer elements = ByteBuffer.allocate(29_000 * 8).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer message = ByteBuffer.allocate(elements.capacity() + 128).order(ByteOrder.LITTLE_ENDIAN);
        message.put((byte) (deep.length() + 1)).put(("a" + deep).getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
        message.position(message.position() + (-message.position() & 3)).putInt(elements.capacity() - 7);
        message.position((message.position() + 7 & -8) + elements.capacity() - 7);
        ByteBuffer bytes = message.flip().order(ByteOrder.LITTLE_ENDIAN);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(self);
        Object[] values = new Unmarshaller(bytes, List.of(), true, BUDGET).values("v");
        long allocated = threads.getThreadAllocatedBytes(self) - before;
        assertEquals("a" + deep, ((UndecodedVariant) values[0]).signature());
        assertTrue(allocated < 1 << 20, allocated + " bytes");
        assertThrows(IllegalArgumentException.class, ((UndecodedVariant) values[0])::decode);
    }

    @Test
    void lastValueOfDuplicateKeyWins() {
        Object[][] twice = IntStream.range(0, 2).mapToObj(i -> new Object[] {"a", i}).toArray(Object[][]::new);
        ByteBuffer bytes = new Marshaller().put("a(si)", (Object) twice).bytes().order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(Map.of("a", 1), new Unmarshaller(bytes, List.of(), false, BUDGET).values("a{si}")[0]);
    }
}
