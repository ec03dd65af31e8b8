package org.example.piimages.daemon.image.checksum;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The functions that checksums are made by, and the tools of coreutils that know them. */
public enum HashFunction {
    /** Tells damage; not forgery, since anybody can make another file of the same sum. */
    MD5("MD5", "md5sum", 32),
    /** As MD5. */
    SHA1("SHA-1", "sha1sum", 40), SHA224("SHA-224", "sha224sum", 56), SHA256("SHA-256", "sha256sum", 64),
    SHA384("SHA-384", "sha384sum", 96), SHA512("SHA-512", "sha512sum", 128);

    private final String title;
    private final String program;
    private final int digits;

    HashFunction(String title, String program, int digits) {
        this.title = title;
        this.program = program;
        this.digits = digits;
    }

    /** What people call it. */
    public String title() {
        return title;
    }

    /** The tool that sums files up by it. */
    public String program() {
        return program;
    }

    /** How many hexadecimal digits its sums have. */
    public int digits() {
        return digits;
    }

    /** The one whose sums have so many digits. */
    static Optional<HashFunction> ofDigits(int digits) {
        return Arrays.stream(values()).filter(function -> function.digits == digits).findFirst();
    }

    /** The one that a checksum file calls so: SHA256, sha-256, SHA2-256. */
    static Optional<HashFunction> ofTag(String tag) {
        String plain = tag.toUpperCase(Locale.ROOT).replaceFirst("^SHA2-", "SHA").replace("-", "");
        return Arrays.stream(values()).filter(function -> function.name().equals(plain)).findFirst();
    }
}
