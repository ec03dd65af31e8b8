package org.example.piimages.firstboot.setting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.syntax.KernelCommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Accepted values, and what they are converted to. */
class ValuesTest {

    @ParameterizedTest
    @CsvSource({"HOSTNAME, -pi", "HOSTNAME, pi.local", "HOSTNAME, p$(id)", "USER, Root", "USER, a b", "PASSWORD, secret",
        "PASSWORD, $1$abc$defghijkl",
        "PASSWORD, $6$a'b$c", "WIFI_COUNTRY, gb", "WIFI_COUNTRY, GBR", "TIMEZONE, ../../etc/passwd", "TIMEZONE, Europe/", "LOCALE, en",
        "LOCALE, en_GB;id", "KEYMAP, g'b", "SCRIPT, echo", "WIFI_SSID, 012345678901234567890123456789012"})
    void rejectsInvalidValues(Setting setting, String value) {
        assertThrows(FirstBootException.class, () -> new Settings().set(setting, value));
    }

    @Test
    void acceptsOnlyLinesOfAuthorizedKeys() {
        for (String line : new String[] {"ssh-ed25519 short", "command=\"id\" ssh-rsa AAAAAAAAAAAAAAAAAAAAA",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "ssh-rsa AAAAAAAAAAAAAAAAAAAAA a\nb"}) {
            assertThrows(FirstBootException.class, () -> new Settings().set(Setting.SSH_KEYS, List.of(line)), line);
        }
    }

    /** IEEE 802.11-2020, J.4.2. */
    @ParameterizedTest
    @CsvSource({"password, IEEE, f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e",
        "ThisIsAPassword, ThisIsASSID, 0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"})
    void derivesNetworkKeyAsInStandard(String passphrase, String ssid, String key) throws FirstBootException {
        assertEquals(key, WifiKey.of(ssid, passphrase));
        assertEquals(key, WifiKey.of("other", key.toUpperCase(Locale.ROOT)));
    }

    @Test
    void rejectsShortAndNonAsciiPassphrases() {
        assertThrows(FirstBootException.class, () -> WifiKey.of("x", "1234567"));
        assertThrows(FirstBootException.class, () -> WifiKey.of("x", "passwörter"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "restrict,command=\"a b\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me | has options before the key",
        "ssh-ed25519 | is not a public SSH key",
        "-----BEGIN OPENSSH PRIVATE KEY----- | is not a public SSH key"})
    void saysWhatIsWrongWithSshKey(String line, String reason) {
        FirstBootException refusal = assertThrows(FirstBootException.class, () -> ValueCheck.require(Setting.SSH_KEYS, List.of(line)));
        assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, value = {"a b|a b n=1", "a n=0 b|a n=1 b",
        "n=0 a n=2  b |n=1 a  b ",
        "''|n=1"})
    void setsOneWordOfCommandLine(String before, String after) {
        for (String end : new String[] {"", "\n", "\n# more\n"}) {
            String rest = before.isEmpty() ? "" : end;
            KernelCommandLine line = KernelCommandLine.of((before + rest).getBytes(StandardCharsets.ISO_8859_1));
            line.set("n=", "1");
            assertEquals((after + rest).replaceAll(" $", " "), new String(line.content(), StandardCharsets.ISO_8859_1));
        }
    }
}
