package org.example.piimages.daemon.emulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArmAttributesTest {

    private static final int SECTION = 1024;
    private static final int TABLE = 2048;
    /** Tag_CPU_name "6", Tag_CPU_arch v6, Tag_ARM_ISA_use. */
    private static final byte[] RASPBIAN = {5, '6', 0, 6, 6, 8, 1};

    private static byte[] program(Architecture architecture, byte... attributes) {
        byte[] vendor = "aeabi\0".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer section = ByteBuffer.allocate(1 + 4 + vendor.length + 1 + 4 + attributes.length).order(ByteOrder.LITTLE_ENDIAN);
        section.put((byte) 'A').putInt(section.capacity() - 1).put(vendor).put((byte) 1).putInt(1 + 4 + attributes.length).put(attributes);
        ByteBuffer file = ByteBuffer.wrap(new ElfBuilder(architecture).bytes()).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(32, TABLE).putShort(46, (short) 40).putShort(48, (short) 2);
        file.putInt(TABLE + 40 + 4, 0x70000003).putInt(TABLE + 40 + 16, SECTION).putInt(TABLE + 40 + 20, section.capacity());
        file.put(SECTION, section.array());
        return file.array();
    }

    private static Optional<String> version(byte... program) {
        return ArmVersion.of(ArmAttributes.cpuArchitecture(program)).map(version -> version.title() + (version.beforeV7() ? " old" : ""));
    }

    @Test
    void readsCpuVersion() {
        assertEquals(Optional.of("ARMv6 old"), version(program(Architecture.ARM, RASPBIAN)));
        assertEquals(Optional.of("ARMv7"), version(program(Architecture.ARM, (byte) 5, (byte) '7', (byte) 0, (byte) 6, (byte) 10)));
        // After a compatibility tag: a string for an odd tag, and a two-byte number for a two-byte tag.
        assertEquals(Optional.of("ARMv5TE old"), version(program(Architecture.ARM, new byte[] {32, 1, 'x', 0, 67, '2', 0, (byte) 0x80, 1,
            (byte) 0xFF, 1, 6, 4})));
    }

    @Test
    void missingAttributesAreEmpty() {
        assertEquals(Optional.empty(), version(program(Architecture.ARM)));
        assertEquals(Optional.empty(), version(program(Architecture.ARM, (byte) 6, (byte) 17)));
        assertEquals(Optional.empty(), version(program(Architecture.AARCH64, RASPBIAN)));
        assertEquals(Optional.empty(), version(new ElfBuilder(Architecture.ARM).bytes()));
        assertEquals(Optional.empty(), version());
    }

    @Test
    void truncatedFlippedAndRandomBytesAreHarmless() {
        byte[] valid = program(Architecture.ARM, RASPBIAN);
        for (int length = 0; length < valid.length; length++) {
            ArmAttributes.cpuArchitecture(Arrays.copyOf(valid, length));
        }
        Random random = new Random(6);
        for (int round = 0; round < 20_000; round++) {
            byte[] spoilt = valid.clone();
            for (int flips = 0; flips < 4; flips++) {
                int[] places = {random.nextInt(52), SECTION + random.nextInt(40), TABLE + random.nextInt(80)};
                spoilt[places[random.nextInt(3)]] = (byte) random.nextInt();
            }
            OptionalInt found = ArmAttributes.cpuArchitecture(spoilt);
            ArmVersion.of(found);
        }
    }
}
