package org.example.piimages.daemon.bus;

/**
 * A method call that passed the gate: its types are those of the contract.
 *
 * @param caller who sent it
 * @param arguments as dbus-java decodes them
 */
record Call(Caller caller, Object[] arguments) {

    String string(int index) {
        return (String) arguments[index];
    }
}
