package org.example.piimages.firstboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.setting.Setting;
import org.example.piimages.firstboot.setting.Settings;
import org.example.piimages.firstboot.syntax.YamlFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** cloud-init's files as found in images and written by other tools: additions take effect, and existing content is kept. */
class CloudInitTest {

    private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2cNu0zZ5Q5B1QMW5cxZdN4kCZQNgq6mNbWDKuxlMe me";
    private static final String HASH = "$y$j9T$abcdefgh$ijklmnopqrstuvwxyz./0123456789";
    private static final String HEADER = "#cloud-config\n";
    private static final String NEW = "chpasswd:\n  expire: true\n  users:\n  - {name: ubuntu, password: ubuntu, type: text}\n";
    private static final String OLD = "chpasswd:\n  expire: true\n  list:\n  - ubuntu:ubuntu\n";
    private static final String OLDEST = "chpasswd:\n  expire: true\n  list: |\n    ubuntu:ubuntu\n";

    @TempDir
    Path directory;
    private FakeImage image;

    @BeforeEach
    void image() {
        image = new FakeImage(directory).ubuntu();
    }

    private void userData(String text) {
        image.put("boot/firmware/user-data", HEADER + text);
    }

    private Map<String, Object> userData() {
        return new Yaml().load(image.boot("user-data"));
    }

    private void write(Settings requested) throws FirstBootException {
        image.open().write(requested, false);
    }

    private static Settings user(String name) throws FirstBootException {
        return new Settings().set(Setting.USER, name).set(Setting.PASSWORD, HASH);
    }

    private static String message(Executable call) {
        return assertThrows(FirstBootException.class, call).getMessage();
    }

    private List<?> names() {
        return ((List<?>) userData().get("users")).stream().map(user -> user instanceof Map<?, ?> map ? map.get("name") : user).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {NEW, OLD, OLDEST, "password: ubuntu\n"})
    void withdrawsShippedPasswords(String shipped) throws FirstBootException {
        for (String name : List.of("ubuntu", "me")) {
            userData(shipped);
            write(user(name));
            assertFalse(userData().containsKey("chpasswd"), image.boot("user-data"));
            assertFalse(userData().containsKey("password"), image.boot("user-data"));
            write(new Settings().set(Setting.HOSTNAME, "pi"));
            image.open().write(new Settings(), true);
            assertEquals(new Yaml().<Object>load(shipped), userData());
        }
        userData(shipped);
        write(new Settings().set(Setting.USER, "ubuntu").set(Setting.SSH_KEYS, List.of(KEY)));
        assertFalse(userData().containsKey("chpasswd") || userData().containsKey("password"), image.boot("user-data"));
    }

    @Test
    void keepsPasswordsOfOtherUsers() throws FirstBootException {
        image.put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        userData("users: [{name: ansible, system: true}]\nchpasswd: {expire: false, list: ['ubuntu:u', 'root:r', 'ansible:a', 'me:m']}\n");
        write(user("me"));
        assertEquals(Map.of("expire", false, "list", List.of("root:r", "ansible:a")), userData().get("chpasswd"));
        userData("users: [default]\npassword: x\n" + NEW);
        write(user("me"));
        assertEquals(new Yaml().<Map<String, Object>>load(NEW).get("chpasswd"), userData().get("chpasswd"));
        assertEquals("x", userData().get("password"));
    }

    @Test
    void passwordEnablesPasswordLoginInAnyOrder() throws FirstBootException {
        userData("ssh_pwauth: false\n");
        write(user("me"));
        assertEquals(false, userData().get("ssh_pwauth"));
        write(new Settings().set(Setting.SSH, true));
        assertEquals(true, userData().get("ssh_pwauth"));
        image.open().write(new Settings(), true);
        assertEquals(Map.of("ssh_pwauth", false), userData());
    }

    @Test
    void laterPasswordKeepsKeyOnlyLogin() throws FirstBootException {
        write(new Settings().set(Setting.USER, "me").set(Setting.SSH_KEYS, List.of(KEY)).set(Setting.NO_PASSWORD_LOGIN, true));
        write(user("me").set(Setting.SSH_KEYS, List.of(KEY)));
        assertEquals(false, userData().get("ssh_pwauth"));
    }

