package dev.tenon;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.exec.StackRoom;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import java.util.function.Supplier;

/**
 * Turns errors of the JVM into typed exceptions: too little memory, too small a stack, a class that can't be initialised,
 * and a mapped file that can't be read any more.
 */
// The errors of last resort are made while there is memory for them, and have no stack trace.
@SuppressWarnings("StaticAssignmentOfThrowable")
final class JvmErrors {
    private static final String MORE_MEMORY = "raise -Xmx or -XX:MaxDirectMemorySize, or feed smaller inputs";

    /** Thrown when there is not even memory for an exception. */
    private static final ResourceLimitException NO_MEMORY = ResourceLimitException.lastResort(
            "Tenon", "more memory than there is, and none to say where", null, MORE_MEMORY);

    private JvmErrors() {}

    /**
     * Runs some work.
     *
     * @param thing the name of the work in exceptions
     * @param work the work
     * @return its result
     */
    static <T> T typed(String thing, Supplier<T> work) {
        try {
            T result = work.get();
            ModelBytes.awaitErrors();
            return result;
        } catch (OutOfMemoryError | StackOverflowError | InternalError | LinkageError e) {
            throw typed(thing, e);
        }
    }

    /** The exception for an error of the JVM. */
    static TenonException typed(String thing, Error e) {
        try {
            return described(thing, e);
        } catch (OutOfMemoryError again) {
            return NO_MEMORY;
        } catch (StackOverflowError again) {
            return StackRoom.NONE;
        }
    }

    private static TenonException described(String thing, Error e) {
        return switch (e) {
            case OutOfMemoryError memory ->
                new ResourceLimitException(
                        thing,
                        "more memory than there is",
                        "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                        MORE_MEMORY,
                        memory);
            case StackOverflowError stack ->
                new ResourceLimitException(
                        thing,
                        "deeper nesting than the stack has room for",
                        "this thread's stack",
                        "raise -Xss",
                        stack);
            case LinkageError linkage -> unusable(thing, linkage);
            default ->
                new ModelFileException(
                        thing,
                        "the mapped model file could not be read any more",
                        "a file that stays as it is while the model is in use",
                        "load with LoadOptions.copied()",
                        e);
        };
    }

    /** A class that failed while it was initialised, often for lack of memory, can't be used in this process again. */
    private static TenonException unusable(String thing, LinkageError e) {
        String tier = Tenon.retireTierOf(e);
        return new ResourceLimitException(
                thing,
                "code that can't be initialised: " + e,
                null,
                tier == null
                        ? "restart the JVM, with more memory if memory was short before"
                        : "try again: the tier '" + tier + "' is off from now on, until the JVM is restarted",
                e);
    }
}
