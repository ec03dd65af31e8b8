package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;

/** Compares the encoding with the specification byte by byte; values that do not fit their type are rejected. */
class MarshallerTest {

    private static Object[] decoded(String signature, ByteBuffer bytes) {
        return new Unmarshaller(bytes, List.of(0), false, 10_000).values(signature);
    }

    private static void assertBytes(String hexadecimal, String signature, Object... values) {
        ByteBuffer bytes = new Marshaller().put(signature, values).bytes().order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(values.length, decoded(signature, bytes).length, signature);
        byte[] content = new byte[bytes.remaining()];
        bytes.get(content);
        assertEquals(hexadecimal.replace(" ", ""), HexFormat.of().formatHex(content));
    }

    @Test
    void valuesOfEachType() {
        assertBytes("", "");
        assertBytes("01000000 01000000 0200 0300 04000000 05000000 00000000 0600000000000000 0700000000000000 000000000000f83f",
                "ybnqiuxtd", 1, true, 2, 3, 4, new UInt32(5), 6L, 7, 1.5);
        assertBytes("03000000 666f6f00 01000000 2f00 02 617300 0000 02000000 2f6100", "sogo", "foo", "/", "as", new DBusPath("/a"));
        assertBytes("02000000 c3b600", "s", "ö");
    }

    @Test
    void unsignedNumbersUseLowestBits() {
        assertBytes("ff 00 ffff ffffffff ffffffffffffffff", "yqut", 255, 65535, 4294967295L, -1L);
        assertBytes("ffffffff 00000000 ffffffffffffffff", "ut", -1, new UInt64(UInt64.MAX_BIG_VALUE));
    }

    @Test
    void arraysOfAllKinds() {
        assertBytes("08000000 00000000 0500000000000000", "ax", List.of(5L));
        assertBytes("00000000 00000000", "ax", List.of());
        assertBytes("03000000 010203", "ay", new byte[] {1, 2, 3});
        assertBytes("08000000 01000000 02000000", "ai", new int[] {1, 2});
        assertBytes("06000000 01000000 6100", "as", (Object) new String[] {"a"});
        assertBytes("0c000000 00000000 07000000 03000000 6d6e6f00",
                "a(us)", (Object) new Object[][] {{7, "mno"}});
        assertBytes("10000000 00000000 01000000 6100 017500 000000 07000000", "a{sv}", Map.of("a", new Variant<>(new UInt32(7))));
    }

    @Test
    void nestedStructsAndVariants() {
        assertBytes("017900 05 00000000 02 02617900 000000 01000000 09", "v(yv)", new Variant<>((byte) 5),
                new Object[] {2, new Variant<>(new byte[] {9}, "ay")});
    }

    @Test
    void countsDescriptorsInsideVariants() {
        Marshaller marshaller = new Marshaller().put("hvh", new FileDescriptor(7), new Variant<>(new FileDescriptor(9)),
                new FileDescriptor(7));
        assertEquals(List.of(7, 9, 7), marshaller.descriptors());
        ByteBuffer bytes = marshaller.bytes().order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(List.of(0, 1, 2), List.of(bytes.getInt(0), bytes.getInt(8), bytes.getInt(12)));
    }

    @Test
    void bufferGrows() {
        List<String> many = IntStream.range(0, 1000).mapToObj(String::valueOf).toList();
        ByteBuffer bytes = new Marshaller().put("as", many).bytes().order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(List.of(many), List.of(decoded("as", bytes)));
        assertEquals(bytes.remaining(), 4 + bytes.getInt());
    }

    @Test
    void rejectsValuesOfOtherTypes() {
        for (Object[] wrong : new Object[][] {{"u", "text"}, {"s", 1}, {"b", 1}, {"v", 1}, {"(ss)", new Object[] {"a"}},
            {"(s)", new Object[] {"a", "b"}}, {"as", "a"}, {"a{sv}", Map.of("a", 1)}, {"s", null}, {"s", "a\0b"}, {"()", new Object[0]},
            {"!", 1}, {"ss", "a"}, {"", "a"}}) {
            assertThrows(IllegalArgumentException.class, () -> new Marshaller().put((String) wrong[0], wrong[1]),
                    wrong[0] + " " + wrong[1]);
        }
    }
}
