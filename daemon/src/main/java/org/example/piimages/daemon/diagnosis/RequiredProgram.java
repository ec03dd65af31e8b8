package org.example.piimages.daemon.diagnosis;

/**
 * A program of the host's that the daemon, or its client, starts.
 *
 * @param name of the file
 * @param debianPackage what brings it
 * @param purpose what does not work without it
 * @param severity how bad that is
 */
record RequiredProgram(String name, String debianPackage, String purpose, Severity severity) {

    Finding finding(boolean installed) {
        String check = "program-" + name;
        return installed ? Finding.ok(check, name + " is installed")
                : new Finding(check, severity, name + " is not installed: " + purpose, "install the package " + debianPackage);
    }
}
