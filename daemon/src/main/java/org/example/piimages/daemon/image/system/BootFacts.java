package org.example.piimages.daemon.image.system;

import java.util.Objects;

/**
 * What has to be known of a mounted root to place the boot partition when its fstab does not. Whoever collects it resolves the paths within
 * the image.
 *
 * @param bootExists whether /boot is a directory
 * @param bootFirmwareExists whether /boot/firmware is a directory
 * @param versionCodename VERSION_CODENAME of os-release(5), for example "bookworm"; empty when unknown
 */
public record BootFacts(boolean bootExists, boolean bootFirmwareExists, String versionCodename) {

    /** The codename is not null. */
    public BootFacts {
        Objects.requireNonNull(versionCodename);
    }
}
