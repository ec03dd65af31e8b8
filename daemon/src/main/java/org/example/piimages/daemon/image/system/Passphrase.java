package org.example.piimages.daemon.image.system;

import java.util.Arrays;

/** The passphrase that a caller gave for encrypted partitions; must never be logged, printed or stored. */
public final class Passphrase {

    /** The maximum length in bytes; cryptsetup accepts 512 from a terminal. */
    public static final int BYTE_LIMIT = 8192;

    /** No passphrase. */
    public static final Passphrase NONE = new Passphrase(new byte[0], 0);

    private final byte[] bytes;
    private final int account;

    /**
     * Creates a passphrase; the array is not copied.
     *
     * @param account the account of the caller, whose use of the daemon the opening counts as
     */
    public Passphrase(byte[] bytes, int account) {
        this.bytes = bytes;
        this.account = account;
    }

    /** The account of the caller; 0 for root. */
    public int account() {
        return account;
    }

    /** Whether no passphrase was given. */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /** Returns a copy, which the caller has to clear. */
    public byte[] bytes() {
        return Arrays.copyOf(bytes, bytes.length);
    }
}
