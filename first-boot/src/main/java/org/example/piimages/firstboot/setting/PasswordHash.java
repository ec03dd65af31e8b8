package org.example.piimages.firstboot.setting;

import java.util.regex.Pattern;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.libc.Crypt;

/** Password hashes; crypt(5). */
public final class PasswordHash {

    /** yescrypt, the default of passwd(1) in Debian 11 and later. */
    public static final String YESCRYPT = "$y$";
    /** SHA-512, which every C library of the last fifteen years supports. */
    public static final String SHA512 = "$6$";

    private static final Pattern HASH = Pattern.compile("\\$(y|gy|7|6|5|2[aby])\\$[./A-Za-z0-9$=,+-]{8,384}");

    private PasswordHash() {
    }

    /**
     * Hashes a password with a new salt.
     *
     * @param prefix the prefix of the hashing method
     * @throws FirstBootException if the password cannot be typed, or this host does not support the method
     */
    public static String of(String password, String prefix) throws FirstBootException {
        if (password.isEmpty() || ValueCheck.hasControlCharacters(password)) {
            throw FirstBootException.request("the password is empty or contains control characters, so it could not be typed");
        }
        String hash = Crypt.hash(password, prefix);
        if (hash == null) {
            throw FirstBootException.image("cannot hash the password: this host's libcrypt does not know " + prefix
                    + "; hash it on another host, with mkpasswd(1), and use --password-hash");
        }
        return hash;
    }

    /** Checks a hash. Throws {@link FirstBootException} for any other text, such as the password itself. */
    static void require(String hash) throws FirstBootException {
        if (!HASH.matcher(hash).matches()) {
            throw FirstBootException
                    .request("--password-hash: not a hash of yescrypt, SHA-512, SHA-256, scrypt or bcrypt; create one with"
                            + " mkpasswd(1), or use --password-file");
        }
    }

    /** Returns the hashing method, for users; never the hash. */
    static String kind(String hash) {
        return HASH.matcher(hash).matches() ? switch (hash.charAt(1)) {
            case 'y', 'g' -> "set (yescrypt)";
            case '7' -> "set (scrypt)";
            case '6' -> "set (SHA-512)";
            case '5' -> "set (SHA-256)";
            default -> "set (bcrypt)";
        } : "set";
    }
}
