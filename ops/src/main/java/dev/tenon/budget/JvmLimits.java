package dev.tenon.budget;

import dev.tenon.error.ResourceLimitException;
import java.util.function.Supplier;

/**
 * Turns errors of the JVM that work with untrusted input may cause into typed exceptions: too little memory, too small a stack, and
 * a class that could not be initialised for lack of one of them. Any other error, such as that of a clash of versions, is passed on.
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

    /** How the JVM's message begins for a class whose initialisation failed before. */
    private static final String NOT_INITIALISED = "Could not initialize class";

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
     * @throws LinkageError if it has nothing to do with memory or the stack
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
     * @throws LinkageError the error itself, if it has nothing to do with memory or the stack
     */
    public static ResourceLimitException typed(String thing, String cure, Error e) {
        if (e instanceof LinkageError linkage && !isForLackOfResources(linkage)) {
            throw linkage;
        }
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
                        "a class that memory or the stack was too small to initialise: " + e,
                        null,
                        "restart the JVM with more memory, or a larger stack",
                        e);
        };
    }

    /**
     * Whether a class could not be initialised because memory or the stack ran out. The first failure has the error as its cause;
     * later ones quote it, if there was memory to keep it.
     */
    private static boolean isForLackOfResources(LinkageError e) {
        boolean initialised = e instanceof ExceptionInInitializerError
                || String.valueOf(e.getMessage()).startsWith(NOT_INITIALISED);
        if (!initialised) {
            return false;
        }
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause);
            if (text.contains("OutOfMemoryError") || text.contains("StackOverflowError")) {
                return true;
            }
        }
        return e.getCause() == null;
    }
}
