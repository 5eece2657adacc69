package dev.tenon.budget;

import dev.tenon.error.ResourceLimitException;
import java.util.function.Supplier;

/**
 * Turns errors of the JVM that work with untrusted input may cause into typed exceptions: too little memory, too small a stack, and
 * a class that can't be initialised, often for lack of memory.
 */
// The errors of last resort are made while there is memory for them, and have no stack trace.
@SuppressWarnings("StaticAssignmentOfThrowable")
public final class JvmLimits {
    /** Thrown when there is not even memory for an exception. */
    private static final ResourceLimitException NO_MEMORY = ResourceLimitException.lastResort(
            "Tenon",
            "more memory than there is, and none to say where",
            null,
            "raise -Xmx or -XX:MaxDirectMemorySize, or feed smaller inputs");

    /** Thrown when there is not even room on the stack to make an exception. */
    public static final ResourceLimitException NO_STACK = ResourceLimitException.lastResort(
            "Tenon",
            "deeper nesting than the stack has room for, and no room to say where",
            "this thread's stack",
            "raise -Xss, or call from a thread whose stack is less deep");

    private JvmLimits() {}

    /**
     * Runs some work.
     *
     * @param <T> the type of its result
     * @param thing the name of the work in exceptions
     * @param cure what to do when memory is short
     * @param work the work
     * @return its result
     * @throws ResourceLimitException in place of an error of the JVM
     */
    public static <T> T typed(String thing, String cure, Supplier<T> work) {
        try {
            return work.get();
        } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
            throw typed(thing, cure, e);
        }
    }

    /**
     * The exception for an error of the JVM.
     *
     * @param thing the name of the work that it ended
     * @param cure what to do when memory is short
     * @param e an {@link OutOfMemoryError}, {@link StackOverflowError} or {@link LinkageError}
     * @return the exception
     */
    public static ResourceLimitException typed(String thing, String cure, Error e) {
        try {
            return described(thing, cure, e);
        } catch (OutOfMemoryError again) {
            return NO_MEMORY;
        } catch (StackOverflowError again) {
            return NO_STACK;
        }
    }

    private static ResourceLimitException described(String thing, String cure, Error e) {
        return switch (e) {
            case OutOfMemoryError memory ->
                new ResourceLimitException(
                        thing,
                        "more memory than there is",
                        "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                        cure,
                        memory);
            case StackOverflowError stack ->
                new ResourceLimitException(
                        thing,
                        "deeper nesting than the stack has room for",
                        "this thread's stack",
                        "raise -Xss, or call from a thread whose stack is less deep",
                        stack);
            default ->
                new ResourceLimitException(
                        thing,
                        "code that can't be initialised: " + e,
                        null,
                        "restart the JVM, with more memory if memory was short before",
                        e);
        };
    }
}
