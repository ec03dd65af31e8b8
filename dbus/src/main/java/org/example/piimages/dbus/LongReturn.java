package org.example.piimages.dbus;

import java.util.Arrays;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.messages.MethodReturn;

/**
 * An answer that may be long. The library keeps a message in pieces of a few bytes, and its list of them grows by twenty at a time: for
 * some hundred objects, copying that list took most of the time of an answer. Here it doubles.
 */
final class LongReturn extends MethodReturn {

    /** What one call of the library's may add to the list without asking. */
    private static final int SPARE = 8;

    /** No initial value: the constructor of the superclass counts already. */
    private int pieces;

    LongReturn(MethodCall call, String signature, Object... values) throws DBusException {
        super(null, call, signature, values);
    }

    @Override
    protected void appendBytes(byte[] piece) {
        makeRoom();
        super.appendBytes(piece);
    }

    @Override
    protected void appendByte(byte piece) {
        makeRoom();
        super.appendByte(piece);
    }

    private void makeRoom() {
        pieces++;
        byte[][] list = getWireData();
        if (pieces + SPARE > list.length) {
            setWireData(Arrays.copyOf(list, 2 * list.length));
        }
    }
}
