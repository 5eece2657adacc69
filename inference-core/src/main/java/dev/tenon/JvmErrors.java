package dev.tenon;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import java.util.function.Supplier;

/**
 * Turns errors of the JVM into typed exceptions: too little memory, too small a stack, a class of a tier that can't be used,
 * and a mapped file that can't be read any more. Any other error is passed on as it is.
 */
final class JvmErrors {
    private static final String MORE_MEMORY = "raise -Xmx or -XX:MaxDirectMemorySize, or feed smaller inputs";

    private JvmErrors() {}

    /**
     * Runs some work.
     *
     * @param thing the name of the work in exceptions
     * @param work the work
     * @return its result
     * @throws TenonException in place of an error of the JVM whose cause is known
     * @throws Error any other one
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

    /**
     * The exception for an error of the JVM.
     *
     * @throws Error the error itself, if its cause is not known
     */
    static TenonException typed(String thing, Error e) {
        try {
            return switch (e) {
                case LinkageError linkage -> unusable(thing, linkage);
                case InternalError fault when !ModelBytes.isLostPage(fault) -> throw fault;
                case InternalError fault ->
                    new ModelFileException(
                            thing,
                            "the mapped model file could not be read any more",
                            "a file that stays as it is while the model is in use",
                            "load with LoadOptions.copied()",
                            fault);
                default -> JvmLimits.typed(thing, MORE_MEMORY, e);
            };
        } catch (OutOfMemoryError | StackOverflowError again) {
            return JvmLimits.typed(thing, MORE_MEMORY, again);
        }
    }

    /** A class that could not be linked or initialised can't be used in this process again. */
    private static TenonException unusable(String thing, LinkageError e) {
        String tier = Tenon.retireTierOf(e);
        return tier == null
                ? JvmLimits.typed(thing, MORE_MEMORY, e)
                : new ResourceLimitException(
                        thing,
                        "code that can't be linked or initialised: " + e,
                        null,
                        "try again: the tier '" + tier + "' is off from now on, until the JVM is restarted",
                        e);
    }
}
