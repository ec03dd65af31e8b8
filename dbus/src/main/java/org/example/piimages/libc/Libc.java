package org.example.piimages.libc;

import com.kenai.jffi.ArrayFlags;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.lang.ref.Reference;
import java.nio.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The only way to call the C library.
 *
 * <p>Calls go through jffi, the layer below jnr-ffi, which jnr-unixsocket depends on: no interface is generated at run time, so a first
 * call takes a fifth of the time it takes through jnr-ffi. Arguments are mapped by their Java type:
 *
 * <table>
 * <caption>Java argument to C argument</caption>
 * <tr><td>Integer, Long</td><td>any integer that fits a register</td></tr>
 * <tr><td>String</td><td>const char *, UTF-8, NUL-terminated; must not contain NUL</td></tr>
 * <tr><td>byte[]</td><td>void *, copied in and, after the call, out</td></tr>
 * <tr><td>direct Buffer</td><td>void *, the buffer's own memory from its start</td></tr>
 * <tr><td>{@link #NULL}</td><td>NULL</td></tr>
 * </table>
 */
public final class Libc {

    /** The C null pointer. */
    public static final Object NULL = new Object();

    private static final Library LIBRARY = Library.getDefault();
    private static final Map<String, Function> FUNCTIONS = new ConcurrentHashMap<>();

    private Libc() {
    }

    /** Loads the classes and the native code for calls ahead of time, so that the first call does not have to. */
    public static void prepare() {
        MemoryIO.getInstance();
        Invoker.getInstance();
        LastError.getInstance();
    }

    /**
     * Calls a function that returns int.
     *
     * @throws ErrnoException if it returns -1
     */
    public static int call(String function, Object... arguments) throws ErrnoException {
        return (int) invoke(function, function, Type.SINT32, arguments);
    }

    /**
     * Calls a function that returns long or ssize_t.
     *
     * @throws ErrnoException if it returns -1
     */
    public static long callLong(String function, Object... arguments) throws ErrnoException {
        return invoke(function, function, Type.SINT64, arguments);
    }

    /**
     * Makes a system call for which the C library has no function, or one that does more than is wanted; syscall(2).
     *
     * @return the kernel's result; never -1
     * @throws ErrnoException if the system call fails
     */
    public static long syscall(SystemCall call, Object... arguments) throws ErrnoException {
        Object[] all = new Object[arguments.length + 1];
        all[0] = call.number();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return invoke("syscall", call.title(), Type.SINT64, all);
    }

    /** Calls a function that returns int and cannot fail, such as setfsuid(2), which returns the previous value, -1 included. */
    public static int callInfallible(String function, Object... arguments) {
        Function f = function(function, Type.SINT32, arguments);
        return Invoker.getInstance().invokeInt(f, buffer(f, arguments));
    }

    private static long invoke(String name, String title, Type returns, Object... arguments) throws ErrnoException {
        Function function = function(name, returns, arguments);
        HeapInvocationBuffer buffer = buffer(function, arguments);
        try {
            long result = returns.equals(Type.SINT32)
                    ? Invoker.getInstance().invokeInt(function, buffer)
                    : Invoker.getInstance().invokeLong(function, buffer);
            if (result == -1) {
                throw new ErrnoException(title, LastError.getInstance().get());
            }
            return result;
        } finally {
            Reference.reachabilityFence(arguments);
        }
    }

    private static Function function(String name, Type returns, Object[] arguments) {
        String shape = shape(name, arguments);
        Function cached = FUNCTIONS.get(shape);
        return cached != null ? cached : FUNCTIONS.computeIfAbsent(shape, key -> resolve(name, returns, arguments));
    }

    private static Function resolve(String name, Type returns, Object[] arguments) {
        long address = LIBRARY.getSymbolAddress(name);
        if (address == 0) {
            throw new UnsatisfiedLinkError("the C library has no function " + name);
        }
        Type[] types = Arrays.stream(arguments).map(a -> isInteger(a) ? Type.SINT64 : Type.POINTER).toArray(Type[]::new);
        return new Function(address, returns, types, CallingConvention.DEFAULT, true);
    }

    /**
     * Returns a key for a function and its argument types: a variadic function such as ioctl(2) is called with integers and with
     * pointers, and each combination of types needs a Function of its own.
     */
    private static String shape(String name, Object[] arguments) {
        StringBuilder shape = new StringBuilder(name).append('/');
        for (Object argument : arguments) {
            shape.append(isInteger(argument) ? 'i' : 'p');
        }
        return shape.toString();
    }

    private static boolean isInteger(Object argument) {
        return argument instanceof Integer || argument instanceof Long;
    }

    private static HeapInvocationBuffer buffer(Function function, Object[] arguments) {
        HeapInvocationBuffer buffer = new HeapInvocationBuffer(function);
        for (Object argument : arguments) {
            put(buffer, argument);
        }
        return buffer;
    }

    private static void put(HeapInvocationBuffer buffer, Object argument) {
        if (argument == NULL) {
            buffer.putAddress(0);
        } else if (isInteger(argument)) {
            buffer.putLong(((Number) argument).longValue());
        } else if (argument instanceof String string) {
            byte[] bytes = nulTerminated(string);
            buffer.putArray(bytes, 0, bytes.length, ArrayFlags.IN);
        } else if (argument instanceof byte[] bytes) {
            buffer.putArray(bytes, 0, bytes.length, ArrayFlags.IN | ArrayFlags.OUT);
        } else if (argument instanceof Buffer direct) {
            buffer.putAddress(address(direct));
        } else {
            throw new IllegalArgumentException("no C type for " + argument);
        }
    }

    /** Returns the address of a direct buffer's memory, for a struct that holds pointers. The caller keeps the buffer reachable. */
    public static long address(Buffer direct) {
        return MemoryIO.getInstance().getDirectBufferAddress(direct);
    }

    private static byte[] nulTerminated(String string) {
        if (string.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a C string cannot contain NUL");
        }
        byte[] bytes = string.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    /** Returns the text of strerror(3) for an error number. */
    static String strerror(int errno) {
        Function f = function("strerror", Type.SINT64, new Object[] {errno});
        long text = Invoker.getInstance().invokeLong(f, buffer(f, new Object[] {errno}));
        return new String(MemoryIO.getInstance().getZeroTerminatedByteArray(text), StandardCharsets.UTF_8);
    }
}
