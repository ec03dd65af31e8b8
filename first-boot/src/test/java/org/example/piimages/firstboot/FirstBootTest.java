package org.example.piimages.firstboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each format is detected, written, read back, kept and removed. */
class FirstBootTest {

    private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2cNu0zZ5Q5B1QMW5cxZdN4kCZQNgq6mNbWDKuxlMe it's me";
    private static final String PSK = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String HASH = "$y$j9T$abcdefgh$ijklmnopqrstuvwxyz./0123456789";

    @TempDir
    Path directory;
    private FakeImage image;

    @BeforeEach
    void image() {
        image = new FakeImage(directory);
    }

    private FakeImage named(String format) {
        return switch (format) {
            case "rpi-preseed" -> image.preseed();
            case "cloud-init" -> image.raspberryPiCloudInit();
            case "ubuntu" -> image.ubuntu();
            case "custom.toml" -> image.customToml();
            case "firstrun.sh" -> image.firstRun();
            case "dietpi.txt" -> image.dietPi();
            default -> image.legacy();
        };
    }

    /** Returns all settings that the image's format can express. */
    private Settings everything(String format) throws FirstBootException {
        Settings settings = new Settings().set(Setting.SSH, true).set(Setting.WIFI_SSID, "Café \"x\" 'y'").set(Setting.WIFI_KEY, PSK)
                .set(Setting.WIFI_COUNTRY, "GB");
        if (!format.equals("dietpi.txt")) {
            settings.set(Setting.USER, "me").set(Setting.PASSWORD, HASH);
        }
        if (!format.equals("older")) {
            settings.set(Setting.HOSTNAME, "no").set(Setting.SSH_KEYS, List.of(KEY)).set(Setting.NO_PASSWORD_LOGIN, true)
                    .set(Setting.TIMEZONE, "Europe/Berlin").set(Setting.KEYMAP, "gb");
        }
        if (!List.of("older", "custom.toml").contains(format)) {
            settings.set(Setting.SCRIPT, "#!/bin/sh\n\techo 'a: b' # c\n\n exit 0\n").set(Setting.LOCALE, "en_GB.UTF-8");
        }
        if (!List.of("older", "custom.toml", "ubuntu", "dietpi.txt").contains(format)) {
            settings.set(Setting.INTERFACES, List.of("i2c", "serial"));
        }
        return settings;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi-preseed", "cloud-init", "ubuntu", "custom.toml", "firstrun.sh", "dietpi.txt", "older"})
    void readsBackWrittenSettings(String format) throws FirstBootException {
        FirstBoot firstBoot = named(format).open();
        assertEquals(format.equals("ubuntu") ? "cloud-init" : format.equals("older") ? "ssh, userconf.txt and wpa_supplicant.conf" : format,
                firstBoot.format());
        Settings settings = everything(format);
        firstBoot.write(settings, false);
        Settings read = image.open().read();
        for (Setting setting : settings.settings()) {
            assertEquals(settings.text(setting), read.text(setting), setting.option());
        }
        assertEquals(settings.settings(), read.settings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi-preseed", "cloud-init", "ubuntu", "custom.toml", "firstrun.sh", "dietpi.txt", "older"})
    void writingTwiceChangesNothing(String format) throws FirstBootException, IOException {
        named(format).open().write(everything(format), false);
        String once = content();
        List<String> changed = image.open().write(everything(format), false);
        assertEquals(withoutInstance(once), withoutInstance(content()));
        assertEquals(format.matches("cloud-init|ubuntu") ? List.of("boot/firmware/meta-data", "boot/firmware/cmdline.txt") : List.of(),
                changed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi-preseed", "cloud-init", "ubuntu", "custom.toml", "firstrun.sh", "older"})
    void keepsOtherSettings(String format) throws FirstBootException {
        named(format).open().write(everything(format), false);
        image.open().write(new Settings().set(Setting.WIFI_COUNTRY, "DE"), false);
        Settings read = image.open().read();
        assertEquals("DE", read.text(Setting.WIFI_COUNTRY));
        assertEquals(PSK, read.text(Setting.WIFI_KEY));
        assertEquals("me", read.text(Setting.USER));
        assertEquals(everything(format).settings(), read.settings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi-preseed", "cloud-init", "custom.toml", "firstrun.sh", "older"})
    void resetRemovesAll(String format) throws FirstBootException {
        String line = named(format).boot("cmdline.txt");
        image.open().write(everything(format), false);
        image.open().write(new Settings(), true);
        assertEquals(List.of(), List.copyOf(image.open().read().settings()));
        assertEquals(line, image.boot("cmdline.txt"));
    }

    private static String withoutInstance(String content) {
        return content.replaceAll("piimages-[0-9a-f-]{36}", "ID");
    }

    private String content() throws IOException {
        StringBuilder content = new StringBuilder();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                content.append(directory.relativize(file)).append(":\n").append(Files.readString(file));
            }
        }
        return content.toString();
    }

    @Test
    void preseedTakesPrecedence() throws FirstBootException {
        image.customToml().raspberryPiCloudInit().firstRun();
        assertEquals("cloud-init", image.open().format());
        image.preseed();
        assertEquals("rpi-preseed", image.open().format());
    }

    @Test
    void bootedImageReadsNoCustomToml() throws FirstBootException {
        image.customToml().put("boot/firmware/cmdline.txt", FakeImage.LINE);
        assertEquals("Buildroot",
                message(image.put("etc/os-release", "PRETTY_NAME=\"Buildroot\"\n")::open).replaceAll(".*system \\(|\\) does not support.*",
                        ""));
    }

    private static String message(Executable call) {
        return assertThrows(FirstBootException.class, call).getMessage();
    }

    @Test
    void rejectsSettingsThatFormatCannotExpress() throws FirstBootException, IOException {
        FirstBoot firstBoot = image.customToml().open();
        String before = content();
        Settings requested = new Settings().set(Setting.HOSTNAME, "pi").set(Setting.LOCALE, "de_DE.UTF-8");
        assertTrue(message(() -> firstBoot.write(requested, false)).contains("custom.toml, which this image reads"));
        assertTrue(message(() -> firstBoot.write(requested, false)).contains("cannot express --locale"));
        assertEquals(before, content());
    }

    @Test
    void cloudInitKeepsCommentsAndUnknownKeys() throws FirstBootException {
        image.ubuntu().put("boot/firmware/user-data", """
                #cloud-config
                # Ubuntu's own.

                chpasswd:
                  expire: true
                  list:
                  - ubuntu:ubuntu # known to all
                ssh_pwauth: yes
                write_files:
                - {path: /etc/x, permissions: 0644, content: "a"}
                """);
        image.open().write(new Settings().set(Setting.HOSTNAME, "yes").set(Setting.TIMEZONE, "Europe/Berlin"), false);
        String text = image.boot("user-data");
        assertTrue(text.startsWith("#cloud-config\n"), text);
        assertTrue(text.contains("# Ubuntu's own.") && text.contains("# known to all"), text);
        assertTrue(text.contains("ssh_pwauth: yes\n") && text.contains("0644"), text);
        assertTrue(text.contains("hostname: 'yes'\n"), text);
    }

    @Test
    void commandLineStaysOneLine() throws FirstBootException {
        image.raspberryPiCloudInit().open().write(new Settings().set(Setting.WIFI_COUNTRY, "GB"), false);
        image.open().write(new Settings().set(Setting.WIFI_COUNTRY, "DE"), false);
        String line = image.boot("cmdline.txt");
        assertTrue(line.matches("console=tty1  root=PARTUUID=1234-02 rootwait quiet cfg80211\\.ieee80211_regdom=DE"
                + " ds=nocloud;i=piimages-[0-9a-f-]{36}\n"), line);
        assertTrue(image.boot("meta-data").contains(line.strip().replaceAll(".*;i=", "")));
    }

    @Test
    void doesNotOverwriteFirstRunOfAnotherTool() throws FirstBootException {
        image.firstRun().put("boot/firmware/firstrun.sh", "#!/bin/sh\nexit 0\n");
        assertTrue(message(() -> image.open().write(new Settings().set(Setting.SSH, true), false)).contains("another tool"));
        image.open().write(new Settings(), true);
        assertFalse(Files.exists(directory.resolve("boot/firmware/firstrun.sh")));
    }

    @Test
    void rejectsIncompleteSettings() {
        assertThrows(FirstBootException.class, () -> image.legacy().open().write(new Settings().set(Setting.USER, "me"), false));
        assertTrue(message(() -> image.preseed().open().write(new Settings().set(Setting.PASSWORD, HASH), false)).contains("--user NAME"));
        assertTrue(message(() -> image.open().write(new Settings().set(Setting.NO_PASSWORD_LOGIN, true), false)).contains("--ssh-key"));
    }

    @Test
    void replacesWholeCloudInitFiles() throws FirstBootException {
        image.ubuntu().put("boot/firmware/user-data", "no: [yaml").open().write(new Settings().set(Setting.HOSTNAME, "pi")
                .set(Setting.USER_DATA, "#cloud-config\nusers: [default]\n").set(Setting.WIFI_SSID, "Home").set(Setting.WIFI_KEY, PSK)
                .set(Setting.NETWORK_CONFIG, "version: 2\nethernets: {eth0: {dhcp4: true}}\n"), false);
        assertEquals("#cloud-config\nusers: [default]\nhostname: pi\nmanage_etc_hosts: true\n", image.boot("user-data"));
        String network = image.boot("network-config");
        assertTrue(network.startsWith("version: 2\nethernets: {eth0: {dhcp4: true}}\nwifis:\n  wlan0:\n"), network);
        assertEquals("Home", image.open().read().text(Setting.WIFI_SSID));
    }

    @Test
    void keepsPermissionsAndProtectsSecrets() throws FirstBootException, IOException {
        Files.setPosixFilePermissions(directory.resolve("boot/firmware/cmdline.txt"), PosixFilePermissions.fromString("rw-r-----"));
        image.firstRun().open().write(everything("firstrun.sh"), false);
        assertEquals("rw-r-----", permissions("cmdline.txt"));
        assertEquals("rwx------", permissions("firstrun.sh"));
        assertEquals("rwx------", permissions("piimages-first-boot.sh"));
    }

    private String permissions(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("boot/firmware/" + file)));
    }

    @Test
    void failedWriteRemovesNothing() throws FirstBootException, IOException {
        image.raspberryPiCloudInit().open().write(everything("cloud-init"), false);
        String before = content();
        Settings keysOfNobody = new Settings().set(Setting.SSH_KEYS, List.of(KEY));
        assertTrue(message(() -> image.open().write(keysOfNobody, true)).contains("--user NAME"));
        Settings large = new Settings().set(Setting.SCRIPT, "#!/bin/sh\n" + "x".repeat(128 << 10));
        assertTrue(message(() -> image.open().write(large, false)).contains("128 KiB"));
        assertEquals(before, content());
    }

    @Test
    void resetRemovesExistingSettings() throws FirstBootException {
        image.preseed().open().write(everything("rpi-preseed"), false);
        image.open().write(new Settings().set(Setting.HOSTNAME, "pi"), true);
        assertEquals(List.of(Setting.HOSTNAME), List.copyOf(image.open().read().settings()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"user-data", "meta-data", "network-config", "cmdline.txt"})
    void rejectsLinks(String file) throws FirstBootException, IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "host: 1\n");
        image.raspberryPiCloudInit().put("boot/firmware/config.txt", "");
        Path link = directory.resolve("boot/firmware/" + file);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, secret);
        // Without cmdline.txt, cloud-init identifies the instance only by meta-data.
        if (!file.equals("cmdline.txt")) {
            assertTrue(message(() -> image.open().write(new Settings().set(Setting.HOSTNAME, "pi"), false)).contains("symbolic link"));
        } else {
            assertThrows(FirstBootException.class, () -> image.open().read());
        }
        assertEquals("host: 1\n", Files.readString(secret));
    }

    @Test
    void ignoresLinkInPlaceOfBootDirectory() throws IOException {
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.move(directory.resolve("boot/firmware/cmdline.txt"), outside.resolve("cmdline.txt"));
        Files.delete(directory.resolve("boot/firmware"));
        Files.createSymbolicLink(directory.resolve("boot/firmware"), outside);
        assertTrue(message(image.preseed()::open).contains("no boot partition"));
    }

    @Test
    void doesNotReadTooLargeFile() {
        image.raspberryPiCloudInit().put("boot/firmware/user-data", "#" + "x".repeat(1 << 20));
        assertTrue(message(() -> image.open().read()).contains("128 KiB"));
    }

    @Test
    void hashMethodMatchesImage() throws FirstBootException {
        assertTrue(image.raspberryPiCloudInit().open().hash("secret").startsWith("$y$"));
        image.put("etc/pam.d/common-password", "pam_unix.so obscure sha512\n");
        assertTrue(image.open().hash("secret").matches("\\$6\\$[^$]{8,16}\\$.{86}"));
    }
}