    @Test
    void resetKeepsOriginalContent() throws FirstBootException {
        String shipped = "ssh_pwauth: true\nrpi: {enable_usb_gadget: true}\n";
        userData(shipped);
        image.open().write(new Settings(), true);
        assertEquals(new Yaml().<Object>load(shipped), userData());
        image.raspberryPiCloudInit().put("usr/lib/os-release", "ID=debian\n");
        write(new Settings().set(Setting.INTERFACES, List.of("i2c")));
        image.open().write(new Settings(), true);
        assertEquals(Map.of("enable_usb_gadget", true), userData().get("rpi"));
    }

    @Test
    void doesNotRenameOtherUsers() throws FirstBootException {
        userData("users:\n- default\n- {name: ansible, system: true, lock_passwd: true}\n- {name: me, gecos: Me}\n");
        write(user("me"));
        assertEquals(List.of("default", "ansible", "me"), names());
        assertEquals(Map.of("name", "ansible", "system", true, "lock_passwd", true), ((List<?>) userData().get("users")).get(1));
        assertEquals("me", image.open().read().text(Setting.USER));
        write(user("you"));
        assertEquals(List.of("default", "ansible", "you"), names());
        image.open().write(new Settings(), true);
        assertEquals(List.of("default", "ansible"), names());
        userData("users: {bob: {}}\n");
        assertTrue(message(() -> write(user("me"))).contains("users is not a list"));
    }

