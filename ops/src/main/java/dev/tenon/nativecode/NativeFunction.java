package dev.tenon.nativecode;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;
import java.util.Optional;

/**
 * A function outside of the JVM that takes six 64-bit integers and returns one. Kernels in machine code and calls of the
 * system have this one shape, so that one method handle is linked for all of them. Immutable and thread-safe.
 *
 * @param address the address of its first instruction, which must stay valid for ever
 */
public record NativeFunction(MemorySegment address) {
    private static final int ARGUMENTS = 6;

    /** Holds the linked handle. Linking takes tens of milliseconds, so it waits for the first call. */
    private static final class Shape {
        private static final MethodHandle CALL;
        private static final IllegalCallerException DENIED;

        static {
            MethodHandle call = null;
            IllegalCallerException denied = null;
            try {
                call = link();
            } catch (IllegalCallerException e) {
                // An exception from here would turn up as an error of the class, with another type at each call.
                denied = e;
            }
            CALL = call;
            DENIED = denied;
        }

        @SuppressWarnings("restricted")
        private static MethodHandle link() {
            return Linker.nativeLinker()
                    .downcallHandle(FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            Collections.nCopies(ARGUMENTS, ValueLayout.JAVA_LONG)
                                    .toArray(ValueLayout[]::new)));
        }
    }

    /**
     * A function of the C library.
     *
     * @param name its name
     * @return the function, or null if the library does not have it
     */
    public static NativeFunction ofSystem(String name) {
        Optional<MemorySegment> found = Linker.nativeLinker().defaultLookup().find(name);
        return found.map(NativeFunction::new).orElse(null);
    }

    /**
     * Calls the function with one argument.
     *
     * @param a the argument
     * @return its result
     */
    public long call(long a) {
        return call(a, 0, 0, 0, 0, 0);
    }

    /**
     * Calls the function. It may take fewer arguments than six; it then ignores the others. The caller keeps every owner of
     * memory that an argument points to reachable until this returns.
     *
     * @param a the first argument
     * @param b the second argument
     * @param c the third argument
     * @param d the fourth argument
     * @param e the fifth argument
     * @param f the sixth argument
     * @return its result; the upper half means nothing if the function returns an int
     * @throws IllegalCallerException if this JVM was started with {@code --illegal-native-access=deny}
     */
    public long call(long a, long b, long c, long d, long e, long f) {
        if (Shape.DENIED != null) {
            throw new IllegalCallerException(Shape.DENIED.getMessage(), Shape.DENIED);
        }
        try {
            return (long) Shape.CALL.invokeExact(address, a, b, c, d, e, f);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new IllegalStateException("a native function can't throw", failure);
        }
    }
}
