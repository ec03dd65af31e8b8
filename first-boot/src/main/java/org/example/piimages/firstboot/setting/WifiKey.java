package org.example.piimages.firstboot.setting;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.example.piimages.firstboot.failure.FirstBootException;

/** Derives the key of a network from its passphrase, like wpa_passphrase(8): the passphrase itself is written nowhere. */
public final class WifiKey {

    private static final Pattern KEY = Pattern.compile("[0-9A-Fa-f]{64}");
    /** IEEE 802.11-2020, J.4. */
    private static final Pattern PASSPHRASE = Pattern.compile("[ -~]{8,63}");
    private static final int ROUNDS = 4096;
    private static final int BITS = 256;

    private WifiKey() {
    }

    /**
     * Returns the key as hexadecimal digits; a passphrase of 64 such digits is already a key.
     *
     * @throws FirstBootException if it is neither a passphrase nor a key
     */
    public static String of(String ssid, String passphrase) throws FirstBootException {
        if (KEY.matcher(passphrase).matches()) {
            return passphrase.toLowerCase(Locale.ROOT);
        }
        if (!PASSPHRASE.matcher(passphrase).matches()) {
            throw FirstBootException.request("a Wi-Fi password must have 8 to 63 ASCII characters, or be a key of 64 hexadecimal digits");
        }
        try {
            PBEKeySpec derivation = new PBEKeySpec(passphrase.toCharArray(), ssid.getBytes(StandardCharsets.UTF_8), ROUNDS, BITS);
            return HexFormat.of().formatHex(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1").generateSecret(derivation).getEncoded());
        } catch (GeneralSecurityException e) {
            throw FirstBootException.image("cannot derive the network key with this Java: " + e.getMessage());
        }
    }
}