    @Test
    void keepsBinaryValues() throws FirstBootException {
        userData("write_files:\n- {path: /etc/x, content: !!binary aGVsbG8=}\n");
        write(new Settings().set(Setting.HOSTNAME, "pi").set(Setting.SCRIPT, "#!/bin/sh\n"));
        assertTrue(image.boot("user-data").contains("aGVsbG8="), image.boot("user-data"));
        image.open().write(new Settings(), true);
        assertEquals(List.of("write_files"), List.copyOf(userData().keySet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"version: 1\nconfig: []\n", "network: {version: 1, config: []}\n", "config: disabled\n",
        "network: {config: disabled}\n", "network: disabled\n"})
    void rejectsNetworkInOtherVersions(String config) {
        image.put("boot/firmware/network-config", config);
        Settings requested = network();
        assertTrue(message(() -> write(requested)).contains("replace it with --network-config FILE"));
        assertEquals(config, image.boot("network-config"));
    }

    private static Settings network() {
        Settings requested = new Settings();
        requested.setFromImage(Setting.WIFI_SSID, "Home");
        return requested;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ds=nocloud;h=x;i=old | ds=nocloud;h=x;i=ID | ds=nocloud;h=x",
        "ds=nocloud;s=/boot/firmware;i=rpi-imager-1 | ds=nocloud;s=/boot/firmware;i=ID | ds=nocloud;s=/boot/firmware",
        "quiet | quiet ds=nocloud;i=ID | quiet"})
    void keepsRestOfSeedWord(String before, String after, String reset) throws FirstBootException {
        image.put("boot/firmware/cmdline.txt", before + "\n");
        write(new Settings().set(Setting.HOSTNAME, "pi"));
        assertEquals(after + "\n", image.boot("cmdline.txt").replaceAll("piimages-[0-9a-f-]+", "ID"));
        image.open().write(new Settings(), true);
        assertEquals(reset + "\n", image.boot("cmdline.txt"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ds=nocloud;s=http://10.0.0.1/", "ds=ec2", "ds=nocloud;seedfrom=/srv/seed/;i=x"})
    void reportsSeedElsewhere(String word) throws FirstBootException {
        image.put("boot/firmware/cmdline.txt", word + "\n");
        assertTrue(
                message(() -> write(new Settings().set(Setting.HOSTNAME, "pi")))
                        .contains("a place other than the boot partition: " + word));
        image.open().write(new Settings(), true);
        assertEquals(word + "\n", image.boot("cmdline.txt"));
    }

    @Test
    void disabledCloudInitIsNotDetected() throws FirstBootException {
        image.firstRun().put("boot/firmware/cmdline.txt", "quiet cloud-init=disabled\n");
        assertEquals("firstrun.sh", image.open().format());
    }

    @Test
    void whatIsSaidOfTheSameNetworkStays() throws FirstBootException {
        image.put("boot/firmware/network-config",
                "network: {version: 2, wifis: {wlan0: {access-points: {Home: {hidden: true, password: old, auth: {password: x}}}}}}");
        String psk = "0123456789abcdef".repeat(4);
        write(new Settings().set(Setting.WIFI_SSID, "Home").set(Setting.WIFI_KEY, psk));
        assertEquals(Map.of("Home", Map.of("hidden", true, "password", psk)), accessPoints());
        write(new Settings().set(Setting.WIFI_SSID, "Other"));
        assertEquals(Map.of("Other", Map.of()), accessPoints());
    }

    private Object accessPoints() {
        Map<String, Object> config = new Yaml().load(image.boot("network-config"));
        return YamlFile.find(config, "network", "wifis", "wlan0", "access-points");
    }

    @Test
    void whatIsNoYamlIsNamedWithItsLine() {
        userData("hostname: a\nhostname: b\n");
        String twice = message(() -> write(user("me")));
        assertTrue(twice.contains("not valid YAML: found duplicate key hostname, line 3"), twice);
        userData("users:\n\t- name: pi\n");
        String tab = message(() -> write(user("me")));
        assertTrue(tab.endsWith(", line 3"), tab);
    }

    @Test
    void aWordIsAddedBeforeTheEndOfTheLineWhateverThatIs() throws FirstBootException {
        image.put("boot/firmware/cmdline.txt", "quiet\r\nsecond\r\n");
        write(user("me"));
        String line = image.boot("cmdline.txt").replaceAll("piimages-[0-9a-f-]+", "ID");
        assertEquals("quiet ds=nocloud;i=ID\r\nsecond\r\n", line);
    }

    @Test
    void usesCommandLineThatConfigurationNames() throws FirstBootException {
        image.put("boot/firmware/config.txt", "[all]\r\nos_prefix=current/\r\n[tryboot]\r\nos_prefix=new/\r\n")
                .put("boot/firmware/current/cmdline.txt", "root=LABEL=writable ds=nocloud;i=rpi-imager-1\n")
                .put("boot/firmware/new/cmdline.txt", FakeImage.LINE);
        write(new Settings().set(Setting.WIFI_COUNTRY, "GB"));
        assertTrue(image.boot("current/cmdline.txt").matches(
                "root=LABEL=writable ds=nocloud;i=piimages-\\S+ cfg80211.ieee80211_regdom=GB\n"), image.boot("current/cmdline.txt"));
        assertEquals(FakeImage.LINE, image.boot("cmdline.txt"));
        assertEquals(FakeImage.LINE, image.boot("new/cmdline.txt"));
        assertEquals("GB", image.open().read().text(Setting.WIFI_COUNTRY));
    }

    @Test
    void ignoresPrefixWithoutCommandLine() throws FirstBootException {
        image.put("boot/firmware/config.txt", "os_prefix=current/\n");
        write(new Settings().set(Setting.WIFI_COUNTRY, "GB"));
        assertTrue(image.boot("cmdline.txt").contains(" cfg80211.ieee80211_regdom=GB"), image.boot("cmdline.txt"));
    }

    @Test
    void disabledInNamedCommandLineIsNotDetected() throws FirstBootException {
        image.put("boot/firmware/config.txt", "cmdline=my.txt\n").put("boot/firmware/my.txt", "cloud-init=disabled\n");
        assertTrue(message(() -> image.open()).contains("does not support first-boot settings"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"os_prefix=../", "os_prefix=/", "cmdline=../../etc/passwd", "cmdline=", "os_prefix=a b"})
    void commandLineOutsideOfBootPartitionIsRefused(String setting) {
        image.put("boot/firmware/config.txt", setting + "\n");
        assertTrue(message(() -> image.open()).contains("is not that of a file on the boot partition"));
    }
}
