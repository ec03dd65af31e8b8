package org.example.piimages.firstboot;

/** One thing that can be set. Its option is what people know it by. */
public enum Setting {
    HOSTNAME("hostname"),
    USER("user"),
    /** A hash of crypt(5). */
    PASSWORD("password-hash"),
    /** A list: lines of authorized_keys. */
    SSH_KEYS("ssh-key"),
    /** True, or not there. */
    SSH("ssh"),
    /** True, or not there: keys alone open a session. */
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
    /** cloud-init's file, whole. */
    USER_DATA("user-data"),
    /** cloud-init's file, whole. */
    NETWORK_CONFIG("network-config");

    private final String option;

    Setting(String option) {
        this.option = option;
    }

    /** The option without its dashes, which is its name in a settings file as well. */
    public String option() {
        return option;
    }
}
