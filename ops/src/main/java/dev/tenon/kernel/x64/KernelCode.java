package dev.tenon.kernel.x64;

import dev.tenon.nativecode.ExecutableMemory;
import dev.tenon.nativecode.NativeFunction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The functions that were made in this process, by name. Names are made of sizes of tiles and of options, never of sizes of
 * problems, so their number is bounded. A function is never given back. Thread-safe.
 */
public final class KernelCode {
    private static final Map<String, NativeFunction> MADE = new ConcurrentHashMap<>();

    /** Takes the name and the bytes of each function that is asked for; null in all JVMs but those of some tests. */
    private static volatile BiConsumer<String, byte[]> watcher;

    private KernelCode() {}

    /**
     * A function.
     *
     * @param id its name
     * @param generator makes its bytes, if it was not made before
     * @return the function
     * @throws dev.tenon.nativecode.CodeRefusedException if the system does not take code any more
     */
    public static NativeFunction of(String id, Supplier<byte[]> generator) {
        BiConsumer<String, byte[]> each = watcher;
        if (each != null) {
            each.accept(id, generator.get());
        }
        return MADE.computeIfAbsent(id, name -> ExecutableMemory.publish(generator.get()));
    }

    /**
     * Hands on each function that is asked for, those that were made before too: a hook for tests.
     *
     * @param each takes the name and the bytes of a function; null to stop
     */
    public static void watch(BiConsumer<String, byte[]> each) {
        watcher = each;
    }
}
