package org.example.piimages.daemon.machine.guest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.machine.record.Network;

/**
 * Unit files that adapt the systemd of a booted image to a container: they take precedence over its own, by SYSTEMD_UNIT_PATH, and are in
 * a directory on the machine's /run. Nothing in the image is changed.
 */
public final class GuestUnits {

    /** The directory in the machine. nspawn creates it: a directory of systemd's own would belong to nobody in the machine. */
    public static final String DIRECTORY = "/run/piimages/units";
    /** A file in that directory from which the machine's resolv.conf is created, see {@link #of}. */
    static final String RESOLV_CONF = "resolv.conf";

    /** Units that prepare a card at the first boot in a Raspberry Pi, or prompt on its screen. An empty unit is a masked one. */
    private static final List<String> FIRST_BOOT = List.of("resize2fs_once", "rpi-resize", "regenerate_ssh_host_keys", "sshswitch",
            "userconfig", "userconf", "piwiz", "rpi-eeprom-update", "raspi-config", "dphys-swapfile", "apply_noobs_os_config",
            "armbian-firstrun", "dietpi-firstboot", "systemd-firstboot", "systemd-growfs-root", "systemd-repart",
            "systemd-machine-id-commit");
    /** Units that need hardware of a Raspberry Pi. */
    private static final List<String> HARDWARE = List.of("hciuart", "bluetooth", "triggerhappy", "fake-hwclock", "rpi-display-backlight",
            "wifi-country", "alsa-restore", "rfkill-unblock-wifi", "rfkill-unblock-bluetooth");
    /** Units that would configure a network that is not the machine's. */
    private static final List<String> NETWORK = List.of("NetworkManager", "NetworkManager-wait-online", "dhcpcd", "wpa_supplicant",
            "systemd-networkd", "systemd-networkd-wait-online", "networking", "avahi-daemon");

    /**
     * qemu rejects clone(2) with CLONE_NEWNS, which systemd uses to set up credentials, and fails at some of the mounts that systemd makes
     * for a service: services run without both. The machine as a whole remains a container.
     */
    private static final String WITHOUT_MOUNTS = """
            [Service]
            ImportCredential=
            LoadCredential=
            LoadCredentialEncrypted=
            SetCredential=
            SetCredentialEncrypted=
            PrivateTmp=no
            PrivateDevices=no
            PrivateMounts=no
            ProtectSystem=no
            ProtectHome=no
            ProtectControlGroups=no
            ProtectKernelLogs=no
            ProtectKernelModules=no
            ProtectKernelTunables=no
            ProtectProc=default
            ProcSubset=all
            BindPaths=
            BindReadOnlyPaths=
            InaccessiblePaths=
            ReadOnlyPaths=
            ReadWritePaths=
            TemporaryFileSystem=
            """;
    private static final String RESOLVER = """
            [Unit]
            Description=Name resolution as the host has it
            DefaultDependencies=no
            Before=sysinit.target

            [Service]
            Type=oneshot
            ExecStart=/bin/sh -c 'to=$$(readlink -m /etc/resolv.conf) && mkdir -p "$${to%%/*}" && cp PLACE "$$to"'
            """;

    private GuestUnits() {
    }

    /**
     * Returns the contents of the files by name.
     *
     * @param resolvConf the host's resolv.conf, for a machine whose own is a link into its /run; empty for none
     */
    static Map<String, String> of(boolean emulated, Network network, String resolvConf) {
        Map<String, String> files = new LinkedHashMap<>();
        mask(files, FIRST_BOOT);
        mask(files, HARDWARE);
        if (network == Network.HOST) {
            mask(files, NETWORK);
        }
        // The unit that systemd starts on SIGPWR, by which nspawn requests its end: qemu forwards this signal unchanged, unlike the
        // default, a real-time signal.
        files.put("sigpwr.target", target("Asked to end", "systemd-poweroff.service"));
        if (emulated) {
            files.put("service.d/50-piimages.conf", WITHOUT_MOUNTS);
            // qemu before 9.2 subtracts 2 from the number of a real-time signal: a poweroff arrives as "emergency", a halt as "rescue".
            files.put("emergency.target", target("Power Off", "systemd-poweroff.service"));
            files.put("rescue.target", target("Halt", "systemd-halt.service"));
        }
        if (!resolvConf.isEmpty()) {
            files.put(RESOLV_CONF, resolvConf);
            files.put("piimages-resolv-conf.service", RESOLVER.replace("PLACE", DIRECTORY + "/" + RESOLV_CONF));
            files.put("sysinit.target.d/50-piimages.conf", "[Unit]\nWants=piimages-resolv-conf.service\n");
        }
        return files;
    }

    private static void mask(Map<String, String> files, List<String> services) {
        services.forEach(service -> files.put(service + ".service", ""));
    }

    private static String target(String description, String service) {
        return "[Unit]\nDescription=" + description + "\nDefaultDependencies=no\nRequires=" + service + "\nAfter=" + service
                + "\nAllowIsolate=yes\n";
    }
}
