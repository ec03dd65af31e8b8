package org.example.piimages.firstboot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.firstboot.failure.FirstBootException;

/** A directory tree with the files of a mounted image. */
final class FakeImage {

    static final String LINE = "console=tty1  root=PARTUUID=1234-02 rootwait quiet\n";
    final Path root;

    FakeImage(Path root) {
        this.root = root;
        put("boot/firmware/cmdline.txt", LINE);
    }

    FakeImage put(String path, String text) {
        try {
            Files.createDirectories(root.resolve(path).getParent());
            Files.writeString(root.resolve(path), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(String path) {
        try {
            return Files.readString(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String boot(String file) {
        return text("boot/firmware/" + file);
    }

    FakeImage preseed() {
        return put("usr/lib/rpi-preseed/rpi-preseed", "").put("etc/rpi-issue", "");
    }

    FakeImage raspberryPiCloudInit() {
        return put("etc/cloud/cloud.cfg", "").put("etc/rpi-issue", "").put("etc/pam.d/common-password", "pam_unix.so obscure yescrypt\n");
    }

    FakeImage ubuntu() {
        return put("etc/cloud/cloud.cfg", "").put("usr/lib/os-release", "NAME=x\nID=ubuntu\n");
    }

    FakeImage customToml() {
        return put("usr/lib/raspberrypi-sys-mods/init_config", "").put("boot/firmware/cmdline.txt",
                "root=PARTUUID=1234-02 init=/usr/lib/raspberrypi-sys-mods/firstboot\n");
    }

    FakeImage firstRun() {
        return put("etc/rpi-issue", "").put("lib/systemd/system-generators/systemd-run-generator", "");
    }

    FakeImage legacy() {
        return put("lib/systemd/system/sshswitch.service", "").put("usr/lib/userconf-pi/userconf", "");
    }

    FakeImage dietPi() {
        return put("boot/firmware/dietpi.txt", "# Language\nAUTO_SETUP_LOCALE=C.UTF-8\n\nAUTO_SETUP_NET_HOSTNAME=DietPi\nCONFIG_X=1\n");
    }

    FirstBoot open() throws FirstBootException {
        return FirstBoot.of(root);
    }
}
