package org.example.piimages.daemon.image.checksum;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The supported hash functions and the tools of coreutils that compute them. */
public enum HashFunction {
    /** Detects damage but not forgery, as anybody can create different files with the same digest. */
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

    /** The common name of the function. */
    public String title() {
        return title;
    }

    /** The tool that computes checksums with the function. */
    public String program() {
        return program;
    }

    /** The number of hexadecimal digits of a digest. */
    public int digits() {
        return digits;
    }

    /** Returns the function whose digests have the given number of hexadecimal digits. */
    static Optional<HashFunction> ofDigits(int digits) {
        return Arrays.stream(values()).filter(function -> function.digits == digits).findFirst();
    }

    /** Returns the function for a tag in a checksum file, such as SHA256, sha-256 or SHA2-256. */
    static Optional<HashFunction> ofTag(String tag) {
        String plain = tag.toUpperCase(Locale.ROOT).replaceFirst("^SHA2-", "SHA").replace("-", "");
        return Arrays.stream(values()).filter(function -> function.name().equals(plain)).findFirst();
    }
}
