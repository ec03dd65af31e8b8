package org.example.piimages.firstboot;

import java.util.regex.Pattern;
import org.example.piimages.libc.Crypt;

/** Hashes of passwords; crypt(5). */
public final class PasswordHash {

    /** Of Debian 11 and later, whose own passwd(1) makes these. */
    static final String YESCRYPT = "$y$";
    /** What every C library of the last fifteen years understands. */
    static final String SHA512 = "$6$";

    private static final Pattern HASH = Pattern.compile("\\$(y|gy|7|6|5|2[aby])\\$[./A-Za-z0-9$=,+-]{8,384}");

    private PasswordHash() {
    }

    /**
     * Hashes a password with a new salt.
     *
     * @param prefix which kind of hash
     */
    static String of(String password, String prefix) throws FirstBootException {
        if (password.isEmpty() || ValueCheck.hasControls(password)) {
            throw FirstBootException.request("the password is empty or contains control characters, so it could not be typed");
        }
        String hash = Crypt.hash(password, prefix);
        if (hash == null) {
            throw FirstBootException.image("cannot hash the password: this host's libcrypt does not know " + prefix
                    + "; hash it on another host, with mkpasswd(1), and use --password-hash");
        }
        return hash;
    }

    /** Throws {@link FirstBootException} for what is no hash, such as the password itself. */
    static void require(String hash) throws FirstBootException {
        if (!HASH.matcher(hash).matches()) {
            throw FirstBootException
                    .request("--password-hash: not a hash of yescrypt, SHA-512, SHA-256, scrypt or bcrypt; create one with"
                            + " mkpasswd(1), or use --password-file");
        }
    }

    /** What kind it is, for people; never the hash. */
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
