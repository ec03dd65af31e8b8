package org.example.piimages.firstboot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.Directory;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images with malformed or hostile files: each is rejected with a one-line message within a limited time. */
class UnsuitableImageTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    Path directory;
    private FakeImage image;

    @BeforeEach
    void image() {
        image = new FakeImage(directory);
    }

    private static String message(Executable call) {
        return assertThrows(FirstBootException.class, call).getMessage();
    }

    private void fifo(String path) throws IOException, InterruptedException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).inheritIO().start().waitFor());
    }

    @ParameterizedTest
    @ValueSource(strings = {"usr/lib/rpi-preseed", "etc/cloud", "usr/lib/raspberrypi-sys-mods", "lib/systemd", "var",
        "var/lib/rpi-preseed"})
    void doesNotOpenFifoInPlaceOfDirectory(String path) throws IOException, InterruptedException {
        image.put("etc/rpi-issue", "").put("usr/lib/systemd/system-generators/systemd-run-generator", "");
        if (path.startsWith("var")) {
            image.preseed();
        }
        fifo(path);
        assertTimeoutPreemptively(TIMEOUT, () -> image.open().write(new Settings().set(Setting.HOSTNAME, "pi"), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"user-data", "meta-data", "network-config"})
    void reportsFifoInPlaceOfFile(String file) throws IOException, InterruptedException {
        image.raspberryPiCloudInit();
        fifo("boot/firmware/" + file);
        assertTrue(
                assertTimeoutPreemptively(TIMEOUT,
                        () -> message(() -> image.open().write(new Settings().set(Setting.HOSTNAME, "pi"), false)))
                        .contains("not a regular file"));
    }

    @Test
    void ignoresFifoInPlaceOfBootDirectory() throws IOException, InterruptedException {
        Files.delete(directory.resolve("boot/firmware/cmdline.txt"));
        fifo("boot/firmware");
        assertTrue(assertTimeoutPreemptively(TIMEOUT, () -> message(image::open)).contains("no boot partition"));
    }

    private String complaint(String userData) {
        image.raspberryPiCloudInit().put("boot/firmware/user-data", "#cloud-config\n" + userData);
        String message = assertTimeoutPreemptively(TIMEOUT, () -> message(() -> {
            FirstBoot firstBoot = image.open();
            firstBoot.read();
            firstBoot.write(new Settings().set(Setting.HOSTNAME, "pi"), false);
        }));
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private static String bomb(String last) {
        StringBuilder text = new StringBuilder("b:\n- &l0 [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n");
        for (int i = 1; i < 17; i++) {
            text.append("- &l").append(i).append(" [*l").append(i - 1).append(", *l").append(i - 1).append(", *l").append(i - 1)
                    .append("]\n");
        }
        return text + last;
    }

    @Test
    void limitsExpansionOfAliases() {
        assertTrue(complaint(bomb("? *l16\n: 1\n")).contains("user-data: its aliases expand to more nodes"));
        assertTrue(complaint(bomb("hostname: *l16\n")).contains("user-data: its aliases expand to more nodes"));
    }

    @Test
    void rejectsRecursiveAliases() {
        assertTrue(complaint("x: &a [[*a]]\n").contains("an alias in it refers to a value that contains it"));
        assertTrue(complaint("hostname: &a {b: *a}\n").contains("an alias in it refers to a value that contains it"));
        assertTrue(complaint("? [a]\n: 1\n").contains("a key in it is a list or a mapping"));
    }

    @Test
    void keepsOrdinaryAliases() throws FirstBootException {
        image.raspberryPiCloudInit().put("boot/firmware/user-data", "#cloud-config\na: &a [b]\nc: [*a, *a]\nhostname: [[no, text]]\n");
        assertFalse(image.open().read().has(Setting.HOSTNAME));
        image.open().write(new Settings().set(Setting.TIMEZONE, "Europe/Berlin"), false);
        assertTrue(image.boot("user-data").contains("a: &"), image.boot("user-data"));
    }

    @Test
    void lineEndsInNoteOfUserDataAreNoInternalError() {
        assertTrue(complaint("#: a\rb\n").contains("not a mapping"));
        assertTrue(complaint("#: a: [\r#\n").contains("not valid YAML"));
    }

    @Test
    void emptyLinesTakeLittleTime() throws FirstBootException {
        image.legacy().put("boot/firmware/wpa_supplicant.conf", "\n".repeat(100_000) + " country=GB \r\n");
        assertEquals("GB", assertTimeoutPreemptively(Duration.ofSeconds(5), () -> image.open().read().text(Setting.WIFI_COUNTRY)));
    }

    @Test
    void lookupErrorIsNotTakenForMissingFile() {
        assertTrue(message(() -> new Directory(directory).hasFile("x".repeat(300))).startsWith("cannot look for "));
    }

    @Test
    void reportsReasonOfWriteError() {
        String message = message(() -> new Directory(Path.of("/sys/kernel")).replace("new", new byte[1]));
        assertTrue(message.matches("cannot write new in the image: (permission denied|Read-only file system|Operation not permitted)"),
                message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"user-data", "meta-data", "network-config"})
    void whatIsNoUtf8IsNotWrittenBackAsSomethingElse(String file) throws IOException {
        byte[] latin = "#cloud-config\n# caf\u00e9\na: b\n".getBytes(StandardCharsets.ISO_8859_1);
        image.raspberryPiCloudInit();
        Files.write(directory.resolve("boot/firmware/" + file), latin);
        assertTrue(message(() -> image.open().write(new Settings().set(Setting.WIFI_SSID, "x").set(Setting.HOSTNAME, "pi"), false))
                .contains(file + " in the image: it is not UTF-8 text"));
        assertArrayEquals(latin, Files.readAllBytes(directory.resolve("boot/firmware/" + file)));
    }

    @Test
    void keepsBytesAndLineEndingsOfDietPiFile() throws IOException, FirstBootException {
        Path file = directory.resolve("boot/firmware/dietpi.txt");
        Files.write(file, "# caf\u00e9\r\nAUTO_SETUP_NET_HOSTNAME=DietPi\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        image.open().write(
                new Settings().set(Setting.HOSTNAME, "pi").set(Setting.SSH_KEYS, List.of("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 Zoë")),
                false);
        List<String> lines = List.of("# caf\u00e9", "AUTO_SETUP_NET_HOSTNAME=pi", "",
                "AUTO_SETUP_SSH_PUBKEY=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 Zo\u00c3\u00ab", "AUTO_SETUP_SSH_SERVER_INDEX=-1", "");
        assertEquals(String.join("\r\n", lines), Files.readString(file, StandardCharsets.ISO_8859_1));
        assertEquals(List.of("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 Zoë"), image.open().read().list(Setting.SSH_KEYS));
    }

    /** As Batocera and LibreELEC, whose systems are in files. */
    @Test
    void namesImageWithBootFilesOnly() throws IOException {
        Path top = Files.createDirectory(directory.resolve("fat"));
        Files.writeString(top.resolve("config.txt"), "");
        assertTrue(message(() -> FirstBoot.of(top)).contains("only boot files; to change them, mount the image"));
    }
}
