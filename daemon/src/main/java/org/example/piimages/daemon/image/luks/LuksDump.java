package org.example.piimages.daemon.image.luks;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * The output of cryptsetup(8) luksDump for a header: where the data is and how it is encrypted. Whatever a header holds, only one plain
 * encrypted segment with a known disk cipher is accepted.
 *
 * @param cipher as dm-crypt takes it, for example {@code aes-xts-plain64}
 * @param offset the offset of the data in the partition, in bytes
 * @param sectorSize the unit of encryption, in bytes
 * @param memory the most that a key slot requires, in bytes
 */
public record LuksDump(String cipher, long offset, int sectorSize, long memory) {

    /** The ciphers that cryptsetup and Raspberry Pi tools use; a header could name any that the kernel can build, of hostile size too. */
    private static final Set<String> CIPHERS = Set.of("aes-xts-plain64", "aes-xts-plain", "aes-cbc-essiv:sha256", "aes-cbc-plain64",
            "serpent-xts-plain64", "twofish-xts-plain64", "camellia-xts-plain64", "xchacha12,aes-adiantum-plain64",
            "xchacha20,aes-adiantum-plain64");
    private static final Set<Integer> SECTOR_SIZES = Set.of(512, 1024, 2048, 4096);
    /** The maximum size of a header with its key slots, in bytes; cryptsetup uses 16 MiB by default and supports 128 MiB. */
    static final long HEADER_LIMIT = 136L << 20;

    private static final Pattern VERSION = Pattern.compile("(?m)^Version:\\s+([12])$");
    private static final Pattern CIPHER_NAME = Pattern.compile("(?m)^Cipher name:\\s+(\\S+)$");
    private static final Pattern CIPHER_MODE = Pattern.compile("(?m)^Cipher mode:\\s+(\\S+)$");
    private static final Pattern PAYLOAD = Pattern.compile("(?m)^Payload offset:\\s+(\\d{1,12})$");
    /** The indented lines. No repeated group, as its stack usage would grow with the text. */
    private static final Pattern SEGMENTS = Pattern.compile("(?ms)^Data segments:$\\n(.*?)(?=^\\S|\\z)");
    private static final Pattern SEGMENT =
            Pattern.compile("\\s+0: crypt\\n\\s+offset: (\\d{1,15}) \\[bytes]\\n\\s+length: \\(whole device\\)\\n"
                    + "\\s+cipher: (\\S+)\\n\\s+sector: (\\d{1,5}) \\[bytes]\\n\\s*");
    private static final Pattern MEMORY = Pattern.compile("(?m)^\\s+Memory:\\s+(\\d{1,10})$");
    private static final Pattern KEY = Pattern.compile("(?m)^MK dump:([\\s0-9a-f]+)\\z");
    private static final int SECTOR = 512;

    /**
     * Parses the output of luksDump.
     *
     * @throws Failure UNSUPPORTED for a kind of volume that is not supported
     */
    public static LuksDump parse(String words) {
        Matcher version = VERSION.matcher(words);
        if (!version.find()) {
            throw unsupported("its header has no known version");
        }
        LuksDump dump = version.group(1).equals("1") ? parseLuks1(words) : parseLuks2(words);
        if (!CIPHERS.contains(dump.cipher)) {
            throw unsupported("its cipher is " + Printable.quoted(dump.cipher));
        }
        if (!SECTOR_SIZES.contains(dump.sectorSize) || dump.offset % SECTOR != 0 || dump.offset > HEADER_LIMIT) {
            throw unsupported("its data begins at byte " + dump.offset + " in sectors of " + dump.sectorSize + " bytes");
        }
        return dump;
    }

    private static LuksDump parseLuks1(String words) {
        Matcher name = CIPHER_NAME.matcher(words);
        Matcher mode = CIPHER_MODE.matcher(words);
        Matcher payload = PAYLOAD.matcher(words);
        if (!name.find() || !mode.find() || !payload.find()) {
            throw unsupported("its header does not tell the cipher");
        }
        return new LuksDump(name.group(1) + "-" + mode.group(1), Long.parseLong(payload.group(1)) * SECTOR, SECTOR, 0);
    }

    /** Parses LUKS 2. Refuses several segments, as during reencryption: some may be plain text or use another key. */
    private static LuksDump parseLuks2(String words) {
        Matcher segments = SEGMENTS.matcher(words);
        Matcher segment = SEGMENT.matcher(segments.find() ? segments.group(1) : "");
        if (!segment.matches()) {
            throw unsupported("its data is not one encrypted segment, or has integrity protection");
        }
        LongStream memory = MEMORY.matcher(words).results().mapToLong(match -> Long.parseLong(match.group(1)) * 1024);
        return new LuksDump(segment.group(2), Long.parseLong(segment.group(1)), Integer.parseInt(segment.group(3)),
                memory.max().orElse(0));
    }

    private static Failure unsupported(String why) {
        return new Failure(Failure.Kind.UNSUPPORTED, "an encrypted volume (LUKS) of this kind is not opened: " + why
                + "; open it with cryptsetup as root");
    }

    /**
     * Returns the key from the output of luksDump with {@code --dump-volume-key}.
     *
     * @param printed ASCII; cleared afterwards
     * @throws Failure FAILED if the output contains no key
     */
    public static byte[] key(byte[] printed) {
        try {
            Matcher match = KEY.matcher(new Ascii(printed));
            byte[] key = match.find() ? hex(printed, match.start(1), match.end(1)) : new byte[0];
            if (key.length == 0) {
                throw new Failure(Failure.Kind.FAILED, "cannot read the volume key that cryptsetup printed");
            }
            return key;
        } finally {
            Arrays.fill(printed, (byte) 0);
        }
    }

    private static byte[] hex(byte[] printed, int start, int end) {
        byte[] key = new byte[(end - start) / 2];
        int length = 0;
        for (int at = start; at < end; at++) {
            if (HexFormat.isHexDigit(printed[at]) && at + 1 < end && HexFormat.isHexDigit(printed[at + 1])) {
                key[length++] = (byte) (HexFormat.fromHexDigit(printed[at]) << 4 | HexFormat.fromHexDigit(printed[at + 1]));
                at++;
            }
        }
        byte[] exact = Arrays.copyOf(key, length);
        Arrays.fill(key, (byte) 0);
        return exact;
    }

    /** A view of bytes as characters, because a String could not be cleared. */
    private record Ascii(byte[] bytes) implements CharSequence {

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public char charAt(int index) {
            return (char) (bytes[index] & 0x7f);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Ascii(Arrays.copyOfRange(bytes, start, end));
        }
    }
}
