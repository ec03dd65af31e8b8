package org.example.piimages.firstboot.setting;

/** A setting. Users know it by the name of its option. */
public enum Setting {
    HOSTNAME("hostname"),
    USER("user"),
    /** A hash in the format of crypt(5). */
    PASSWORD("password-hash"),
    /** A list: lines of authorized_keys. */
    SSH_KEYS("ssh-key"),
    /** True, or absent. */
    SSH("ssh"),
    /** True, or absent: log in with keys only. */
    NO_PASSWORD_LOGIN("no-password-login"),
    WIFI_SSID("wifi-ssid"),
    /** 64 hexadecimal digits, or empty for an open network. */
    WIFI_KEY("wifi-password-file"),
    WIFI_COUNTRY("wifi-country"),
    LOCALE("locale"),
    TIMEZONE("timezone"),
    KEYMAP("keymap"),
    /** A list: i2c, spi, onewire, serial. */
    INTERFACES("enable"),
    /** The text of a program that begins with #!. */
    SCRIPT("run-at-first-boot"),
    /** The complete file of cloud-init. */
    USER_DATA("user-data"),
    /** The complete file of cloud-init. */
    NETWORK_CONFIG("network-config");

    private final String option;

    Setting(String option) {
        this.option = option;
    }

    /** Returns the option without its dashes, which is also the name in a settings file. */
    public String option() {
        return option;
    }
}
