package org.example.piimages.libc;

import com.kenai.jffi.ArrayFlags;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.nio.charset.StandardCharsets;

/** Hashes passwords with libcrypt; crypt(3), crypt_gensalt(3). */
public final class Crypt {

    /** Library names: Debian's, and that of distributions built without the obsolete functions. */
    private static final String[] NAMES = {"libcrypt.so.1", "libcrypt.so.2"};

    private Crypt() {
    }

    /**
     * Hashes a password with a new salt, which crypt_gensalt(3) generates from the kernel's random bytes.
     *
     * @param prefix the prefix of the hashing method, such as $y$
     * @return the hash; null if libcrypt is not installed or does not support the method
     */
    public static synchronized String hash(String password, String prefix) {
        Library library = library();
        if (library == null) {
            return null;
        }
        String salt = text(library, "crypt_gensalt", nulTerminated(prefix), 0L, 0L, 0L);
        String hash = salt == null || salt.startsWith("*") ? null
                : text(library, "crypt", nulTerminated(password), nulTerminated(salt));
        return hash == null || !hash.startsWith(prefix) ? null : hash;
    }

    private static Library library() {
        for (String name : NAMES) {
            Library library = Library.openLibrary(name, Library.NOW | Library.LOCAL);
            if (library != null) {
                return library;
            }
        }
        return null;
    }

    /** Calls a function that returns a string owned by the library, or NULL; byte arrays are pointers, numbers 64-bit integers. */
    private static String text(Library library, String name, Object... arguments) {
        long address = library.getSymbolAddress(name);
        if (address == 0) {
            return null;
        }
        Type[] types = new Type[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            types[i] = arguments[i] instanceof byte[] ? Type.POINTER : Type.SINT64;
        }
        Function function = new Function(address, Type.SINT64, types, CallingConvention.DEFAULT, false);
        HeapInvocationBuffer buffer = new HeapInvocationBuffer(function);
        for (Object argument : arguments) {
            if (argument instanceof byte[] bytes) {
                buffer.putArray(bytes, 0, bytes.length, ArrayFlags.IN);
            } else {
                buffer.putLong((long) argument);
            }
        }
        long text = Invoker.getInstance().invokeLong(function, buffer);
        return text == 0 ? null : new String(MemoryIO.getInstance().getZeroTerminatedByteArray(text), StandardCharsets.UTF_8);
    }

    private static byte[] nulTerminated(String string) {
        return (string + "\0").getBytes(StandardCharsets.UTF_8);
    }
}
