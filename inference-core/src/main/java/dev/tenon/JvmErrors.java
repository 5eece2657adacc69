package dev.tenon;

import dev.tenon.formats.ModelFileException;
import dev.tenon.tensor.ResourceLimitException;
import dev.tenon.tensor.TenonException;
import java.util.function.Supplier;

/** Turns the errors that a JVM raises for lack of memory, stack or a mapped file into typed exceptions. */
final class JvmErrors {
    private JvmErrors() {}

    static <T> T run(String what, Supplier<T> work) {
        try {
            return work.get();
        } catch (OutOfMemoryError | StackOverflowError | InternalError e) {
            throw typed(what, e);
        }
    }

    static TenonException typed(String what, Error e) {
        return switch (e) {
            case OutOfMemoryError memory ->
                new ResourceLimitException(
                        what,
                        "more memory than there is",
                        "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                        "raise -Xmx or -XX:MaxDirectMemorySize, or feed smaller inputs",
                        memory);
            case StackOverflowError stack ->
                new ResourceLimitException(
                        what, "deeper nesting than the stack has room for", "this thread's stack", "raise -Xss", stack);
            default ->
                new ModelFileException(
                        what,
                        "the mapped model file could not be read any more",
                        "a file that stays as it is while the model is in use",
                        "load with LoadOptions.copied()",
                        e);
        };
    }
}
