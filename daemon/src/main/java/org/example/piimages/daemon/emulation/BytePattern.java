package org.example.piimages.daemon.emulation;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The condition on the first bytes of a file in a binfmt_misc entry of type M: a magic number at an offset, under a mask. */
public final class BytePattern {

    /** The number of bytes of a file that the kernel examines (BINPRM_BUF_SIZE; 128 before Linux 5.1). */
    public static final int HEADER_LENGTH = 256;

    private final int offset;
    private final byte[] magic;
    private final byte[] mask;

    private BytePattern(int offset, byte[] magic, byte[] mask) {
        this.offset = offset;
        this.magic = magic;
        this.mask = mask;
    }

    /**
     * Creates a pattern.
     *
     * @param offset the offset of the magic number in the file
     * @param magic at least one byte
     * @param mask as long as the magic number, or empty if all bits are significant
     * @return empty if the kernel would reject it
     */
    public static Optional<BytePattern> of(int offset, byte[] magic, byte[] mask) {
        boolean acceptable = offset >= 0 && magic.length > 0 && magic.length <= HEADER_LENGTH && offset <= HEADER_LENGTH - magic.length
                && (mask.length == 0 || mask.length == magic.length);
        return acceptable ? Optional.of(new BytePattern(offset, magic.clone(), mask.clone())) : Optional.empty();
    }

    /**
     * Returns whether a file matches, as search_binfmt_handler() decides.
     *
     * @param header the first bytes of the file; a short file is treated as if padded with zeros, as in the kernel's buffer, and bytes
     *         beyond {@link #HEADER_LENGTH} are ignored
     */
    public boolean matches(byte[] header) {
        for (int index = 0; index < magic.length; index++) {
            int at = offset + index;
            int actual = at < header.length ? header[at] : 0;
            int counting = mask.length == 0 ? 0xFF : mask[index];
            if (((actual ^ magic[index]) & counting) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns the offset of the magic number in the file. */
    public int offset() {
        return offset;
    }

    /** Returns the fields {@code offset:magic:mask} of a registration line, with every byte as {@code \xHH}. */
    String fields(char delimiter) {
        return offset + String.valueOf(delimiter) + escaped(magic) + delimiter + escaped(mask);
    }

    private static String escaped(byte[] bytes) {
        return bytes.length == 0 ? "" : HexFormat.of().withPrefix("\\x").formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BytePattern pattern && offset == pattern.offset && Arrays.equals(magic, pattern.magic)
                && Arrays.equals(mask, pattern.mask);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * offset + Arrays.hashCode(magic)) + Arrays.hashCode(mask);
    }

    /** Returns the pattern as on a registration line, for debugging. */
    @Override
    public String toString() {
        return fields(':');
    }
}
