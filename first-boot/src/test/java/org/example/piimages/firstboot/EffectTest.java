package org.example.piimages.firstboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written has the effect that users expect, or is rejected. */
class EffectTest {

    private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2cNu0zZ5Q5B1QMW5cxZdN4kCZQNgq6mNbWDKuxlMe me";
    private static final String HASH = "$y$j9T$abcdefgh$ijklmnopqrstuvwxyz./0123456789";

    @TempDir
    Path directory;
    private FakeImage image;

    @BeforeEach
    void image() {
        image = new FakeImage(directory);
    }

    private void write(Settings requested) throws FirstBootException {
        image.open().write(requested, false);
    }

    private static String message(Executable call) {
        return assertThrows(FirstBootException.class, call).getMessage();
    }

    /** Creates the image of a format and returns the path of its TOML file. */
    private String toml(String format) {
        if (format.equals("custom.toml")) {
            image.customToml();
            return format;
        }
        image.preseed();
        return "rpi-preseed.toml";
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom.toml", "rpi-preseed"})
    void passwordEnablesPasswordLoginInAnyOrder(String format) throws FirstBootException {
        String file = toml(format);
        write(new Settings().set(Setting.USER, "me").set(Setting.PASSWORD, HASH));
        assertFalse(image.boot(file).contains("password_authentication"));
        write(new Settings().set(Setting.SSH, true));
        assertTrue(image.boot(file).contains("password_authentication = true"), image.boot(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom.toml", "rpi-preseed"})
    void sshWithoutKeyAllowsPasswords(String format) throws FirstBootException {
        String file = toml(format);
        write(new Settings().set(Setting.SSH, true));
        assertTrue(image.boot(file).contains("password_authentication = true"), image.boot(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom.toml", "rpi-preseed"})
    void keepsKeyOnlyLogin(String format) throws FirstBootException {
        String file = toml(format);
        write(new Settings().set(Setting.USER, "me").set(Setting.SSH_KEYS, List.of(KEY)).set(Setting.NO_PASSWORD_LOGIN, true));
        write(new Settings().set(Setting.PASSWORD, HASH).set(Setting.SSH, true));
        assertTrue(image.boot(file).contains("password_authentication = false"), image.boot(file));
    }

    @Test
    void rejectsAppliedPreseed() throws FirstBootException {
        image.preseed().put("var/lib/rpi-preseed/applied", "");
        assertTrue(message(() -> write(new Settings().set(Setting.HOSTNAME, "pi")))
                .contains("first boot of the image is over, as var/lib/rpi-preseed"));
        image.open().read();
        image.open().write(new Settings(), true);
    }

    @ParameterizedTest
    @CsvSource({"boot/dietpi/.install_stage", "boot/firmware/dietpi/.install_stage"})
    void rejectsDietPiAfterFirstBoot(String stage) throws FirstBootException {
        image.dietPi().put(stage, "-1\n");
        write(new Settings().set(Setting.HOSTNAME, "pi"));
        image.put(stage, "2\n");
        assertTrue(message(() -> write(new Settings().set(Setting.HOSTNAME, "other"))).contains("change it with piimagesctl run"));
        assertTrue(image.boot("dietpi.txt").contains("NET_HOSTNAME=pi\n"));
    }

    @Test
    void preseedCountryNeedsNoNetwork() throws FirstBootException {
        image.preseed();
        write(new Settings().set(Setting.WIFI_COUNTRY, "GB"));
        assertEquals(FakeImage.LINE.strip() + " cfg80211.ieee80211_regdom=GB\n", image.boot("cmdline.txt"));
        write(new Settings().set(Setting.WIFI_SSID, "Home"));
        write(new Settings().set(Setting.WIFI_COUNTRY, "DE"));
        assertTrue(image.boot("cmdline.txt").endsWith("regdom=DE\n") && image.boot("rpi-preseed.toml").contains("country = 'DE'"));
        image.open().write(new Settings(), true);
        assertEquals(FakeImage.LINE, image.boot("cmdline.txt"));
        write(new Settings().set(Setting.WIFI_SSID, "Home").set(Setting.WIFI_COUNTRY, "GB"));
        assertEquals(FakeImage.LINE, image.boot("cmdline.txt"));
    }

    @Test
    void removesHexadecimalNetworkName() throws FirstBootException {
        image.preseed().put("boot/firmware/rpi-preseed.toml", "[wlan]\nssid_hex = '4f6c64'\n");
        assertEquals("Old", image.open().read().text(Setting.WIFI_SSID));
        write(new Settings().set(Setting.WIFI_SSID, "Home"));
        assertFalse(image.boot("rpi-preseed.toml").contains("ssid_hex"));
        assertEquals("Home", image.open().read().text(Setting.WIFI_SSID));
    }

    @Test
    void keyRequiresUserInEachFormat() {
        Settings key = new Settings();
        key.setFromImage(Setting.SSH_KEYS, List.of(KEY));
        image.firstRun();
        assertTrue(message(() -> write(key)).contains("--user NAME"));
        image.customToml();
        assertTrue(message(() -> write(key)).contains("--user NAME"));
        image.preseed();
        assertTrue(message(() -> write(key)).contains("--user NAME"));
    }

    @Test
    void rejectsSystemUsers() throws FirstBootException {
        image.preseed().put("etc/passwd",
                "root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/:/bin/false\npi:x:1000:1000::/home/pi:/bin/bash\n");
        assertTrue(message(() -> write(new Settings().set(Setting.USER, "root"))).contains("'root' is a system user"));
        assertTrue(message(() -> write(new Settings().set(Setting.USER, "sshd"))).contains("specify another name"));
        write(new Settings().set(Setting.USER, "pi"));
    }
}
