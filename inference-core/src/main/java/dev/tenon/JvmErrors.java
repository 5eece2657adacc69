package dev.tenon;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ModelFileException;
import java.util.function.Supplier;

/**
 * Turns errors of the JVM into typed exceptions: too little memory, too small a stack, and a mapped file that can't be
 * read any more.
 */
final class JvmErrors {
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
            return work.get();
        } catch (OutOfMemoryError | StackOverflowError | InternalError e) {
            throw typed(thing, e);
        }
    }

    /** The exception for an error of the JVM. */
    static TenonException typed(String thing, Error e) {
        return switch (e) {
            case OutOfMemoryError memory ->
                new ResourceLimitException(
                        thing,
                        "more memory than there is",
                        "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                        "raise -Xmx or -XX:MaxDirectMemorySize, or feed smaller inputs",
                        memory);
            case StackOverflowError stack ->
                new ResourceLimitException(
                        thing,
                        "deeper nesting than the stack has room for",
                        "this thread's stack",
                        "raise -Xss",
                        stack);
            default ->
                new ModelFileException(
                        thing,
                        "the mapped model file could not be read any more",
                        "a file that stays as it is while the model is in use",
                        "load with LoadOptions.copied()",
                        e);
        };
    }
}
