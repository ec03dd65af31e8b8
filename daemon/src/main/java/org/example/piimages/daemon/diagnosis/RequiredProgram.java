package org.example.piimages.daemon.diagnosis;

/**
 * A program of the host that the daemon or its client starts.
 *
 * @param name the file name
 * @param debianPackage the package that contains it
 * @param purpose the consequence of its absence, for the message
 * @param severity the severity if it is missing
 */
record RequiredProgram(String name, String debianPackage, String purpose, Severity severity) {

    Finding finding(boolean installed) {
        String check = "program-" + name;
        return installed ? Finding.ok(check, name + " is installed")
                : new Finding(check, severity, name + " is not installed: " + purpose, "install the package " + debianPackage);
    }
}
