package org.example.piimages.daemon.bus;

import org.example.piimages.libc.Fd;
import org.freedesktop.dbus.FileDescriptor;

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

    /** It stays the message's: closed when the method has returned. */
    Fd fd(int index) {
        return new Fd(((FileDescriptor) arguments[index]).getIntFileDescriptor());
    }
}
